"""Annotations spoilt by hand are the ones that are suspected. Run: pytest tests/evaluation/test_label_suspicion.py."""

import dataclasses

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth
from epochal.evaluation.label_suspicion import Sureness, compute_similarity, find_sureness, rank_suspicions
from epochal.evaluation.matching import match_detections

PAPER = Sureness(0.95, 0.5)
LEFT, RIGHT = (0, 0, 40, 40), (50, 50, 90, 90)


def ranked(truths, found, sureness=PAPER):
    _, matches = match_detections(truths, found, 2)
    return rank_suspicions(truths, found, matches, sureness)


def test_compute_similarity__by_hand():
    # Equal boxes: 1. Two 40 × 40 boxes without overlap, centres 70.7 apart on a diagonal of 141.4: 0.1 · 0.5.
    boxes = np.array([LEFT, RIGHT], np.float32)
    np.testing.assert_allclose(compute_similarity(boxes, boxes, (100, 100)), [[1, 0.05], [0.05, 1]], atol=1e-6)


def test_rank_suspicions__clean_labels(truth_of, detected):
    suspicions, scores = ranked([truth_of((0, LEFT), (1, RIGHT))], [detected((0, 0.99, LEFT), (1, 0.99, RIGHT))])
    assert suspicions == []
    assert scores[0] == pytest.approx(1)


def test_rank_suspicions__overlooked(truth_of, detected):
    suspicions, scores = ranked([truth_of((0, LEFT))], [detected((0, 0.99, LEFT), (1, 0.97, RIGHT))])
    (one,) = suspicions
    assert (one.kind, one.image, one.truth, one.detection) == ("overlooked", 0, -1, 1)
    assert one.score == pytest.approx(0.05 * (1 - 0.97), rel=1e-4)  # least similarity times doubt: no dog is labelled
    assert scores[0] < 0.3


def test_rank_suspicions__overlooked_beside_one_of_its_class(truth_of, detected):
    suspicions, _ = ranked([truth_of((0, LEFT))], [detected((0, 0.99, LEFT), (0, 0.97, RIGHT))])
    assert [(s.kind, round(s.score, 4)) for s in suspicions] == [("overlooked", 0.05)]


def test_rank_suspicions__unsure_detections_accuse_nobody(truth_of, detected):
    assert ranked([truth_of((0, LEFT))], [detected((0, 0.99, LEFT), (1, 0.9, RIGHT))])[0] == []


def test_rank_suspicions__swapped_is_not_overlooked_too(truth_of, detected):
    (one,) = ranked([truth_of((0, LEFT))], [detected((1, 0.99, (0, 0, 40, 32)))])[0]
    assert (one.kind, one.truth, one.detection) == ("swapped", 0, 0)
    assert one.score == pytest.approx(1 - (0.9 * 0.8 + 0.1 * (1 - 4 / np.hypot(100, 100))), abs=1e-6)


def test_rank_suspicions__badly_placed(truth_of, detected):
    (one,) = ranked([truth_of((0, (0, 0, 40, 16)))], [detected((0, 0.99, LEFT))])[0]  # IoU 0.4
    assert (one.kind, one.truth, one.detection) == ("badly_placed", 0, 0)
    assert one.score == pytest.approx(0.9 * 0.4 + 0.1 * (1 - 12 / np.hypot(100, 100)), abs=1e-6)


def test_rank_suspicions__a_detection_that_is_right_elsewhere_is_no_evidence(truth_of, detected):
    # A dog sits on a cat: the boxes overlap by 0.9, both are found.
    truth = truth_of((0, LEFT), (1, (0, 0, 40, 36)))
    assert ranked([truth], [detected((0, 0.99, LEFT), (1, 0.99, (0, 0, 40, 36)))])[0] == []
    # The cat is found, its unfound neighbour of the same class is not called badly placed for that.
    assert ranked([truth_of((0, LEFT), (0, (20, 0, 60, 40)))], [detected((0, 0.99, LEFT))])[0] == []


