"""Write `results.csv` and `graph.html` of a run folder from its journal."""

from pathlib import Path

from epochal.errors import EpochalError
from epochal.graphs.document import Document, build_document
from epochal.graphs.graph import Graph
from epochal.graphs.report import embed_examples, write_report
from epochal.graphs.results_csv import write_results_csv
from epochal.graphs.run_folder import RECIPE_NAME, read_json, read_run

EVALUATION_NAME = "evaluation.json"


def write_run_files(folder: Path, *, report: bool = True) -> tuple[str, ...]:
    """Write what a person looks at: `results.csv`, and `graph.html` if wanted.

    Made to be called by a training after each epoch: it never fails, because reporting never stops a training.

    Args:
        folder: the run folder.
        report: also write `graph.html`.

    Returns:
        Sentences about what could not be written; empty when all went well.
    """
    problems = []
    try:
        graph = read_run(folder)
    except (EpochalError, OSError) as error:
        return (str(error),)
    try:
        write_results_csv(graph, folder / "results.csv")
    except OSError as error:
        problems.append(f"{folder / 'results.csv'} was not written: {error.strerror}.")
    if report:
        try:
            write_report(folder / "graph.html", [build_run_document(folder, graph, with_images=True)])
        except EpochalError as error:
            problems.append(f"{folder / 'graph.html'} was not written: {error}")
        except Exception as error:  # a fault in reading or drawing must not cost a training
            problems.append(f"{folder / 'graph.html'} was not written: {type(error).__name__}: {error}")
    return tuple(problems)


def build_run_document(folder: Path, graph: Graph | None = None, *, with_images: bool = False) -> Document:
    """The graph document of a run folder, with its recipe and evaluation.

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
    return build_document(graph or read_run(folder), recipe=read_json(folder / RECIPE_NAME), evaluation=evaluation)
