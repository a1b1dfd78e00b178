"""`epochal check`: the health of a dataset."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

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
    near_duplicates: Annotated[
        bool | None,
        typer.Option(help="Look for images that show the same; by default in up to 20,000 images."),
    ] = None,
) -> None:
    """See `HELP`."""
    from epochal.cli.progress_display import image_bar
    from epochal.datasets import dataset_health, open_dataset

    with tempfile.TemporaryDirectory(prefix="epochal-check-") as folder:
        with image_bar("Reading images") as on_image:
            opened = open_dataset(dataset, on_image, unpack_into=Path(folder))
        with image_bar("Comparing images") as on_image:
            report = dataset_health(opened, near_duplicates=near_duplicates, progress=on_image)
    if as_json:
        typer.echo(json.dumps(report, allow_nan=False))
    else:
        _print_report(report)


def _print_report(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    for note in report["notes"]:
        console.print(escape(note))
    console.print()
    console.print(_table_of_splits(report))
    console.print(_table_of_classes(report))
    console.print(_sentences(report))
    if not report["findings"]:
        console.print("No findings.")
    for finding in report["findings"]:
        _print_finding(console, finding)


def _table_of_splits(report: dict[str, Any]) -> "Table":
    from rich.table import Table

    table = Table("split", "images", "boxes", title=report["name"], min_width=40)
    for column in table.columns[1:]:
        column.justify = "right"
    for split, count in report["splits"].items():
        table.add_row(split, f"{count['images']:,}", f"{count['annotations']:,}")
    rest = {key: report[key] - sum(c[key] for c in report["splits"].values()) for key in ("images", "annotations")}
    if rest["images"]:
        table.add_row("no split", f"{rest['images']:,}", f"{rest['annotations']:,}")
    table.add_section()
    table.add_row("all", f"{report['images']:,}", f"{report['annotations']:,}")
    return table


def _table_of_classes(report: dict[str, Any]) -> "Table":
    """Boxes of each class by split, the most frequent first, twenty at most."""
    from rich.markup import escape
    from rich.table import Table

    balance: dict[str, dict[str, dict[str, int]]] = report["class_balance"]
    splits = list(next(iter(balance.values()), {}))
    table = Table("class", *(f"boxes in {split}" if split != "none" else "boxes" for split in splits))
    for column in table.columns[1:]:
        column.justify = "right"
    rows = sorted(balance.items(), key=lambda row: -sum(count["annotations"] for count in row[1].values()))
    for name, counts in rows[:20]:
        table.add_row(escape(name), *(f"{counts[split]['annotations']:,}" for split in splits))
    if len(rows) > 20:
        table.add_row(f"… {len(rows) - 20} more classes")
    return table


def _sentences(report: dict[str, Any]) -> str:
    labeling, size, boxes = report["labeling"], report["image_size"], report["box_size"]
    return (
        f"{labeling['with_boxes']:,} images with boxes, {labeling['background']:,} looked at and empty, "
        f"{labeling['unlabelled']:,} unlabelled.\n"
        f"Images are {size['mean_wh'][0]:g} × {size['mean_wh'][1]:g} px on average, median aspect ratio "
        f"{size['median_aspect_ratio']:g}; {size['tall']:,} tall, {size['square']:,} square, {size['wide']:,} wide.\n"
        f"Boxes: {boxes['small']:,} small (under 32² px), {boxes['medium']:,} medium, "
        f"{boxes['large']:,} large (96² px and more)."
    )


def _print_finding(console: "Console", finding: dict[str, Any]) -> None:
    from rich.markup import escape

    title = f"[bold]{finding['id']}[/bold] ({finding['action']}, {finding['count']:,} ×)"
    console.print(f"\n{title}: {escape(finding['meaning'])}")
    for example in finding["examples"]:
        console.print(f"  {escape(example)}", soft_wrap=True, highlight=False)
    if finding["count"] > len(finding["examples"]):
        console.print(f"  … and {finding['count'] - len(finding['examples']):,} more")
    console.print(f"  To do: {escape(finding['remedy'])}.")
