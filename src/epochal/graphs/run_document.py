"""The graph document of a run folder, with its recipe and evaluations."""

from pathlib import Path

from epochal.graphs.document import Document, build_document
from epochal.graphs.graph import Graph
from epochal.graphs.report import embed_examples
from epochal.graphs.run_folder import RECIPE_NAME, read_json, read_run
from epochal.graphs.thin_evaluation import thin_evaluation

EVALUATION_NAME, VAL_EVALUATION_NAME = "evaluation.json", "evaluation-val.json"


def build_run_document(folder: Path, graph: Graph | None = None, *, with_images: bool = False) -> Document:
    """The graph document of a run folder.

    Args:
        folder: the run folder.
        graph: when it was read already.
        with_images: for a report: put the example images into the document, as data URLs, and keep of the evaluations
            what one file can carry.

    Raises:
        NotFound, LogError: as `read_run`.
    """
    evaluation, on_val = (read_json(folder / name) for name in (EVALUATION_NAME, VAL_EVALUATION_NAME))
    if with_images:
        evaluation = embed_examples(thin_evaluation(evaluation, has_pictures=True), folder) if evaluation else {}
        on_val = thin_evaluation(on_val, has_pictures=False)
    return build_document(
        graph or read_run(folder),
        recipe=read_json(folder / RECIPE_NAME),
        evaluation=evaluation,
        evaluation_val=on_val,
    )
