"""`Detections`: what a detector says about one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes


@dataclass(frozen=True)
class Detections:
    """The boxes that a detector found on one image, by falling confidence.

    Attributes:
        boxes_xyxy: (N, 4) float32, pixels of the image as displayed.
        confidence: (N,) float32, 0–1.
        class_id: (N,) int64, 0-based.
    """

    boxes_xyxy: Boxes
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.confidence)
        if self.boxes_xyxy.shape != (n, 4) or self.class_id.shape != (n,):
            raise ValueError(
                f"Detections need boxes (N, 4), confidence (N,), class_id (N,); got {self.boxes_xyxy.shape}, "
                f"{self.confidence.shape}, {self.class_id.shape}."
            )

    def __len__(self) -> int:
        return len(self.confidence)

    @classmethod
    def empty(cls) -> "Detections":
        """No box at all."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))

    def above(self, confidence: float) -> "Detections":
        """Those with at least this confidence."""
        keep = self.confidence >= confidence
        return Detections(self.boxes_xyxy[keep], self.confidence[keep], self.class_id[keep])
