"""Random variations of a picture of train: mosaic, box level, movement, colour, cutout, in this order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import Image as PillowImage
from PIL import ImageDraw

from epochal.versions.motion import draw_matrix, move_pixels
from epochal.versions.painting import paint
from epochal.versions.picture import VISIBLE_MIN, Picture, move_boxes, scale_matrix, shift_matrix

MOSAIC_CHANCE = 0.5
MOSAIC_SIZE = 4  # the picture itself and three others
_BOX_PIXEL_STEPS = {"bbbrightness", "bbexposure", "bbblur", "bbnoise"}
_BOX_MOTION_STEPS = {"bbflip", "bbninety", "bbcrop", "bbrotate", "bbshear"}


def augment(picture: Picture, others: Sequence[Picture], steps: Mapping[str, Any], random: Generator) -> Picture:
    """One random variation.

    Args:
        picture: preprocessed.
        others: three more pictures for a mosaic; empty: no mosaic.
        steps: as `VersionSettings.augmentation`.
        random: decides everything, so that the same state gives the same picture.
    """
    if others:
        picture = mosaic([picture, *others], random)
    if steps.keys() & (_BOX_PIXEL_STEPS | _BOX_MOTION_STEPS):
        picture = _vary_boxes(picture, steps, random)
    matrix, frame_wh = draw_matrix(steps, picture.pixels.size, random)
    pixels = paint(move_pixels(np.asarray(picture.pixels), matrix, frame_wh), steps, random)
    picture = picture.with_boxes(PillowImage.fromarray(pixels), move_boxes(picture.boxes_xyxy, matrix))
    if cutout := steps.get("cutout"):
        picture = cut_out(picture, cutout["count"], cutout["percent"], random)
    return picture


def mosaic(pictures: Sequence[Picture], random: Generator) -> Picture:
    """Four pictures around a random centre, in the frame of the first; each shows the part nearest the centre.

    Source of the idea: YOLOv4, arXiv 2004.10934.
    """
    width, height = pictures[0].pixels.size
    x, y = (round(side * random.uniform(0.3, 0.7)) for side in (width, height))
    regions = ((0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height))
    canvas = PillowImage.new("RGB", (width, height))
    parts = []
    for picture, region in zip(pictures, regions, strict=True):
        region_wh = (region[2] - region[0], region[3] - region[1])
        if 0 in region_wh:
            continue
        part = _fit_part(picture, region_wh, (region[0] == 0, region[1] == 0))
        canvas.paste(part.pixels, region[:2])
        parts.append(replace(part, boxes_xyxy=part.boxes_xyxy + np.array(region[:2] * 2, np.float32)))
    return Picture(
        canvas,
        np.concatenate([part.boxes_xyxy for part in parts]),
        np.concatenate([part.class_id for part in parts]),
        np.concatenate([part.is_crowd for part in parts]),
    )


def _fit_part(picture: Picture, wh: tuple[int, int], at_end: tuple[bool, bool]) -> Picture:
    """Fill a region: enlarged only where the picture is too small; its right or lower end where `at_end`."""
    size = picture.pixels.size
    ratio = max(1.0, wh[0] / size[0], wh[1] / size[1])
    left, top = (max(0.0, s - w / ratio) if end else 0.0 for s, w, end in zip(size, wh, at_end, strict=True))
    window = (left, top, min(size[0], left + wh[0] / ratio), min(size[1], top + wh[1] / ratio))
    pixels = picture.pixels.resize(wh, PillowImage.Resampling.BILINEAR, box=window)
    matrix = scale_matrix(ratio, ratio) @ shift_matrix(-left, -top)
    return picture.with_boxes(pixels, move_boxes(picture.boxes_xyxy, matrix))


def _vary_boxes(picture: Picture, steps: Mapping[str, Any], random: Generator) -> Picture:
    """Vary what lies inside each box; the boxes stay."""
    pixels = np.array(picture.pixels)
    own = {name[2:]: value for name, value in steps.items() if name.startswith("bb")}
    for box in picture.boxes_xyxy[~picture.is_crowd].tolist():
        left, top, right, bottom = round(box[0]), round(box[1]), round(box[2]), round(box[3])
        width, height = right - left, bottom - top
        if width < 2 or height < 2:
            continue
        patch = pixels[top:bottom, left:right].copy()
        matrix, frame_wh = draw_matrix(own, (width, height), random)
        # A quarter turn of an oblong box is stretched back into it.
        matrix = scale_matrix(width / frame_wh[0], height / frame_wh[1]) @ matrix
        seen = move_pixels(np.full((height, width), 255, np.uint8), matrix, (width, height))
        moved = paint(move_pixels(patch, matrix, (width, height)), own, random)
        # rounded in whole numbers, so that it is the same everywhere
        mixed = moved.astype(np.uint32) * seen[..., None] + patch.astype(np.uint32) * (255 - seen[..., None])
        pixels[top:bottom, left:right] = (mixed + 127) // 255
    return picture.repainted(PillowImage.fromarray(pixels))


def cut_out(picture: Picture, count: int, percent: float, random: Generator) -> Picture:
    """Blacken squares with sides of `percent` of the shorter side; boxes stay, but those hidden almost whole."""
    pixels = picture.pixels.copy()
    width, height = pixels.size
    side = max(1, round(min(width, height) * percent / 100))
    hidden = np.zeros((height, width), np.bool_)
    pencil = ImageDraw.Draw(pixels)
    for _ in range(count):
        x, y = int(random.integers(0, width - side + 1)), int(random.integers(0, height - side + 1))
        pencil.rectangle((x, y, x + side - 1, y + side - 1), fill=(0, 0, 0))
        hidden[y : y + side, x : x + side] = True
    kept = np.array([_seen_share(box, hidden) >= VISIBLE_MIN for box in picture.boxes_xyxy], np.bool_)
    return Picture(pixels, picture.boxes_xyxy[kept], picture.class_id[kept], picture.is_crowd[kept])


def _seen_share(box: "np.ndarray[Any, np.dtype[np.float32]]", hidden: "np.ndarray[Any, np.dtype[np.bool_]]") -> float:
    """How much of a box is not hidden, counted in the whole pixels that it touches."""
    left, top = (int(v) for v in np.floor(box[:2]))
    right, bottom = (int(v) for v in np.ceil(box[2:]))
    return 1 - float(hidden[top:bottom, left:right].mean())
