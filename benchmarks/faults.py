"""Inject faults into small trainings and see whether the reading names them.

    python benchmarks/faults.py [--seeds 0 1 2 3] [--faults NAME …] [--work DIR] [--images 100] [--epochs 40]

Each run trains `fast-n` on the drawn sample dataset, from scratch, on one CPU thread, and is read from its journal. A
fault is named when one of its expected words is the verdict or a finding. A healthy run raises a false alarm when the
verdict or a finding names a fault (`ALARMS`); what the sample really has, few val images and a rare class, is none.
Runs that are in the work folder already are not trained again.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from epochal.datasets import Dataset, Image, open_dataset, split_dataset
from epochal.datasets.sample import write_sample_dataset
from epochal.errors import TrainingFailed
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.run_folder import read_run
from epochal.training import loop
from epochal.training.announcing import StopRequest
from epochal.training.loop import Training
from epochal.training.precision import look_at_machine
from epochal.training.recipe import Dial, Recipe, derive_recipe
from epochal.training.run import Progress, make_run_folder

BROKEN = {
    "diverged_or_nan",
    "not_learning",
    "nan",
    "diverging",
    "lr_too_high",
    "lr_beyond_use",
    "map_zero",
    "unstable_noisy",
}
OVERFITTED = {"overfitting", "train_val_gap", "val_box_loss_rising", "val_cls_loss_rising", "map_declining"}
ALARMS = (
    BROKEN
    | OVERFITTED
    | {"lr_too_low", "class_never_found", "loose_boxes", "too_good", "frozen_metrics", "jump_at_resume"}
)


class Quiet:
    """A listener that says nothing; it can stop a training after an epoch."""

    def __init__(self, stop: StopRequest, after: int | None) -> None:
        self.stop, self.after = stop, after

    def say(self, sentence: str) -> None:
        """Nothing."""

    def progress(self, progress: Progress) -> None:
        """Nothing."""

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        """Ask to stop when the time has come."""
        if epoch == self.after:
            self.stop.asked = "epoch"


@dataclass(frozen=True)
class Fault:
    """What is done to a run, and the words that name it."""

    words: set[str]
    data: Callable[[Dataset], Dataset] = lambda dataset: dataset
    recipe: Callable[[Recipe], Recipe] = lambda recipe: recipe
    nan_after: int | None = None
    interrupted_at: float | None = None


def _change(dataset: Dataset, images: list[Image]) -> Dataset:
    return replace(dataset, images=tuple(sorted(images, key=lambda image: image.name)))


def _each(change: Callable[[Image, np.random.Generator], Image], split: str | None) -> Callable[[Dataset], Dataset]:
    def apply(dataset: Dataset) -> Dataset:
        rng = np.random.default_rng(0)
        return _change(dataset, [change(i, rng) if split in (None, i.split) else i for i in dataset.images])

    return apply


def _loosen(image: Image, rng: np.random.Generator) -> Image:
    boxes = image.boxes_xyxy
    sizes = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    moved = boxes + rng.uniform(-0.15, 0.15, boxes.shape) * sizes
    width, height = image.image_wh
    return replace(image, boxes_xyxy=np.clip(moved, 0, [width, height, width, height]).astype(np.float32))


def _drop_class(image: Image, _: np.random.Generator) -> Image:
    keep = image.class_id != 0
    parts = {"boxes_xyxy": image.boxes_xyxy, "class_id": image.class_id, "is_crowd": image.is_crowd}
    return replace(image, **{key: values[keep] for key, values in parts.items()})


def _shuffle_labels(dataset: Dataset) -> Dataset:
    train = list(dataset.of_split("train"))
    order = np.random.default_rng(0).permutation(len(train))
    moved = [
        replace(image, boxes_xyxy=train[at].boxes_xyxy, class_id=train[at].class_id, is_crowd=train[at].is_crowd)
        for image, at in zip(train, order, strict=True)
    ]
    return _change(dataset, [*moved, *(image for image in dataset.images if image.split != "train")])


def _keep(split: str, count: int) -> Callable[[Dataset], Dataset]:
    def apply(dataset: Dataset) -> Dataset:
        kept = {image.name for image in dataset.of_split(split)[:count]}
        return _change(dataset, [image for image in dataset.images if image.split != split or image.name in kept])

    return apply


def _copy_val_from_train(dataset: Dataset) -> Dataset:
    copies = [replace(image, name=f"copy/{image.name}", split="val") for image in dataset.of_split("train")]
    return _change(dataset, [*(image for image in dataset.images if image.split != "val"), *copies])


def _scale_lr(factor: float) -> Callable[[Recipe], Recipe]:
    return lambda recipe: replace(recipe, muon_lr=recipe.muon_lr * factor, adamw_lr=recipe.adamw_lr * factor)


def _longer(recipe: Recipe) -> Recipe:
    """As many steps from a tenth of the images."""
    return replace(recipe, epochs=recipe.epochs * 5)


FAULTS: dict[str, Fault] = {
    "healthy": Fault(set()),
    "lr_x100": Fault(BROKEN, recipe=_scale_lr(100)),
    "lr_over_100": Fault({"lr_too_low", "not_learning"}, recipe=_scale_lr(0.01)),
    "labels_shuffled": Fault({"not_learning", "map_zero", "overfitting"}, _shuffle_labels),
    "class_removed": Fault({"class_never_found"}, _each(_drop_class, "train")),
    "ten_train_images": Fault(OVERFITTED | {"few_train_images"}, _keep("train", 10), _longer),
    "val_from_train": Fault({"too_good", "val_below_train"}, _copy_val_from_train),
    "boxes_loosened": Fault({"loose_boxes"}, _each(_loosen, None)),
    "tiny_val": Fault({"few_val_images", "small_validation", "noisy_validation", "unstable_noisy"}, _keep("val", 4)),
    "nan_weights": Fault({"diverged_or_nan", "nan"}, nan_after=12),
    "resume_without_optimizer": Fault({"jump_at_resume", "spike", "resume_discontinuity"}, interrupted_at=0.4),
}


def train(name: str, seed: int, work: Path, images: int, epochs: int) -> Path:
    """Train one run with its fault and return its folder."""
    fault, folder = FAULTS[name], work / f"{name}-{seed}"
    if (folder / "done").exists():
        return folder
    source = work / f"sample-{images}"
    if not source.exists():
        write_sample_dataset(source, images=images)
    dataset = fault.data(split_dataset(open_dataset(source)))
    recipe, reasons = derive_recipe(dataset, Dial(epochs=epochs, image_size=256, seed=seed), look_at_machine())
    recipe = fault.recipe(recipe)
    run = make_run_folder(folder, work, name)
    run.write_recipe(dataset, recipe, reasons, {})
    cut = None if fault.interrupted_at is None else int(fault.interrupted_at * epochs)
    attempts = [cut, None] if cut else [None]
    for attempt, after in enumerate(attempts):
        stop = StopRequest()
        training = Training(dataset, recipe, run, work / "cache", Quiet(stop, after), 2_000_000_000, stop)
        if attempt:
            _forget_optimizer()
        with _nan_from_epoch(fault.nan_after):
            try:
                training()
            except TrainingFailed as error:
                print(f"  {name}-{seed}: {error}")
    (folder / "checkpoint.pt").unlink(missing_ok=True)
    (folder / "done").touch()
    return folder


def _forget_optimizer() -> None:
    """Let the next resume find weights alone: optimizer state and averaged weights begin anew."""
    load = loop.load_checkpoint

    def load_weights_alone(path: Path, state: loop.TrainingState) -> None:
        fresh = [optimizer.state_dict() for optimizer in state.optimizers]
        load(path, state)
        for optimizer, content in zip(state.optimizers, fresh, strict=True):
            optimizer.load_state_dict(content)
        loop.load_checkpoint = load

    loop.load_checkpoint = load_weights_alone


class _nan_from_epoch:  # noqa: N801  reads as a statement
    """Weights become NaN at an epoch, as a broken half-precision step would make them."""

    def __init__(self, epoch: int | None) -> None:
        self.epoch, self.kept = epoch, Training._train_epoch

    def __enter__(self) -> None:
        if self.epoch is None:
            return
        kept, at = self.kept, self.epoch

        def train_epoch(training: Training, epoch: int, started: float) -> dict[str, float]:
            if epoch == at:
                next(training.state.net.parameters()).data.fill_(float("nan"))
            return kept(training, epoch, started)

        Training._train_epoch = train_epoch  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        Training._train_epoch = self.kept  # type: ignore[method-assign]


def main() -> None:
    """Train, read, and print the table of fault → verdict, findings, named or not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--faults", nargs="+", default=list(FAULTS), choices=list(FAULTS))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "epochal-faults")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=40)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    named = faults = alarms = healthy = 0
    print("| run | verdict | findings | named |\n|---|---|---|---|")
    for name in given.faults:
        for seed in given.seeds:
            graph = read_run(train(name, seed, given.work, given.images, given.epochs))
            reading = read_graph(graph)
            words = {reading.verdict, *(finding.id for finding in reading.findings)}
            if name == "healthy":
                found = sorted(words & ALARMS)
                healthy, alarms = healthy + 1, alarms + bool(found)
                answer = f"alarm: {', '.join(found)}" if found else "no alarm"
            else:
                found = sorted(words & FAULTS[name].words)
                faults, named = faults + 1, named + bool(found)
                answer = ", ".join(found) or "**no**"
            others = ", ".join(sorted(words - {reading.verdict}))
            print(f"| {name} {seed} | {reading.verdict} | {others} | {answer} |", flush=True)
    print(f"\n{named} of {faults} faults named; {alarms} of {healthy} healthy runs with a false alarm.")


if __name__ == "__main__":
    main()
