"""`results.csv`: a graph as one row per epoch, for spreadsheets and scripts."""

import csv
import io
from pathlib import Path

from epochal.graphs.graph import Graph
from epochal.graphs.series import order
from epochal.storage.whole_files import whole_file


def format_csv(graph: Graph) -> str:
    """One row per epoch, one column per series, `epoch` first.

    A value that the log does not have is empty; NaN and infinities are `nan`, `inf` and `-inf`. Numbers keep all
    digits.
    """
    keys = [key for key in order(graph.series) if key != "epoch"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *(_safe(key) for key in keys)])
    columns = [
        [repr(float(v)) if there else "" for v, there in zip(graph.series[key], graph.present[key], strict=True)]
        for key in keys
    ]
    writer.writerows(zip((int(e) for e in graph.epochs), *columns, strict=True))
    return text.getvalue()


def write_results_csv(graph: Graph, path: Path) -> None:
    """Write `format_csv` beside the file and rename it, so that a reader never sees half of it; raises OSError."""
    write_beside(path, format_csv(graph))


def write_beside(path: Path, text: str) -> None:
    """Replace a text file in one step; on failure the old one stays. Raises OSError.

    What UTF-8 cannot hold (half a surrogate pair in a stranger's class name) becomes a question mark.
    """
    with whole_file(path, flushes=False) as part:  # it is written anew after each epoch
        part.write_text(text, "utf-8", errors="replace", newline="")


def _safe(title: str) -> str:
    """A column title that no spreadsheet takes for a formula; class names come from strangers."""
    return f"'{title}" if title.startswith(("=", "+", "-", "@", "\t", "\r")) else title
