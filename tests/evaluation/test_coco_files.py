"""Predictions and ground truth as COCO files. Run: pytest tests/evaluation/test_coco_files.py."""

import errno
import json

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.errors import BadInput, Failed, StorageFull
from epochal.evaluation import coco_ground_truth, coco_results, write_ground_truth, write_predictions

NAMES = ("cat", "dog")


def test_coco_results__names_image_and_class(detected):
    rows = coco_results(["a/1.jpg", "a/2.jpg"], [detected(), detected((1, 0.25, (10, 20, 40, 60)))], NAMES)
    assert rows == [
        {
            "image_id": 2,
            "file_name": "a/2.jpg",
            "category_id": 2,
            "category_name": "dog",
            "bbox": [10.0, 20.0, 30.0, 40.0],
            "score": 0.25,
        }
    ]


def test_coco_results__keeps_the_300_most_confident_from_a_thousandth_on():
    confidence = np.linspace(0, 1, 400, dtype=np.float32)
    many = Detections(np.tile(np.float32([0, 0, 5, 5]), (400, 1)), confidence, np.zeros(400, np.int64))
    scores = [row["score"] for row in coco_results(["1.jpg"], [many], NAMES)]
    assert scores == sorted(confidence.tolist(), reverse=True)[:300]
    low = Detections(many.boxes_xyxy[:2], np.float32([0.0005, 0.002]), many.class_id[:2])
    assert len(coco_results(["1.jpg"], [low], NAMES)) == 1


def test_coco_ground_truth__counts_from_one(truth_of):
    document = coco_ground_truth(
        ["1.jpg", "2.jpg"], [truth_of(), truth_of((0, (0, 0, 5, 4)), (1, (1, 1, 3, 3)), crowd=(1,))], NAMES
    )
    assert document["images"][1] == {"id": 2, "file_name": "2.jpg", "width": 100, "height": 100}
    assert document["categories"] == [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    assert [(a["id"], a["image_id"], a["category_id"], a["area"], a["iscrowd"]) for a in document["annotations"]] == [
        (1, 2, 1, 20.0, 0),
        (2, 2, 2, 4.0, 1),
    ]


def test_write_predictions__replaces_whole(tmp_path, detected, truth_of):
    path = tmp_path / "predictions.json"
    path.write_text("old")
    write_predictions(path, ["ä.jpg"], [detected((0, 0.5, (0, 0, 5, 5)))], NAMES)
    write_ground_truth(tmp_path / "truth.json", ["ä.jpg"], [truth_of()], NAMES)
    assert json.loads(path.read_text("utf-8"))[0]["file_name"] == "ä.jpg"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["predictions.json", "truth.json"]


def test_write_predictions__full_disk_leaves_the_old_file(tmp_path, detected, monkeypatch):
    path = tmp_path / "predictions.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("epochal.storage.whole_files.os.fsync", full)
    with pytest.raises(StorageFull, match=r"predictions\.json"):
        write_predictions(path, ["1.jpg"], [detected()], NAMES)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_write_predictions__says_what_is_wrong(tmp_path, detected):
    with pytest.raises(Failed, match="Cannot write"):
        write_predictions(tmp_path / "no" / "such" / "p.json", ["1.jpg"], [detected()], NAMES)
    with pytest.raises(BadInput, match="2 names for 1 detections"):
        write_predictions(tmp_path / "p.json", ["1.jpg", "2.jpg"], [detected()], NAMES)
