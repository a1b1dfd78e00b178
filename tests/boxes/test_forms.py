"""Box forms: cases drawn on paper, and the way there and back. Run: pytest tests/boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.boxes import clip_boxes, cxcywh_norm_from_xyxy, xywh_from_xyxy, xyxy_from_cxcywh_norm, xyxy_from_xywh

# a box 30 wide and 40 high at (10, 20), on an image of 100 × 200
XYXY, XYWH, CXCYWH_NORM, IMAGE_WH = [10, 20, 40, 60], [10, 20, 30, 40], [0.25, 0.2, 0.3, 0.2], (100, 200)


def test_xyxy_from_xywh__case_on_paper() -> None:
    np.testing.assert_array_equal(xyxy_from_xywh([XYWH]), [XYXY])


def test_xywh_from_xyxy__case_on_paper() -> None:
    np.testing.assert_array_equal(xywh_from_xyxy([XYXY]), [XYWH])


def test_xyxy_from_cxcywh_norm__case_on_paper() -> None:
    np.testing.assert_allclose(xyxy_from_cxcywh_norm([CXCYWH_NORM], IMAGE_WH), [XYXY], rtol=1e-6)


def test_cxcywh_norm_from_xyxy__case_on_paper() -> None:
    np.testing.assert_allclose(cxcywh_norm_from_xyxy([XYXY], IMAGE_WH), [CXCYWH_NORM], rtol=1e-12)


@pytest.mark.parametrize(
    ("box", "expected", "reason"),
    [
        ([10, 20, 40, 60], [10, 20, 40, 60], "inside"),
        ([-5, -5, 40, 60], [0, 0, 40, 60], "over the top left corner"),
        ([10, 20, 140, 260], [10, 20, 100, 200], "over the bottom right corner"),
        ([120, 20, 140, 60], [100, 20, 100, 60], "outside: nothing is left of its width"),
    ],
)
def test_clip_boxes__moves_corners_onto_the_edge(box: list[float], expected: list[float], reason: str) -> None:
    np.testing.assert_array_equal(clip_boxes([box], IMAGE_WH), [expected], reason)


def test_forms__no_boxes_stay_no_boxes() -> None:
    for boxes in (
        xyxy_from_xywh([]),
        xywh_from_xyxy([]),
        clip_boxes([], IMAGE_WH),
        xyxy_from_cxcywh_norm([], IMAGE_WH),
        cxcywh_norm_from_xyxy([], IMAGE_WH),
    ):
        assert boxes.shape == (0, 4)


sizes = st.integers(1, 20_000)
shares = st.tuples(*[st.floats(0, 1, width=32)] * 4)


@given(sizes, sizes, shares)
def test_forms__there_and_back_within_a_hundredth_of_a_pixel(
    width: int, height: int, share: tuple[float, float, float, float]
) -> None:
    corners = np.array(share).reshape(2, 2) * (width, height)
    boxes = np.concatenate([corners.min(axis=0), corners.max(axis=0)])[None].astype(np.float32)
    np.testing.assert_allclose(xyxy_from_xywh(xywh_from_xyxy(boxes)), boxes, atol=0.01)
    norm = cxcywh_norm_from_xyxy(boxes, (width, height))
    np.testing.assert_allclose(xyxy_from_cxcywh_norm(norm, (width, height)), boxes, atol=0.01)
