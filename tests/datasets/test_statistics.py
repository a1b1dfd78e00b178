"""The health check's numbers, on datasets small enough to count by hand. Run: pytest tests/datasets."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from epochal.datasets import Dataset, Image, dataset_health, open_dataset
from epochal.datasets.examining import examine
from epochal.datasets.statistics import BoxColumns, compute_statistics, count_heatmap

Row = tuple[int, tuple[float, float, float, float]]


def _image(
    name: str, *rows: Row, split: str | None = "train", wh: tuple[int, int] = (100, 50), labelled: bool = True
) -> Image:
    corners = np.array([box for _, box in rows], np.float32).reshape(-1, 4)
    class_id = np.array([c for c, _ in rows], np.int64)
    return Image(Path(name), name, wh, split, corners, class_id, np.zeros(len(rows), np.bool_), labelled, name)


def _dataset(*images: Image, names: tuple[str, ...] = ("cat", "dog")) -> Dataset:
    return Dataset(Path("/data"), "data", "coco", names, images, (), ())


CAT, DOG = (0, (0.0, 0.0, 50.0, 25.0)), (1, (10.0, 10.0, 20.0, 20.0))
SAMPLE = _dataset(
    _image("a", CAT, CAT, DOG),
    _image("b", CAT, split="val", wh=(50, 100)),
    _image("c", split="val"),
    _image("d", split=None, wh=(80, 80), labelled=False),
)


def test_compute_statistics__labeling_and_objects() -> None:
    found = compute_statistics(SAMPLE)
    assert found["labeling"] == {"with_boxes": 2, "background": 1, "unlabelled": 1}
    assert found["objects_per_image"] == [[0, 1], [1, 1], [3, 1]]


def test_compute_statistics__image_sizes() -> None:
    found = compute_statistics(SAMPLE)["image_size"]
    assert (found["mean_wh"], found["median_wh"]) == ([82.5, 70.0], [90.0, 65.0])
    assert found["median_aspect_ratio"] == 1.5
    assert (found["tall"], found["square"], found["wide"]) == (1, 1, 2)
    assert found["frequent"][0] == {"image_wh": [100, 50], "images": 2}


def test_compute_statistics__class_balance_by_split() -> None:
    none = {"images": 0, "annotations": 0}
    one = {"images": 1, "annotations": 1}
    assert compute_statistics(SAMPLE)["class_balance"] == {
        "cat": {"train": {"images": 1, "annotations": 2}, "val": one, "none": none},
        "dog": {"train": one, "val": none, "none": none},
    }


def test_compute_statistics__box_sizes_by_the_limits_of_coco() -> None:
    rows = [(0, (0.0, 0.0, side, side)) for side in (31.0, 32.0, 95.0, 96.0)]
    found = compute_statistics(_dataset(_image("a", *rows, wh=(100, 100))))["box_size"]
    assert (found["small"], found["medium"], found["large"]) == (1, 2, 1)
    assert found["share_quantiles"]["0.5"] == pytest.approx((0.32**2 + 0.95**2) / 2)


def test_compute_statistics__nothing_at_all_is_fit_for_json() -> None:
    for dataset in (_dataset(_image("a", labelled=False)), _dataset(_image("a"), names=())):
        json.dumps(dataset_health(dataset), allow_nan=False)


def test_count_heatmap__case_on_paper() -> None:
    boxes = BoxColumns.of(_dataset(_image("a", CAT, DOG)))
    # the cat covers the left upper quarter of a 4 × 4 grid of 25 × 12.5 px cells; the dog reaches from
    # x = 10 to 20 and y = 10 to 20: the cells 0 and 1 of the first column
    expected = [[2, 1, 0, 0], [2, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert count_heatmap(boxes, 4).tolist() == expected


def test_count_heatmap__agrees_with_counting_box_by_box(shared_data: Path) -> None:
    boxes = BoxColumns.of(open_dataset(shared_data / "datasets" / "coco33"))
    expected = np.zeros((16, 16), np.int64)
    for corners, wh in zip(boxes.corners, boxes.image_wh, strict=True):
        x0, y0, x1, y1 = corners / np.tile(wh, 2) * 16
        expected[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] += 1
    np.testing.assert_array_equal(count_heatmap(boxes), expected)


def _findings(dataset: Dataset) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {finding.id: (finding.count, finding.examples) for finding in examine(dataset).findings}


def test_examine__suspicious_boxes() -> None:
    whole, tiny = (0, (0.0, 0.0, 100.0, 49.5)), (1, (5.0, 5.0, 6.0, 30.0))
    assert _findings(_dataset(_image("a", whole, tiny, CAT, DOG))) == {
        "whole_image_box": (1, ("a: cat (0, 0, 100, 49.5)",)),
        "tiny_box": (1, ("a: dog (5, 5, 6, 30)",)),
    }


def test_examine__classes_of_no_use() -> None:
    rare = _dataset(
        _image("a", *[(0, (0.0, 0.0, 9.0, i + 2.0)) for i in range(10)], DOG),
        _image("b", (2, CAT[1]), split="test"),
        names=("cat", "dog", "elk", "fox"),
    )
    assert _findings(rare) == {
        "class_without_boxes": (1, ("fox",)),
        "class_imbalance": (1, ("10 boxes of cat, 1 of dog",)),
        "class_not_in_train": (1, ("elk",)),
    }


@pytest.mark.parametrize(
    ("first", "second", "similar", "reason"),
    [
        ("Cat", "cat", True, "case"),
        ("stop_sign", "stop sign", True, "signs"),
        ("person", "persons", True, "plural"),
        ("bicicle", "bicycle", True, "one letter changed"),
        ("raccoon", "racoon", True, "one letter dropped"),
        ("cat", "car", False, "short words differ by one letter and mean another"),
        ("lane_1", "lane_2", False, "numbered"),
        ("channel 1", "channel 12", False, "numbered"),
        ("bicycle", "motorcycle", False, "another word"),
    ],
)
def test_examine__similar_names(first: str, second: str, similar: bool, reason: str) -> None:
    found = _findings(_dataset(_image("a", CAT, DOG), names=(first, second)))
    assert ("similar_class_names" in found) == similar, reason


def test_examine__no_boxes_at_all_is_no_finding_of_every_class() -> None:
    assert _findings(_dataset(_image("a"))) == {}


def test_examine__bccd_is_imbalanced(shared_data: Path) -> None:
    found = _findings(open_dataset(shared_data / "datasets" / "bccd_voc"))
    assert found["class_imbalance"][1] == ("4,153 boxes of RBC, 361 of Platelets",)


def test_compute_statistics__histograms_by_hand() -> None:
    found = compute_statistics(SAMPLE)["image_size"]
    assert [row for row in found["aspect_ratio"] if row[2]] == [[0.5, 0.67, 1], [0.95, 1.05, 1], [2.0, 3.0, 2]]
    assert [row for row in found["megapixels"] if row[2]] == [[None, 0.1, 4]]


def test_compute_statistics__sizes_and_heatmaps_by_class() -> None:
    found = compute_statistics(SAMPLE)
    assert found["box_size"]["by_class"] == {
        "cat": {"small": 0, "medium": 3, "large": 0}, "dog": {"small": 1, "medium": 0, "large": 0},
    }  # fmt: skip
    total = np.array(list(found["heatmaps"].values())).sum(axis=0)
    np.testing.assert_array_equal(total, found["heatmap"])
    assert list(found["heatmaps"]) == ["cat", "dog"]


def test_dataset_health__of_a_dataset_that_no_folder_gave(tmp_path: Path) -> None:
    # as rows of a database make it: nothing was looked at before, and its boxes may be anything
    PillowImage.radial_gradient("L").resize((100, 50)).save(tmp_path / "a.png")
    copy = (tmp_path / "a.png").read_bytes()
    (tmp_path / "b.png").write_bytes(copy)
    PillowImage.radial_gradient("L").resize((99, 50)).save(tmp_path / "c.png")
    rows: list[Row] = [
        (0, (90.0, 10.0, 101.0, 20.0)), (0, (0.0, 0.0, 100.0, 50.0)), (1, (5.0, 5.0, 6.0, 9.0)),
        (1, (7.0, 7.0, 7.0, 9.0)), (1, (1.0, 1.0, 9.0, 9.0)), (1, (1.0, 1.0, 9.0, 9.0)),
    ]  # fmt: skip
    images = (
        _image("a.png", *rows), _image("b.png", split="val"),
        _image("c.png", split="test", wh=(99, 50), labelled=False),
    )  # fmt: skip
    placed = tuple(image.changed(path=tmp_path / image.name) for image in images)
    for image in placed:
        image.__dict__.pop("sha256")
    health = dataset_health(_dataset(*placed))
    json.dumps(health, allow_nan=False)
    found = {finding["id"]: finding for finding in health["findings"]}
    assert {name: finding["count"] for name, finding in found.items()} == {
        "image_without_annotation": 1, "zero_area_box": 1, "box_outside_image": 1, "repeated_box": 1,
        "whole_image_box": 1, "tiny_box": 1, "duplicate_images": 1, "near_duplicate_images": 1,
        "leak_between_splits": 1,
    }  # fmt: skip
    assert found["box_outside_image"]["where"] == [{"image": "a.png", "box_xyxy": [90.0, 10.0, 101.0, 20.0]}]
    assert found["image_without_annotation"]["where"] == [{"image": "c.png", "box_xyxy": None}]
    assert {place["image"] for place in found["leak_between_splits"]["where"]} == {"a.png", "b.png", "c.png"}
    assert all(finding[key] for finding in found.values() for key in ("meaning", "trigger", "remedy", "where"))
    assert health["groups"] == [
        {
            "is_identical": False, "is_leak": True,
            "images": [
                {"image": "a.png", "split": "train"}, {"image": "b.png", "split": "val"},
                {"image": "c.png", "split": "test"},
            ],
        }
    ]  # fmt: skip
    without = dataset_health(_dataset(*placed), near_duplicates=False)
    assert [group["is_identical"] for group in without["groups"]] == [True]
    assert without["notes"] == ["Near-duplicates were not looked for; --near-duplicates does."]


def test_dataset_health__findings_of_a_folder_know_their_images(shared_data: Path) -> None:
    health = dataset_health(open_dataset(shared_data / "datasets" / "bccd_voc"))
    zero = next(finding for finding in health["findings"] if finding["id"] == "zero_area_box")
    assert {place["image"] for place in zero["where"]} == {
        "BCCD/JPEGImages/BloodImage_00338.jpg", "BCCD/JPEGImages/BloodImage_00343.jpg",
    }  # fmt: skip
    assert all(place["box_xyxy"] for place in zero["where"])
    names = {image.name for image in open_dataset(shared_data / "datasets" / "bccd_voc").images}
    places = {place["image"] for finding in health["findings"] for place in finding["where"]}
    assert places <= names
    assert places
