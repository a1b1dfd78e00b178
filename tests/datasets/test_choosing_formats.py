"""Which one is read of several formats in a folder. Run: pytest tests/datasets/test_choosing_formats.py."""

from typing import Any

import pytest

from epochal.datasets import open_dataset

Draw = Any
YOLO = "0 0.25 0.5 0.3 0.5\n"


def _coco(name: str) -> dict[str, Any]:
    """A box on one image."""
    return {
        "images": [{"id": 1, "file_name": name, "width": 100, "height": 80}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}],
    }


def test_formats__most_annotated_images_win(draw: Draw) -> None:
    for i in range(3):
        draw.image(f"{i}.jpg")
        draw.text(f"{i}.txt", YOLO)
    draw.json("one.json", _coco("0.jpg"))
    draw.voc("0.xml", [(1, 2, 3, 4)])
    dataset = open_dataset(draw.root)
    assert (dataset.format, dataset.annotation_count) == ("yolo", 3)
    assert sum("left aside" in note for note in dataset.notes) == 2


@pytest.mark.parametrize(
    ("have", "expected"), [("coco voc yolo csv", "coco"), ("voc yolo csv", "voc"), ("yolo csv", "yolo")]
)
def test_formats__ties(draw: Draw, have: str, expected: str) -> None:
    draw.image("a.jpg")
    draw.text("a.txt" if "yolo" in have else "notes.txt", YOLO if "yolo" in have else "hello")
    draw.text("a.csv", "filename,xmin,ymin,xmax,ymax,class\na.jpg,1,2,3,4,cat\n")
    if "voc" in have:
        draw.voc("a.xml", [(1, 2, 3, 4)])
    if "coco" in have:
        draw.json("a.json", _coco("a.jpg"))
    assert open_dataset(draw.root).format == expected
