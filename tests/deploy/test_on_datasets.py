"""What an exported net finds on a dataset is what its training would. Run: pytest tests/deploy/test_on_datasets.py."""

from pathlib import Path

import numpy as np
import pytest

from detectors.shapes import NAMES, train_on_shapes, write_coco
from epochal.datasets import open_dataset
from epochal.deploy import detect_images, load_predictor
from epochal.detectors.export import export_weights
from epochal.errors import DatasetError
from epochal.training.detecting import detect_with_weights


def test_detect_images__equals_torch(tmp_path: Path) -> None:
    weights = train_on_shapes()
    export_weights(weights, tmp_path / "best.onnx", "onnx")
    dataset = open_dataset(write_coco(tmp_path / "set", {"train": 2, "val": 2, "test": 10}))
    assert dataset.class_names == ("square", "disc")  # not the order of the weights
    predictor = load_predictor(tmp_path / "best.onnx", threads=1)
    assert predictor.class_names == NAMES
    told: list[tuple[int, int]] = []
    ours = detect_images(
        predictor.for_classes(dataset.class_names), dataset.images, lambda done, total: told.append((done, total))
    )
    theirs = detect_with_weights(
        weights, dataset.images, dataset.class_names, cache=tmp_path / "cache", cache_max_bytes=10**8
    )
    assert told == [(8, 14), (14, 14)]
    assert len(ours) == len(theirs) == 14
    for one, other in zip(ours, theirs, strict=True):
        assert 10 < len(one) <= 300
        sure, sure_other = one.above(0.05), other.above(0.05)  # below it, near ties may change places
        assert sure.class_id.tolist() == sure_other.class_id.tolist()
        assert np.allclose(sure.boxes_xyxy, sure_other.boxes_xyxy, atol=0.5)
        assert np.allclose(sure.confidence, sure_other.confidence, atol=1e-3)


def test_detect_images__of_a_picture_that_broke_since(tmp_path: Path) -> None:
    export_weights(train_on_shapes(), tmp_path / "best.onnx", "onnx")
    dataset = open_dataset(write_coco(tmp_path / "set", {"train": 2}))
    dataset.images[1].path.write_bytes(b"\x89PNG")
    with pytest.raises(DatasetError, match=r"shot 1\.png"):
        detect_images(load_predictor(tmp_path / "best.onnx", threads=1), dataset.images)
