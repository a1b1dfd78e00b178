"""`epochal convert`: a dataset in another format."""

from pathlib import Path
from typing import Annotated

import typer

HELP = """Write a dataset in another format.

SRC is a folder or zip in any format that `epochal check` reads. DST is a new folder, or a zip when its name ends so.
Images are copied as they are; splits stay as published, in folders train, valid and test.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert", help=HELP)(convert)


def convert(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A folder of images with annotations, or a zip.")],
    destination: Annotated[Path, typer.Argument(metavar="DST", help="A new folder, or a new file NAME.zip.")],
    to: Annotated[
        str,
        typer.Option(
            help="coco, voc, yolo, mt-yolov6, darknet, createml, tensorflow, tfrecord, retinanet, vott, "
            "keras-yolo, labelstudio, cvat, labelme or via."
        ),
    ],
    split: Annotated[
        bool, typer.Option("--split", help="Draw the splits that are missing, as a training would.")
    ] = False,
    leaks: Annotated[
        bool, typer.Option("--mend-leaks", help="Leave images out of train that val or test show too, and out of val.")
    ] = False,
) -> None:
    """See `HELP`."""
    import tempfile

    from epochal.cli.progress_display import image_bar
    from epochal.datasets import find_near_duplicates, mend_leaks, open_dataset, split_dataset, write_dataset

    with tempfile.TemporaryDirectory(prefix="epochal-convert-") as folder:
        with image_bar("Reading images") as on_image:
            dataset = open_dataset(source, on_image, unpack_into=Path(folder))
        if split:
            dataset = split_dataset(dataset)
        if leaks:
            with image_bar("Comparing images") as on_image:
                dataset = mend_leaks(dataset, find_near_duplicates(dataset, on_image))
        written = write_dataset(dataset, destination, to)
    for note in (*dataset.notes, *written.notes):
        typer.echo(note, err=True)
    for finding in dataset.findings:
        typer.echo(f"{finding.id} ({finding.action}): {finding.count}", err=True)
    typer.echo(f"Wrote {written.path}: {written.images:,} images, {written.annotations:,} boxes, {to}.")
