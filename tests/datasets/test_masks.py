"""Boxes around masks, against pycocotools. Run: pytest tests/datasets/test_masks.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as reference

from epochal.datasets.formats.rle import box_around_mask

MASKS = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda hw: arrays(np.uint8, hw, elements=st.integers(0, 1))
)


def runs_of(mask: np.ndarray) -> list[int]:
    runs, value = [0], 0
    for pixel in mask.T.reshape(-1).tolist():
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return runs


@given(MASKS)
def test_the_box_is_that_of_the_reference(mask: np.ndarray) -> None:
    encoded = reference.encode(np.asfortranarray(mask))
    wanted = tuple(reference.toBbox(encoded).tolist()) if mask.any() else None
    size = list(mask.shape)
    assert box_around_mask({"counts": encoded["counts"].decode(), "size": size}) == wanted
    assert box_around_mask({"counts": runs_of(mask), "size": size}) == wanted


def test_long_runs_of_a_large_mask() -> None:
    mask = np.zeros((3000, 4000), np.uint8, order="F")
    mask[1000:2999, 17:3800] = 1
    encoded = reference.encode(mask)
    assert box_around_mask({"counts": encoded["counts"].decode(), "size": [3000, 4000]}) == (17, 1000, 3783, 1999)


DAMAGED = (None, [1, 2], "", "~~~~", "P" * 500_000, [1, "2"], [1, 9], [4], [0, -4])


@pytest.mark.parametrize("counts", DAMAGED, ids=range(len(DAMAGED)))
def test_what_is_no_mask_has_no_box(counts: object) -> None:
    assert box_around_mask({"counts": counts, "size": [2, 2] if counts != [1, 2] else [0, 4]}) is None
    assert box_around_mask({"counts": counts}) is None
    assert box_around_mask(counts) is None
