"""Boxes move exactly with their pixels. Run: pytest tests/training/test_augmentation.py."""

import numpy as np
import pytest
from numpy.random import default_rng

from epochal.boxes.forms import Boxes
from epochal.detectors.letterbox import PAD_VALUE
from epochal.training.augmentation import (
    Region,
    Source,
    _cut,
    blank_canvas,
    draw_colour_matrix,
    draw_mosaic,
    draw_plain,
    flip,
)
from epochal.training.recipe import Recipe

RECIPE = Recipe("fast-n", (128, 96), 4, 8, 0, "cpu", "fp32", 1)
COLOURS = np.array([[250, 0, 0], [0, 250, 0], [0, 0, 250], [250, 250, 250]])
PALETTE = np.concatenate([COLOURS, [[0, 0, 0], [PAD_VALUE] * 3]])


def draw_source(box: tuple[int, int, int, int], class_id: int, wh: tuple[int, int] = (128, 96)) -> Source:
    """A black image with one coloured rectangle; the class is the colour."""
    pixels = np.zeros((wh[1], wh[0], 3), np.uint8)
    pixels[box[1] : box[3], box[0] : box[2]] = COLOURS[class_id]
    return Source(pixels, np.array([box], np.float32), np.array([class_id]))


def find_rectangle(pixels: np.ndarray, class_id: int) -> Boxes | None:  # type: ignore[type-arg]
    """Where the colour of a class is: a pixel at an edge counts to the colour of the palette that is nearest."""
    distance = ((pixels[:, :, None].astype(int) - PALETTE) ** 2).sum(3)
    near = distance.argmin(2) == class_id
    rows, columns = np.flatnonzero(near.any(1)), np.flatnonzero(near.any(0))
    if not len(rows):
        return None
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)


def assert_boxes_lie_on_pixels(drawn: Source) -> int:
    """Each box is where its colour is, up to the pixel that bilinear scaling blends; gives how many were seen."""
    for box, class_id in zip(drawn.boxes_xyxy, drawn.class_id, strict=True):
        found = find_rectangle(drawn.pixels, int(class_id))
        assert found is not None
        np.testing.assert_allclose(found, box, atol=1.01)
    return len(drawn.boxes_xyxy)


@pytest.mark.parametrize("seed", range(25))
def test_draw_plain__boxes_move_with_their_pixels(seed: int) -> None:
    source = draw_source((30, 20, 70, 60), 0)
    drawn = draw_plain(blank_canvas((128, 96)), source, RECIPE, default_rng(seed))
    assert drawn.pixels.shape == (96, 128, 3)
    assert_boxes_lie_on_pixels(drawn)
    assert_boxes_lie_on_pixels(flip(drawn))


@pytest.mark.parametrize("seed", range(25))
def test_draw_mosaic__boxes_move_with_their_pixels(seed: int) -> None:
    sources = [draw_source((20, 20, 90, 80), class_id) for class_id in range(4)]
    drawn = draw_mosaic(blank_canvas((128, 96)), sources, RECIPE, default_rng(seed))
    assert assert_boxes_lie_on_pixels(drawn) >= 1
    assert_boxes_lie_on_pixels(flip(drawn))


def test_draw_plain__keeps_most_boxes_that_stay_in_view() -> None:
    source = draw_source((44, 28, 84, 68), 0)  # in the middle: no crop at scales up to 1.5 can lose it
    drawn = [draw_plain(blank_canvas((128, 96)), source, RECIPE, default_rng(seed)) for seed in range(20)]
    assert [len(one.boxes_xyxy) for one in drawn] == [1] * 20


def test_draw_plain__of_scale_one_is_the_image_itself() -> None:
    still = Recipe("fast-n", (128, 96), 4, 8, 0, "cpu", "fp32", 1, scale=0.0)
    source = draw_source((30, 20, 70, 60), 0)
    drawn = draw_plain(blank_canvas((128, 96)), source, still, default_rng(0))
    np.testing.assert_array_equal(drawn.pixels, source.pixels)
    np.testing.assert_array_equal(drawn.boxes_xyxy, source.boxes_xyxy)


@pytest.mark.parametrize("wh", [(1, 1), (1, 96), (128, 1), (3, 90)])
def test_draw_plain__images_of_a_pixel_or_two(wh: tuple[int, int]) -> None:
    source = Source(np.full((wh[1], wh[0], 3), 9, np.uint8), np.array([[0, 0, *wh]], np.float32), np.zeros(1, np.int64))
    for seed in range(10):
        drawn = draw_plain(blank_canvas((128, 96)), source, RECIPE, default_rng(seed))
        assert np.isfinite(drawn.boxes_xyxy).all()
        mosaic = draw_mosaic(blank_canvas((128, 96)), [source] * 4, RECIPE, default_rng(seed))
        assert mosaic.pixels.shape == (96, 128, 3)


@pytest.mark.parametrize(
    ("box", "kept", "why"),
    [
        ((10, 10, 30, 30), (10, 10, 30, 30), "inside"),
        ((-10, 10, 30, 30), (0, 10, 30, 30), "cut at the edge, three quarters remain"),
        ((-90, 10, 9, 30), None, "less than a tenth remains"),
        ((-80, 10, 20, 30), (0, 10, 20, 30), "a fifth remains"),
        ((10, 10, 12, 30), None, "2 px are too narrow"),
        ((10, 10, 12.5, 30), (10, 10, 12.5, 30), "more than 2 px are not"),
        ((98, 10, 118, 30), None, "2 px of it remain at the right edge"),
        ((200, 10, 220, 30), None, "outside"),
    ],
)
def test_cut__drops_what_is_too_small_to_learn(
    box: tuple[float, ...], kept: tuple[float, ...] | None, why: str
) -> None:
    boxes, keep = _cut(np.array([box], np.float32), Region(0, 0, 100, 50))
    assert keep.tolist() == [kept is not None], why
    if kept is not None:
        np.testing.assert_array_equal(boxes[0], np.array(kept, np.float32))


def test_flip__twice_is_nothing() -> None:
    source = draw_source((30, 20, 70, 60), 2)
    once = flip(source)
    np.testing.assert_array_equal(once.boxes_xyxy, [[58, 20, 98, 60]])
    twice = flip(once)
    np.testing.assert_array_equal(twice.pixels, source.pixels)
    np.testing.assert_array_equal(twice.boxes_xyxy, source.boxes_xyxy)


def test_flip__without_boxes() -> None:
    empty = Source(blank_canvas((4, 4)), np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    assert flip(empty).boxes_xyxy.shape == (0, 4)


@pytest.mark.parametrize("seed", range(10))
def test_draw_colour_matrix__grey_stays_grey(seed: int) -> None:
    matrix = draw_colour_matrix(RECIPE, default_rng(seed))
    out = matrix @ np.ones(3)
    np.testing.assert_allclose(out, out[0], rtol=1e-5)
    assert 1 - RECIPE.value <= out[0] <= 1 + RECIPE.value


def test_draw_colour_matrix__of_no_change_is_the_identity() -> None:
    still = Recipe("fast-n", (128, 96), 4, 8, 0, "cpu", "fp32", 1, hue=0.0, saturation=0.0, value=0.0)
    np.testing.assert_allclose(draw_colour_matrix(still, default_rng(0)), np.eye(3), atol=1e-7)


def test_draw__is_a_function_of_the_seed() -> None:
    sources = [draw_source((20, 20, 90, 80), class_id) for class_id in range(4)]
    one, same, other = (
        draw_mosaic(blank_canvas((128, 96)), sources, RECIPE, default_rng(seed)).pixels for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
