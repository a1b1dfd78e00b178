"""`epochal check`: the health of a dataset."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from epochal.datasets import Dataset

HELP = """Say what a dataset holds and what is wrong with it.

DATASET is a folder with images and annotations, or a zip of one; its format is recognised by looking. Nothing is
changed. No grade is given: findings say what was met, what was done about it, and what you can do.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", help=HELP)(check)


def check(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="A folder of images with annotations, or a zip.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """See `HELP`."""
    from epochal.datasets import build_report

    with tempfile.TemporaryDirectory(prefix="epochal-check-") as folder:
        found = open_with_progress(dataset, Path(folder))
        if as_json:
            typer.echo(json.dumps(build_report(found), allow_nan=False))
        else:
            _print_report(found)


def open_with_progress(path: Path, unpack_into: Path | None = None) -> "Dataset":
    """Open a dataset; a bar on stderr shows how far reading the pictures is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from epochal.datasets import open_dataset

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading images", total=None)
        return open_dataset(
            path, lambda done, total: bar.update(task, completed=done, total=total), unpack_into=unpack_into
        )


def _print_report(dataset: "Dataset") -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    for note in dataset.notes:
        console.print(escape(note))
    console.print()
    _print_counts(console, dataset)
    if not dataset.findings:
        console.print("No findings.")
    for finding in dataset.findings:
        _print_finding(console, finding.id, finding.action, finding.count, finding.examples)


def _print_counts(console: "Console", dataset: "Dataset") -> None:
    from rich.table import Table

    from epochal.datasets import build_report

    report = build_report(dataset)
    table = Table("", "images", "boxes", title=f"{dataset.name}: {len(dataset.class_names)} classes", min_width=40)
    for column in table.columns[1:]:
        column.justify = "right"
    for split, count in report["splits"].items():
        table.add_row(split, f"{count['images']:,}", f"{count['annotations']:,}")
    loose = [image for image in dataset.images if image.split is None]
    if loose:
        table.add_row("no split", f"{len(loose):,}", f"{sum(len(image.boxes_xyxy) for image in loose):,}")
    table.add_section()
    table.add_row("all", f"{report['images']:,}", f"{report['annotations']:,}")
    console.print(table)


def _print_finding(console: "Console", finding_id: str, action: str, count: int, examples: tuple[str, ...]) -> None:
    from rich.markup import escape

    from epochal.datasets.advice import ADVICE

    advice = ADVICE[finding_id]
    console.print(f"\n[bold]{finding_id}[/bold] ({action}): {count:,} {escape(advice.meaning)}")
    for example in examples:
        console.print(f"  {escape(example)}", soft_wrap=True, highlight=False)
    if count > len(examples):
        console.print(f"  … and {count - len(examples):,} more")
    console.print(f"  To do: {escape(advice.remedy)}.")
