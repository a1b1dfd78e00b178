"""Boxes on a copy of a picture. Run: pytest tests/deploy/test_drawing.py."""

from itertools import pairwise

import numpy as np
from PIL import Image

from epochal.boxes import Detections
from epochal.deploy import draw_detections
from epochal.deploy.drawing import colour_of_class

NAMES = ("cat", "dog")


def found(*rows: tuple[int, float, tuple[float, float, float, float]]) -> Detections:
    boxes = np.array([row[2] for row in rows], np.float32).reshape(-1, 4)
    return Detections(boxes, np.float32([row[1] for row in rows]), np.int64([row[0] for row in rows]))


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture).astype(int)


def test_draw_detections__outline_in_the_colour_of_the_class() -> None:
    picture = Image.new("RGB", (200, 150), (128, 128, 128))
    drawn = pixels(draw_detections(picture, found((1, 0.9, (50, 60, 120, 130))), NAMES))
    for x, y in ((50, 100), (120, 100), (90, 60), (90, 130)):
        assert tuple(drawn[y, x]) == colour_of_class(1)
    assert tuple(drawn[100, 85]) == (128, 128, 128)  # the inside stays to be seen
    assert (pixels(picture) == 128).all()  # the picture itself too


def test_draw_detections__label_above_or_inside_and_never_beyond_the_edge() -> None:
    picture = Image.new("RGB", (200, 150), (128, 128, 128))
    colour = colour_of_class(0)
    above = pixels(draw_detections(picture, found((0, 0.9, (50, 60, 120, 130))), NAMES))
    assert (above[48:59, 52:80] == colour).all(axis=-1).mean() > 0.4
    assert (above[48:59, 52:80] != 128).all()
    at_top = pixels(draw_detections(picture, found((0, 0.9, (50, 0, 120, 130))), NAMES))
    assert (at_top[4:12, 54:80] == colour).all(axis=-1).mean() > 0.4
    at_right = pixels(draw_detections(picture, found((0, 0.9, (190, 60, 200, 130))), NAMES))
    assert (at_right[48:59, 140:190] == colour).all(axis=-1).mean() > 0.3


def test_draw_detections__nothing_found_or_nearly_no_picture() -> None:
    picture = Image.new("RGB", (200, 150), (1, 2, 3))
    assert (pixels(draw_detections(picture, Detections.empty(), NAMES)) == (1, 2, 3)).all()
    assert draw_detections(Image.new("RGB", (1, 1)), found((0, 0.5, (0, 0, 1, 1))), NAMES).size == (1, 1)
    assert draw_detections(Image.new("L", (30, 20)), found((0, 0.5, (-5, -5, 40, 40))), NAMES).mode == "RGB"


def test_colour_of_class__neighbours_differ() -> None:
    colours = [colour_of_class(i) for i in range(12)]
    assert len(set(colours)) == 12
    for one, other in pairwise(colours):
        assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 120
