"""`epochal training`: trainings of a server, from a terminal."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochal.cli.project import AsJson, Key, Url, split_version

if TYPE_CHECKING:
    from epochal.client import Training

trainings = typer.Typer(no_args_is_help=True, help="Trainings of a server: start, follow, stop, list.")
TrainingId = Annotated[str, typer.Argument(metavar="TRAINING", help="Its id, as `epochal training list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(trainings, name="training")


@trainings.command("start")
def start(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="PROJECT/NUMBER.")],
    model: Annotated[str, typer.Option(help="fast, fast-n, fast-s or fast-m.")] = "fast",
    epochs: Annotated[int | None, typer.Option(min=1, help="[default: derived from the data]")] = None,
    image_size: Annotated[int | None, typer.Option(metavar="PX", help="[default: derived from the data]")] = None,
    seed: Annotated[int | None, typer.Option(help="[default: 0]")] = None,
    follow_it: Annotated[bool, typer.Option("--follow", help="Stay until it has ended, and show its graph.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Put a training of a version into the queue."""
    from epochal.client import connect

    project, number = split_version(version)
    order: dict[str, Any] = {"model_type": model, "epochs": epochs, "image_size": image_size, "seed": seed}
    made = connect(url, key).project(project).version(number).train(**order)
    if follow_it:
        _follow(made)
    _tell(as_json, made)


@trainings.command("follow")
def follow(training: TrainingId, url: Url = None, key: Key = None) -> None:
    """Show a training as it goes on, and its graph when it has ended. Ctrl-C leaves it running."""
    _follow(_find(training, url, key))


@trainings.command("stop")
def stop(
    training: TrainingId,
    drop: Annotated[bool, typer.Option("--drop-weights", help="Cancel: keep nothing.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """End a training after its running epoch and keep its weights."""
    found = _find(training, url, key)
    _tell(as_json, found.cancel() if drop else found.stop())


@trainings.command("list")
def list_all(as_json: AsJson = False, url: Url = None, key: Key = None) -> None:
    """List the trainings of the workspace, the newest first."""
    import json

    from epochal.client import connect

    workspace = connect(url, key)
    found = workspace.client.get(f"{workspace.path}/trainings")["trainings"]
    typer.echo(json.dumps({"trainings": found}) if as_json else "\n".join(map(_line, found)) or "No trainings yet.")


def _find(training_id: str, url: str | None, key: str | None) -> "Training":
    from urllib.parse import quote

    from epochal.client import Training, connect

    workspace = connect(url, key)
    return Training(workspace, workspace.client.get(f"{workspace.path}/trainings/{quote(training_id, safe='')}"))


def _follow(training: "Training") -> None:
    from epochal.graphs.terminal import format_terminal

    for now in training.follow():
        typer.echo(_line(now), err=True)
    typer.echo(format_terminal(training.graph()), err=True)


def _tell(as_json: bool, training: "Training") -> None:
    import json

    typer.echo(json.dumps(dict(training.fields)) if as_json else _line(training.fields))


def _line(fields: Any) -> str:
    best = fields["best"]
    parts = [fields["id"], f"{fields['project']}/{fields['version']}", fields["state"]]
    parts += [f"epoch {fields['epoch']} of {fields['epochs'] or '?'}"]
    parts += [f"best {best['value']:.3f} at {best['epoch']}"] if best else []
    return "  ".join([*parts, *([fields["message"]] if fields["message"] else [])])
