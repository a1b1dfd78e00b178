"""Bootstrap intervals of mAP. Run: pytest tests/evaluation/test_bootstrap.py."""

import numpy as np
import pytest

from epochal.evaluation.bootstrap import compute_intervals, compute_maps, draw_weights
from epochal.evaluation.matching import match_detections

BOX = (0, 0, 10, 10)


def test_draw_weights__each_resample_draws_as_many_images_as_there_are():
    weights = draw_weights(7, 50, seed=1)
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(draw_weights(7, 50, seed=1), weights)


def test_compute_intervals__half_the_images_found(truth_of, detected):
    # 40 images of one box, every second one found, no false alarm: AP_0.5 is about the share found, and the share in
    # a resample is binomial with standard error √(0.25 / 40) = 0.079.
    truths = [truth_of((0, BOX))] * 40
    found = [detected((0, 0.9, BOX)) if i % 2 else detected() for i in range(40)]
    _, matches = match_detections(truths, found, 1)
    intervals = compute_intervals(matches, resamples=2000)
    assert intervals is not None
    assert intervals.resamples == 2000
    assert intervals.map50.low == pytest.approx(0.5 - 1.96 * 0.079, abs=0.03)
    assert intervals.map50.high == pytest.approx(0.5 + 1.96 * 0.079, abs=0.03)


def test_compute_intervals__same_for_any_block_size(crowded_scene):
    truths, found = crowded_scene(2)
    _, matches = match_detections(truths, found, 3)
    assert compute_intervals(matches) == compute_intervals(matches, time_limit_s=1000)


def test_compute_intervals__time_decides_how_many(crowded_scene, monkeypatch):
    truths, found = crowded_scene(2)
    _, matches = match_detections(truths, found, 3)
    assert compute_intervals(matches, time_limit_s=0) is None
    clock = iter(range(1000))  # each look at the clock is a second later
    monkeypatch.setattr("epochal.evaluation.bootstrap.time.perf_counter", lambda: float(next(clock)))
    intervals = compute_intervals(matches, time_limit_s=6)
    assert intervals is not None
    assert 0 < intervals.resamples < 200
    assert intervals.resamples % 25 == 0


def test_compute_maps__a_class_absent_from_a_resample_is_left_out_of_its_mean(truth_of, detected):
    truths = [truth_of((0, BOX)), truth_of((1, BOX))]
    _, matches = match_detections(truths, [detected((0, 0.9, BOX)), detected()], 2)
    maps = compute_maps(matches, np.array([[1, 1], [2, 0], [0, 2]], np.int32))
    assert maps[:, 0].tolist() == [0.5, 1, 0]
