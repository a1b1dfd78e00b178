"""Augmentation of training images: mosaic, scale and crop, flip, colour.

Every step is a placement of source pixels on the canvas, so that boxes move exactly with their pixels. Random numbers
come from one generator per batch, seeded by (seed, epoch, step): a resumed epoch sees the same images.
Source of mosaic: YOLOv4, arXiv 2004.10934.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image as Pictures

from epochal.boxes.forms import Boxes
from epochal.detectors.letterbox import PAD_VALUE
from epochal.training.recipe import Recipe

SMALLEST_SIDE_PX = 2.0
SMALLEST_REST = 0.1  # of its area; a box of which less remains in view is dropped


@dataclass(frozen=True)
class Source:
    """One image to draw from.

    Attributes:
        pixels: (h, w, 3) uint8, the image at training size without border.
        boxes_xyxy: (N, 4), its pixels.
        class_id: (N,).
    """

    pixels: NDArray[np.uint8]
    boxes_xyxy: Boxes
    class_id: NDArray[np.int64]


@dataclass(frozen=True)
class Region:
    """A rectangle of the canvas, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int


def draw_plain(canvas: NDArray[np.uint8], source: Source, recipe: Recipe, random: Generator) -> Source:
    """One image, scaled and placed at random."""
    height, width = canvas.shape[:2]
    return _draw_in(canvas, Region(0, 0, width, height), source, _draw_scale(recipe, random), random)


def draw_mosaic(canvas: NDArray[np.uint8], sources: list[Source], recipe: Recipe, random: Generator) -> Source:
    """Four images around a random centre, each scaled and cropped at random."""
    height, width = canvas.shape[:2]
    x, y = int(random.uniform(0.3, 0.7) * width), int(random.uniform(0.3, 0.7) * height)
    regions = (
        Region(0, 0, x, y),
        Region(x, 0, width, y),
        Region(0, y, x, height),
        Region(x, y, width, height),
    )
    drawn = [
        _draw_in(canvas, region, source, _draw_scale(recipe, random), random)
        for region, source in zip(regions, sources, strict=True)
    ]
    return Source(canvas, np.concatenate([d.boxes_xyxy for d in drawn]), np.concatenate([d.class_id for d in drawn]))


def flip(drawn: Source) -> Source:
    """Mirror left and right."""
    width = drawn.pixels.shape[1]
    boxes = drawn.boxes_xyxy.copy()
    boxes[:, [0, 2]] = width - drawn.boxes_xyxy[:, [2, 0]]
    return Source(drawn.pixels[:, ::-1], boxes, drawn.class_id)


def draw_colour_matrix(recipe: Recipe, random: Generator) -> NDArray[np.float32]:
    """A random change of hue, saturation and brightness as one (3, 3) matrix on RGB columns.

    Hue turns the colour around the grey axis (Rodrigues' formula), saturation scales its distance from grey, value
    scales all.
    """
    angle = random.uniform(-recipe.hue, recipe.hue) * 2 * np.pi
    saturation = 1 + random.uniform(-recipe.saturation, recipe.saturation)
    value = 1 + random.uniform(-recipe.value, recipe.value)
    grey = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * grey
    luma = np.tile(np.array([0.299, 0.587, 0.114]), (3, 1))
    matrix: NDArray[np.float32] = (value * (luma + saturation * (np.eye(3) - luma)) @ turn).astype(np.float32)
    return matrix


def _draw_scale(recipe: Recipe, random: Generator) -> float:
    return float(random.uniform(1 - recipe.scale, 1 + recipe.scale))


def _draw_in(canvas: NDArray[np.uint8], region: Region, source: Source, scale: float, random: Generator) -> Source:
    """Fill a region with the source at a scale; where it is smaller than the region, grey stays around it."""
    left, x_from, x_to = _fit(region.right - region.left, source.pixels.shape[1], scale, random)
    top, y_from, y_to = _fit(region.bottom - region.top, source.pixels.shape[0], scale, random)
    left, top = left + region.left, top + region.top
    width = max(1, min(region.right - left, round((x_to - x_from) * scale)))
    height = max(1, min(region.bottom - top, round((y_to - y_from) * scale)))
    picture = Pictures.fromarray(source.pixels).resize(
        (width, height), Pictures.Resampling.BILINEAR, box=(x_from, y_from, x_to, y_to)
    )
    canvas[top : top + height, left : left + width] = np.asarray(picture)
    stretch = np.array([width / (x_to - x_from), height / (y_to - y_from)] * 2)
    moved = (source.boxes_xyxy - np.array([x_from, y_from] * 2)) * stretch + np.array([left, top] * 2)
    boxes, keep = _cut(moved.astype(np.float32), Region(left, top, left + width, top + height))
    return Source(canvas, boxes, source.class_id[keep])


def _fit(room: int, length: int, scale: float, random: Generator) -> tuple[int, float, float]:
    """Along one axis: where in the room to begin (px), and which stretch of the source to show (px, from and to)."""
    share = random.uniform()
    if length * scale <= room:
        return int(share * (room - length * scale)), 0.0, float(length)
    shown = room / scale
    start = share * (length - shown)
    return 0, start, min(float(length), start + shown)


def _cut(boxes_xyxy: Boxes, region: Region) -> tuple[Boxes, NDArray[np.bool_]]:
    """Cut boxes at the region's edge; give the kept ones and which were kept."""
    low, high = [region.left, region.top] * 2, [region.right, region.bottom] * 2
    cut = np.clip(boxes_xyxy, np.array(low, np.float32), np.array(high, np.float32))
    wh, whole = cut[:, 2:] - cut[:, :2], boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    keep = (wh > SMALLEST_SIDE_PX).all(1) & (wh.prod(1) > SMALLEST_REST * whole.prod(1))
    return cut[keep], keep


def blank_canvas(canvas_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of grey."""
    return np.full((canvas_wh[1], canvas_wh[0], 3), PAD_VALUE, np.uint8)
