"""Odds, not promises. Run: pytest tests/graphs/reading/test_forecast.py."""

import numpy as np

from epochal.graphs.reading.forecast import forecast
from graphs.runs import climb


def test_forecast__a_saturating_curve_is_continued() -> None:
    whole = climb(150, speed=4)
    seen = forecast(whole[:100], more=50, margin=0.0)
    assert seen.low <= whole[-1] <= seen.high
    assert seen.odds > 0.9


def test_forecast__a_flat_run_has_low_odds() -> None:
    values = 0.5 + np.random.default_rng(0).normal(0, 0.01, 100)
    assert forecast(values, more=50, margin=0.01).odds < 0.2


def test_forecast__quantiles_are_ordered_and_no_worse_than_the_best_so_far() -> None:
    for seed in range(5):
        values = climb(40, speed=2) + np.random.default_rng(seed).normal(0, 0.02, 40)
        seen = forecast(values, more=20, margin=0.01)
        assert values.max() <= seen.low <= seen.middle <= seen.high <= 1
        assert 0.02 <= seen.odds <= 0.98


def test_forecast__a_falling_run_does_not_raise_hopes() -> None:
    assert forecast(np.linspace(0.5, 0.2, 50), more=25, margin=0.0).odds < 0.1
