"""What every image of a version goes through: pure functions from a picture to a picture, or to several.

A step that has nothing to do gives back the very object that it was given; so it is known which files are unchanged.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps

from epochal.versions.contrast import CONTRASTS
from epochal.versions.picture import Picture, move_boxes, scale_matrix, shift_matrix

_BILINEAR = PillowImage.Resampling.BILINEAR
_EDGES = {"Fit (black edges) in": (0, 0, 0), "Fit (white edges) in": (255, 255, 255)}


def preprocess(picture: Picture, steps: Mapping[str, Any]) -> list[Picture]:
    """All steps, in this order: isolate, static crop, tile, resize, grayscale, contrast.

    Args:
        picture: upright, its classes as wanted already.
        steps: as `VersionSettings.preprocessing`.

    Returns:
        One picture; several with tiles; with `isolate` one for each box, so perhaps none.
    """
    pictures = isolate(picture) if "isolate" in steps else [picture]
    if "static-crop" in steps:
        pictures = [crop_static(p, **steps["static-crop"]) for p in pictures]
    if "tile" in steps:
        pictures = [part for p in pictures for part in tile(p, **steps["tile"])]
    if "resize" in steps:
        resizing = steps["resize"]
        pictures = [resize(p, (resizing["width"], resizing["height"]), resizing["format"]) for p in pictures]
    if "grayscale" in steps:
        pictures = [p.repainted(p.pixels.convert("L").convert("RGB")) for p in pictures]
    if "contrast" in steps:
        stretch = CONTRASTS[steps["contrast"]["type"]]
        pictures = [p.repainted(stretch(p.pixels)) for p in pictures]
    return pictures


def crop_to(picture: Picture, window_xyxy: tuple[int, int, int, int]) -> Picture:
    """The part of a picture in a window of whole pixels."""
    if window_xyxy == (0, 0, *picture.pixels.size):
        return picture
    moved = move_boxes(picture.boxes_xyxy, shift_matrix(-window_xyxy[0], -window_xyxy[1]))
    return picture.with_boxes(picture.pixels.crop(window_xyxy), moved)


def crop_static(picture: Picture, x_min: float, x_max: float, y_min: float, y_max: float) -> Picture:
    """The part between percents of width and height, rounded to whole pixels and at least one wide."""
    (left, right), (top, bottom) = (
        _span(side, low, high)
        for side, low, high in zip(picture.pixels.size, (x_min, y_min), (x_max, y_max), strict=True)
    )
    return crop_to(picture, (left, top, right, bottom))


def _span(side: int, low: float, high: float) -> tuple[int, int]:
    start = min(side - 1, round(side * low / 100))
    return start, max(start + 1, round(side * high / 100))


def tile(picture: Picture, rows: int, columns: int) -> list[Picture]:
    """Rows × columns parts that cover the picture without overlap, row by row; boxes are cut at the seams."""
    width, height = picture.pixels.size
    xs = [round(width * i / columns) for i in range(columns + 1)]
    ys = [round(height * i / rows) for i in range(rows + 1)]
    windows = [(xs[c], ys[r], xs[c + 1], ys[r + 1]) for r in range(rows) for c in range(columns)]
    return [crop_to(picture, window) for window in windows if window[0] < window[2] and window[1] < window[3]]


def isolate(picture: Picture) -> list[Picture]:
    """One picture for each box, cut out to whole pixels, with that box alone; crowds are passed over."""
    parts = []
    for i in np.flatnonzero(~picture.is_crowd).tolist():
        box = picture.boxes_xyxy[i]
        left, top = (int(v) for v in np.floor(box[:2]))
        right, bottom = (int(v) for v in np.ceil(box[2:]))
        alone = Picture(picture.pixels, box[None], picture.class_id[i : i + 1], picture.is_crowd[i : i + 1])
        parts.append(crop_to(alone, (left, top, right, bottom)))
    return parts


def resize(picture: Picture, wanted_wh: tuple[int, int], how: str) -> Picture:
    """Bring a picture to a size.

    Args:
        picture: any size.
        wanted_wh: width and height in pixels.
        how: one of `RESIZE_FORMATS`. "Fit within" keeps the shape and may end smaller than wanted on one side; the
            others end at the wanted size. What is mirrored into the edges has no boxes.
    """
    size = picture.pixels.size
    if size == wanted_wh:
        return picture
    if how == "Stretch to":
        return _scale_to(picture, wanted_wh)
    ratios = [wanted / side for wanted, side in zip(wanted_wh, size, strict=True)]
    if how == "Fill (with center crop) in":
        return _fill(picture, wanted_wh, max(ratios))
    inner = (max(1, round(size[0] * min(ratios))), max(1, round(size[1] * min(ratios))))
    scaled = picture if inner == size else _scale_to(picture, inner)
    return scaled if how == "Fit within" or inner == wanted_wh else _pad(scaled, wanted_wh, how)


def _scale_to(picture: Picture, wh: tuple[int, int]) -> Picture:
    width, height = picture.pixels.size
    moved = move_boxes(picture.boxes_xyxy, scale_matrix(wh[0] / width, wh[1] / height))
    return picture.with_boxes(picture.pixels.resize(wh, _BILINEAR), moved)


def _fill(picture: Picture, wh: tuple[int, int], ratio: float) -> Picture:
    width, height = picture.pixels.size
    seen_w, seen_h = wh[0] / ratio, wh[1] / ratio
    left, top = max(0.0, (width - seen_w) / 2), max(0.0, (height - seen_h) / 2)
    window = (left, top, min(width, left + seen_w), min(height, top + seen_h))
    moved = move_boxes(picture.boxes_xyxy, scale_matrix(ratio, ratio) @ shift_matrix(-left, -top))
    return picture.with_boxes(picture.pixels.resize(wh, _BILINEAR, box=window), moved)


def _pad(picture: Picture, wh: tuple[int, int], how: str) -> Picture:
    width, height = picture.pixels.size
    left, top = (wh[0] - width) // 2, (wh[1] - height) // 2
    right, bottom = wh[0] - width - left, wh[1] - height - top
    if how in _EDGES:
        pixels = ImageOps.expand(picture.pixels, (left, top, right, bottom), _EDGES[how])
    else:
        mirrored = np.pad(np.asarray(picture.pixels), ((top, bottom), (left, right), (0, 0)), "symmetric")
        pixels = PillowImage.fromarray(mirrored)
    return picture.with_boxes(pixels, move_boxes(picture.boxes_xyxy, shift_matrix(left, top)))
