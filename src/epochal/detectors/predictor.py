"""Images in, `Detections` out, whatever runtime computes the net. No torch: every runtime shares the same edges.

picture ─► letterbox ─► net with decoding (ONNX Runtime, torch, OpenVINO …) ─► selection ─► Detections
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from epochal.boxes import Detections
from epochal.boxes.forms import Boxes
from epochal.detectors.letterbox import Placement, draw_on_canvas, place
from epochal.detectors.selection import IOU_THRESHOLD, LIMIT, select_detections

CONFIDENCE = 0.25  # a box shown to a person; mAP needs far lower ones
BATCH_SIZE = 8


class Compute(Protocol):
    """A net with its decoding, in some runtime."""

    def __call__(self, images: NDArray[np.float32], /) -> tuple[Boxes, NDArray[np.float32]]:
        """(B, 3, H, W) in 0–1 to boxes (B, P, 4) in canvas pixels and scores (B, P, C) in 0–1."""


class Predictor:
    """A net that is ready for pictures of any size.

    Attributes:
        class_names: C names; index is the class_id.
        canvas_wh: what pictures are scaled into, pixels.
    """

    def __init__(self, compute: Compute, class_names: Sequence[str], canvas_wh: tuple[int, int]) -> None:
        self._compute = compute
        self.class_names = tuple(class_names)
        self.canvas_wh = canvas_wh

    def predict(
        self, picture: Image.Image, *, confidence: float = CONFIDENCE, iou_threshold: float = IOU_THRESHOLD,
        limit: int = LIMIT,
    ) -> Detections:  # fmt: skip
        """What is on one picture, in its pixels.

        Args:
            picture: upright, as `datasets.decode_image` gives it.
            confidence: lower boxes are dropped, 0–1.
            iou_threshold: of two boxes of a class that overlap by more, the less confident one is dropped, 0–1.
            limit: how many boxes are kept at most.
        """
        return self.predict_batch([picture], confidence=confidence, iou_threshold=iou_threshold, limit=limit)[0]

    def predict_batch(
        self, pictures: Sequence[Image.Image], *, confidence: float = CONFIDENCE,
        iou_threshold: float = IOU_THRESHOLD, limit: int = LIMIT,
    ) -> list[Detections]:  # fmt: skip
        """`predict` for several pictures, which may differ in size; the net computes up to 8 of them at once."""
        found: list[Detections] = []
        for some in _in_batches(pictures):
            placements = [place(picture.size, self.canvas_wh) for picture in some]
            canvases = [draw_on_canvas(p, at, self.canvas_wh) for p, at in zip(some, placements, strict=True)]
            found += self.predict_canvases(
                canvases, placements, confidence=confidence, iou_threshold=iou_threshold, limit=limit
            )
        return found

    def predict_canvases(
        self, canvases: Sequence[NDArray[np.uint8]], placements: Sequence[Placement], *, confidence: float,
        iou_threshold: float = IOU_THRESHOLD, limit: int = LIMIT,
    ) -> list[Detections]:  # fmt: skip
        """`predict` for pictures that are letterboxed already, all of them at once.

        Args:
            canvases: B arrays (H, W, 3) uint8 RGB of this predictor's canvas.
            placements: where each picture lies in its canvas.
            confidence: as in `predict`.
            iou_threshold: as in `predict`.
            limit: as in `predict`.
        """
        boxes, scores = self.compute(canvases)
        return [
            select_detections(b, s, at, confidence=confidence, iou_threshold=iou_threshold, limit=limit)
            for b, s, at in zip(boxes, scores, placements, strict=True)
        ]

    def compute(self, canvases: Sequence[NDArray[np.uint8]]) -> tuple[Boxes, NDArray[np.float32]]:
        """Boxes (B, P, 4) in canvas pixels and scores (B, P, C) of B canvases, nothing left out."""
        width, height = self.canvas_wh
        images = np.empty((len(canvases), 3, height, width), np.float32)
        for canvas, image in zip(canvases, images, strict=True):
            np.divide(canvas.transpose(2, 0, 1), np.float32(255), out=image)
        return self._compute(images)

    def for_classes(self, class_names: Sequence[str]) -> "Predictor":
        """The same net, answering with these classes: other ones are left out, a missing one is never found."""
        columns = [self.class_names.index(name) if name in self.class_names else -1 for name in class_names]
        known = np.array(columns) >= 0

        def compute(images: NDArray[np.float32], /) -> tuple[Boxes, NDArray[np.float32]]:
            boxes, scores = self._compute(images)
            return boxes, np.where(known, scores[..., columns], np.float32(0))

        return Predictor(compute, class_names, self.canvas_wh)


def _in_batches(pictures: Sequence[Image.Image]) -> Iterator[Sequence[Image.Image]]:
    for start in range(0, len(pictures), BATCH_SIZE):
        yield pictures[start : start + BATCH_SIZE]
