"""`epochal graph`: read any training log, draw it, and say what it means."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochal.errors import Failed

if TYPE_CHECKING:
    from epochal.graphs.graph import Graph

HELP = """Read a training log, draw it, and say what it means.

PATH is a run folder of ours or the log of another trainer; its format is recognised by looking. Several paths are
compared. Without --json or a file, the graph is drawn in the terminal.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("graph", help=HELP)(graph)


def graph(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="A training log or a run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the report, one offline HTML file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the series as CSV; one path only.")] = None,
) -> None:
    """See `HELP`."""
    from epochal.graphs.sources import read_any  # numpy: not for `epochal --help`

    if csv and len(paths) > 1:
        raise typer.BadParameter("a CSV file holds one run; give one PATH", param_hint="--csv")
    graphs = [read_any(path) for path in paths]
    documents = [_build(graph) for graph in graphs]
    if out:
        _write_report(out, documents)
    if csv:
        _write_csv(csv, graphs[0])
    if as_json:
        typer.echo(_format_json(documents))
    elif not (out or csv):
        _draw(documents)


def _build(graph: "Graph") -> dict[str, Any]:
    from epochal.graphs.document import build_document
    from epochal.graphs.run_files import build_run_document

    path = Path(graph.path)
    if graph.format == "epochal":
        return build_run_document(path if path.is_dir() else path.parent, graph, with_images=True)
    return build_document(graph)


def _format_json(documents: list[dict[str, Any]]) -> str:
    for document in documents:
        del document["definitions"]
    content = documents[0] if len(documents) == 1 else {"runs": documents, "comparison": {}}
    return json.dumps(content, allow_nan=False)


def _draw(documents: list[dict[str, Any]]) -> None:
    from epochal.graphs.terminal import format_terminal

    width = min(120, shutil.get_terminal_size().columns)
    typer.echo("\n\n".join(format_terminal(document, width=width) for document in documents))


def _write_report(path: Path, documents: list[dict[str, Any]]) -> None:
    from epochal.graphs.report import write_report

    try:
        write_report(path, documents)
    except OSError as error:
        raise _not_written(path, error) from error
    typer.echo(f"Wrote {path}", err=True)


def _write_csv(path: Path, graph: "Graph") -> None:
    from epochal.graphs.results_csv import write_results_csv

    try:
        write_results_csv(graph, path)
    except OSError as error:
        raise _not_written(path, error) from error
    typer.echo(f"Wrote {path}", err=True)


def _not_written(path: Path, error: OSError) -> Failed:
    return Failed(f"{path} cannot be written: {error.strerror}; choose another place.")
