"""Tags of images, from COCO and from files of their own. Run: pytest tests/datasets/test_tags.py."""

from collections.abc import Callable
from typing import Any

import pytest

from epochal.datasets import Dataset, open_dataset

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]


def _tags(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    return {image.name: image.tags for image in dataset.images}


@pytest.mark.parametrize(
    "entry",
    [{"tags": ["night", "rain"]}, {"extra": {"name": "x", "user_tags": ["rain", "night"]}}, {"tags": ["rain", 3]}],
)
def test_open_dataset__tags_of_coco(draw: Draw, entry: dict[str, Any]) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    images = [{"id": 1, "file_name": "a.jpg", **entry}, {"id": 2, "file_name": "b.jpg", "extra": None}]
    draw.json("all.json", {"images": images, "annotations": [], "categories": [{"id": 1, "name": "cat"}]})
    expected = ("3", "rain") if 3 in entry.get("tags", []) else ("night", "rain")
    assert _tags(open_dataset(draw.root)) == {"a.jpg": expected, "b.jpg": ()}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tags.json", '{"a.jpg": ["night", " rain "], "b": ["rain"], "gone.jpg": ["x"]}'),
        ("tags.csv", "image,tags\r\na.jpg,night; rain\r\nb.jpg,rain\r\ngone.jpg,x\r\n"),
        ("tags.csv", "id,tag,filename\n1,night,a.jpg\n2,rain,a.jpg\n3,rain,b.jpg\n4,x,gone.jpg\n"),
    ],
)
def test_open_dataset__tags_of_a_file(draw: Draw, counts: Counts, name: str, text: str) -> None:
    for image in "ab":
        draw.image(f"{image}.jpg")
        draw.voc(f"{image}.xml", [(1, 1, 9, 9)])
    draw.text(name, text)
    found = open_dataset(draw.root)
    assert found.format == "voc"
    assert _tags(found) == {"a.jpg": ("night", "rain"), "b.jpg": ("rain",)}
    assert counts(found) == {"annotation_without_image": (1, "skipped")}


@pytest.mark.parametrize(("name", "text"), [("tags.json", '["a"]'), ("tags.json", "{"), ("tags.csv", "a,b\n1,2\n")])
def test_open_dataset__tags_that_cannot_be_read(draw: Draw, counts: Counts, name: str, text: str) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(1, 1, 9, 9)])
    draw.text(name, text)
    assert counts(open_dataset(draw.root)) == {"unreadable_annotation": (1, "skipped")}
