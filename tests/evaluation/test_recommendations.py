"""Each recommendation just at and just short of its trigger. Run: pytest tests/evaluation/test_recommendations.py."""

import numpy as np
import pytest

from epochal.evaluation.recommendations import SplitSizes, recommend

NAMES = ("cat", "dog")


def ids(matrix, **options):
    return [(r.id, r.classes) for r in recommend(np.array(matrix), NAMES, **options)]


GOOD = [[100, 0, 0], [0, 100, 0], [0, 0, 0]]


def test_recommend__nothing_to_say():
    assert ids(GOOD, splits=SplitSizes(700, 200, 100)) == []
    assert recommend(np.zeros((1, 1), np.int64), ()) == []


def test_recommend__missed_detection_names_the_class_with_most():
    assert ids([[100, 0, 3], [0, 100, 8], [0, 0, 0]]) == [("missed_detection", ("dog",))]
    (one,) = recommend(np.array([[100, 0, 3], [0, 100, 8], [0, 0, 0]]), NAMES)
    assert one.evidence == {"missed": 8, "annotations": 108}
    assert one.message == "8 of 108 annotations of dog are not found, the most of all classes."


def test_recommend__wrong_class_names_the_pair_and_its_way():
    (one,) = recommend(np.array([[100, 5, 0], [2, 100, 0], [0, 0, 0]]), NAMES)
    assert (one.id, one.classes) == ("wrong_class", ("cat", "dog"))
    assert one.evidence == {"count": 5, "the_other_way": 2, "annotations": 105}
    assert one.remedy.startswith("Check the annotations of cat")
    (one,) = recommend(np.array([[100, 4, 0], [2, 100, 0], [0, 0, 0]]), NAMES)
    assert one.remedy.startswith("Both ways")


@pytest.mark.parametrize(
    ("right", "wrong", "fires"),
    [(55, 30, True), (55, 29, False), (56, 30, False), (0, 30, True), (0, 29, False)],
    ids=["precision 0.647", "29 false alarms", "precision 0.651", "nothing right", "29 detections"],
)
def test_recommend__overconfident_false_positives(right, wrong, fires):
    # Annotations stay 100; those not found would add another recommendation, so only the id is asked for.
    found = ids([[right, 0, 100 - right], [0, 100, 0], [wrong, 0, 0]])
    assert (("overconfident_false_positives", ("cat",)) in found) is fires


@pytest.mark.parametrize(
    ("cats", "dogs", "fires"),
    [(29, 29, True), (30, 30, False), (399, 2801, True), (400, 2800, False)],
    ids=["under 30", "30", "under a quarter of the median, 1600", "a quarter of the median"],
)
def test_recommend__class_imbalance(cats, dogs, fires):
    assert (("class_imbalance", ("cat",)) in ids(GOOD, annotations=[cats, dogs])) is fires


def test_recommend__class_imbalance_grows_with_the_dataset():
    # 0.05 · √1,000,000 = 50.
    assert ("class_imbalance", ("cat",)) in ids(GOOD, annotations=[49, 999_951])
    few = recommend(np.array(GOOD), NAMES, annotations=[49, 999_951])[0]
    assert few.evidence["least"] == pytest.approx(50)


@pytest.mark.parametrize(
    ("splits", "evidence"),
    [
        ((300, 100, 50), {}),
        ((300, 100, 49), {"test_images": 49}),
        ((850, 101, 49), {"test_images": 49, "test_share": 0.049}),
        ((1700, 199, 101), {"val_share": 199 / 2000}),
        ((0, 0, 0), {"test_images": 0, "test_share": 0, "val_share": 0}),
    ],
    ids=str,
)
def test_recommend__dataset_health(splits, evidence):
    found = recommend(np.array(GOOD), NAMES, splits=SplitSizes(*splits))
    assert (dict(found[0].evidence) if found else {}) == evidence
    assert all(r.id == "dataset_health" for r in found)


def test_recommend__what_concerns_most_boxes_comes_first():
    found = recommend(np.array([[100, 9, 5], [0, 100, 0], [70, 0, 0]]), NAMES)
    assert [r.id for r in found] == ["overconfident_false_positives", "wrong_class", "missed_detection"]
    assert found[1].message == "cat is taken for dog on 9 of 114 boxes, the most common mix-up."


def test_to_json__is_plain():
    (one,) = recommend(np.array([[100, 0, 3], [0, 100, 0], [0, 0, 0]]), NAMES)
    assert set(one.to_json()) == {"id", "classes", "evidence", "message", "remedy"}
    assert one.to_json()["classes"] == ["cat"]
