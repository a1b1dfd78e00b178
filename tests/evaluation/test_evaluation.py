"""`evaluate` on scenes drawn by hand, and without anything to judge by. Run: pytest tests/evaluation."""

import json
import math
import time

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.errors import BadInput
from epochal.evaluation import GroundTruth, evaluate

NAMES = ("cat", "dog")
LEFT, RIGHT = (0, 0, 40, 40), (50, 50, 90, 90)


def test_evaluate__perfect_detections(truth_of, detected):
    truths = [truth_of((0, LEFT), (1, RIGHT)), truth_of((0, RIGHT))]
    found = [detected((0, 0.9, LEFT), (1, 0.8, RIGHT)), detected((0, 0.7, RIGHT))]
    series = evaluate(truths, found, NAMES, resamples=20).series()
    assert series["metrics/mAP_0.5"] == series["metrics/mAP_0.5:0.95"] == 1
    assert series["metrics/precision"] == series["metrics/recall"] == 1
    assert series["metrics/confidence"] == pytest.approx(0.7)


def test_evaluate__half_found_with_one_false_alarm(truth_of, detected):
    # Ranked: hit (0.9), false alarm (0.8); one of two annotations is never found.
    # Precision is 1 up to recall 0.5 (51 of 101 recall points), then 0.
    truths = [truth_of((0, LEFT), (0, RIGHT))]
    found = [detected((0, 0.9, LEFT), (0, 0.8, (0, 60, 30, 90)))]
    result = evaluate(truths, found, NAMES)
    assert result.map50 == pytest.approx(51 / 101)
    assert (result.operating_point.precision, result.operating_point.recall) == (1, 0.5)
    assert result.operating_point.confidence == pytest.approx(0.9)


def test_evaluate__loose_box_counts_only_at_low_iou(truth_of, detected):
    # 40 × 40 against 40 × 30 inside it: IoU 0.75, a hit at six of ten thresholds (0.50 … 0.75).
    result = evaluate([truth_of((0, LEFT))], [detected((0, 0.9, (0, 0, 40, 30)))], ("cat",))
    assert result.map50 == pytest.approx(1)
    assert result.map50_95 == pytest.approx(0.6)
    assert result.to_json()["mAP_0.75"] == result.to_json()["per_class"]["cat"]["AP_0.75"] == pytest.approx(1)
    assert result.mean_iou() == pytest.approx(0.75)


def test_evaluate__crowd_swallows_detections(truth_of, detected):
    # The small boxes lie in the crowd box: intersection over their own area is 1, so neither is a false alarm.
    truths = [truth_of((0, LEFT), (0, (50, 0, 100, 100)), crowd=(1,))]
    found = [detected((0, 0.9, (60, 10, 70, 20)), (0, 0.8, (60, 30, 70, 40)), (0, 0.7, LEFT))]
    result = evaluate(truths, found, ("cat",))
    assert result.map50 == pytest.approx(1)
    assert result.operating_point.precision == 1
    assert result.to_json()["annotations"] == 1
    assert result.to_json()["confusion"]["matrix"] == [[1, 0], [0, 0]]


def test_evaluate__only_the_hundred_most_confident_of_an_image_and_class_count(truth_of, detected):
    alarms = [(0, 0.9, (60, 60, 70, 70))] * 100
    assert evaluate([truth_of((0, LEFT))], [detected(*alarms, (0, 0.1, LEFT))], ("cat",)).map50 == 0
    assert evaluate([truth_of((0, LEFT))], [detected(*alarms[1:], (0, 0.1, LEFT))], ("cat",)).map50 > 0


@pytest.mark.parametrize(
    ("truths", "found"),
    [([], []), ([()], [()]), ([()], [((0, 0.9, LEFT),)])],
    ids=["no images", "an empty image", "a detection without any annotation"],
)
def test_evaluate__without_ground_truth_nothing_is_claimed(truth_of, detected, truths, found):
    result = evaluate([truth_of(*t) for t in truths], [detected(*d) for d in found], NAMES)
    assert math.isnan(result.map50)
    assert math.isnan(result.operating_point.precision)
    assert result.intervals is None
    assert result.series() == {}
    document = result.to_json()
    assert document["mAP_0.5"] is document["precision"] is document["interval"] is document["confidence"] is None
    assert document["per_class"]["cat"] == {
        "annotations": 0, "AP_0.5": None, "AP_0.5:0.95": None, "AP_0.75": None,
        "precision": document["per_class"]["cat"]["precision"], "recall": None,
    }  # fmt: skip
    json.dumps(document, allow_nan=False)


def test_evaluate__without_detections_the_zeros_are_true(truth_of, detected):
    series = evaluate([truth_of((0, LEFT)), truth_of()], [detected(), detected()], NAMES).series()
    assert series["metrics/mAP_0.5"] == series["metrics/precision"] == series["metrics/recall"] == 0
    assert "metrics/confidence" not in series
    assert series["class/cat/AP_0.5"] == 0


def test_series__has_exactly_the_keys_of_the_graph(truth_of, detected):
    truths, found = [truth_of((0, LEFT)), truth_of((0, RIGHT))], [detected((0, 0.9, LEFT)), detected((1, 0.9, LEFT))]
    assert list(evaluate(truths, found, NAMES).series()) == [
        "metrics/mAP_0.5",
        "metrics/mAP_0.5:0.95",
        "metrics/mAP_0.5/low",
        "metrics/mAP_0.5/high",
        "metrics/mAP_0.5:0.95/low",
        "metrics/mAP_0.5:0.95/high",
        "metrics/precision",
        "metrics/recall",
        "metrics/confidence",
        "class/cat/AP_0.5:0.95",
        "class/cat/AP_0.5",
    ]


