"""`epochal export`: weights in another format."""

from pathlib import Path
from typing import Annotated, Literal

import typer

HELP = """Write weights in a format that other runtimes read.

The net, its decoding into boxes and its scores are inside; suppression of duplicates is not. See docs/deploy.md.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export", help=HELP)(export)


def export(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="best.pt of a run.")],
    export_format: Annotated[
        Literal["onnx", "torchscript", "openvino"], typer.Option("--format", help="What to write.")
    ] = "onnx",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; beside WEIGHTS when not given.")] = None,
) -> None:
    """See `HELP`."""
    from epochal.detectors.export import EXPORT_SUFFIXES, export_weights
    from epochal.detectors.weights import load_weights
    from epochal.errors import BadInput

    path = weights.with_suffix(EXPORT_SUFFIXES[export_format]) if out is None else out
    loaded = load_weights(weights)
    if path.resolve() == weights.resolve():
        raise BadInput(f"--out {path} would write over the weights themselves; choose another file.")
    export_weights(loaded, path, export_format)
    typer.echo(path)
