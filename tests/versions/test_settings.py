"""Settings are checked by name, type and range. Run: pytest tests/versions/test_settings.py."""

import json
from pathlib import Path
from typing import Any

import pytest

from epochal.errors import BadInput, NotFound
from epochal.versions.settings import parse_settings, read_settings_file

RESIZE = {"width": "640", "height": 640, "format": "Stretch to"}


def test_parse_settings__contract_names_and_numbers_as_text() -> None:
    settings = parse_settings(
        {
            "preprocessing": {"auto-orient": True, "resize": RESIZE, "grayscale": False},
            "augmentation": {"image": {"versions": "3"}, "flip": {"horizontal": True}, "crop": {"percent": 20}},
        }
    )
    assert settings.preprocessing == {"auto-orient": True, "resize": {**RESIZE, "width": 640}}
    assert settings.augmentation["flip"] == {"horizontal": True, "vertical": False}
    assert settings.augmentation["crop"] == {"min": 0, "max": 20}
    assert (settings.outputs, settings.seed) == (3, 0)


def test_parse_settings__its_own_text_reads_back() -> None:
    content = {"preprocessing": {"remap": {"b": "a"}}, "split": {"method": "rebalance"}, "seed": 7}
    settings = parse_settings(content)
    assert parse_settings(json.loads(json.dumps(settings.to_json()))) == settings
    assert settings.split["percent"] == {"train": 70, "val": 20, "test": 10}


def test_parse_settings__order_in_the_file_does_not_matter() -> None:
    one = {"hue": {"degrees": 5}, "blur": {"pixels": 2}}
    other = dict(reversed(one.items()))
    texts = {json.dumps(parse_settings({"augmentation": steps}).to_json()) for steps in (one, other)}
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "expected a JSON object"),
        ({"preprocesing": {}}, "'preprocesing', which is not known"),
        ({"preprocessing": {"resize": {**RESIZE, "width": 0}}}, "width is 0; expected a whole number from 1"),
        ({"preprocessing": {"resize": {**RESIZE, "width": 1.5}}}, "whole number"),
        ({"preprocessing": {"resize": {**RESIZE, "format": "Squeeze"}}}, "expected one of 'Stretch to'"),
        ({"preprocessing": {"resize": {"width": 64, "height": 64}}}, "has no 'format'"),
        ({"preprocessing": {"grayscale": "yes"}}, "expected true or false"),
        ({"preprocessing": {"remap": {"a": 1}}}, "new ones"),
        ({"augmentation": {"rotate": {"degrees": True}}}, "degrees is True; expected a number"),
        ({"augmentation": {"rotate": {"degrees": "nan"}}}, "expected a number from 0 to 180"),
        ({"augmentation": {"rotate": {"angle": 5}}}, "known are degrees"),
        ({"augmentation": {"image": {"versions": 6}, "mosaic": True}}, "from 1 to 5"),
        ({"augmentation": {"image": {"versions": 2}}}, "nothing varies them"),
        ({"augmentation": {"flip": {"horizontal": False}}}, "none of horizontal, vertical"),
        ({"augmentation": {"crop": {"min": 30, "max": 20}}}, "min 30 above max 20"),
        ({"split": {"method": "rebalance", "percent": {"train": 70, "val": 20}}}, "add up to 100"),
        ({"split": {"percent": {"train": 70}}}, "no effect"),
        ({"seed": -1}, "seed is -1"),
    ],
)  # fmt: skip
def test_parse_settings__refuses(content: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_settings(content)


def test_parse_settings__static_crop_must_keep_something() -> None:
    window = {"x_min": 50, "x_max": 50, "y_min": 0, "y_max": 100}
    with pytest.raises(BadInput, match="keeps nothing"):
        parse_settings({"preprocessing": {"static-crop": window}})


def test_read_settings_file__names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    with pytest.raises(NotFound, match=r"settings\.json does not exist"):
        read_settings_file(path)
    path.write_text("{")
    with pytest.raises(BadInput, match=r"settings\.json cannot be read as JSON"):
        read_settings_file(path)
