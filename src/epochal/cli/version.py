"""`epochal version`: freeze a dataset, see what was frozen."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from epochal.versions.settings import VersionSettings

versions = typer.Typer(no_args_is_help=True, help="Frozen, numbered datasets: make them, list them, show them.")
DataDir = Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder; EPOCHAL_DATA_DIR.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(versions, name="version")


@versions.command("create")
def create(
    source: Annotated[Path, typer.Argument(metavar="DATASET", help="A folder of images with annotations, or a zip.")],
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Split, preprocessing and augmentation: docs/versions.md.")
    ] = None,
    resize: Annotated[int | None, typer.Option(metavar="PX", help="Width and height in pixels.")] = None,
    resize_mode: Annotated[str, typer.Option(help="stretch, fill, fit, reflect, black or white.")] = "stretch",
    outputs: Annotated[int | None, typer.Option(help="Images for each one of train, 1 to 50.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all that is drawn.")] = None,
    leaks: Annotated[
        bool, typer.Option("--mend-leaks", help="Keep images that show the same out of two splits.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Freeze a dataset into DATA_DIR/versions/DATASET/NUMBER.

    The last line, alone on stdout, is the folder, which `epochal train` takes. After a break the same command goes on.
    """
    import tempfile

    from epochal.cli.progress_display import image_bar
    from epochal.config import data_dir as resolve_data_dir
    from epochal.datasets import open_dataset
    from epochal.versions.generating import generate_version, plan_version

    wanted = _read_wanted(settings, resize, resize_mode, outputs, seed, mends_leaks=leaks)
    with tempfile.TemporaryDirectory(prefix="epochal-version-") as folder:
        with image_bar("Reading images") as on_image:
            dataset = open_dataset(source, on_image, unpack_into=Path(folder))
        with image_bar("Comparing images") as on_image:
            plan = plan_version(dataset, wanted, on_image)
        with image_bar("Making images") as on_image:
            version = generate_version(plan, resolve_data_dir(data_dir) / "versions", name=name, progress=on_image)
    for note in plan.dataset.notes:
        typer.echo(note, err=True)
    typer.echo(_line(version.path, version.content), err=True)
    typer.echo(version.path)


@versions.command("list")
def list_all(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List all versions with their number, images, hash and name."""
    import json

    from epochal.config import data_dir as resolve_data_dir
    from epochal.versions.library import list_versions

    found = list_versions(resolve_data_dir(data_dir) / "versions")
    if as_json:
        typer.echo(json.dumps({"versions": [{"path": str(v.path), **v.content} for v in found]}))
        return
    for version in found:
        typer.echo(_line(version.path, version.content))
    if not found:
        typer.echo("No versions yet; make one: epochal version create DATASET.", err=True)


@versions.command("show")
def show(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="DATASET/NUMBER, such as cells/1.")],
    data_dir: DataDir = None,
) -> None:
    """Print a version's version.json: settings, seed, counts, content hash."""
    import json

    from epochal.config import data_dir as resolve_data_dir
    from epochal.versions.library import find_version

    found = find_version(resolve_data_dir(data_dir) / "versions", version)
    typer.echo(json.dumps({"path": str(found.path), **found.content}, indent=1, ensure_ascii=False))


@versions.command("export")
def export(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="DATASET/NUMBER, such as cells/1.")],
    destination: Annotated[Path, typer.Argument(metavar="FILE.zip", help="Replaced if it is there.")],
    to: Annotated[
        str,
        typer.Option(
            help="coco, voc, yolov5pytorch, yolov7pytorch, yolov8, yolov9, yolov10, yolov11, yolov12, yolo26, "
            "mt-yolov6, darknet, createml, tensorflow, tfrecord, retinanet, multiclass, yolokeras, clip or folder."
        ),
    ],
    license_name: Annotated[str, typer.Option("--license", metavar="NAME", help="Stands in the zip.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Write a version as a zip that trainers take as it is: docs/datasets.md, Ready-to-train zips."""
    from epochal.cli.progress_display import image_bar
    from epochal.config import data_dir as resolve_data_dir
    from epochal.datasets import Source, open_dataset, write_export
    from epochal.versions.library import find_version
    from epochal.versions.settings import explain_settings

    found = find_version(resolve_data_dir(data_dir) / "versions", version)
    name = str(found.content["dataset"]["name"])
    source = Source("local", name, found.number, license_name, sentences=explain_settings(found.content["settings"]))
    with image_bar("Reading images") as on_image:
        dataset = open_dataset(found.path, on_image)
    with image_bar("Writing images") as on_image:
        written = write_export(dataset, to, destination, source=source, progress=on_image)
    typer.echo(written)


def _read_wanted(
    path: Path | None, resize: int | None, mode: str, outputs: int | None, seed: int | None, *, mends_leaks: bool
) -> "VersionSettings":
    from epochal.errors import BadInput
    from epochal.versions.settings import RESIZE_FORMATS, VersionSettings, parse_settings, read_settings_file

    content = (read_settings_file(path) if path else VersionSettings()).to_json()
    modes = dict(zip(("stretch", "fill", "fit", "reflect", "black", "white"), RESIZE_FORMATS, strict=True))
    if resize is not None:
        if mode not in modes:
            raise BadInput(f"--resize-mode {mode!r} is not known; expected {', '.join(modes)}.")
        content["preprocessing"]["resize"] = {"width": resize, "height": resize, "format": modes[mode]}
    if outputs is not None:
        content["augmentation"]["image"] = {"versions": outputs}
    if seed is not None:
        content["seed"] = seed
    if mends_leaks:
        content["split"]["group-near-duplicates"] = True
    return parse_settings(content, str(path or "settings"))


def _line(path: Path, content: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{split} {numbers['images']:,}" for split, numbers in content["splits"].items())
    name = f"  {content['name']}" if content.get("name") else ""
    return f"{path.parent.name}/{content['number']}  {counts}  {content['content_hash'][:12]}{name}"
