"""The JSON of an evaluation, on one small scene. Run: pytest tests/evaluation/test_document.py."""

import json

import pytest

from epochal.errors import BadInput
from epochal.evaluation import SplitSizes, evaluate

NAMES = ("cat", "dog")
LEFT, RIGHT, FAR = (0, 0, 40, 40), (50, 50, 90, 90), (0, 60, 30, 90)


@pytest.fixture
def result(truth_of, detected):
    """A cat found, a dog taken for a cat, a cat missed, and a sure cat where none is annotated."""
    truths = [truth_of((0, LEFT), (1, RIGHT)), truth_of((0, FAR)), truth_of()]
    found = [detected((0, 0.9, LEFT), (0, 0.8, RIGHT)), detected(), detected((0, 0.99, FAR))]
    return evaluate(truths, found, NAMES, resamples=20)


def test_to_json__keys(result):
    document = result.to_json()
    assert list(document) == [
        "images", "annotations", "mAP_0.5", "mAP_0.5:0.95", "mAP_0.75", "interval", "precision", "recall", "confidence",
        "mean_iou", "per_class", "curves", "confusion", "sizes", "thresholds", "errors", "recommendations",
    ]  # fmt: skip
    assert document["interval"]["resamples"] <= 20
    assert document["interval"]["low"] == document["interval"]["mAP_0.5:0.95"]["low"]
    assert "cells" not in document["confusion"]


def test_to_json__sizes(result):
    sizes = result.to_json()["sizes"]
    assert {size: (part["area_px2"], part["annotations"]) for size, part in sizes.items()} == {
        "small": ([0, 1024], 1),  # 30 × 30
        "medium": ([1024, 9216], 2),
        "large": ([9216, None], 0),
    }
    assert sizes["large"]["mAP_0.5"] is None
    assert sizes["small"]["per_class"]["cat"] == {"annotations": 1, "AP_0.5": 0, "AP_0.5:0.95": 0}
    assert sizes["medium"]["per_class"]["dog"]["AP_0.5"] == 0


def test_to_json__thresholds(result):
    document = result.to_json()
    half, one, two = document["thresholds"]
    for threshold in (half, one, two):
        # The curve stands at the best too, so it comes up to it and never above it.
        top = max(f for f in document["curves"][f"f{threshold['beta']:g}"] if f is not None)
        assert top == pytest.approx(threshold["all"]["f"], abs=1e-6)
    assert [t["beta"] for t in (half, one, two)] == [0.5, 1, 2]
    assert one["all"]["confidence"] == pytest.approx(0.9) == result.to_json()["confidence"]
    assert set(one["all"]) == {"confidence", "f", "precision", "recall", "low", "high", "annotations", "well_founded"}
    assert one["per_class"]["dog"] is None
    assert one["per_class"]["cat"]["f"] == pytest.approx(0.5)
    assert not one["per_class"]["cat"]["well_founded"]


def test_to_json__curves_have_the_thresholds_that_were_chosen(truth_of, detected):
    def judge(right, wrong):
        return evaluate([truth_of((0, LEFT))], [detected((0, right, LEFT), (0, wrong, RIGHT))], NAMES, resamples=0)

    document = judge(0.3171, 0.3169).to_json(chosen_on=judge(0.2123, 0.1))
    curves, at = document["curves"], document["curves"]["confidence"].index
    assert curves["confidence"] == sorted(curves["confidence"])
    beside, best, of_val = at(0.32), at(document["confidence"]), at(document["chosen"][1]["all"]["confidence"])
    assert [curves["recall"][beside], curves["precision"][at(0.31)]] == [0, 0.5]
    assert [curves["precision"][best], curves["recall"][best]] == [document["precision"], document["recall"]] == [1, 1]
    checked = document["chosen"][1]["all"]["checked"]
    assert [curves[key][of_val] for key in ("precision", "recall")] == [checked["precision"], checked["recall"]]


def test_to_json__thresholds_chosen_on_val_are_checked_on_test(result, truth_of, detected):
    # Val is content with 0.8, where two cats are found and nothing is wrong; here a dog is taken for a cat at 0.8.
    val = evaluate([truth_of((0, LEFT), (0, RIGHT))], [detected((0, 0.9, LEFT), (0, 0.8, RIGHT))], NAMES, resamples=0)
    half, one, _ = result.to_json(chosen_on=val)["chosen"]
    assert one["all"]["confidence"] == one["all"]["chosen"]["confidence"] == pytest.approx(0.8)
    assert one["all"]["chosen"]["f"] == 1
    # Of cats: 1 right of 3 seen, 1 of 2 found. Of dogs nothing. The mean over both classes:
    assert one["per_class"]["cat"]["checked"] == pytest.approx({"f": 0.4, "precision": 1 / 3, "recall": 0.5})
    assert one["all"]["checked"] == pytest.approx({"f": 0.2, "precision": 1 / 6, "recall": 0.25})
    assert half["per_class"]["cat"]["checked"]["f"] == pytest.approx(1.25 * 1 / (1.25 * 1 + 0.25 * 1 + 2))
    assert one["per_class"]["dog"] is None
    assert "chosen" not in result.to_json()
    with pytest.raises(BadInput, match="same classes"):
        result.to_json(chosen_on=evaluate([], [], ("cat",), resamples=0))


