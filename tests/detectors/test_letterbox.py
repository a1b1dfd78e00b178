"""Where an image lies in a canvas, and the way back. Run: pytest tests/detectors/test_letterbox.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from epochal.detectors.letterbox import PAD_VALUE, Placement, draw_on_canvas, place


@pytest.mark.parametrize(
    ("image_wh", "canvas_wh", "expected"),
    [
        ((640, 480), (320, 256), ((320, 240), 0, 8)),  # borders above and below
        ((480, 640), (320, 256), ((192, 256), 64, 0)),  # borders at the sides
        ((320, 256), (320, 256), ((320, 256), 0, 0)),  # fits as it is
        ((32, 16), (320, 256), ((320, 160), 0, 48)),  # a small one is enlarged
        ((1, 1), (64, 32), ((32, 32), 16, 0)),
        ((20000, 1), (64, 32), ((64, 1), 0, 15)),  # never thinner than a pixel
    ],
)
def test_place(image_wh: tuple[int, int], canvas_wh: tuple[int, int], expected: tuple[object, ...]) -> None:
    at = place(image_wh, canvas_wh)
    assert (at.scaled_wh, at.left, at.top) == expected


def test_to_canvas__and_back_by_hand() -> None:
    at = place((640, 480), (320, 256))
    boxes = np.float32([[0, 0, 640, 480], [100, 50, 200, 150]])
    assert at.to_canvas(boxes).tolist() == [[0, 8, 320, 248], [50, 33, 100, 83]]
    assert at.to_image(at.to_canvas(boxes)).tolist() == boxes.tolist()


def test_to_image__cuts_at_the_edge_of_the_image() -> None:
    at = place((640, 480), (320, 256))
    assert at.to_image(np.float32([[-10, 0, 400, 256]])).tolist() == [[0, 0, 640, 480]]


def test_to_canvas__of_no_boxes() -> None:
    at = place((640, 480), (320, 256))
    assert at.to_canvas(np.zeros((0, 4), np.float32)).shape == (0, 4)
    assert at.to_image(np.zeros((0, 4), np.float32)).shape == (0, 4)


sides = st.integers(1, 5000)
fractions = st.tuples(*[st.floats(0, 1)] * 4)


@given(st.tuples(sides, sides), st.tuples(st.integers(1, 40), st.integers(1, 40)), fractions)
def test_to_image__law_undoes_to_canvas(
    image_wh: tuple[int, int], canvas_units: tuple[int, int], corners: tuple[float, float, float, float]
) -> None:
    at = place(image_wh, (canvas_units[0] * 32, canvas_units[1] * 32))
    x, y = sorted(corners[0::2]), sorted(corners[1::2])
    box = np.float32([[x[0] * image_wh[0], y[0] * image_wh[1], x[1] * image_wh[0], y[1] * image_wh[1]]])
    # float32 on the canvas is exact to about 1e-4 px there; in the image that is as much larger as it is scaled down
    tolerance = 2e-4 / min(at.scale_xy) + 1e-3
    assert np.abs(at.to_image(at.to_canvas(box)) - box).max() <= tolerance


@given(st.tuples(sides, sides), st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_place__law_is_inside_centred_and_as_large_as_fits(
    image_wh: tuple[int, int], canvas_units: tuple[int, int]
) -> None:
    canvas_wh = (canvas_units[0] * 32, canvas_units[1] * 32)
    at = place(image_wh, canvas_wh)
    for offset, scaled, canvas in zip((at.left, at.top), at.scaled_wh, canvas_wh, strict=True):
        assert offset >= 0
        assert 0 <= canvas - scaled - 2 * offset <= 1
    assert at.scaled_wh[0] == canvas_wh[0] or at.scaled_wh[1] == canvas_wh[1]


def test_draw_on_canvas__image_in_the_middle_of_grey() -> None:
    at = place((8, 4), (32, 32))
    canvas = draw_on_canvas(Image.new("RGB", (8, 4), (250, 10, 20)), at, (32, 32))
    assert (canvas.shape, canvas.dtype) == ((32, 32, 3), np.uint8)
    assert (canvas[8:24] == (250, 10, 20)).all()
    assert (canvas[:8] == PAD_VALUE).all()
    assert (canvas[24:] == PAD_VALUE).all()


def test_draw_on_canvas__takes_a_reduced_decoding_for_the_whole_image() -> None:
    at = Placement((64, 64), (32, 32), 0, 0)
    half = np.zeros((32, 32, 3), np.uint8)
    half[:16] = 200  # the upper half, in an image that was decoded at half its size
    assert (draw_on_canvas(Image.fromarray(half), at, (32, 32)) == half).all()
