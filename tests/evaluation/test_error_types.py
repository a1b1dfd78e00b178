"""Kinds of error, one box each. Run: pytest tests/evaluation/test_error_types.py."""

import numpy as np
import pytest

from epochal.evaluation.error_types import KINDS, classify_errors, compute_error_gains
from epochal.evaluation.matching import match_detections

CAT, DOG = (0, (0, 0, 40, 40)), (1, (50, 50, 90, 90))


def kinds_of(truth, found, least_confidence=0.0):
    _, matches = match_detections([truth], [found], 2)
    errors = classify_errors([truth], [found], matches, least_confidence)
    by_detection = np.argsort(matches.detection)
    return [KINDS[kind] if kind >= 0 else "right" for kind in errors.kind[by_detection]], errors.missed().sum()


@pytest.mark.parametrize(
    ("box", "kind", "missed"),
    [
        ((0, 0.9, (0, 0, 40, 40)), "right", 1),
        ((0, 0.9, (0, 0, 40, 15)), "location", 1),  # IoU 0.375 with the cat
        ((1, 0.9, (0, 0, 40, 40)), "classification", 1),
        ((1, 0.9, (0, 0, 40, 15)), "both", 2),
        ((0, 0.9, (0, 0, 40, 3)), "background", 2),  # IoU 0.075
        ((0, 0.9, (0, 60, 30, 90)), "background", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_classify_errors__each_kind(truth_of, detected, box, kind, missed):
    # What a location or classification error points to is not missed: the dog always is, the cat in the last three.
    assert kinds_of(truth_of(CAT, DOG), detected(box)) == ([kind], missed)


def test_classify_errors__duplicate_is_the_less_confident(truth_of, detected):
    assert kinds_of(truth_of(CAT), detected((0, 0.5, CAT[1]), (0, 0.9, CAT[1])))[0] == ["duplicate", "right"]


def test_classify_errors__crowds_take_no_part(truth_of, detected):
    truth = truth_of(CAT, (0, (50, 0, 100, 100)), crowd=(1,))
    assert kinds_of(truth, detected((0, 0.9, (60, 10, 70, 20)))) == (["right"], 1)  # in the crowd: no error
    assert kinds_of(truth, detected((1, 0.9, (60, 10, 70, 20)))) == (["background"], 1)


def test_classify_errors__below_the_least_confidence(truth_of, detected):
    found = detected((0, 0.2, CAT[1]), (1, 0.9, (0, 60, 30, 90)))
    assert kinds_of(truth_of(CAT), found, 0.5) == (["right", "background"], 1)


def gains_of(truth, found):
    _, matches = match_detections([truth], [found], 2)
    base, gains = compute_error_gains(classify_errors([truth], [found], matches), matches)
    return base, {name: round(gain.gain, 6) for name, gain in gains.items() if abs(gain.gain) > 1e-9}


def test_compute_error_gains__mending_the_only_error_makes_ap_one(truth_of, detected):
    assert gains_of(truth_of(CAT), detected((0, 0.9, (0, 0, 40, 15)))) == (0, {"location": 1})
    # The wrong class: the dog itself is found, and its AP is halved by the false alarm ranked before it.
    base, gains = gains_of(truth_of(CAT, DOG), detected((1, 0.9, CAT[1]), (1, 0.8, DOG[1])))
    assert base == pytest.approx(0.25)
    assert gains == {"classification": 0.75, "all_false_positives": 0.25, "all_missed": 0.5}


def test_compute_error_gains__missed_annotations_stretch_the_curve(truth_of, detected):
    truth = truth_of(CAT, (0, (50, 50, 90, 90)))
    base, gains = gains_of(truth, detected((0, 0.9, CAT[1])))
    assert base == pytest.approx(51 / 101)
    assert gains == {"missed": round(50 / 101, 6), "all_missed": round(50 / 101, 6)}


def test_compute_error_gains__background_and_duplicates_only_when_ranked_before_a_hit(truth_of, detected):
    alarm, twice = (0, 0.95, (0, 60, 30, 90)), (0, 0.1, CAT[1])
    base, gains = gains_of(truth_of(CAT), detected(alarm, (0, 0.9, CAT[1]), twice))
    assert base == pytest.approx(0.5)
    assert gains == {"background": 0.5, "all_false_positives": 0.5}


def test_compute_error_gains__nothing_to_judge_by(truth_of, detected):
    base, gains = gains_of(truth_of(), detected(alarm := (0, 0.9, CAT[1])))
    assert np.isnan(base), alarm
    assert gains == {}


@pytest.mark.parametrize("seed", range(3))
def test_compute_error_gains__laws(crowded_scene, seed):
    truths, found = crowded_scene(seed)
    _, matches = match_detections(truths, found, 3)
    errors = classify_errors(truths, found, matches)
    base, gains = compute_error_gains(errors, matches)
    for name, gain in gains.items():
        assert gain.gain >= -1e-12, name
        assert base + gain.gain <= 1 + 1e-12, name
    assert sum(gains[name].count for name in KINDS) == gains["all_false_positives"].count
    assert gains["missed"].count <= gains["all_missed"].count
