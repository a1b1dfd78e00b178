"""The numbers behind the reading. Run: pytest tests/graphs/reading/test_measure.py."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.graphs.graph import Graph, Superseded
from epochal.graphs.reading.measure import find_curve, noise_of, rows_of, running_mean, slope_of, tail, window_of
from graphs.runs import MAP, make_graph


def test_running_mean__by_hand() -> None:
    assert running_mean(np.array([0.0, 3.0, 6.0, 0.0]), 3).tolist() == [1.5, 3.0, 3.0, 3.0]
    assert running_mean(np.array([7.0]), 3).tolist() == [7.0]


def test_running_mean__a_huge_value_does_not_swallow_the_others() -> None:
    values = np.array([2.0, 2.0, 1e300, 2.0, 2.0, 2.0])
    assert running_mean(values, 3)[4:].tolist() == pytest.approx([2.0, 2.0], rel=1e-6)


@given(st.floats(-1e6, 1e6), st.integers(1, 40), st.sampled_from([1, 3, 5, 9]))
def test_running_mean__a_constant_stays(value: float, count: int, window: int) -> None:
    np.testing.assert_allclose(running_mean(np.full(count, value), window), value, rtol=1e-9, atol=1e-9)


def test_noise_of__is_the_spread_of_normal_noise_and_ignores_trend_and_spikes() -> None:
    rng = np.random.default_rng(0)
    values = np.linspace(0, 50, 5000) + rng.normal(0, 2.0, 5000)
    values[::500] = 1000
    assert noise_of(values) == pytest.approx(2.0, rel=0.05)
    assert noise_of(np.array([1.0, 2.0])) == 0.0
    assert noise_of(np.arange(9.0)) == 0.0


def test_slope_of__by_hand_and_robust() -> None:
    low, slope, high = slope_of(np.array([0.0, 1.0, 2.0, 100.0, 4.0, 5.0, 6.0]))
    assert slope == 1.0
    assert low <= 1.0 <= high
    assert slope_of(np.array([1.0, 2.0])) == (0.0, 0.0, 0.0)


def test_slope_of__interval_holds_the_true_slope_in_most_samples() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        low, _, high = slope_of(0.1 * np.arange(40) + rng.normal(0, 1, 40))
        inside += low <= 0.1 <= high
    assert 180 <= inside <= 199


def test_slope_of__long_runs_are_thinned() -> None:
    assert slope_of(np.arange(100_000.0) * 0.5)[1] == pytest.approx(0.5)


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (3, 3), (20, 3), (100, 10)])
def test_tail(count: int, expected: int) -> None:
    assert tail(count) == expected


@pytest.mark.parametrize(("count", "expected"), [(5, 3), (100, 5), (300, 15)])
def test_window_of(count: int, expected: int) -> None:
    assert window_of(count) == expected


def test_find_curve__leaves_out_what_is_not_finite() -> None:
    curve = find_curve(rows_of(make_graph({MAP: [0.1, math.nan, 0.3, math.inf]})), MAP)
    assert curve is not None
    assert (curve.values.tolist(), curve.epochs.tolist(), curve.is_whole) == ([0.1, 0.3], [1, 3], False)
    assert find_curve(rows_of(make_graph({MAP: [math.nan]})), MAP) is None
    assert find_curve(rows_of(make_graph({MAP: [0.1]})), "lr") is None


def test_curve__span_in_epochs() -> None:
    curve = find_curve(rows_of(make_graph({MAP: np.arange(10.0)}, first_epoch=0)), MAP)
    assert curve is not None
    assert (curve.span(0), curve.span(0.5), curve.span(0, 0.5)) == ((0, 9), (5, 9), (0, 4))
    assert curve.end == 8.0


def resumed(log_format: str) -> Graph:
    """Epochs 1 2 3 4, where attempt 1 had written 3 and 4, and attempt 2 had written 4."""
    graph = make_graph({"a": [1.0, 2.0, 30.0, 400.0], "b": [1.0, 1.0, 1.0, 1.0]}, log_format=log_format)
    old = (
        Superseded(1, np.array([3, 4]), {"a": np.array([3.0, 4.0])}),
        Superseded(2, np.array([4]), {"a": np.array([40.0])}),
    )
    return Graph(**{**vars(graph), "superseded": old, "attempts": np.array([1, 1, 2, 3])})


def test_rows_of__puts_back_what_was_written_again() -> None:
    rows = rows_of(resumed("ultralytics_csv"))
    assert rows.epochs.tolist() == [1, 2, 3, 4, 3, 4, 4]
    assert rows.series["a"].tolist() == [1, 2, 3, 4, 30, 40, 400]
    assert rows.present["b"].tolist() == [True, True, False, False, True, False, True]


def test_rows_of__our_own_run_has_only_what_it_kept() -> None:
    assert rows_of(resumed("epochal")).epochs.tolist() == [1, 2, 3, 4]
