"""Exports as they are met in the wild: counts equal to the truth. Run: pytest tests/datasets/test_wild_exports.py."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from epochal.datasets import Dataset, open_dataset
from epochal.errors import DatasetError

Draw = Any
CASES = yaml.safe_load((Path(__file__).parent / "wild_exports.yaml").read_text("utf-8"))


def boxes_of(dataset: Dataset) -> dict[str, list[tuple[Any, ...]] | None]:
    """{image: [(class, corners, …)] or None where nobody looked}."""
    found: dict[str, list[tuple[Any, ...]] | None] = {}
    for image in dataset.images:
        names = [dataset.class_names[class_id] for class_id in image.class_id]
        rows = zip(names, image.boxes_xyxy.round(1).tolist(), strict=True)
        found[image.name] = sorted((name, *box) for name, box in rows) if image.labelled else None
    return found


def truth(written: list[str] | None) -> list[tuple[Any, ...]] | None:
    if written is None:
        return None
    parts = [row.rsplit(" ", 4) for row in written]
    return sorted((name, *map(float, corners)) for name, *corners in parts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_wild_export(case: dict[str, Any], draw: Draw) -> None:
    for name in case["images"]:
        draw.image(name, format={".ppm": "PPM", ".png": "PNG", ".tif": "TIFF"}.get(Path(name).suffix.lower(), "JPEG"))
    for name, text in {**case.get("files", {}), **case.get("json", {})}.items():
        draw.text(name, text.encode(case.get("encoding", "utf-8")))
    if case.get("refused"):
        with pytest.raises(DatasetError):
            open_dataset(draw.root)
        return
    dataset = open_dataset(draw.root)
    found = boxes_of(dataset)
    assert {name: found[name] for name in case.get("boxes", {})} == {
        name: truth(written) for name, written in case.get("boxes", {}).items()
    }
    splits = {image.name: image.split for image in dataset.images}
    assert {name: splits[name] for name in case.get("splits", {})} == case.get("splits", {})
    counts = {finding.id: finding.count for finding in dataset.findings}
    assert {name: counts.get(name, 0) for name in case.get("findings", {})} == case.get("findings", {})
    if "names" in case:
        assert list(dataset.class_names) == case["names"]


def test_crowd_marks_are_read_as_text_too(draw: Draw) -> None:
    box = {"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}
    draw.image("a.jpg")
    draw.json(
        "x.json",
        {
            "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
            "categories": [{"id": 1, "name": "cat"}],
            "annotations": [{**box, "iscrowd": mark} for mark in ("0", "1", "false", None)],
        },
    )
    assert open_dataset(draw.root).images[0].is_crowd.tolist() == [False, True, False, False]
