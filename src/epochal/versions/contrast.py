"""Three ways to stretch a picture's contrast; each works on lightness and leaves hue alone, more or less."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageOps

Pixels = PillowImage.Image

_GRID, _CLIP = 8, 0.01  # regions a side, and the share of a region's pixels that one grey level may hold


def stretch_contrast(pixels: Pixels) -> Pixels:
    """Scale each channel so that 2 % of its pixels are black and 2 % white."""
    return ImageOps.autocontrast(pixels, cutoff=2)


def equalize_histogram(pixels: Pixels) -> Pixels:
    """Give every grey level of the lightness an equal share of the pixels; colours keep their chroma."""
    lightness, *chroma = pixels.convert("YCbCr").split()
    return PillowImage.merge("YCbCr", (ImageOps.equalize(lightness), *chroma)).convert("RGB")


def equalize_adaptively(pixels: Pixels) -> Pixels:
    """Equalise the lightness by region, with limited contrast: CLAHE.

    8 × 8 regions; no grey level may count for more than 1 % of its region; between regions, their curves are
    interpolated.

    Source: Zuiderveld 1994, Contrast Limited Adaptive Histogram Equalization, Graphics Gems IV.
    """
    lightness, *chroma = pixels.convert("YCbCr").split()
    values = np.asarray(lightness)
    height, width = values.shape
    rows, columns = min(_GRID, height), min(_GRID, width)
    ys, xs = np.linspace(0, height, rows + 1).astype(int), np.linspace(0, width, columns + 1).astype(int)
    curves = np.array(
        [[_curve(values[ys[r] : ys[r + 1], xs[c] : xs[c + 1]]) for c in range(columns)] for r in range(rows)]
    )
    row, next_row, down = _between(height, rows)
    column, next_column, right = _between(width, columns)
    down, right = down[:, None], right[None]
    top = curves[row[:, None], column, values] * (1 - right) + curves[row[:, None], next_column, values] * right
    low = (
        curves[next_row[:, None], column, values] * (1 - right) + curves[next_row[:, None], next_column, values] * right
    )
    mixed = np.floor(top * (1 - down) + low * down + 0.5).astype(np.uint8)
    return PillowImage.merge("YCbCr", (PillowImage.fromarray(mixed), *chroma)).convert("RGB")


def _curve(region: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(256,) new levels of a region: its cumulative histogram, after what is above the limit was given to all."""
    histogram = np.bincount(region.ravel(), minlength=256).astype(np.float64)
    limit = max(1.0, _CLIP * region.size)
    excess = np.maximum(histogram - limit, 0).sum()
    spread = np.minimum(histogram, limit) + excess / 256
    curve: NDArray[np.float32] = (spread.cumsum() * (255 / region.size)).astype(np.float32)
    return curve


def _between(side: int, regions: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For each pixel along a side: the regions whose centres lie before and behind it, and how far it is between."""
    place = np.clip((np.arange(side) + 0.5) * regions / side - 0.5, 0, regions - 1)
    before = np.floor(place).astype(np.int64)
    return before, np.minimum(before + 1, regions - 1), (place - before).astype(np.float32)


CONTRASTS: dict[str, Callable[[Pixels], Pixels]] = {
    "Contrast Stretching": stretch_contrast,
    "Histogram Equalization": equalize_histogram,
    "Adaptive Equalization": equalize_adaptively,
}
