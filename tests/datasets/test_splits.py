"""Splits as published, and the rest by the hash of the bytes. Run: pytest tests/datasets/test_splits.py."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from epochal.datasets import SPLITS, Dataset, Image, require_trainable, split_dataset
from epochal.errors import DatasetError


def _image(name: str, split: str | None = None, *, sha256: str = "", boxes: int = 1, labelled: bool = True) -> Image:
    corners = np.tile(np.array([[0, 0, 5, 5]], np.float32), (boxes, 1))
    ids, crowd = np.zeros(boxes, np.int64), np.zeros(boxes, np.bool_)
    return Image(Path(name), name, (10, 10), split, corners, ids, crowd, labelled, sha256 or name.rjust(64, "0"))


def _dataset(*images: Image) -> Dataset:
    return Dataset(Path("/data"), "data", "coco", ("cat",), images, (), ())


def _names(dataset: Dataset) -> dict[str, list[str]]:
    return {split: [image.name for image in dataset.of_split(split)] for split in SPLITS}


def test_split_dataset__published_splits_stay() -> None:
    dataset = _dataset(_image("a", "train"), _image("b", "val"), _image("c", "test"))
    assert _names(split_dataset(dataset)) == {"train": ["a"], "val": ["b"], "test": ["c"]}


def test_split_dataset__no_split_gives_70_20_10_by_hash() -> None:
    dataset = _dataset(*(_image(f"{i:02}") for i in range(10)))
    # the smallest two hashes are val, the next one test
    expected = {"train": [f"{i:02}" for i in range(3, 10)], "val": ["00", "01"], "test": ["02"]}
    assert _names(split_dataset(dataset)) == expected


def test_split_dataset__no_val_takes_a_fifth_of_train_and_leaves_test() -> None:
    dataset = _dataset(*(_image(f"{i}", "train") for i in range(5)), *(_image(f"t{i}", "test") for i in range(5)))
    expected = {"train": ["1", "2", "3", "4"], "val": ["0"], "test": ["t0", "t1", "t2", "t3", "t4"]}
    split = split_dataset(dataset)
    assert _names(split) == expected
    assert any("20 % of train" in note for note in split.notes)


def test_split_dataset__copies_stay_together() -> None:
    images = [_image(f"{i}", sha256=f"{i // 3:064}") for i in range(30)]
    split = split_dataset(_dataset(*images))
    for first in range(0, 30, 3):
        assert len({image.split for image in split.images[first : first + 3]}) == 1


def test_split_dataset__does_not_depend_on_order_or_names() -> None:
    images = [_image(f"{i}", sha256=f"{i * 7919 % 1000:064}") for i in range(20)]
    renamed = [replace(image, name=f"other/{image.name}") for image in reversed(images)]
    first = {i.sha256: i.split for i in split_dataset(_dataset(*images)).images}
    second = {i.sha256: i.split for i in split_dataset(_dataset(*renamed)).images}
    assert first == second


def test_split_dataset__images_without_split_join_train() -> None:
    split = split_dataset(_dataset(_image("a", "train"), _image("b", "val"), _image("c")))
    assert _names(split)["train"] == ["a", "c"]
    assert any("1 labelled images are in no published split" in note for note in split.notes)


def test_split_dataset__unlabelled_images_are_not_counted() -> None:
    loose = [_image(f"u{i}", labelled=False, boxes=0) for i in range(90)]
    split = split_dataset(_dataset(*(_image(f"{i:02}") for i in range(10)), *loose))
    assert {s: len(n) for s, n in _names(split).items()} == {"train": 7, "val": 2, "test": 1}
    assert all(image.split for image in split.images)


@pytest.mark.parametrize(("count", "expected"), [(1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1)), (4, (2, 1, 1))])
def test_split_dataset__few_images_keep_one_in_train(count: int, expected: tuple[int, int, int]) -> None:
    split = split_dataset(_dataset(*(_image(f"{i}") for i in range(count))))
    assert tuple(len(n) for n in _names(split).values()) == expected


def test_require_trainable__names_what_is_missing() -> None:
    require_trainable(_dataset(_image("a", "train")))
    with pytest.raises(DatasetError, match="no labelled image in train, but 1 in test, so"):
        require_trainable(_dataset(_image("a", "test")))
    with pytest.raises(DatasetError, match="2 images in train but not one box"):
        require_trainable(_dataset(_image("a", "train", boxes=0), _image("b", "train", boxes=0)))
