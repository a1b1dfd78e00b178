"""The published datasets open without a hand-made file, with the counts of their README. Run: pytest tests/datasets."""

from pathlib import Path

import numpy as np
import pytest

from epochal.datasets import SPLITS, open_dataset, split_dataset


def test_open_dataset__bccd(shared_data: Path) -> None:
    dataset = open_dataset(shared_data / "datasets" / "bccd_voc")
    assert (dataset.format, len(dataset.images), dataset.annotation_count) == ("voc", 364, 4886)
    assert dataset.class_names == ("Platelets", "RBC", "WBC")
    assert {s: len(dataset.of_split(s)) for s in SPLITS} == {"train": 205, "val": 87, "test": 72}
    zero = next(f for f in dataset.findings if f.id == "zero_area_box")
    assert (zero.count, zero.action) == (2, "skipped")
    assert "BloodImage_00338.xml object 13" in zero.examples[0]
    assert any("test.csv" in note and "left aside" in note for note in dataset.notes)


def test_open_dataset__bccd_boxes_are_those_of_the_csv(shared_data: Path) -> None:
    """The same boxes stand in test.csv, with its x columns before its y columns; read here by hand."""
    root = shared_data / "datasets" / "bccd_voc"
    expected: dict[str, set[tuple[str, float, float, float, float]]] = {}
    for line in (root / "test.csv").read_text().splitlines()[1:]:
        name, class_name, x_min, x_max, y_min, y_max = line.split(",")
        if x_min != x_max and y_min != y_max:
            expected.setdefault(name, set()).add((class_name, *map(float, (x_min, y_min, x_max, y_max))))
    dataset = open_dataset(root)
    for image in dataset.images:
        found = {
            (dataset.class_names[c], *map(float, box)) for c, box in zip(image.class_id, image.boxes_xyxy, strict=True)
        }
        assert found == {
            (c, x0, y0, min(x1, image.image_wh[0]), min(y1, image.image_wh[1]))
            for c, x0, y0, x1, y1 in expected[image.path.name]
        }


def test_open_dataset__raccoon_takes_the_split_of_the_csv(shared_data: Path) -> None:
    dataset = open_dataset(shared_data / "datasets" / "raccoon_voc_csv")
    assert (dataset.format, len(dataset.images), dataset.annotation_count) == ("voc", 200, 217)
    assert {s: len(dataset.of_split(s)) for s in SPLITS} == {"train": 160, "val": 0, "test": 40}
    copies = next(f for f in dataset.findings if f.id == "duplicate_images")
    assert copies.count == 4
    assert any("raccoon-11.jpg = images/raccoon-116.jpg" in example for example in copies.examples)
    split = split_dataset(dataset)
    assert {s: len(split.of_split(s)) for s in SPLITS} == {"train": 128, "val": 32, "test": 40}
    assert {i.name for i in split.of_split("test")} == {i.name for i in dataset.of_split("test")}


def test_open_dataset__coco33_prefers_coco_at_a_tie(shared_data: Path) -> None:
    dataset = open_dataset(shared_data / "datasets" / "coco33")
    assert (dataset.format, len(dataset.images), dataset.annotation_count) == ("coco", 33, 246)
    assert (len(dataset.class_names), dataset.class_names[0], dataset.class_names[-1]) == (80, "person", "toothbrush")
    assert sum(int(image.is_crowd.sum()) for image in dataset.images) == 3
    assert all(image.labelled for image in dataset.images)
    split = split_dataset(dataset)
    assert {s: len(split.of_split(s)) for s in SPLITS} == {"train": 23, "val": 7, "test": 3}


@pytest.mark.parametrize("name", ["bccd_voc", "raccoon_voc_csv", "coco33"])
def test_open_dataset__keeps_its_promises(shared_data: Path, name: str) -> None:
    dataset = open_dataset(shared_data / "datasets" / name)
    assert [i.name for i in dataset.images] == sorted(i.name for i in dataset.images)
    for image in dataset.images:
        boxes, limit = image.boxes_xyxy, np.array([*image.image_wh, *image.image_wh])
        assert (boxes.dtype, image.class_id.dtype, image.is_crowd.dtype) == (np.float32, np.int64, np.bool_)
        assert ((boxes >= 0) & (boxes <= limit)).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert ((image.class_id >= 0) & (image.class_id < len(dataset.class_names))).all()
        assert image.path.is_file()
