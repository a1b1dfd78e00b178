"""Every export of the wild, damaged by chance: read or refused in words, never a crash, never a box outside.

Run: pytest tests/datasets/test_damaged_exports.py.
"""

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from epochal.datasets import open_dataset
from epochal.datasets.health import dataset_health
from epochal.datasets.one_image import read_annotation_file
from epochal.errors import EpochalError

Draw = Any
CASES = yaml.safe_load((Path(__file__).parent / "wild_exports.yaml").read_text("utf-8"))
VALUES = [None, True, -1, 0, 1e308, float("nan"), "", "x", [], {}, [1], {"a": 1}, "1e999", 2**70, [[]], [None], "\0"]
PIECES = ["nan", "-", "1e400", '"', "<", "&", ",", ";", "\n", "\t", "\0", "²", "{", "}", "[", "]", " ", "0", "-1", "∞"]


def damage_document(document: Any, chance: random.Random) -> Any:
    """Put something else in one place of a JSON document, or take the place out."""
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        places += [(one, key) for key in keys]
        waiting += [one[key] for key in keys]
    if not places:
        return chance.choice(VALUES)
    parent, key = chance.choice(places)
    if chance.random() < 0.2:
        del parent[key]
    else:
        parent[key] = chance.choice(VALUES)
    return document


def damage_text(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) + 1)
        end = start + chance.randint(1, 12)
        kind = chance.random()
        if kind < 0.3:
            text = text[:start] + text[end:]
        elif kind < 0.5:
            text = text[:start] + text[start:end] * 3 + text[end:]
        else:
            text = text[:start] + (chance.choice(PIECES) + text[start:] if kind < 0.85 else "")
    return text


def try_one(case: dict[str, Any], draw: Draw, chance: random.Random) -> None:
    for name in case["images"]:
        draw.image(name, format={".ppm": "PPM", ".png": "PNG", ".tif": "TIFF"}.get(Path(name).suffix.lower(), "JPEG"))
    text = ""
    for name, whole in {**case.get("files", {}), **case.get("json", {})}.items():
        try:
            text = json.dumps(damage_document(json.loads(whole), chance))
        except ValueError:
            text = damage_text(whole, chance)
        draw.text(name, text.encode("utf-8"))
    try:
        dataset = open_dataset(draw.root)
    except EpochalError:
        pass
    else:
        json.dumps(dataset_health(dataset, near_duplicates=False), allow_nan=False)
        for image in dataset.images:
            assert all(0 <= class_id < len(dataset.class_names) for class_id in image.class_id.tolist())
            for x_min, y_min, x_max, y_max in image.boxes_xyxy.tolist():
                assert 0 <= x_min < x_max <= image.image_wh[0]
                assert 0 <= y_min < y_max <= image.image_wh[1]
    with contextlib.suppress(EpochalError):
        read_annotation_file(text, file_name="x", image_name="a.jpg", image_wh=(100, 80))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_damaged_export(case: dict[str, Any], draw: Draw) -> None:
    try_one(case, draw, random.Random(case["case"]))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_damaged_exports(seed: int, draw: Draw, tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        try_one(case, type(draw)(tmp_path / str(number)), random.Random(f"{seed} {case['case']}"))
