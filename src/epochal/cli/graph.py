"""`epochal graph`: read any training log, draw it, and say what it means."""

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochal.errors import Failed

if TYPE_CHECKING:
    from epochal.graphs.graph import Graph

_DRAWN_MAX = 2  # runs that are drawn in the terminal; of more each has a line or two, and its mAP beside the others'
HELP = """Read a training log, draw it, and say what it means.

PATH is a run folder of ours or the log of another trainer; its format is recognised by looking. Several paths are
compared, as are the runs of one log that holds several (an export of a tracker, a folder of MLflow). Without --json or
a file, the graph is drawn in the terminal.
"""

MAP_HELP = (
    "What a column of a table is, such as --map ap=metrics/mAP_0.5:0.95; epoch and step are series too, and nothing "
    "behind = leaves a column aside. As often as needed."
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("graph", help=HELP)(graph)


def graph(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="A training log or a run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the report, one offline HTML file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the series as CSV; one path only.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a drawing as SVG.")] = None,
    columns: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=SERIES", help=MAP_HELP)] = None,
) -> None:
    """See `HELP`."""
    from epochal.graphs.sources import read_all  # numpy: not for `epochal --help`

    mapping = _parse_mapping(columns or [])
    graphs = _tell_apart([graph for path in paths for graph in read_all(path, mapping)])
    if csv and len(graphs) > 1:
        raise typer.BadParameter("a CSV file holds one run; give one PATH with one run", param_hint="--csv")
    # Pictures are for the report, and of several runs they would make it too large to send.
    documents = [_build(graph, with_images=out is not None and len(graphs) == 1) for graph in graphs]
    comparison = _compare(graphs)
    if out:
        _write(out, _format_report(documents, comparison))
    if csv:
        _write(csv, _format_csv(graphs[0]))
    if svg:
        _write(svg, _format_svg(documents))
    if as_json:
        typer.echo(_format_json(documents, comparison, is_one_path=len(paths) == 1))
    elif not (out or csv or svg):
        _draw(documents, comparison)


def _parse_mapping(columns: list[str]) -> dict[str, str]:
    mapping = {}
    for text in columns:
        name, equals, key = text.rpartition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"expected COLUMN=SERIES, got {text!r}", param_hint="--map")
        mapping[name.strip()] = key.strip()
    return mapping


def _build(graph: "Graph", *, with_images: bool) -> dict[str, Any]:
    from epochal.graphs.document import build_document
    from epochal.graphs.run_document import build_run_document

    path = Path(graph.path)
    if graph.format == "epochal":
        return build_run_document(path if path.is_dir() else path.parent, graph, with_images=with_images)
    return build_document(graph)


def _tell_apart(graphs: "list[Graph]") -> "list[Graph]":
    if len(graphs) < 2:
        return graphs
    from epochal.graphs.comparison import tell_apart

    return tell_apart(graphs)


def _compare(graphs: "list[Graph]") -> dict[str, Any] | None:
    if len(graphs) < 2:
        return None
    from epochal.graphs.comparison import compare

    return compare(graphs)


def _format_json(documents: list[dict[str, Any]], comparison: dict[str, Any] | None, *, is_one_path: bool) -> str:
    """One run's document; of several `runs` and `comparison`, beside the first one's when a single log holds them."""
    runs = [{key: value for key, value in document.items() if key != "definitions"} for document in documents]
    content = runs[0] if is_one_path else {}
    if comparison is not None:
        content = {**content, "runs": runs, "comparison": comparison}
    return json.dumps(content, allow_nan=False)


def _draw(documents: list[dict[str, Any]], comparison: dict[str, Any] | None) -> None:
    from epochal.graphs.terminal import format_beside, format_comparison, format_summary, format_terminal

    width = min(120, shutil.get_terminal_size().columns)
    form = format_terminal if len(documents) <= _DRAWN_MAX else format_summary
    parts = [form(document, width=width) for document in documents]
    if len(documents) > _DRAWN_MAX:
        parts.append(format_beside(documents, width=width))
    if comparison is not None:
        parts.append(format_comparison(comparison, width=width))
    text = "\n\n".join(filter(None, parts))
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(text.encode(encoding, "replace").decode(encoding))  # an old console may not know the dots of a drawing


def _format_report(documents: list[dict[str, Any]], comparison: dict[str, Any] | None) -> str:
    from epochal.graphs.report import format_report

    return format_report(documents, comparison=comparison)


def _format_csv(graph: "Graph") -> str:
    from epochal.graphs.results_csv import format_csv

    return format_csv(graph)


def _format_svg(documents: list[dict[str, Any]]) -> str:
    from epochal.graphs.svg import format_svg

    return format_svg(documents)


def _write(path: Path, text: str) -> None:
    from epochal.graphs.results_csv import write_beside

    try:
        write_beside(path, text)
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}; choose another place.") from error
    typer.echo(f"Wrote {path}", err=True)
