"""Quirks of published YOLO sets, one test each. Run: pytest tests/datasets/test_dirty_yolo.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochal.datasets import SPLITS, Dataset, open_dataset, split_dataset

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]
LINE = "0 0.25 0.5 0.3 0.5\n"  # (10, 20, 40, 60) on an image of 100 × 80


def _yolo(draw: Draw, *folders: tuple[str, str]) -> None:
    """One image and its label in each (image folder, label folder)."""
    for i, (images, labels) in enumerate(folders):
        draw.image(f"{images}/{i}.jpg")
        draw.text(f"{labels}/{i}.txt", LINE)


def _splits(dataset: Dataset) -> list[str | None]:
    return [image.split for image in sorted(dataset.images, key=lambda image: image.path.name)]


LAYOUTS = {  # where images lie, where labels lie, the words for the three splits
    "v5: images/split": ("images/{}", "labels/{}", "train val test"),
    "v8: split/images": ("{}/images", "{}/labels", "train valid test"),
    "beside": ("{}", "{}", "train validate test"),
    "years": ("images/{}2017", "labels/{}2017", "train val test"),
    "capitals": ("Images/{}", "Labels/{}", "Train Validation Test"),
    "set apart": ("{}_set", "{}_set", "training val testing"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_yolo__layout_without_configuration(draw: Draw, counts: Counts, layout: tuple[str, str, str]) -> None:
    images, labels, words = layout
    _yolo(draw, *[(images.format(word), labels.format(word)) for word in words.split()])
    dataset = open_dataset(draw.root)
    assert (dataset.format, _splits(dataset), dataset.class_names) == ("yolo", list(SPLITS), ("class_0",))
    for image in dataset.images:
        np.testing.assert_allclose(image.boxes_xyxy, [[10, 20, 40, 60]], rtol=1e-6)
    assert counts(dataset) == {"class_names_missing": (1, "mended")}


CONFIGS = {
    "list of names": "train: train/images\nval: valid/images\nnc: 1\nnames: ['cat']\n",
    "names by number": "path: .\ntrain: train/images\nval: valid/images\nnames:\n  0: cat\n",
    "lists of folders": "train: [train/images]\nval:\n  - valid/images\nnames: [cat]\n",
    "root of another machine": "path: /home/me/data\ntrain: train/images\nval: valid/images\nnames: [cat]\n",
    "absolute": "train: /home/me/data/train/images\nval: C:\\data\\valid\\images\nnames: [cat]\n",
    "of the folder above": "train: ../train/images\nval: ../valid/images\nnames: [cat]\n",
    "mt-yolov6": "train: ./train/images\nval: ./valid/images\nis_coco: False\nnc: 1\nnames: ['cat']\n",
    "names with comments and tabs": "# a comment\ntrain: train/images # here\nval: valid/images\nnames: {0: cat}\n",
}


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize("name", ["data.yaml", "dataset.yml", "sets/data.yaml"])
def test_yolo__data_yaml(draw: Draw, text: str, name: str) -> None:
    _yolo(draw, ("train/images", "train/labels"), ("valid/images", "valid/labels"))
    draw.text(name, text)
    dataset = open_dataset(draw.root)
    assert (_splits(dataset), dataset.class_names, dataset.annotation_count) == (["train", "val"], ("cat",), 2)


def test_yolo__split_that_only_the_configuration_tells(draw: Draw) -> None:
    _yolo(draw, ("images/a", "labels/a"), ("images/b", "labels/b"))
    draw.text("data.yaml", "train: images/a\nval: images/b\nnames: [cat]\n")
    assert _splits(open_dataset(draw.root)) == ["train", "val"]


def test_yolo__configuration_with_lists_of_images(draw: Draw) -> None:
    _yolo(draw, *[("images", "labels")] * 3)
    draw.text("data.yaml", "train: train.txt\nval: val.txt\nnames: [cat]\n")
    draw.text("train.txt", "./images/0.jpg\nC:\\data\\images\\1.jpg\n")
    draw.text("val.txt", "/content/images/2.jpg\n")
    assert _splits(open_dataset(draw.root)) == ["train", "train", "val"]


def test_yolo__lists_of_images_without_configuration(draw: Draw) -> None:
    _yolo(draw, *[("images", "labels")] * 2)
    draw.text("train.txt", "images/0.jpg\n")
    draw.text("test.txt", "images/1.jpg\n")
    assert _splits(open_dataset(draw.root)) == ["train", "test"]


def test_yolo__same_folder_for_train_and_val_is_train(draw: Draw, counts: Counts) -> None:
    _yolo(draw, *[("images", "labels")] * 10)
    draw.text("data.yaml", "train: images\nval: images\nnames: [cat]\n")
    dataset = open_dataset(draw.root)
    assert counts(dataset) == {"empty_split": (1, "note")}
    assert [len(split_dataset(dataset).of_split(split)) for split in SPLITS] == [8, 2, 0]


@pytest.mark.parametrize("folder", ["val", "valid", "validate"])
def test_yolo__folder_of_another_word_than_the_configuration(draw: Draw, counts: Counts, folder: str) -> None:
    _yolo(draw, ("train/images", "train/labels"), (f"{folder}/images", f"{folder}/labels"))
    draw.text("data.yaml", "train: ../train/images\nval: ../dev/images\nnames: [cat]\n")
    dataset = open_dataset(draw.root)
    assert _splits(dataset) == ["train", "val"]
    assert {(f.id, f.action) for f in dataset.findings} == {
        ("split_folder_missing", "mended"),
        ("split_folder_missing", "note"),
    }


def test_yolo__coco33_alone_has_paths_that_do_not_exist(draw: Draw, counts: Counts, shared_data: Path) -> None:
    for part in ("images", "labels", "config.yaml"):
        (draw.root / part).symlink_to(shared_data / "datasets" / "coco33" / part)
    dataset = open_dataset(draw.root)
    coco = open_dataset(shared_data / "datasets" / "coco33")
    assert (dataset.format, len(dataset.images), dataset.class_names) == ("yolo", 33, coco.class_names)
    assert counts(dataset)["split_folder_missing"] == (2, "note")
    ours = {image.name: image for image in dataset.images}
    compared = 0
    for image in coco.images:  # the labels leave crowds out
        expected = image.boxes_xyxy[~image.is_crowd]
        found = ours[image.name].boxes_xyxy
        order = [np.lexsort(np.round(b).T) for b in (found, expected)]
        if len(found) == len(expected):
            compared += 1
            np.testing.assert_allclose(found[order[0]], expected[order[1]], atol=0.02)
    assert compared >= 25


def test_yolo__darknet(draw: Draw) -> None:
    _yolo(draw, ("data/obj", "data/obj"), ("data/obj", "data/obj"))
    draw.text("data/obj.data", "classes = 2\ntrain  = data/train.txt\nvalid  = data/test.txt\nnames = data/obj.names\n")
    draw.text("data/obj.names", "cat\ndog\n")
    draw.text("data/train.txt", "data/obj/0.jpg\n")
    draw.text("data/test.txt", "data/obj/1.jpg\n")
    dataset = open_dataset(draw.root)
    assert (_splits(dataset), dataset.class_names) == (["train", "val"], ("cat", "dog"))


def test_yolo__darknet_as_exported_by_labeling_services(draw: Draw) -> None:
    _yolo(draw, ("train", "train"), ("valid", "valid"))
    for split in ("train", "valid"):
        draw.text(f"{split}/_darknet.labels", "cat\n")
    dataset = open_dataset(draw.root)
    assert (_splits(dataset), dataset.class_names) == (["train", "val"], ("cat",))


def test_yolo__polygons_among_boxes(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.text("a.txt", f"{LINE}1 0.1 0.25 0.4 0.25 0.4 0.75\n1 0.1 0.25 0.4 0.25 0.4 0.75 0.1 0.75\n")
    draw.text("classes.txt", "cat\ndog\n")
    dataset = open_dataset(draw.root)
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [[10, 20, 40, 60]] * 3, rtol=1e-6)
    assert counts(dataset)["polygon_as_box"] == (2, "mended")
    assert counts(dataset)["repeated_box"] == (1, "note")


def test_yolo__lines_that_are_none(draw: Draw, counts: Counts, example: Callable[[Dataset, str], str]) -> None:
    draw.image("a.jpg")
    draw.text(
        "a.txt", f"{LINE}\r\n0 0.5 0.5\n0 a b c d\n0 0.5 0.5 0.1 0.1 0.9\n0.5 0.5 0.5 0.1 0.1\n0 nan 0.5 0.1 0.1\n"
    )
    draw.text("classes.txt", "cat\n")
    dataset = open_dataset(draw.root)
    assert dataset.annotation_count == 2
    assert counts(dataset) == {
        "confidence_in_label": (1, "note"),
        "bad_label_line": (3, "skipped"),
        "nan_box": (1, "skipped"),
    }
    assert example(dataset, "bad_label_line") == "a.txt line 3: '0 0.5 0.5'; expected class cx cy w h"


def test_yolo__nc_without_names(draw: Draw) -> None:
    _yolo(draw, ("train/images", "train/labels"))
    draw.text("data.yaml", "train: train/images\nnc: 3\n")
    assert open_dataset(draw.root).class_names == ("class_0", "class_1", "class_2")


def test_yolo__text_about_something_else(draw: Draw, counts: Counts) -> None:
    _yolo(draw, ("images", "labels"))
    draw.text("README.txt", "These are cats.\n")
    draw.text("labels/classes.txt", "cat\n")
    draw.text("LICENSE.txt", "MIT")
    assert counts(open_dataset(draw.root)) == {}


def test_yolo__label_without_image(draw: Draw, counts: Counts) -> None:
    _yolo(draw, ("images", "labels"))
    draw.text("labels/gone.txt", LINE)
    draw.text("classes.txt", "cat")
    assert counts(open_dataset(draw.root)) == {"annotation_without_image": (1, "skipped")}


def test_yolo__same_names_in_every_split(draw: Draw) -> None:
    for i, split in enumerate(SPLITS):
        draw.image(f"{split}/images/1.jpg")
        draw.text(f"{split}/labels/1.txt", LINE * (i + 1))
    counts = {image.name: len(image.boxes_xyxy) for image in open_dataset(draw.root).images}
    assert counts == {"train/images/1.jpg": 1, "val/images/1.jpg": 2, "test/images/1.jpg": 3}


def test_copies__in_train_and_val_are_a_leak(
    draw: Draw, counts: Counts, example: Callable[[Dataset, str], str]
) -> None:
    path = draw.image("train/images/a.jpg")
    draw.text("valid/images/b.jpg", path.read_bytes())
    draw.text("valid/images/c.jpg", path.read_bytes())
    dataset = open_dataset(draw.root)
    assert counts(dataset)["duplicate_images"] == (2, "note")
    assert counts(dataset)["leak_between_splits"] == (1, "note")
    leak = "train/images/a.jpg (train) = valid/images/b.jpg (val) = valid/images/c.jpg (val)"
    assert example(dataset, "leak_between_splits") == leak
