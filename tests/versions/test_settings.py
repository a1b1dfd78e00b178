"""Settings are checked by name, type and range. Run: pytest tests/versions/test_settings.py."""

import json
from pathlib import Path
from typing import Any

import pytest

from epochal.errors import BadInput, NotFound
from epochal.versions.settings import explain_settings, parse_settings, read_settings_file

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


def test_parse_settings__brightness_by_its_percent_alone_goes_both_ways() -> None:
    augmentation = parse_settings({"augmentation": {"brightness": {"percent": 25}}}).augmentation
    assert augmentation["brightness"] == {"brighten": True, "darken": True, "percent": 25}
    with pytest.raises(BadInput, match="none of brighten, darken"):
        parse_settings({"augmentation": {"brightness": {"brighten": False, "percent": 25}}})


def test_parse_settings__as_many_outputs_as_the_roboflow_package_shows() -> None:
    assert parse_settings({"augmentation": {"image": {"versions": 32}, "mosaic": True}}).outputs == 32


def test_parse_settings__every_name_of_the_services_with_numbers_as_text() -> None:
    preprocessing = {
        "auto-orient": "true", "resize": RESIZE, "grayscale": True, "isolate": True, "filter-null": {"percent": "50"},
        "static-crop": {"x_min": "0", "x_max": "90", "y_min": "10", "y_max": "100"},
        "tile": {"rows": "2", "columns": "3"}, "contrast": {"type": "Adaptive Equalization"},
        "remap": {"a": "b", "c": ""},
    }  # fmt: skip
    motion: dict[str, Any] = {
        "flip": {"horizontal": True, "vertical": True}, "rotate": {"degrees": "15"}, "crop": {"min": "0", "max": "20"},
        "ninety": {"clockwise": True, "counter-clockwise": True, "upside-down": False},
        "shear": {"horizontal": "5", "vertical": "5"},
        "brightness": {"brighten": True, "darken": False, "percent": "25"},
        "exposure": {"percent": "10"}, "blur": {"pixels": "2.5"}, "noise": {"percent": "0.1"},
    }  # fmt: skip
    augmentation = {
        **motion, **{f"bb{name}": value for name, value in motion.items()}, "image": {"versions": "3"}, "mosaic": True,
        "hue": {"degrees": "15"}, "saturation": {"percent": "25"}, "rgrayscale": {"percent": "15"},
        "cutout": {"count": "3", "percent": "10"},
    }  # fmt: skip
    settings = parse_settings({"preprocessing": preprocessing, "augmentation": augmentation})
    assert settings.preprocessing.keys() == preprocessing.keys()
    assert settings.augmentation.keys() == augmentation.keys()
    assert settings.augmentation["bbrotate"] == {"degrees": 15}
    assert settings.augmentation["noise"] == {"percent": 0.1}


def test_parse_settings__as_services_store_them() -> None:
    stored = {
        "preprocessing": {
            "auto-orient": {"enabled": True}, "resize": {"enabled": True, **RESIZE}, "grayscale": {"enabled": False},
        },
        "augmentation": {"rotate": {"enabled": "true", "degrees": 5}, "mosaic": {"enabled": False}},
    }  # fmt: skip
    plain = {"preprocessing": {"auto-orient": True, "resize": RESIZE}, "augmentation": {"rotate": {"degrees": 5}}}
    assert parse_settings(stored) == parse_settings(plain)


def test_explain_settings__in_sentences() -> None:
    content = {"preprocessing": {"resize": RESIZE}, "augmentation": {"flip": {"horizontal": True}, "mosaic": True}}
    assert explain_settings(parse_settings(content).to_json()) == (
        "Every image went through: resize (width 640, height 640, format Stretch to).",
        "Images of train vary by: mosaic, flip (horizontal).",
    )
    assert explain_settings(parse_settings({}).to_json()) == ()


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
        ({"augmentation": {"image": {"versions": 51}, "mosaic": True}}, "from 1 to 50"),
        ({"augmentation": {"image": {"versions": 2}}}, "nothing varies them"),
        ({"augmentation": {"flip": {"horizontal": False}}}, "none of horizontal, vertical"),
        ({"augmentation": {"crop": {"min": 30, "max": 20}}}, "min 30 above max 20"),
        ({"split": {"method": "rebalance", "percent": {"train": 70, "val": 20}}}, "add up to 100"),
        ({"split": {"percent": {"train": 70}}}, "no effect"),
        ({"seed": -1}, "seed is -1"),
        ({"preprocessing": {"filter-tag": {"require": "night"}}}, "require is 'night'; expected a list of tags"),
        ({"preprocessing": {"filter-tag": {"some": ["night"]}}}, "known are require, any, exclude"),
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