def test_rank_suspicions__far_off_is_overlooked_not_badly_placed(truth_of, detected):
    # IoU 0.143: the detection is of a neighbour, or the annotation is far off; either way the object is unlabelled.
    (one,) = ranked([truth_of((0, (30, 0, 70, 40)))], [detected((0, 0.99, LEFT))])[0]
    assert (one.kind, one.truth, one.detection) == ("overlooked", -1, 0)


def test_rank_suspicions__crowds_hide_overlooked_boxes(truth_of, detected):
    truth = truth_of((0, LEFT), (1, (45, 45, 100, 100)), crowd=(1,))
    assert ranked([truth], [detected((0, 0.99, LEFT), (0, 0.99, RIGHT))])[0] == []


def test_rank_suspicions__nothing():
    suspicions, scores = ranked([], [])
    assert suspicions == []
    assert len(scores) == 0


def test_find_sureness__what_this_detector_reaches(truth_of, detected):
    truths = [truth_of((0, LEFT))] * 4
    _, matches = match_detections(truths, [detected((0, c, LEFT)) for c in (0.2, 0.4, 0.6, 0.6)], 1)
    assert find_sureness(matches, 0.3) == Sureness(pytest.approx(0.6), 0.3)
    _, matches = match_detections(truths, [detected((0, 0.99, LEFT))] * 4, 1)
    assert find_sureness(matches, 0.7) == PAPER
    _, matches = match_detections(truths, [detected()] * 4, 1)
    assert find_sureness(matches, 0.7) is None


@pytest.mark.parametrize("kind", ["overlooked", "swapped", "badly_placed"])
def test_rank_suspicions__finds_what_was_spoilt_among_many(kind):
    """60 images, a good detector, one annotation spoilt in 12 of them: the top of the list is theirs."""
    rng = np.random.default_rng(4)
    truths, found = [], []
    for _ in range(60):
        cell = rng.permutation(16)[:5]
        corner = np.stack([cell % 4, cell // 4], axis=1) * 80 + rng.uniform(0, 20, (5, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(30, 55, (5, 2))], axis=1).astype(np.float32)
        class_id = rng.integers(0, 2, 5)
        truths.append(GroundTruth(boxes, class_id, np.zeros(5, bool), (320, 320)))
        seen = rng.random(5) < 0.9
        noise = rng.normal(0, 1.5, (5, 4)).astype(np.float32)
        found.append(Detections((boxes + noise)[seen], rng.uniform(0.6, 1, 5).astype(np.float32)[seen], class_id[seen]))
    spoilt = set(range(0, 60, 5))
    for image in spoilt:
        # The first annotation that was detected: a spoilt label that nothing is seen on cannot be found.
        boxes, class_id, keep = truths[image].boxes_xyxy.copy(), truths[image].class_id.copy(), np.ones(5, bool)
        target = int(np.abs(boxes - found[image].boxes_xyxy[0]).sum(axis=1).argmin())
        found[image].confidence[0] = 0.99
        if kind == "overlooked":
            keep[target] = False
        elif kind == "swapped":
            class_id[target] = 1 - class_id[target]
        else:
            boxes[target, [0, 2]] += 0.45 * (boxes[target, 2] - boxes[target, 0])
        truths[image] = dataclasses.replace(
            truths[image], boxes_xyxy=boxes[keep], class_id=class_id[keep], is_crowd=np.zeros(keep.sum(), bool)
        )
    _, matches = match_detections(truths, found, 2)
    suspicions, scores = rank_suspicions(truths, found, matches, find_sureness(matches, 0.5))
    listed = [s.image for s in suspicions if s.kind == kind]
    assert set(listed[:12]) == spoilt
    assert len(listed) <= 14
    assert scores[sorted(spoilt)].mean() < scores[[i for i in range(60) if i not in spoilt]].mean() - 0.2
