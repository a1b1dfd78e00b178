"""A training from a folder of images to a finished run folder, and its resume: what the command line calls."""

from dataclasses import dataclass, replace
from pathlib import Path

from epochal.config import read_settings
from epochal.datasets import Dataset, open_dataset, require_trainable, split_dataset
from epochal.detectors.fast import resolve_model
from epochal.errors import EpochalError, RunFolderError
from epochal.training.ending import finish_run
from epochal.training.loop import Listener, Outcome, StopRequest, Training
from epochal.training.precision import describe_machine, look_at_machine, resolve_device
from epochal.training.recipe import Dial, Recipe, derive_recipe
from epochal.training.run import Progress, RunFolder, fingerprint, make_run_folder


@dataclass(frozen=True)
class Session:
    """A run that is ready to train.

    Attributes:
        dataset: opened and split.
        recipe: of the run.
        reasons: why each derived field has its value.
        run: its folder, with recipe.json.
        data_dir: where the cache of pixels is.
    """

    dataset: Dataset
    recipe: Recipe
    reasons: dict[str, str]
    run: RunFolder
    data_dir: Path


def begin(dataset_path: Path, dial: Dial, *, out: Path | None, data_dir: Path) -> Session:
    """Open a dataset, derive the recipe and make the run folder.

    Raises:
        NotFound, DatasetError: the dataset cannot be read or trained on.
        BadInput: the dial asks for what cannot be.
        RunFolderError: `out` holds a run already.
    """
    dial = replace(dial, model=resolve_model(dial.model), device=resolve_device(dial.device))
    dataset = open_for_training(dataset_path)
    recipe, reasons = derive_recipe(dataset, dial, look_at_machine())
    run = make_run_folder(out, data_dir, dataset.name)
    run.write_recipe(dataset, recipe, reasons, describe_machine())
    return Session(dataset, recipe, reasons, run, data_dir)


def resume(run_path: Path, *, data_dir: Path) -> Session | None:
    """Open a run to go on with it; None when it is finished already.

    Raises:
        RunFolderError: the folder is foreign, half-written or in use, or its dataset has changed.
        NotFound, DatasetError: the dataset is gone.
    """
    run = RunFolder(run_path)
    content = run.read_recipe()
    run.refuse_if_in_use()
    if run.is_finished():
        return None
    try:
        recipe = Recipe.from_json(content["recipe"])
        dataset_path, wanted = Path(content["dataset"]["path"]), content["dataset"]["fingerprint"]
    except (KeyError, TypeError) as error:
        raise RunFolderError(f"{run_path}/recipe.json is incomplete ({error}); start a new run.") from error
    dataset = open_for_training(dataset_path)
    if fingerprint(dataset) != wanted:
        raise RunFolderError(
            f"The dataset {dataset_path} has changed since {run_path} began, so its graph could not go on. "
            f"Start a new run, with --from {run.weights / 'last.pt'} to keep what was learned."
        )
    run.clear_stop()
    return Session(dataset, recipe, dict(content.get("reasons", {})), run, data_dir)


def open_for_training(path: Path) -> Dataset:
    """Open and split a dataset, and refuse one that nothing can be learned from."""
    dataset = split_dataset(open_dataset(path))
    require_trainable(dataset)
    return dataset


def train(session: Session, listener: Listener, stop: StopRequest) -> Outcome:
    """Train, evaluate, write the report; keeps progress.json truthful whatever happens.

    Raises:
        EpochalError: what went wrong; the run is marked as failed and can be resumed.
    """
    settings = read_settings()
    cache, limit = session.data_dir / "cache", int(settings["cache_max_bytes"])
    run, recipe = session.run, session.recipe
    run.write_progress(Progress("preparing", epochs=recipe.epochs))
    try:
        outcome = Training(session.dataset, recipe, run, cache, listener, limit, stop)()
        now = stop.asked == "now" or run.stop_requested() == "now"
        if not now:
            finish_run(session.dataset, run, cache, limit, recipe.seed, listener)
        run.clear_stop()
    except EpochalError as error:
        run.write_progress(Progress("failed", run.last_epoch(), recipe.epochs, message=str(error)))
        raise
    except BaseException as error:
        run.write_progress(
            Progress("failed", run.last_epoch(), recipe.epochs, message=f"{type(error).__name__}: {error}")
        )
        raise
    run.write_progress(Progress(outcome, run.last_epoch(), recipe.epochs))
    return outcome
