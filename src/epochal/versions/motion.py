"""Random movements of a picture, composed into one matrix so that its pixels are resampled once.

Angles turn clockwise as seen on the screen (x right, y down). What was not in the picture is black.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import Image as PillowImage

from epochal.versions.opencv import SIDE_MAX_PX, Array, warp
from epochal.versions.picture import Matrix, scale_matrix, shift_matrix

Wh = tuple[int, int]
_QUARTERS = {"clockwise": 1, "counter-clockwise": 3, "upside-down": 2}
_DIGITS = 12  # sine and cosine differ in the last digit between machines; what is drawn with them must not


def draw_matrix(steps: Mapping[str, Any], wh: Wh, random: Generator, prefix: str = "") -> tuple[Matrix, Wh]:
    """Draw flip, 90° turn, crop, rotation and shear.

    Args:
        steps: of augmentation; those whose names begin with `prefix` count.
        wh: width and height of the picture.
        random: asked only for the steps that are there.
        prefix: "bb" for those of boxes.

    Returns:
        The (3, 3) matrix from the picture to its new frame, and that frame's width and height: swapped by a quarter
        turn, else as before.
    """
    matrix: Matrix = np.eye(3)
    if flip := steps.get(f"{prefix}flip"):
        for axis, name in enumerate(("horizontal", "vertical")):
            if flip[name] and random.random() < 0.5:
                matrix = mirror_matrix(axis, wh) @ matrix
    if ninety := steps.get(f"{prefix}ninety"):
        turns = [
            0,
            *(t for t, name in ((1, "clockwise"), (3, "counter-clockwise"), (2, "upside-down")) if ninety[name]),
        ]
        turn = turns[int(random.integers(len(turns)))]
        matrix = quarter_matrix(turn, wh) @ matrix
        wh = wh[::-1] if turn % 2 else wh
    if crop := steps.get(f"{prefix}crop"):
        matrix = _draw_zoom(crop["min"], crop["max"], wh, random) @ matrix
    if rotate := steps.get(f"{prefix}rotate"):
        matrix = rotation_matrix(random.uniform(-rotate["degrees"], rotate["degrees"]), wh) @ matrix
    if shear := steps.get(f"{prefix}shear"):
        across = random.uniform(-shear["horizontal"], shear["horizontal"])
        down = random.uniform(-shear["vertical"], shear["vertical"])
        matrix = shear_matrix(across, down, wh) @ matrix
    return matrix, wh


def mirror_matrix(axis: int, wh: Wh) -> Matrix:
    """Mirror left and right (axis 0) or up and down (axis 1)."""
    matrix: Matrix = np.eye(3)
    matrix[axis, axis], matrix[axis, 2] = -1, wh[axis]
    return matrix


def quarter_matrix(turns: int, wh: Wh) -> Matrix:
    """Turn clockwise by `turns` × 90°, 0 to 3, into a frame that fits."""
    width, height = wh
    return np.array(
        [
            [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            [[0, -1, height], [1, 0, 0], [0, 0, 1]],
            [[-1, 0, width], [0, -1, height], [0, 0, 1]],
            [[0, 1, 0], [-1, 0, width], [0, 0, 1]],
        ][turns],
        np.float64,
    )


def rotation_matrix(degrees: float, wh: Wh) -> Matrix:
    """Turn clockwise about the centre."""
    cos, sin = (round(f(math.radians(degrees)), _DIGITS) for f in (math.cos, math.sin))
    return _about_centre(np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], np.float64), wh)


def shear_matrix(across_degrees: float, down_degrees: float, wh: Wh) -> Matrix:
    """Slant sideways and downwards about the centre."""
    across, down = (round(math.tan(math.radians(d)), _DIGITS) for d in (across_degrees, down_degrees))
    return _about_centre(np.array([[1, across, 0], [down, 1, 0], [0, 0, 1]], np.float64), wh)


def _about_centre(matrix: Matrix, wh: Wh) -> Matrix:
    centre = shift_matrix(wh[0] / 2, wh[1] / 2)
    return centre @ matrix @ shift_matrix(-wh[0] / 2, -wh[1] / 2)


def _draw_zoom(low: float, high: float, wh: Wh, random: Generator) -> Matrix:
    """A window with `low` to `high` percent of each side cut away, somewhere in the frame, enlarged to the frame."""
    share = 1 - random.uniform(low, high) / 100
    left, top = (side * (1 - share) * random.random() for side in wh)
    return scale_matrix(1 / share, 1 / share) @ shift_matrix(-left, -top)


def move_pixels(pixels: Array, matrix: Matrix, frame_wh: Wh) -> Array:
    """Move (H, W) or (H, W, 3) pixels; black where there were none.

    Mirrors and quarter turns lose nothing, everything else is interpolated.
    """
    wh = pixels.shape[1], pixels.shape[0]
    exact = _exact_turn(wh, matrix)
    if exact is not None:
        turns, is_mirrored = exact
        mirrored = pixels[:, ::-1] if is_mirrored else pixels
        return np.ascontiguousarray(np.rot90(mirrored, -turns))
    back = np.linalg.inv(matrix)
    rounded = np.array([[round(float(v), _DIGITS) for v in row] for row in back[:2]])
    if max(*wh, *frame_wh) <= SIDE_MAX_PX:
        return warp(pixels, rounded, frame_wh)
    data = tuple(rounded.ravel().tolist())  # three times slower, but of any size
    affine, bilinear = PillowImage.Transform.AFFINE, PillowImage.Resampling.BILINEAR
    return np.asarray(PillowImage.fromarray(pixels).transform(frame_wh, affine, data, bilinear))


def _exact_turn(wh: Wh, matrix: Matrix) -> tuple[int, bool] | None:
    """The clockwise quarter turns, after a mirror or not, that a matrix is; None when it is more than that."""
    for turns in range(4):
        turn = quarter_matrix(turns, wh)
        if np.array_equal(matrix, turn):
            return turns, False
        if np.array_equal(matrix, turn @ mirror_matrix(0, wh)):
            return turns, True
    return None
