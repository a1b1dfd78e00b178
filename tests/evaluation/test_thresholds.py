"""The best confidence and its flat interval. Run: pytest tests/evaluation/test_thresholds.py."""

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.evaluation.matching import match_detections
from epochal.evaluation.thresholds import find_thresholds

BOXES = [(10 * i, 0, 10 * i + 8, 8) for i in range(10)]
NOWHERE = (0, 60, 30, 90)


def thresholds_of(truth, found, classes=1, beta=1.0):
    _, matches = match_detections([truth], [found], classes)
    return find_thresholds(matches, beta)


def test_find_thresholds__by_hand(truth_of, detected):
    # Ranked: hit 0.9, hit 0.8, false 0.7, hit 0.6, false 0.5; 4 annotations.
    # F1: 2/5, 4/6, 4/7, 6/8, 6/9 → best 0.75 at 0.6.
    truth = truth_of(*[(0, box) for box in BOXES[:4]])
    found = detected(
        (0, 0.9, BOXES[0]), (0, 0.8, BOXES[1]), (0, 0.7, NOWHERE), (0, 0.6, BOXES[2]), (0, 0.5, (0, 30, 9, 39))
    )
    best, (single,) = thresholds_of(truth, found)
    assert best == single
    assert best.confidence == pytest.approx(0.6)
    assert (best.f, best.precision, best.recall) == pytest.approx((0.75, 0.75, 0.75))
    assert best.low == best.high == best.confidence
    assert not best.is_well_founded
    # Precision four times as dear as recall: the two sure ones. F0.5: 1.25·2 / (1.25·2 + 0.25·2) = 0.833.
    careful, _ = thresholds_of(truth, found, beta=0.5)
    assert (careful.confidence, careful.f) == pytest.approx((0.8, 0.8333333))


def test_find_thresholds__flat_interval_has_no_break(truth_of, detected):
    # 100 annotations in 10 rows; hits from 0.99 down, and two false alarms late: F1 stays within 1 % for a while.
    grid = [(0, (10 * (i % 10), 10 * (i // 10), 10 * (i % 10) + 8, 10 * (i // 10) + 8)) for i in range(100)]
    found = [(0, 0.999 - i / 200, box) for i, (_, box) in enumerate(grid)]
    best, _ = thresholds_of(truth_of(*grid), detected(*found[:96], (0, 0.3, NOWHERE), (0, 0.2, NOWHERE)))
    assert best.confidence == pytest.approx(0.999 - 95 / 200)
    assert best.low == pytest.approx(0.3)  # one false alarm costs half a percent, two a whole one
    assert best.high == pytest.approx(0.999 - 94 / 200)  # one hit less costs half a percent, two a whole one
    assert best.is_well_founded
    best, _ = thresholds_of(truth_of(*grid), detected(*found[:96]))
    assert best.low == best.confidence < best.high


def test_find_thresholds__common_one_is_by_the_mean_over_classes(truth_of, detected):
    # Alone, cats are best at 0.9 and dogs at 0.3; together at 0.3 when the cats' late false alarm is at 0.2.
    truth = truth_of((0, BOXES[0]), (1, BOXES[5]))
    found = detected((0, 0.9, BOXES[0]), (1, 0.3, BOXES[5]), (0, 0.2, NOWHERE))
    common, (cat, dog) = thresholds_of(truth, found, classes=2)
    assert [round(t.confidence, 3) for t in (common, cat, dog)] == [0.3, 0.9, 0.3]
    assert (cat.low, cat.high) == pytest.approx((0.9, 0.9))


def test_find_thresholds__nothing_right(truth_of, detected):
    assert thresholds_of(truth_of((0, BOXES[0])), detected((0, 0.5, NOWHERE)), classes=2) == (None, [None, None])
    assert thresholds_of(truth_of(), detected()) == (None, [None])


def test_find_thresholds__many_confidences_are_thinned_but_keep_the_best_near():
    rng = np.random.default_rng(0)
    many = Detections(np.float32(rng.uniform(0, 90, (9000, 2)).repeat(2, 1)[:, [0, 2, 1, 3]] + [0, 0, 3, 3]),
                      rng.random(9000).astype(np.float32), np.zeros(9000, np.int64))  # fmt: skip
    assert len(np.unique(many.confidence)) > 4096
    from epochal.evaluation.thresholds import _spread

    kept = _spread(many.confidence)
    assert len(kept) == 4096
    assert kept[0] == many.confidence.max()
    assert kept[-1] == many.confidence.min()
    assert (np.diff(kept) < 0).all()