def test_to_json__on_the_images_of_the_training_nothing_is_suspicious(result):
    document = result.to_json(file_names=["a", "b", "c"], is_out_of_sample=False)
    assert "suspicions" not in document
    assert document["confusion"]["cells"]


def test_to_json__errors(result):
    errors = result.to_json()["errors"]
    assert errors["iou"] == [0.1, 0.5]
    assert errors["mAP_0.5"] == pytest.approx(result.map50)
    assert {name: (part["count"], part["count_at_confidence"]) for name, part in errors["types"].items()} == {
        "location": (0, 0),
        "classification": (1, 0),  # 0.8 is below the confidence
        "duplicate": (0, 0),
        "background": (1, 1),
        "both": (0, 0),
        "missed": (1, 2),
    }
    assert errors["types"]["classification"]["gain"] == pytest.approx(0.5)
    assert errors["all_false_positives"]["count"] == errors["all_missed"]["count"] == 2


def test_to_json__cells_hold_the_boxes(result):
    confusion = result.to_json(file_names=["1.jpg", "2.jpg", "3.jpg"])["confusion"]
    assert confusion["matrix"] == [[1, 0, 1], [0, 0, 1], [1, 0, 0]]
    cells = {(cell["truth"], cell["prediction"]): cell for cell in confusion["cells"]}
    assert {key: cell["count"] for key, cell in cells.items()} == {(0, 0): 1, (0, 2): 1, (1, 2): 1, (2, 0): 1}
    assert cells[0, 2]["boxes"] == [
        {"file_name": "2.jpg", "truth_xyxy": list(FAR), "prediction_xyxy": None, "confidence": None}
    ]
    assert cells[2, 0]["boxes"] == [
        {"file_name": "3.jpg", "truth_xyxy": None, "prediction_xyxy": list(FAR), "confidence": 0.99}
    ]


def test_to_json__cells_show_the_most_confident_first(truth_of, detected):
    alarms = [(0, 0.3 + i / 100, FAR) for i in range(30)]
    document = evaluate([truth_of((0, LEFT))], [detected((0, 0.25, LEFT), *alarms)], ("cat",)).to_json(file_names=["1"])
    cell = next(c for c in document["confusion"]["cells"] if c["truth"] == 1)
    assert cell["count"] == 30
    assert [box["confidence"] for box in cell["boxes"]] == [round(0.59 - i / 100, 4) for i in range(20)]


def test_to_json__suspicions(result):
    suspicions = result.to_json(file_names=["1.jpg", "2.jpg", "3.jpg"])["suspicions"]
    assert suspicions["sure"] == pytest.approx(0.9)
    assert suspicions["count"] == 1
    assert suspicions["boxes"] == [
        {
            "kind": "overlooked",
            "score": suspicions["boxes"][0]["score"],
            "image": 2,
            "file_name": "3.jpg",
            "image_wh": [100, 100],
            "class_name": None,
            "box_xyxy": None,
            "suggested_class_name": "cat",
            "suggested_xyxy": list(FAR),
            "confidence": 0.99,
        }
    ]
    assert suspicions["images"][0]["file_name"] == "3.jpg"


def test_to_json__recommendations_use_what_they_are_given(result):
    ids = [r["id"] for r in result.to_json()["recommendations"]]
    assert ids == ["missed_detection", "class_imbalance", "class_imbalance"]
    document = result.to_json(train_annotations=[300, 300], splits=SplitSizes(80, 10, 10))
    assert [r["id"] for r in document["recommendations"]] == ["missed_detection", "dataset_health"]


def test_to_json__refuses_lists_that_do_not_fit(result):
    with pytest.raises(BadInput, match="One file name per image is needed; got 1 for 3"):
        result.to_json(file_names=["1.jpg"])
    with pytest.raises(BadInput, match="One count per class is needed; got 3 for 2"):
        result.to_json(train_annotations=[1, 2, 3])


@pytest.mark.parametrize("case", ["no images", "nothing annotated", "nothing detected"])
def test_to_json__without_something_to_say_it_is_still_json(truth_of, detected, case):
    truths = {"no images": [], "nothing annotated": [truth_of()], "nothing detected": [truth_of((0, LEFT))]}[case]
    found = {"no images": [], "nothing annotated": [detected((0, 0.9, LEFT))], "nothing detected": [detected()]}[case]
    document = evaluate(truths, found, NAMES).to_json(file_names=["1.jpg"] * len(truths), splits=SplitSizes(0, 0, 0))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["suspicions"]["boxes"] == []
    assert document["thresholds"][1]["all"] is None
