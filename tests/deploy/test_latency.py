"""Percentiles of buckets lie within a bucket of the true ones. Run: pytest tests/deploy/test_latency.py."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from epochal.deploy.latency import BOUNDS_MS, bucket_of, percentile_ms


def test_bucket_of__upper_bound_belongs_to_it() -> None:
    assert [bucket_of(v) for v in (0.2, 1, 1.2, 12, 12.1, 9000)] == ["1", "1", "1.5", "12", "16", "inf"]


def test_percentile_ms__within_a_bucket_evenly() -> None:
    assert percentile_ms({}, 0.5) is None
    assert percentile_ms({"8": 0}, 0.5) is None
    assert percentile_ms({"16": 4}, 0.5) == 14
    assert percentile_ms({"1": 2, "16": 2}, 0.5) == 1
    assert percentile_ms({"inf": 3}, 0.9) == BOUNDS_MS[-1]


@given(st.lists(st.floats(0.1, 8000), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_percentile_ms__is_in_the_bucket_of_the_true_one(latencies: list[float], fraction: float) -> None:
    true = float(np.quantile(latencies, fraction, method="inverted_cdf"))
    estimate = percentile_ms(Counter(map(bucket_of, latencies)), fraction)
    assert estimate is not None
    assert bucket_of(estimate) == bucket_of(true)
