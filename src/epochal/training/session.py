"""A training from a folder of images to a finished run folder, and its resume: what the command line calls."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from epochal.config import read_settings
from epochal.datasets import Dataset, open_dataset, require_trainable, split_dataset
from epochal.detectors.fast import FastNet, resolve_model
from epochal.detectors.weights import copy_matching
from epochal.errors import BadInput, EpochalError, Failed, RunFolderError, StorageFull, TrainingFailed
from epochal.graphs.journal import JOURNAL_NAME
from epochal.training.announcing import Announcer, Listener, StoppedNow, StopRequest
from epochal.training.ending import finish_run
from epochal.training.loop import Outcome, Training
from epochal.training.precision import describe_machine, look_at_machine, resolve_device
from epochal.training.recipe import Dial, Recipe, derive_recipe
from epochal.training.reporting import write_graph
from epochal.training.run import Progress, RunFolder, fingerprint, is_full, make_run_folder
from epochal.versions import describe_version


@dataclass(frozen=True)
class Session:
    """A run that is ready to train.

    Attributes:
        dataset: opened and split.
        recipe: of the run.
        reasons: why each derived field has its value.
        run: its folder, with recipe.json; kept for this process until `train` has ended.
        data_dir: where the cache of pixels is.
        remarks: sentences about this attempt, such as that it is a resume on another machine.
        is_new: whether this is the run's first attempt.
    """

    dataset: Dataset
    recipe: Recipe
    reasons: dict[str, str]
    run: RunFolder
    data_dir: Path
    remarks: tuple[str, ...] = ()
    is_new: bool = True


def begin(dataset_path: Path, dial: Dial, *, out: Path | None, data_dir: Path, name: str = "") -> Session:
    """Open a dataset, derive the recipe and make the run folder.

    Args:
        dataset_path: a folder of images, or a version.
        dial: what was asked for.
        out: the run folder; one under `data_dir` when None.
        data_dir: where runs and the cache are.
        name: of the run, for people; that of its folder when empty.

    Raises:
        NotFound, DatasetError: the dataset cannot be read or trained on.
        BadInput: the dial asks for what cannot be.
        RunFolderError: `out` holds a run already, or is the dataset's own folder.
        StorageFull: the run folder cannot be written.
    """
    dial = replace(dial, model=resolve_model(dial.model), device=resolve_device(dial.device))
    dataset = open_for_training(dataset_path, data_dir)
    new_classes: tuple[str, ...] = ()
    if dial.start_from is not None:
        # Before anything is written; absolute, because a resume may begin in another folder.
        net = FastNet(dial.model, len(dataset.class_names))
        new_classes = copy_matching(net, Path(dial.start_from), dataset.class_names).new_classes
        dial = replace(dial, start_from=str(Path(dial.start_from).absolute()))
    recipe, reasons = derive_recipe(dataset, dial, look_at_machine(), new_classes)
    if out is not None and out.resolve() == dataset.root:
        raise RunFolderError(f"{out} is the folder of the dataset; choose another --out, or a new folder in it.")
    run = make_run_folder(out, data_dir, dataset.name)
    try:
        run.write_recipe(dataset, recipe, reasons, describe_machine(), name)
        run.take()
    except EpochalError:
        run.discard()
        raise
    return Session(dataset, recipe, reasons, run, data_dir)


def resume(run_path: Path, *, data_dir: Path, dataset_path: Path | None = None) -> Session | None:
    """Open a run to go on with it; None when it is finished already.

    Args:
        run_path: its folder.
        data_dir: where the cache of pixels is.
        dataset_path: where the dataset is now; where it was when None.

    Raises:
        RunFolderError: the folder is foreign, half-written or in use, or its dataset or device is not what it was.
        NotFound, DatasetError: the dataset is gone.
    """
    run = RunFolder(run_path)
    content = run.read_recipe()
    run.take()
    try:
        if run.is_finished():
            run.release()
            return None
        recipe, recorded, wanted = _read_content(content, run)
        dataset_path = dataset_path or recorded
        dataset = open_for_training(dataset_path, data_dir)
        if fingerprint(dataset) != wanted:
            raise RunFolderError(
                f"The dataset {dataset_path} has changed since {run_path} began, so its graph could not go on. "
                f"Start a new run, with --from {run.weights / 'last.pt'} to keep what was learned."
            )
        _require_device(recipe, run)
    except EpochalError:
        run.release()
        raise
    run.clear_stop()
    reasons = content.get("reasons")
    remarks = _remark(recipe, content.get("machine"), run)
    return Session(dataset, recipe, reasons if isinstance(reasons, dict) else {}, run, data_dir, remarks, False)


def _read_content(content: dict[str, object], run: RunFolder) -> tuple[Recipe, Path, str]:
    try:
        recipe, dataset = content["recipe"], content["dataset"]
        if not isinstance(recipe, dict) or not isinstance(dataset, dict):
            raise TypeError("recipe or dataset is no object")
        return Recipe.from_json(recipe), Path(dataset["path"]), str(dataset["fingerprint"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise RunFolderError(
            f"{run.path / 'recipe.json'} is incomplete or damaged ({type(error).__name__}: {error}); start a new run."
        ) from error


def _require_device(recipe: Recipe, run: RunFolder) -> None:
    try:
        resolve_device(recipe.device)
        resolve_model(recipe.model)
    except BadInput as error:
        raise RunFolderError(f"{run.path} cannot go on here. {error} Or resume it where it began.") from error


def _remark(recipe: Recipe, machine: object, run: RunFolder) -> tuple[str, ...]:
    """What is worth saying when a run goes on: from where, and what is not as it was when it began."""
    epoch = run.last_epoch() if run.checkpoint.exists() else 0
    remarks = [f"Resumes after epoch {epoch} of {recipe.epochs}." if epoch else "No epoch is complete: begins anew."]
    if recipe.precision == "bf16" and recipe.device == "cpu" and not look_at_machine().native_bf16:
        remarks.append(
            "The run began in bf16, which this CPU does not compute natively: it goes on in bf16 all the same, so that "
            "its graph stays one, but slowly."
        )
    if isinstance(machine, dict):
        here = describe_machine()
        differs = [key for key in ("system", "processor", "torch") if machine.get(key) != here[key]]
        if differs:
            remarks.append(
                f"It began on another machine or installation ({', '.join(differs)} differ): the last digits of its "
                "numbers may differ from those of an uninterrupted run."
            )
    return tuple(remarks)


def open_for_training(path: Path, data_dir: Path) -> Dataset:
    """Open and split a dataset, a zip through the data folder; refuse one that nothing can be learned from."""
    dataset = split_dataset(open_dataset(path, unpack_into=data_dir / "unpacked"))
    require_trainable(dataset)
    if version := describe_version(dataset.root):  # its folder is a mere number; runs are named after this
        dataset = replace(dataset, name=f"{version['dataset']}-v{version['number']}")
    return dataset


def train(session: Session, listener: Listener, stop: StopRequest) -> Outcome:
    """Train, evaluate, write the report; keeps progress.json truthful whatever happens.

    Raises:
        EpochalError: what went wrong; the run is marked as failed and can be resumed. When it is the input that is
            wrong and nothing was trained yet, the run folder is gone again.
    """
    settings = read_settings()
    cache, limit = session.data_dir / "cache", int(settings["cache_max_bytes"])
    run, recipe = session.run, session.recipe
    announcer = Announcer(run, listener, stop)
    run.write_progress(Progress("preparing", epochs=recipe.epochs))
    training = Training(session.dataset, recipe, run, cache, listener, limit, stop)
    try:
        outcome = training()
        if announcer.asked() == "now":
            raise StoppedNow
        finish_run(session.dataset, run, cache, limit, recipe.seed, announcer)
    except StoppedNow:
        outcome = "stopped"
        _draw_what_there_is(run, listener)
    except BaseException as error:
        known = _name_failure(error, run)
        if session.is_new and isinstance(known, BadInput) and not (run.path / JOURNAL_NAME).exists():
            run.discard()
        else:
            message = str(known) or type(known).__name__
            run.write_progress(Progress("failed", training.epochs_done, recipe.epochs, message=message))
            _draw_what_there_is(run, listener)
        run.release()
        if known is error:
            raise
        raise known from error
    run.clear_stop()
    run.write_progress(Progress(outcome, training.epochs_done, recipe.epochs))
    run.release()
    return outcome


def _draw_what_there_is(run: RunFolder, listener: Listener) -> None:
    if (run.path / JOURNAL_NAME).exists():
        write_graph(run.path, listener.say, final=True)


def _name_failure(error: BaseException, run: RunFolder) -> BaseException:
    """The error in our words, where it is one of the world and not a mistake of ours."""
    if isinstance(error, OSError):
        where = error.filename or run.path
        if is_full(error):
            return StorageFull(f"No space is left to write {where}; free some, then go on with --resume {run.path}.")
        reason = error.strerror or error
        return Failed(f"{where} cannot be read or written ({reason}); mend that, then go on with --resume {run.path}.")
    is_memory = isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)
    if is_memory and not isinstance(error, EpochalError):
        return TrainingFailed(
            "The memory of this machine does not do for this training; start it again with a smaller --image-size or a "
            "smaller --model."
        )
    return error
