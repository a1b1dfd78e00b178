"""A picture with its boxes, and how boxes move when their pixels do."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

Pixels = PillowImage.Image
Boxes = NDArray[np.float32]
Matrix = NDArray[np.float64]

VISIBLE_MIN = 0.2  # of a box's area; a box of which less stays in the frame is dropped
SIDE_MIN_PX = 1.0  # of what stays of a box that was cut


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels and the boxes on them.

    Attributes:
        pixels: mode RGB.
        boxes_xyxy: (N, 4) float32, pixels, inside the frame.
        class_id: (N,) int64.
        is_crowd: (N,) bool.
    """

    pixels: Pixels
    boxes_xyxy: Boxes
    class_id: NDArray[np.int64]
    is_crowd: NDArray[np.bool_]

    def with_boxes(self, pixels: Pixels, moved: NDArray[np.float64]) -> "Picture":
        """New pixels, and the boxes moved onto them: cut to the frame, small rests dropped."""
        cut, kept = cut_boxes(moved, pixels.size)
        return Picture(pixels, cut[kept], self.class_id[kept], self.is_crowd[kept])

    def repainted(self, pixels: Pixels) -> "Picture":
        """Other pixels under the same boxes."""
        return replace(self, pixels=pixels)


def cut_boxes(boxes_xyxy: NDArray[np.float64], frame_wh: tuple[int, int]) -> tuple[Boxes, NDArray[np.bool_]]:
    """Cut boxes to a frame.

    Args:
        boxes_xyxy: (N, 4) float64, pixels; may lie outside the frame.
        frame_wh: width and height in pixels.

    Returns:
        (N, 4) float32, the cut boxes; (N,) bool, those to keep: untouched ones, and cut ones of which at least
        `VISIBLE_MIN` of the area and `SIDE_MIN_PX` of each side is left.
    """
    boxes = np.asarray(boxes_xyxy, np.float64).reshape(-1, 4)
    cut = np.clip(boxes, 0, np.array([*frame_wh, *frame_wh], np.float64))
    sides, before = cut[:, 2:] - cut[:, :2], boxes[:, 2:] - boxes[:, :2]
    share = sides.prod(axis=1) / np.maximum(before.prod(axis=1), 1e-12)
    # 1e-6: a box that only a rounding error puts beyond the edge was not cut
    whole = (np.abs(cut - boxes) <= 1e-6 * max(frame_wh)).all(axis=1) & (sides > 0).all(axis=1)
    return cut.astype(np.float32), whole | ((share >= VISIBLE_MIN) & (sides >= SIDE_MIN_PX).all(axis=1))


def move_boxes(boxes_xyxy: Boxes, matrix: Matrix) -> NDArray[np.float64]:
    """The bounding boxes of transformed rectangles.

    Args:
        boxes_xyxy: (N, 4), pixels.
        matrix: (3, 3), takes a column (x, y, 1) of the old picture to the new one.

    Returns:
        (N, 4) float64, pixels of the new picture; may lie outside of it.
    """
    boxes = np.asarray(boxes_xyxy, np.float64).reshape(-1, 4)
    x, y = boxes[:, [0, 2, 2, 0]], boxes[:, [1, 1, 3, 3]]
    new_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    new_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    corners = [new_x.min(axis=1), new_y.min(axis=1), new_x.max(axis=1), new_y.max(axis=1)]
    return np.stack(corners, axis=1) if len(boxes) else np.zeros((0, 4))


def scale_matrix(x: float, y: float) -> Matrix:
    """Scale about the corner at the top left."""
    return np.array([[x, 0, 0], [0, y, 0], [0, 0, 1]], np.float64)


def shift_matrix(x_px: float, y_px: float) -> Matrix:
    """Move right and down."""
    return np.array([[1, 0, x_px], [0, 1, y_px], [0, 0, 1]], np.float64)
