"""The AP that the bootstrap repeats is COCO's AP. Run: pytest tests/evaluation/test_average_precision.py."""

import numpy as np
import pytest

from epochal.evaluation.average_precision import compute_average_precision
from epochal.evaluation.matching import match_detections


@pytest.mark.parametrize("seed", range(6))
def test_compute_average_precision__weights_of_one_give_hotcocos_number(crowded_scene, seed):
    truths, found = crowded_scene(seed, images=30)
    numbers, matches = match_detections(truths, found, 3)
    ap = compute_average_precision(matches, np.ones((1, 30), np.int32))[0]
    np.testing.assert_allclose(ap.T, numbers.precision[:, :, :, 0].mean(axis=1), atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_compute_average_precision__a_weight_is_a_number_of_copies(crowded_scene, seed):
    truths, found = crowded_scene(seed)
    # Confidences that differ: copies of tied boxes would be ranked by image, weights keep them together.
    rng = np.random.default_rng(seed)
    for entry in found:
        entry.confidence[:] = rng.random(len(entry))
    weights = rng.integers(0, 4, (5, len(truths))).astype(np.int32)
    _, matches = match_detections(truths, found, 3)
    ap = compute_average_precision(matches, weights)
    for row, weight in zip(ap, weights, strict=True):
        copies = [index for index, count in enumerate(weight) for _ in range(count)]
        numbers, _ = match_detections([truths[i] for i in copies], [found[i] for i in copies], 3)
        np.testing.assert_allclose(row.T, numbers.precision[:, :, :, 0].mean(axis=1), atol=1e-12)


def test_compute_average_precision__recall_points_are_compared_as_coco_does(truth_of, detected):
    # 7 · 0.07 and the like are not exact in binary: every number of hits from 0 to 29 of 29 annotations.
    boxes = [(0, (3 * i, 0, 3 * i + 2, 2)) for i in range(29)]
    for hits in range(30):
        found = detected(*[(0, 0.9 - i / 100, box) for i, (_, box) in enumerate(boxes[:hits])])
        numbers, matches = match_detections([truth_of(*boxes)], [found], 1)
        ap = compute_average_precision(matches, np.ones((1, 1), np.int32))
        assert ap[0, 0, 0] == pytest.approx(numbers.precision[0, :, 0, 0].mean(), abs=1e-12)


def test_compute_average_precision__no_annotation_left_is_nan(truth_of, detected):
    truths = [truth_of((0, (0, 0, 9, 9))), truth_of()]
    _, matches = match_detections(truths, [detected((0, 0.9, (0, 0, 9, 9))), detected((0, 0.8, (0, 0, 5, 5)))], 2)
    ap = compute_average_precision(matches, np.array([[1, 1], [0, 2], [2, 0]], np.int32))
    assert np.isnan(ap[1]).all()
    assert np.isnan(ap[:, 1]).all()
    assert (ap[[0, 2], 0] == 1).all()
