"""The graph document of a run folder, with its recipe and evaluations."""

from pathlib import Path

from epochal.graphs.document import Document, build_document
from epochal.graphs.graph import Graph
from epochal.graphs.report import embed_examples
from epochal.graphs.run_folder import RECIPE_NAME, read_json, read_run

EVALUATION_NAME, VAL_EVALUATION_NAME = "evaluation.json", "evaluation-val.json"


def build_run_document(folder: Path, graph: Graph | None = None, *, with_images: bool = False) -> Document:
    """The graph document of a run folder.

    Args:
        folder: the run folder.
        graph: when it was read already.
        with_images: put the example images into the document, as data URLs.

    Raises:
        NotFound, LogError: as `read_run`.
    """
    evaluation = read_json(folder / EVALUATION_NAME)
    if evaluation and with_images:
        evaluation = embed_examples(evaluation, folder)
    return build_document(
        graph or read_run(folder),
        recipe=read_json(folder / RECIPE_NAME),
        evaluation=evaluation,
        evaluation_val=read_json(folder / VAL_EVALUATION_NAME),
    )
