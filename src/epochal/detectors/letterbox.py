"""Fit an image into a net's canvas, and bring boxes there and back. No torch: training and deploying share it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from epochal.boxes import clip_boxes
from epochal.boxes.forms import Boxes
from epochal.datasets.pictures import scale

PAD_VALUE = 114  # a middle grey, so that the border is no strong edge


@dataclass(frozen=True)
class Placement:
    """Where an image lies in a canvas: canvas = image × (scale_x, scale_y) + (left, top), in pixels.

    The two scales differ by the rounding of the scaled size to whole pixels alone.
    """

    image_wh: tuple[int, int]
    scaled_wh: tuple[int, int]
    left: int
    top: int

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Canvas pixels per image pixel."""
        return self.scaled_wh[0] / self.image_wh[0], self.scaled_wh[1] / self.image_wh[1]

    def to_canvas(self, boxes_xyxy: Boxes) -> Boxes:
        """(N, 4) boxes of the image to boxes of the canvas."""
        return (boxes_xyxy * self._scale() + self._shift()).astype(np.float32)

    def to_image(self, boxes_xyxy: Boxes) -> Boxes:
        """(N, 4) boxes of the canvas to boxes of the image, clipped to it."""
        return clip_boxes((boxes_xyxy - self._shift()) / self._scale(), self.image_wh)

    def _scale(self) -> NDArray[np.float64]:
        return np.array(self.scale_xy * 2, np.float64)

    def _shift(self) -> NDArray[np.float64]:
        return np.array([self.left, self.top] * 2, np.float64)


def place(image_wh: tuple[int, int], canvas_wh: tuple[int, int]) -> Placement:
    """Scale an image to the largest size that fits the canvas, and centre it there."""
    scale = min(canvas_wh[0] / image_wh[0], canvas_wh[1] / image_wh[1])
    width = max(1, min(canvas_wh[0], round(image_wh[0] * scale)))
    height = max(1, min(canvas_wh[1], round(image_wh[1] * scale)))
    return Placement(image_wh, (width, height), (canvas_wh[0] - width) // 2, (canvas_wh[1] - height) // 2)


def make_canvas(placement: Placement, canvas_wh: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give a grey (H, W, 3) uint8 canvas, and the part of it where the image goes."""
    canvas = np.full((canvas_wh[1], canvas_wh[0], 3), PAD_VALUE, np.uint8)
    (width, height), left, top = placement.scaled_wh, placement.left, placement.top
    return canvas, canvas[top : top + height, left : left + width]


def draw_on_canvas(image: Image.Image, placement: Placement, canvas_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """Give the (H, W, 3) uint8 RGB canvas with the image at its place and grey around it.

    `image` may already be a reduced decoding of the original that `placement` speaks of.
    """
    canvas, part = make_canvas(placement, canvas_wh)
    part[...] = np.asarray(scale(image.convert("RGB"), placement.scaled_wh))
    return canvas
