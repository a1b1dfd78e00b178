"""What a predictor finds on the images of a dataset, for evaluation."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.datasets import Image, decode_image
from epochal.detectors.letterbox import Placement, draw_on_canvas, place
from epochal.detectors.predictor import BATCH_SIZE, Predictor
from epochal.detectors.selection import LOWEST_CONFIDENCE


def detect_images(
    predictor: Predictor, images: Sequence[Image], on_image: Callable[[int, int], None] = lambda done, total: None
) -> list[Detections]:
    """Find all boxes with a confidence of at least 0.001, at most 300 an image; one entry per image.

    Pictures are decoded and scaled exactly as in training, so that an exported net is judged on the same pixels.

    Args:
        predictor: its class ids should be the dataset's, see `Predictor.for_classes`.
        images: of a dataset.
        on_image: called with (images done, images in all).

    Raises:
        DatasetError: an image cannot be decoded any more.
    """
    found: list[Detections] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for start in range(0, len(images), BATCH_SIZE):
            some = images[start : start + BATCH_SIZE]
            placements = [place(image.image_wh, predictor.canvas_wh) for image in some]
            canvases = list(pool.map(_draw, some, placements, [predictor.canvas_wh] * len(some)))
            found += predictor.predict_canvases(canvases, placements, confidence=LOWEST_CONFIDENCE)
            on_image(len(found), len(images))
    return found


def _draw(image: Image, at: Placement, canvas_wh: tuple[int, int]) -> NDArray[np.uint8]:
    return draw_on_canvas(decode_image(image.path, at_least_wh=at.scaled_wh), at, canvas_wh)
