"""Quirks of published COCO sets, one test each. Run: pytest tests/datasets/test_dirty_coco.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from epochal.datasets import Dataset, open_dataset
from epochal.datasets.formats.coco import parse_coco
from epochal.datasets.formats.coco_regular import decode_regular

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]


def _coco(*names: str, category_id: int = 1, **more: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "images": [{"id": i, "file_name": name, "width": 100, "height": 80} for i, name in enumerate(names)],
        "annotations": [
            {"id": i, "image_id": i, "category_id": category_id, "bbox": [10, 20, 30, 40]} for i in range(len(names))
        ],
        "categories": [{"id": category_id, "name": "cat"}],
    }
    return document | more


def test_coco__keys_annotation_and_filename_and_ids_from_0(draw: Draw, counts: Counts) -> None:
    draw.image("images/a.jpg")
    draw.json(
        "labels.json",
        {
            "type": "instances",
            "images": [{"id": 0, "filename": "a.jpg", "width": 100, "height": 80}],
            "annotation": [{"id": 0, "image_id": 0, "category_id": 0, "bbox": [10, 20, 30, 40]}],
            "categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}],
        },
    )
    dataset = open_dataset(draw.root)
    assert (dataset.class_names, dataset.images[0].boxes_xyxy.tolist()) == (("cat", "dog"), [[10, 20, 40, 60]])
    assert counts(dataset) == {}


def test_coco__phantom_category_of_exports(draw: Draw, counts: Counts) -> None:
    for split in ("train", "valid", "test"):
        draw.image(f"{split}/{split}_jpg.rf.0123456789abcdef.jpg")
        categories = [
            {"id": 0, "name": "animals", "supercategory": "none"},
            {"id": 1, "name": "cat", "supercategory": "animals"},
            {"id": 2, "name": "dog", "supercategory": "animals"},
        ]
        name = f"{split}_jpg.rf.0123456789abcdef.jpg"
        draw.json(f"{split}/_annotations.coco.json", _coco(name, categories=categories))
    dataset = open_dataset(draw.root)
    assert (dataset.class_names, dataset.annotation_count) == (("cat", "dog"), 3)
    assert {i.split for i in dataset.images} == {"train", "val", "test"}
    assert {i.class_id[0] for i in dataset.images} == {0}
    assert counts(dataset)["phantom_class"] == (1, "mended")


def test_coco__phantom_of_the_same_name_as_a_class(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    categories = [{"id": 0, "name": "cat", "supercategory": "none"}, {"id": 1, "name": "cat", "supercategory": "cat"}]
    draw.json("a.json", _coco("a.jpg", categories=categories))
    dataset = open_dataset(draw.root)
    assert (dataset.class_names, dataset.annotation_count) == (("cat",), 1)
    assert counts(dataset) == {"phantom_class": (1, "mended")}


def test_coco__class_without_boxes_is_no_phantom(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    categories = [{"id": 1, "name": "cat", "supercategory": "pet"}, {"id": 9, "name": "dog", "supercategory": "pet"}]
    draw.json("a.json", _coco("a.jpg", categories=categories))
    dataset = open_dataset(draw.root)
    assert (dataset.class_names, counts(dataset)) == (("cat", "dog"), {})


def test_coco__category_that_is_its_own_group_and_has_boxes(draw: Draw) -> None:
    draw.image("a.jpg")
    categories = [{"id": 1, "name": "cat", "supercategory": "none"}, {"id": 2, "name": "dog", "supercategory": "cat"}]
    draw.json("a.json", _coco("a.jpg", categories=categories))
    assert open_dataset(draw.root).class_names == ("cat", "dog")


def test_coco__one_file_for_each_split(draw: Draw) -> None:
    for name in ("a", "b", "c"):
        draw.image(f"images/{name}.jpg")
    draw.json("annotations/instances_train2017.json", _coco("a.jpg"))
    draw.json("annotations/instances_val2017.json", _coco("b.jpg"))
    draw.json("annotations/image_info_test2017.json", {"images": [{"id": 1, "file_name": "c.jpg"}], "categories": []})
    dataset = open_dataset(draw.root)
    assert [(i.split, i.labelled) for i in dataset.images] == [("train", True), ("val", True), ("test", False)]


def test_coco__a_whole_and_its_splits_are_not_counted_twice(draw: Draw) -> None:
    for name in ("a", "b"):
        draw.image(f"{name}.jpg")
    draw.json("all.json", _coco("a.jpg", "b.jpg"))
    draw.json("train.json", _coco("a.jpg"))
    draw.json("val.json", _coco("b.jpg"))
    dataset = open_dataset(draw.root)
    assert ([i.split for i in dataset.images], dataset.annotation_count) == (["train", "val"], 2)
    assert any("all.json describes 2 images that another file describes too" in note for note in dataset.notes)


def test_coco__captions_and_keypoints_beside_instances(draw: Draw) -> None:
    draw.image("a.jpg")
    both = _coco("a.jpg")
    both["annotations"] *= 2
    draw.json("annotations/instances_train.json", both)
    draw.json("annotations/person_keypoints_train.json", _coco("a.jpg"))
    draw.json("annotations/captions_train.json", _coco("a.jpg", annotations=[{"image_id": 0, "caption": "a cat"}]))
    assert open_dataset(draw.root).annotation_count == 2


def test_coco__classes_of_split_files_are_joined_by_name(draw: Draw) -> None:
    for name in ("a", "b"):
        draw.image(f"{name}.jpg")
    draw.json("train.json", _coco("a.jpg", categories=[{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]))
    draw.json(
        "val.json", _coco("b.jpg", category_id=7, categories=[{"id": 7, "name": "dog"}, {"id": 8, "name": "cat"}])
    )
    dataset = open_dataset(draw.root)
    assert dataset.class_names == ("cat", "dog")
    assert [image.class_id.tolist() for image in dataset.images] == [[0], [1]]


def test_coco__box_from_polygon_and_crowd_with_rle(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    annotations = [
        {"image_id": 0, "category_id": 1, "segmentation": [[10, 20, 40, 20, 40, 60]]},
        {"image_id": 0, "category_id": 1, "bbox": [1, 2, 3, 4], "iscrowd": 1,
         "segmentation": {"counts": [7999, 1], "size": [80, 100]}},
    ]  # fmt: skip
    draw.json("a.json", _coco("a.jpg", annotations=annotations))
    dataset = open_dataset(draw.root)
    assert dataset.images[0].boxes_xyxy.tolist() == [[10, 20, 40, 60], [1, 2, 4, 6]]
    assert dataset.images[0].is_crowd.tolist() == [False, True]
    assert counts(dataset) == {"polygon_as_box": (1, "mended")}


def test_coco__ids_as_text_and_numbers_as_text(draw: Draw) -> None:
    draw.image("a.jpg")
    annotations = [{"image_id": 0, "category_id": "1", "bbox": ["10", "20", "30", "40"]}]
    draw.json("a.json", _coco("a.jpg", annotations=annotations))
    assert open_dataset(draw.root).images[0].boxes_xyxy.tolist() == [[10, 20, 40, 60]]


def test_coco__image_listed_without_file_and_annotation_without_image(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    document = _coco("a.jpg", "gone.jpg")
    document["annotations"].append({"image_id": 99, "category_id": 1, "bbox": [1, 2, 3, 4]})
    draw.json("a.json", document)
    assert counts(open_dataset(draw.root)) == {"annotation_without_image": (2, "skipped")}


def test_coco__json_about_something_else(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.json("package.json", {"name": "x", "images": "none"})
    draw.json("results.json", [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}])
    assert open_dataset(draw.root).format == "images"


def test_parse_coco__regular_and_irregular_reading_agree(shared_data: Path) -> None:
    data = (shared_data / "datasets" / "coco33" / "instances.json").read_bytes()
    assert decode_regular(data) is not None
    irregular = data.replace(b'"iscrowd": 0', b'"iscrowd": null', 1)
    assert irregular != data
    assert decode_regular(irregular) is None
    fast, slow = parse_coco(data), parse_coco(irregular)
    assert fast is not None
    assert slow is not None
    assert (fast.images, fast.categories) == (slow.images, slow.categories)
    for name in ("boxes_xywh", "image_row", "category_row", "is_crowd", "number"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), name)
