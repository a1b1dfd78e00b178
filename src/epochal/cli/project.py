"""`epochal project`: the projects of a server, from a terminal."""

from pathlib import Path
from typing import Annotated, Any

import typer

projects = typer.Typer(no_args_is_help=True, help="Projects of a server: list, create, upload, freeze, download.")
Url = Annotated[str | None, typer.Option(help="Server; else EPOCHAL_SERVER_URL, else that of `epochal login`.")]
Key = Annotated[str | None, typer.Option(help="API key; else EPOCHAL_API_KEY, else that of `epochal login`.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's word in addresses.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(projects, name="project")


@projects.command("list")
def list_all(as_json: AsJson = False, url: Url = None, key: Key = None) -> None:
    """List the projects of the workspace."""
    from epochal.client import connect

    found = [dict(one.fields) for one in connect(url, key).projects()]
    _tell(as_json, {"projects": found}, [f"{one['slug']}  {one['name']}" for one in found] or ["No projects yet."])


@projects.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name for people.")],
    annotation_group: Annotated[str, typer.Option(help="What is annotated, such as cells.")] = "objects",
    license_name: Annotated[str, typer.Option("--license", help="Such as CC BY 4.0.")] = "Private",
    public: Annotated[bool, typer.Option(help="Show it in the universe of the server.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make an empty project."""
    from epochal.client import connect

    more = {"annotation_group": annotation_group, "license": license_name, "is_public": public}
    made = connect(url, key).create_project(name, **more)
    _tell(as_json, dict(made.fields), [made.slug])


@projects.command("upload")
def upload(
    project: ProjectName,
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A folder of images with annotations, a zip or a picture.")
    ],
    split: Annotated[
        str | None, typer.Option(help="train, val or test for every image. [default: as published]")
    ] = None,
    batch: Annotated[str, typer.Option(help="A name for these images.")] = "",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Send images and annotations; what the project has already is left as it is."""
    from epochal.cli.progress_display import image_bar
    from epochal.client import connect

    with image_bar("Uploading") as on_image:
        counted = connect(url, key).project(project).upload(source, split=split, batch=batch, on_progress=on_image)
    _tell(as_json, counted, [", ".join(f"{name} {value}" for name, value in counted.items())])


@projects.command("generate")
def generate(
    project: ProjectName,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Split, preprocessing and augmentation: docs/versions.md.")
    ] = None,
    name: Annotated[str, typer.Option(help="A name for people.")] = "",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Freeze the project's dataset into its next version."""
    from epochal.cli.progress_display import image_bar
    from epochal.client import connect
    from epochal.versions.settings import read_settings_file

    wanted = read_settings_file(settings).to_json() if settings else None
    with image_bar("Making images") as on_image:
        made = connect(url, key).project(project).generate(wanted, name=name, on_progress=on_image)
    _tell(as_json, dict(made.fields), [f"{project}/{made.number}"])


@projects.command("download")
def download(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="PROJECT/NUMBER.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that is not there yet.")],
    format_name: Annotated[str, typer.Option("--format", help="Such as coco, voc, yolov8.")] = "coco",
    url: Url = None,
    key: Key = None,
) -> None:
    """Download a version and unpack it."""
    from epochal.client import connect

    project, number = split_version(version)
    typer.echo(connect(url, key).project(project).version(number).download(format_name, folder))


def split_version(version: str) -> tuple[str, int]:
    """PROJECT/NUMBER taken apart. Raises BadInput."""
    from epochal.errors import BadInput

    project, _, number = version.rpartition("/")
    if not project or not number.isdigit():
        raise BadInput(f"{version!r} names no version; expected PROJECT/NUMBER, such as cells/1.")
    return project, int(number)


def _tell(as_json: bool, content: dict[str, Any], lines: list[str]) -> None:
    import json

    typer.echo(json.dumps(content) if as_json else "\n".join(lines))