def test_evaluate__drops_what_is_no_number(truth_of, detected):
    found = detected((0, 0.9, LEFT), (0, math.nan, LEFT), (0, 0.95, (0, 0, math.inf, 5)), (0, 0.95, (math.nan,) * 4))
    result = evaluate([truth_of((0, LEFT))], [found], NAMES)
    assert result.map50 == pytest.approx(1)
    assert len(result.detections[0]) == 1


def test_evaluate__box_without_area(truth_of, detected):
    result = evaluate([truth_of((0, (5, 5, 5, 5)))], [detected((0, 0.9, (5, 5, 5, 5)), (0, 0.8, LEFT))], NAMES)
    assert 0 <= result.map50 <= 1


@pytest.mark.parametrize("class_id", [-1, 2])
def test_evaluate__refuses_a_class_without_a_name(truth_of, detected, class_id):
    with pytest.raises(BadInput, match=f"0 to 1; image number 1 has an annotation of class {class_id}"):
        evaluate([truth_of((class_id, LEFT))], [detected()], NAMES)
    with pytest.raises(BadInput, match=f"image number 1 has a detection of class {class_id}"):
        evaluate([truth_of()], [detected((class_id, 0.5, LEFT))], NAMES)


def test_evaluate__refuses_lists_that_do_not_fit(truth_of):
    with pytest.raises(BadInput, match="1 ground truths and 0 detections"):
        evaluate([truth_of()], [], NAMES)
    with pytest.raises(BadInput, match="'cat' stands more than once"):
        evaluate([], [], ("cat", "cat"))
    with pytest.raises(ValueError, match="GroundTruth needs"):
        GroundTruth(np.zeros((2, 4), np.float32), np.zeros(1, np.int64), np.zeros(1, bool), (5, 5))


def test_to_json__curves_and_shape(truth_of, detected):
    truths = [truth_of((0, LEFT), (1, RIGHT))]
    document = evaluate(truths, [detected((0, 0.9, LEFT), (1, 0.55, RIGHT))], NAMES).to_json()
    curves = document["curves"]
    assert {i / 100 for i in range(101)} < set(curves["confidence"])
    at = curves["confidence"].index
    assert curves["recall"][at(0.5)] == 1
    assert curves["recall"][at(0.6)] == 0.5
    assert curves["precision"][at(0.6)] == 0.5  # nothing of "dog" is detected there: it counts 0
    assert curves["precision"][at(0.95)] is None
    assert curves["per_class"]["dog"]["precision"][at(0.6)] is None
    assert curves["per_class"]["dog"]["f1"][at(0.6)] == 0
    assert curves["pr"] == {"recall": [i / 100 for i in range(101)], "precision": [1.0] * 101}
    assert document["confusion"]["classes"] == ["cat", "dog", "background"]
    assert document["images"] == 1


def test_evaluate__one_image_has_no_interval(truth_of, detected):
    assert evaluate([truth_of((0, LEFT))], [detected((0, 0.9, LEFT))], NAMES).intervals is None


def test_evaluate__order_of_images_and_boxes_changes_nothing(crowded_scene):
    truths, found = crowded_scene(3)
    # Ties in confidence are ranked by image, so a law about order needs confidences that differ.
    rng = np.random.default_rng(0)
    found = [Detections(d.boxes_xyxy, rng.permutation(len(d)).astype(np.float32) / 64 + i / 999, d.class_id)
             for i, d in enumerate(found)]  # fmt: skip
    mixed_truths, mixed_found = [], []
    for index in rng.permutation(len(truths)):
        t, d = rng.permutation(len(truths[index])), rng.permutation(len(found[index]))
        truth, detections = truths[index], found[index]
        mixed_truths.append(GroundTruth(truth.boxes_xyxy[t], truth.class_id[t], truth.is_crowd[t], truth.image_wh))
        mixed_found.append(Detections(detections.boxes_xyxy[d], detections.confidence[d], detections.class_id[d]))
    names = ("a", "b", "c")
    first = evaluate(truths, found, names, resamples=0).to_json()
    assert evaluate(mixed_truths, mixed_found, names, resamples=0).to_json() == first


@pytest.mark.parametrize("seed", range(4))
def test_evaluate__a_least_confident_false_alarm_never_raises_ap(crowded_scene, detected, seed):
    truths, found = crowded_scene(seed)
    before = evaluate(truths, found, ("a", "b", "c"), resamples=0)
    alarm = detected((0, 0.0, (280, 200, 290, 210)))
    found[0] = Detections(
        np.concatenate([found[0].boxes_xyxy, alarm.boxes_xyxy]),
        np.concatenate([found[0].confidence, alarm.confidence]),
        np.concatenate([found[0].class_id, alarm.class_id]),
    )
    after = evaluate(truths, found, ("a", "b", "c"), resamples=0)
    assert 0 <= after.map50_95 <= before.map50_95 <= before.map50 <= 1


def test_evaluate__same_seed_same_numbers(crowded_scene):
    truths, found = crowded_scene(1)
    runs = [evaluate(truths, found, ("a", "b", "c"), seed=seed).series() for seed in (5, 5, 6)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_evaluate__is_quick_enough_to_run_after_every_epoch(crowded_scene):
    truths, found = crowded_scene(0, images=40)
    begin = time.process_time()
    evaluate(truths, found, ("a", "b", "c"))
    assert time.process_time() - begin < 2, "benchmarks/evaluation.py says where the time goes"
