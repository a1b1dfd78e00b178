"""OpenCV, set so that the same input gives the same pixels on any machine.

Its own affine warp rounds otherwise where the processor has fused multiply-add, so warps go through `remap` with
positions in whole 32nds of a pixel, which is integers throughout; so is its Gaussian blur of 8-bit pixels.
"""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint8]
Positions = NDArray[np.int32]

SIDE_MAX_PX = 10_000  # `remap` holds positions in 16 bits; what turns out of the frame must still fit
_STEP_BITS, _SLOPE_BITS, _BAND_ROWS = 5, 10, 32
_REST, _HALF_STEP = (1 << _STEP_BITS) - 1, 1 << (_SLOPE_BITS - _STEP_BITS - 1)


@functools.cache
def load_opencv() -> Any:
    """The module `cv2`. Imported late, because only those who make versions have it.

    Raises:
        ModuleNotFoundError: it is not installed; the command line names the extra then.
    """
    import cv2

    cv2.setNumThreads(0)  # versions are made by threads of our own
    if hasattr(cv2, "ipp"):
        cv2.ipp.setUseIPP(False)  # chooses its sums by the processor
    return cv2


def warp(pixels: Array, back: NDArray[np.float64], frame_wh: tuple[int, int]) -> Array:
    """Move pixels by an affine map, interpolated linearly; black where there were none.

    Args:
        pixels: (H, W, 3), no side longer than `SIDE_MAX_PX`.
        back: (2, 3), takes a point (x, y, 1) of the new frame to the old picture; pixel centres are at halves.
        frame_wh: of the result.
    """
    cv2 = load_opencv()
    width, height = frame_wh
    moved = np.empty((height, width, *pixels.shape[2:]), np.uint8)
    across = [_along(row[0], np.arange(0.5, width)) for row in back]
    down = [_along(row[1], np.arange(0.5, height), row[2] - 0.5) + _HALF_STEP for row in back]
    for start in range(0, height, _BAND_ROWS):  # positions of one band fit into a processor's cache
        x, y = (np.add.outer(d[start : start + _BAND_ROWS], a) for d, a in zip(down, across, strict=True))
        x >>= _SLOPE_BITS - _STEP_BITS
        y >>= _SLOPE_BITS - _STEP_BITS
        whole = np.empty((*x.shape, 2), np.int16)
        np.right_shift(x, _STEP_BITS, out=whole[..., 0], casting="unsafe")
        np.right_shift(y, _STEP_BITS, out=whole[..., 1], casting="unsafe")
        x &= _REST
        y &= _REST
        y <<= _STEP_BITS
        y |= x
        band = moved[start : start + _BAND_ROWS]
        cv2.remap(pixels, whole, y.astype(np.uint16), cv2.INTER_LINEAR, dst=band, borderMode=cv2.BORDER_CONSTANT)
    return moved


def _along(slope: float, at: NDArray[np.float64], shift: float = 0.0) -> Positions:
    """Positions along a line, in 1024ths of a pixel."""
    found: Positions = np.rint((slope * at + shift) * (1 << _SLOPE_BITS)).astype(np.int32)
    return found
