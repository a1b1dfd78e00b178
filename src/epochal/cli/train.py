"""`epochal train`: a folder of images in, a run folder out."""

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    context: typer.Context,
    dataset: Path | None = typer.Argument(None, help="A folder of images with annotations; its format is recognised."),
    model: str = typer.Option("fast", help="fast (= fast-n), fast-n, fast-s or fast-m."),
    epochs: int | None = typer.Option(None, help="Epochs; derived from the data when not given."),
    image_size: int | None = typer.Option(None, metavar="PX", help="Long side of the net's input; derived."),
    minutes: float | None = typer.Option(None, help="Time to plan for when --epochs is not given."),
    device: str = typer.Option("auto", help="auto, cpu, cuda or cuda:N."),
    start_from: Path | None = typer.Option(None, "--from", metavar="WEIGHTS", help="Start from these weights."),
    seed: int = typer.Option(0, min=0, help="Same seed, same data, same machine: same graph."),
    resume: Path | None = typer.Option(None, metavar="RUN", help="Go on with this run folder."),
    out: Path | None = typer.Option(None, metavar="DIR", help="The run folder; DATA_DIR/runs/<dataset>-<number>."),
    data_dir: Path | None = typer.Option(None, metavar="DIR", help="The data folder; EPOCHAL_DATA_DIR."),
) -> None:
    """Train a detector: says what it understood, then trains with a live graph in the run folder.

    Ctrl-C once ends after the running epoch, twice at once; both can be resumed. The last line, alone on stdout, is the
    run folder.
    """
    from epochal.cli.training_display import TrainingDisplay, run_training
    from epochal.config import data_dir as resolve_data_dir
    from epochal.config import read_settings
    from epochal.errors import BadInput
    from epochal.training import session as sessions
    from epochal.training.recipe import Dial

    folder = resolve_data_dir(data_dir)
    if (dataset is None) == (resume is None):
        raise BadInput("Name a dataset to train on, or a run to go on with: epochal train DATASET, or --resume RUN.")
    if resume is not None:
        _refuse_with_resume(context)
        session = sessions.resume(resume, data_dir=folder)
        if session is None:
            typer.echo(f"{resume} is finished already; its graph is {resume / 'graph.html'}.", err=True)
            typer.echo(resume)
            return
    else:
        assert dataset is not None
        if minutes is not None and not minutes > 0:
            raise BadInput(f"--minutes {minutes:g} cannot be; give the minutes that the training may take, above 0.")
        budget_s = minutes * 60 if minutes is not None else float(read_settings()["train_budget_s"])
        dial = Dial(model, epochs, image_size, seed, device, str(start_from) if start_from else None, budget_s)
        session = sessions.begin(dataset, dial, out=out, data_dir=folder)
    run_training(session, TrainingDisplay(session))


def _refuse_with_resume(context: typer.Context) -> None:
    """A resumed run keeps its recipe, so an option that would change it is refused and not passed over."""
    from epochal.errors import BadInput

    given = [
        f"--{name.removeprefix('start_').replace('_', '-')}"
        for name in ("model", "epochs", "image_size", "minutes", "device", "start_from", "seed", "out")
        if (source := context.get_parameter_source(name)) is not None and source.name == "COMMANDLINE"
    ]
    if given:
        raise BadInput(
            f"--resume goes on with the recipe that the run began with; leave out {', '.join(given)}, or start a new "
            "run without --resume."
        )
