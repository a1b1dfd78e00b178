"""Compose the commands, and turn errors into one sentence and an exit code."""

import importlib
import sys
from pathlib import Path

import typer

from epochal import __version__
from epochal.errors import BadInput, EpochalError

app = typer.Typer(
    name="epochal",
    help="Object detection, from photos to a model you understand.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Modules of epochal.cli, each with `register(app)`; how something is drawn stands in …_display.py, loaded when needed.
COMMAND_MODULES = tuple(
    sorted(
        p.stem
        for p in Path(__file__).parent.glob("*.py")
        if p.stem not in {"__init__", "main"} and not p.stem.endswith("_display")
    )
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Object detection, from photos to a model you understand."""


def build_app() -> typer.Typer:
    """The whole command line, with every command module registered."""
    for name in COMMAND_MODULES:
        importlib.import_module(f"epochal.cli.{name}").register(app)
    return app


# What a module that is not installed belongs to, so that the sentence can name the extra.
EXTRAS = {
    "train": ("torch", "onnx", "hotcoco", "psutil"),
    "server": ("fastapi", "starlette", "uvicorn", "onnxruntime", "cv2"),
}


def main() -> None:
    """Entry point: runs a command; prints an `EpochalError` as a sentence and leaves with its exit code."""
    try:
        build_app()()
    except EpochalError as error:
        typer.echo(f"epochal: {error}", err=True)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        module = (error.name or "").split(".")[0]
        extra = next((name for name, modules in EXTRAS.items() if module in modules), None)
        if extra is None:
            raise
        typer.echo(f"epochal: this needs {module}, which is not installed: pip install 'epochal[{extra}]'.", err=True)
        sys.exit(BadInput.exit_code)
