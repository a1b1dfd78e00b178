"""Inject faults into small trainings and see whether the reading names them.

    python benchmarks/faults.py [--seeds 0 1 2 3] [--healthy 15] [--faults NAME …] [--work DIR] [--data DATASET]

Each run trains `fast-n` from scratch on one CPU thread, on shapes that `shapes.py` draws (or on DATASET, cut to as many
images); seed, images, image size, epochs and look differ from run to run. It is read from its journal. A fault is named
when one of its words is the verdict or a finding, and a word that names any fault is a false alarm in a healthy run.
The rules were made on seeds 0 and 1; later seeds are told apart. Every third healthy run is interrupted and resumed as
it should be. Runs that are in the work folder already are not trained again.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import torch
from shapes import write_shapes

from epochal.datasets import Dataset, Image, open_dataset, split_dataset
from epochal.errors import TrainingFailed
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.run_folder import read_run
from epochal.training import loop
from epochal.training.announcing import StopRequest
from epochal.training.loop import Training
from epochal.training.precision import look_at_machine
from epochal.training.recipe import Dial, Recipe, derive_recipe
from epochal.training.run import Progress, make_run_folder

TUNED_SEEDS = (0, 1)
BROKEN = {"diverged_or_nan", "nan", "diverging", "lr_too_high", "lr_beyond_use", "unstable_noisy"}
OVERFITTED = {"overfitting", "train_val_gap", "map_declining", "val_box_loss_rising", "val_cls_loss_rising"}


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

    title: str
    words: set[str]
    data: Callable[[Dataset], Dataset] = lambda dataset: dataset
    recipe: Callable[[Recipe], Recipe] = lambda recipe: recipe
    nan_after: int | None = None
    interrupted_at: float | None = None
    forgets_optimizer: bool = False


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
    """Half as many steps, from a seventh of the images."""
    return replace(recipe, epochs=recipe.epochs * 3)


FAULTS: dict[str, Fault] = {
    "healthy": Fault("none", set()),
    "healthy_resumed": Fault("none, stopped and resumed", set(), interrupted_at=0.4),
    "lr_x100": Fault("learning rate × 100", BROKEN | {"not_learning"}, recipe=_scale_lr(100)),
    "lr_over_100": Fault(
        "learning rate / 100", {"lr_too_low", "not_learning", "sure_of_nothing"}, recipe=_scale_lr(0.01)
    ),
    "labels_shuffled": Fault(
        "labels shuffled between train images", {"not_learning", "overfitting", "sure_of_nothing"}, _shuffle_labels
    ),
    "class_removed": Fault("one class's train labels removed", {"class_never_found"}, _each(_drop_class, "train")),
    "ten_train_images": Fault("10 train images", OVERFITTED | {"few_train_images"}, _keep("train", 10), _longer),
    "val_from_train": Fault("val copied from train", {"too_good", "val_in_train"}, _copy_val_from_train),
    "boxes_loosened": Fault("boxes off by up to 15 %", {"loose_boxes"}, _each(_loosen, None)),
    "tiny_val": Fault("4 val images", {"few_val_images", "small_validation"}, _keep("val", 4)),
    "nan_weights": Fault("weights become NaN", {"diverged_or_nan", "nan"}, nan_after=12),
    "resume_without_optimizer": Fault(
        "resumed without optimizer state", {"resume_discontinuity"}, interrupted_at=0.4, forgets_optimizer=True
    ),
}
ALARMS = set[str]().union(*(fault.words for fault in FAULTS.values()))


def train(name: str, seed: int, work: Path, data: Path | None) -> Path:
    """Train one run with its fault and return its folder."""
    fault, folder = FAULTS[name], work / f"{name}-{seed}"
    if (folder / "done").exists():
        return folder
    rng = np.random.default_rng([seed, 99])
    images, val = int(rng.integers(56, 76)), int(rng.integers(50, 56))
    epochs, size = int(rng.integers(26, 34)), int(rng.choice([96, 128]))
    source = data or write_shapes(work / f"shapes-{seed}", seed=seed, train=images, val=val)
    dataset = fault.data(_keep("val", val)(_keep("train", images)(split_dataset(open_dataset(source)))))
    recipe, reasons = derive_recipe(dataset, Dial(epochs=epochs, image_size=size, seed=seed), look_at_machine())
    recipe = fault.recipe(replace(recipe, resamples=50))
    run = make_run_folder(folder, work, name)
    run.write_recipe(dataset, recipe, reasons, {})
    cut = None if fault.interrupted_at is None else int(fault.interrupted_at * epochs)
    for after in [cut, None] if cut else [None]:
        stop = StopRequest()
        training = Training(dataset, recipe, run, work / "cache", Quiet(stop, after), 2_000_000_000, stop)
        with _only_the_journal(with_checkpoint=cut is not None), _nan_from_epoch(fault.nan_after):
            try:
                training()
            except TrainingFailed as error:
                print(f"{name} {seed}: {error}", file=sys.stderr)
        if after and fault.forgets_optimizer:
            _forget_optimizer(run.checkpoint)
    run.checkpoint.unlink(missing_ok=True)
    (folder / "done").touch()
    return folder


@contextmanager
def _only_the_journal(*, with_checkpoint: bool) -> Iterator[None]:
    """Leave out what a training writes beside its journal: a third of the time of runs as small as these."""
    with (
        mock.patch.object(loop, "write_graph"),
        mock.patch.object(Training, "_save_weights"),
        mock.patch.object(loop, "save_checkpoint", loop.save_checkpoint if with_checkpoint else mock.DEFAULT),
    ):
        yield


@contextmanager
def _nan_from_epoch(epoch: int | None) -> Iterator[None]:
    """Weights become NaN at an epoch, as a broken half-precision step would make them."""
    kept = Training._train_epoch

    def train_epoch(training: Training, at: int, started: float) -> dict[str, float]:
        if at == epoch:
            next(training.state.net.parameters()).data.fill_(float("nan"))
        return kept(training, at, started)

    with mock.patch.object(Training, "_train_epoch", train_epoch):
        yield


def _forget_optimizer(checkpoint: Path) -> None:
    """Take momentum and the like out of a checkpoint, as one that holds weights alone."""
    content = torch.load(checkpoint, weights_only=True)
    for saved in content["optimizers"]:
        saved["state"] = {}
    torch.save(content, checkpoint)


@dataclass
class Score:
    """How often a fault was named, and by which words; of healthy runs, how often one was alarmed."""

    named: int = 0
    runs: int = 0
    words: dict[str, int] | None = None
    verdicts: dict[str, int] | None = None

    def add(self, verdict: str, found: set[str]) -> None:
        """Count one run."""
        self.runs, self.named = self.runs + 1, self.named + bool(found)
        self.words, self.verdicts = self.words or {}, self.verdicts or {}
        for word in found:
            self.words[word] = self.words.get(word, 0) + 1
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1


def wilson(hits: int, of: int) -> str:
    """The 95 % interval of a share (Wilson 1927, JASA 22:209), in percent."""
    z = statistics.NormalDist().inv_cdf(0.975)
    centre, spread = hits + z * z / 2, z * math.sqrt(hits * (of - hits) / of + z * z / 4)
    low, high = max(0.0, (centre - spread) / (of + z * z)), min(1.0, (centre + spread) / (of + z * z))
    return f"{100 * low:.0f}–{100 * high:.0f} %"


def score_run(name: str, folder: Path) -> tuple[str, set[str], set[str]]:
    """(verdict, all findings, those that name the fault; of a healthy run those that are false alarms)."""
    reading = read_graph(read_run(folder))
    words = {reading.verdict, *(finding.id for finding in reading.findings)}
    return reading.verdict, words - {reading.verdict}, words & (FAULTS[name].words or ALARMS)


def main() -> None:
    """Train what is not trained yet, read each run, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--healthy", type=int, default=15, help="how many healthy runs, each third one resumed")
    parser.add_argument("--faults", nargs="+", default=list(FAULTS), choices=list(FAULTS))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "epochal-faults")
    parser.add_argument("--data", type=Path, help="a dataset to train on instead of drawn shapes")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    healthy = [("healthy_resumed" if at % 3 == 2 else "healthy", at) for at in range(given.healthy)]
    runs = [(name, seed) for seed in given.seeds for name in FAULTS if not name.startswith("healthy")]
    runs = [(name, seed) for name, seed in healthy + runs if name in given.faults]
    scores: dict[tuple[bool, str], Score] = {}
    for name, seed in runs:
        verdict, others, found = score_run(name, train(name, seed, given.work, given.data))
        scores.setdefault((seed in TUNED_SEEDS, name), Score()).add(verdict, found)
        said = {"run": f"{name} {seed}", "verdict": verdict, "named": sorted(found), "others": sorted(others - found)}
        print(json.dumps(said), file=sys.stderr, flush=True)
    for tuned in (True, False):
        print_table(f"seeds {'that' if tuned else 'unseen when'} the rules were made", scores, tuned=tuned)


def print_table(title: str, scores: dict[tuple[bool, str], Score], *, tuned: bool) -> None:
    """One table, and its sums with their intervals."""
    rows = {name: score for (flag, name), score in scores.items() if flag is tuned}
    if not rows:
        return
    print(f"\n{title}\n\n| fault | verdicts | named by | named |\n|---|---|---|---|")
    for name, score in rows.items():
        verdicts, words = (", ".join(f"{k} ({n})" for k, n in sorted((t or {}).items(), key=lambda e: -e[1]))
                           for t in (score.verdicts, score.words))  # fmt: skip
        print(f"| {FAULTS[name].title} | {verdicts} | {words or '–'} | {score.named} of {score.runs} |")
    for is_healthy, what in ((False, "faults named"), (True, "healthy runs with a false alarm")):
        chosen = [score for name, score in rows.items() if name.startswith("healthy") is is_healthy]
        hits, of = sum(score.named for score in chosen), sum(score.runs for score in chosen)
        if of:
            print(f"\n{hits} of {of} {what} ({wilson(hits, of)}).")


if __name__ == "__main__":
    main()
