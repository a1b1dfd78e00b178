"""Go on from own weights: does mAP fall below the start's, and is the end better than as many epochs from nothing?

    python benchmarks/fine_tuning.py [--data ../shared] [--sets bccd_voc raccoon_voc_csv] [--seeds 0 1]

For each set and seed: BASE epochs from scratch on five of six train images; from its best weights MORE epochs on the
same images, and on all (as after a round of active learning); MORE epochs from scratch on all. mAP_0.5:0.95 of every
epoch on all images that are not trained on. 160 px, one compute thread, about 2 CPU-minutes for a set and seed.
"""

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from epochal.datasets import Dataset
from epochal.training.announcing import StopRequest
from epochal.training.loop import Training
from epochal.training.recipe import Dial
from epochal.training.run import Progress
from epochal.training.session import begin

EPOCHS = {"bccd_voc": (10, 8), "raccoon_voc_csv": (20, 10)}  # BASE, MORE
MAP = "metrics/mAP_0.5:0.95"
RESAMPLES = 2  # intervals are not looked at


class Curve:
    """A listener that keeps mAP."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def say(self, sentence: str) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        self.values.append(series.get(MAP, 0.0))


def split_anew(dataset: Dataset, *, all_images: bool) -> Dataset:
    """All that is not trained on in val; of train each sixth image left out, unless all are wanted."""
    train = [image.name for image in dataset.of_split("train")]
    left_out = set() if all_images else set(train[5::6])
    images = (i if i.split == "train" else replace(i, split="val") for i in dataset.images if i.labelled)
    return replace(dataset, images=tuple(image for image in images if image.name not in left_out))


def train(path: Path, out: Path, epochs: int, seed: int, *, start: Path | None, all_images: bool) -> list[float]:
    """Train without the last evaluation; mAP of each epoch."""
    dial = Dial(epochs=epochs, image_size=160, seed=seed, start_from=None if start is None else str(start))
    session = begin(path, dial, out=out, data_dir=out.parent)
    dataset, recipe = split_anew(session.dataset, all_images=all_images), replace(session.recipe, resamples=RESAMPLES)
    curve = Curve()
    Training(dataset, recipe, session.run, out.parent / "cache", curve, 10**10, StopRequest())()
    session.run.release()
    return curve.values


def tell(title: str, values: list[float], start: float | None = None) -> None:
    dip = "" if start is None else f"  deepest below the start {max(start - value for value in values):.3f}"
    print(f"{title:26}", " ".join(f"{value:.2f}" for value in values), dip, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("EPOCHAL_TEST_DATA", "../shared")))
    parser.add_argument("--sets", nargs="+", choices=EPOCHS, default=list(EPOCHS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in options.sets:
        path, (base, more) = options.data / "datasets" / name, EPOCHS[name]
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                work = Path(folder)
                first = train(path, work / "base", base, seed, start=None, all_images=False)
                best, top = work / "base/weights/best.pt", max(first)
                tell(f"{name} {seed} base", first)
                for title, start, all_images in (
                    ("from it, same images", best, False),
                    ("from it, a fifth more", best, True),
                    ("from scratch, all images", None, True),
                ):
                    values = train(path, work / title, more, seed + 100, start=start, all_images=all_images)
                    tell(f"  {title}", values, top if start else None)


if __name__ == "__main__":
    main()
