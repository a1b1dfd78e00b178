"""The confusion matrix, drawn by hand. Run: pytest tests/evaluation/test_confusion.py."""

import numpy as np
import pytest

from epochal.evaluation import evaluate
from epochal.evaluation.confusion import pair_up
from epochal.evaluation.matching import match_detections

LEFT, RIGHT, FAR = (0, 0, 40, 40), (50, 50, 90, 90), (0, 60, 30, 90)


def pairs_of(truths, found, confidence, classes=2):
    _, matches = match_detections(truths, found, classes)
    return pair_up(truths, found, matches, confidence)


def test_pair_up__every_kind_of_cell(truth_of, detected):
    truths = [truth_of((0, LEFT), (1, RIGHT)), truth_of((0, LEFT))]
    found = [detected((0, 0.9, LEFT), (0, 0.8, RIGHT), (1, 0.7, FAR)), detected((0, 0.1, LEFT))]
    pairs = pairs_of(truths, found, 0.5)
    #            cat dog background
    assert pairs.matrix(2).tolist() == [
        [1, 0, 1],  # cat: one found, one below the confidence
        [1, 0, 0],  # dog taken for a cat
        [0, 1, 0],  # a dog where nothing is
    ]
    assert pairs.image[pairs.of_cell(0, 2)].tolist() == [1]
    assert pairs.image[pairs.of_cell(1, 0)].tolist() == [0]
    assert pairs.image[pairs.of_cell(1, 1)].tolist() == []


def test_pair_up__own_class_first_even_when_another_overlaps_better(truth_of, detected):
    # A "dog" box lies exactly on the cat, a "cat" box a little off: the cat is found, the dog is a false alarm.
    matrix = pairs_of([truth_of((0, LEFT))], [detected((1, 0.9, LEFT), (0, 0.6, (0, 0, 40, 35)))], 0.5).matrix(2)
    assert matrix.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_pair_up__duplicates_are_false_alarms(truth_of, detected):
    matrix = pairs_of([truth_of((0, LEFT))], [detected((0, 0.9, LEFT), (0, 0.8, LEFT), (1, 0.7, LEFT))], 0.5).matrix(2)
    assert matrix.tolist() == [[1, 0, 0], [0, 0, 0], [1, 1, 0]]


def test_pair_up__nothing_at_all():
    assert pairs_of([], [], 0.5).matrix(2).tolist() == [[0] * 3] * 3


@pytest.mark.parametrize("seed", range(5))
def test_pair_up__diagonal_and_rows_agree_with_recall_and_precision(crowded_scene, seed):
    truths, found = crowded_scene(seed, images=20)
    result = evaluate(truths, found, ("a", "b", "c"), resamples=0)
    matrix = result.pairs.matrix(3)
    point = result.operating_point
    np.testing.assert_array_equal(matrix[:3].sum(axis=1), result.matches.truth_count.sum(axis=0))
    np.testing.assert_allclose(np.diag(matrix)[:2] / matrix[:2].sum(axis=1), point.class_recall[:2])
    np.testing.assert_allclose(np.diag(matrix)[:2] / matrix[:, :2].sum(axis=0), point.class_precision[:2])
