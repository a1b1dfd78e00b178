"""What a dataset's files call its images. Run: pytest tests/datasets/test_published_names.py."""

import json
from pathlib import Path

from PIL import Image as PillowImage

from epochal.datasets import open_dataset
from epochal.datasets.published_names import read_published_names


def _picture(path: Path, grey: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.new("RGB", (8, 8), (grey, grey, grey)).save(path)


def test_read_published_names__file_names_where_they_are_unique(tmp_path: Path) -> None:
    for number, name in enumerate(("x/b.png", "y/a.png")):
        _picture(tmp_path / name, number)
    dataset = open_dataset(tmp_path)
    names = read_published_names(dataset, dataset.images)
    assert (names.file_names, names.image_ids) == (("b.png", "a.png"), (1, 2))
    _picture(tmp_path / "y" / "b.png", 9)
    dataset = open_dataset(tmp_path)
    names = read_published_names(dataset, dataset.images)
    assert names.file_names == ("x/b.png", "y/a.png", "y/b.png")
    assert read_published_names(dataset, dataset.images[:2]).file_names == ("b.png", "a.png")


def _coco(root: Path, images: list[tuple[object, str]]) -> None:
    for number, (_, name) in enumerate(images):
        _picture(root / name, number)
    document = {
        "images": [{"id": id_, "file_name": name, "width": 8, "height": 8} for id_, name in images],
        "annotations": [{"id": 1, "image_id": images[0][0], "category_id": 44, "bbox": [1, 1, 3, 3]}],
        "categories": [{"id": 44, "name": "cup"}, {"id": 2, "name": "cat"}],
    }
    (root / "all.json").write_text(json.dumps(document))


def test_read_published_names__coco_gives_its_own(tmp_path: Path) -> None:
    _coco(tmp_path, [(70, "x/a.png"), ("s1", "y/a.png")])
    dataset = open_dataset(tmp_path)
    names = read_published_names(dataset, dataset.images)
    assert (names.file_names, names.image_ids) == (("x/a.png", "y/a.png"), (70, "s1"))
    assert dict(zip(dataset.class_names, names.category_ids, strict=True)) == {"cat": 2, "cup": 44}


def test_read_published_names__coco_ids_that_stand_twice_are_not_used(tmp_path: Path) -> None:
    _coco(tmp_path, [(1, "a.png"), (1, "b.png")])
    dataset = open_dataset(tmp_path)
    assert read_published_names(dataset, dataset.images).image_ids == (1, 2)
