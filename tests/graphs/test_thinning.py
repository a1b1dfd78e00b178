"""Thinning keeps what a line shows. Run: pytest tests/graphs/test_thinning.py."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.graphs.document import build_document
from epochal.graphs.graph import Event
from epochal.graphs.thinning import thin, thin_document, thin_rows
from graphs.runs import MAP, healthy, make_graph


def test_thin__by_hand() -> None:
    values = np.array([5.0, 1.0, 9.0, 5.0, 5.0, 5.0, 5.0, 2.0, 8.0, 5.0])
    assert thin(values, 2).tolist() == [0, 1, 2, 4, 5, 7, 8, 9]


def test_thin__few_points_stay_all() -> None:
    assert thin(np.arange(8.0), 2).tolist() == list(range(8))
    assert thin(np.array([]), 5).tolist() == []


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=300), st.integers(1, 20))
def test_thin__keeps_first_last_and_extremes_of_every_bucket(values: list[float], buckets: int) -> None:
    array = np.array(values)
    kept = thin(array, buckets)
    assert (np.diff(kept) > 0).all()
    if len(array) <= 4 * buckets:
        assert len(kept) == len(array)
        return
    assert len(kept) <= 4 * buckets
    for bucket in range(buckets):
        begin, end = bucket * len(array) // buckets, (bucket + 1) * len(array) // buckets
        inside = array[kept[(kept >= begin) & (kept < end)]]
        assert {begin, end - 1} <= set(kept.tolist())
        finite = array[begin:end][np.isfinite(array[begin:end])]
        if len(finite):
            found = inside[np.isfinite(inside)]
            assert (found.min(), found.max()) == (finite.min(), finite.max())


def test_thin_rows__a_spike_of_any_series_stays() -> None:
    one, two = np.zeros(1000), np.zeros(1000)
    one[123], two[777] = 5, -5
    kept = thin_rows([one, two], 10).tolist()
    assert {0, 123, 777, 999} <= set(kept)
    assert len(kept) <= 60
    assert thin_rows([], 10).tolist() == []


def test_thin__a_million_points_are_quick() -> None:
    values = np.random.default_rng(0).normal(size=1_000_000)
    start = time.process_time()
    assert len(thin(values, 1000)) <= 4000
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("buckets", [1, 3])
def test_thin__all_gaps(buckets: int) -> None:
    assert len(thin(np.full(50, np.nan), buckets)) == 2 * buckets


def test_thin_document__keeps_best_events_and_spikes_and_says_so() -> None:
    run = healthy(5000)
    run["train/box_loss"][1234] = 99
    run[MAP][3210] = 0.9
    document = build_document(make_graph(run, events=(Event(2222, "lr_drop", "x"),)))
    short = thin_document(document, 400)
    assert {1, 1235, 2222, 3211, 5000} <= set(short["epochs"])
    assert len(short["epochs"]) <= 400
    assert all(len(values) == len(short["epochs"]) for values in short["series"].values())
    assert short["series"]["train/box_loss"][short["epochs"].index(1235)] == 99
    assert "of 5,000 epochs" in short["notes"][-1]
    assert len(document["epochs"]) == 5000


def test_thin_document__a_short_one_stays_as_it_is() -> None:
    document = build_document(make_graph(healthy(300)))
    assert thin_document(document, 300) is document
