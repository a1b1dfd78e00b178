"""Smoothing that does not pull towards 0 and keeps gaps. Run: pytest tests/graphs/test_smoothing.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.errors import BadInput
from epochal.graphs.smoothing import smooth_ema

FINITE = st.floats(-1e6, 1e6)


def test_smooth_ema__by_hand() -> None:
    smoothed = smooth_ema(np.array([1.0, 2.0, 4.0]), 0.5)
    np.testing.assert_allclose(smoothed, [1.0, (0.5 * 1 + 1 * 2) / 1.5, (0.25 * 1 + 0.5 * 2 + 4) / 1.75])


def test_smooth_ema__a_gap_stays_and_carries_the_state() -> None:
    smoothed = smooth_ema(np.array([np.nan, 1.0, np.inf, 2.0]), 0.5)
    assert np.isnan(smoothed[[0, 2]]).all()
    np.testing.assert_allclose(smoothed[[1, 3]], [1.0, (0.5 * 1 + 2) / 1.5])


@given(FINITE, st.integers(0, 50), st.floats(0, 0.999))
def test_smooth_ema__a_constant_stays(value: float, count: int, weight: float) -> None:
    np.testing.assert_allclose(smooth_ema(np.full(count, value), weight), np.full(count, value), rtol=1e-9, atol=1e-9)


@given(st.lists(FINITE, min_size=1, max_size=50), st.floats(0, 0.99))
def test_smooth_ema__stays_between_the_extremes(values: list[float], weight: float) -> None:
    smoothed = smooth_ema(np.array(values), weight)
    assert smoothed.min() >= min(values) - 1e-6
    assert smoothed.max() <= max(values) + 1e-6


def test_smooth_ema__weight_0_changes_nothing() -> None:
    assert smooth_ema(np.array([3.0, 1.0]), 0.0).tolist() == [3.0, 1.0]


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_smooth_ema__weight_out_of_range(weight: float) -> None:
    with pytest.raises(BadInput, match="below, 1"):
        smooth_ema(np.array([1.0]), weight)
