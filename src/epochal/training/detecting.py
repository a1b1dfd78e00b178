"""What a weights file finds on the images of a dataset, for `epochal evaluate`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epochal.boxes import Detections
from epochal.config import count_threads
from epochal.datasets import Image
from epochal.detectors.weights import Weights, for_classes
from epochal.training.ending import detect_split
from epochal.training.precision import prepare_process
from epochal.training.run import Progress


@dataclass(frozen=True)
class _Follower:
    """A listener that passes on how many images are done."""

    on_image: Callable[[int, int], None]

    def say(self, sentence: str) -> None:
        """Nothing is said by a mere evaluation."""

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        if progress.steps:
            self.on_image(progress.step, progress.steps)

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        """There are no epochs here."""


def detect_with_weights(
    weights: Weights,
    images: Sequence[Image],
    class_names: Sequence[str],
    *,
    cache: Path,
    cache_max_bytes: int,
    on_image: Callable[[int, int], None] = lambda done, total: None,
) -> list[Detections]:
    """Find all boxes with a confidence of at least 0.001, at most 300 an image; one entry per image.

    Args:
        weights: loaded.
        images: of a dataset.
        class_names: of that dataset; class ids of the result are its own, matched by name.
        cache: the folder of decoded images, see `training.cache`.
        cache_max_bytes: see `training.cache`.
        on_image: called with (images done, images in all).
    """
    prepare_process(count_threads())
    return detect_split(for_classes(weights, class_names), images, cache, cache_max_bytes, _Follower(on_image))
