"""Draw the graph of a run into its folder. Reporting can fail; it never stops a training."""

import time
from collections.abc import Callable
from pathlib import Path

from epochal.graphs.report import write_report
from epochal.graphs.results_csv import write_results_csv
from epochal.graphs.run_document import build_run_document
from epochal.graphs.run_folder import read_run

REPORT_EVERY_S = 15.0
_written: dict[Path, float] = {}
_warned: set[Path] = set()


def write_graph(run: Path, say: Callable[[str], None], *, final: bool) -> None:
    """Write results.csv, and graph.html when it is the last time or a while has passed."""
    try:
        _write(run, final)
    except Exception as error:  # whatever it is, the training is worth more than its picture
        if run not in _warned:
            _warned.add(run)
            say(
                f"The graph could not be drawn ({type(error).__name__}: {error}); the training goes on, "
                "metrics.jsonl has every number."
            )


def _write(run: Path, final: bool) -> None:
    graph = read_run(run)
    write_results_csv(graph, run / "results.csv")
    now = time.monotonic()
    if final or now - _written.get(run, float("-inf")) > REPORT_EVERY_S:
        write_report(run / "graph.html", [build_run_document(run, graph, with_images=True)])
        _written[run] = now
