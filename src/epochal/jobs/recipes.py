"""What may be asked of a training: the types of nets, and the settings that override what is derived. A closed list.

A recipe is `{"hyperparameters": {…}, "online_augmentation": [{"name": …, its settings}]}`, whichever API it came by;
inside it is flat, {field of Recipe: value}.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from epochal.errors import BadInput
from epochal.training.recipe import GOING_ON, Recipe

MODEL_TYPES = ("fast-n", "fast-s", "fast-m")
MAX_EPOCHS, MIN_IMAGE_PX, MAX_IMAGE_PX, MAX_SEED = 10_000, 64, 2048, 2**32 - 1


@dataclass(frozen=True)
class Knob:
    """A number that may be set, within bounds, both included."""

    low: float
    high: float
    meaning: str
    is_whole: bool = False


HYPERPARAMETERS: dict[str, Knob] = {
    "epochs": Knob(1, MAX_EPOCHS, "Passes over the training images.", is_whole=True),
    "image_size": Knob(MIN_IMAGE_PX, MAX_IMAGE_PX, "Long side of the net's input, pixels.", is_whole=True),
    "seed": Knob(0, MAX_SEED, "Same seed, same data, same machine: same graph.", is_whole=True),
    "batch_size": Knob(1, 256, "Images behind one step.", is_whole=True),
    "muon_lr": Knob(1e-6, 1.0, "Highest learning rate of the matrices."),
    "adamw_lr": Knob(1e-7, 0.1, "Highest learning rate of everything else."),
    "weight_decay": Knob(0.0, 1.0, "Pull of the weights towards zero."),
    "final_lr": Knob(0.0, 1.0, "Learning rate of the last step, as a fraction of the highest."),
    "warmup": Knob(0.0, 0.5, "Fraction of the steps in which the learning rate rises."),
    "ema": Knob(0.0001, 0.5, "Fraction of the steps that the averaged weights look back."),
    "ema_ramp": Knob(
        0, 1, "1: averaged over few steps at first; 0: over all of `ema` from the first step.", is_whole=True
    ),
    "clip_norm": Knob(0.01, 1000.0, "Longest gradient."),
}
AUGMENTATIONS: dict[str, dict[str, Knob]] = {
    "mosaic": {
        "probability": Knob(0.0, 1.0, "How often an image is put together from four."),
        "until": Knob(0.0, 1.0, "Fraction of the epochs after which it is left off."),
    },
    "scale": {"strength": Knob(0.0, 0.9, "Images are shown larger or smaller by up to this fraction.")},
    "flip": {"probability": Knob(0.0, 1.0, "How often an image is mirrored.")},
    "color": {
        "hue": Knob(0.0, 0.5, "Greatest turn of the hue, as a fraction of the circle."),
        "saturation": Knob(0.0, 0.9, "Greatest change of the saturation, as a fraction."),
        "value": Knob(0.0, 0.9, "Greatest change of the brightness, as a fraction."),
    },
}
_FIELDS: dict[tuple[str, str], str] = {
    ("mosaic", "probability"): "mosaic",
    ("mosaic", "until"): "mosaic_off",
    ("scale", "strength"): "scale",
    ("flip", "probability"): "flip",
    ("color", "hue"): "hue",
    ("color", "saturation"): "saturation",
    ("color", "value"): "value",
}
_DIAL = ("epochs", "image_size", "seed")  # have a place of their own in a request
_DERIVED = {"epochs", "image_size", "batch_size", *GOING_ON}  # from the data, or from the weights to start from


def parse_model_type(name: str) -> str:
    """The net that a name stands for: `fast` is `fast-n`.

    Raises:
        BadInput: it is none of ours.
    """
    wanted = "fast-n" if name == "fast" else name
    if wanted not in MODEL_TYPES:
        raise BadInput(f"{name[:80]!r} is no model type; expected one of fast (= fast-n), {', '.join(MODEL_TYPES)}.")
    return wanted


def parse_recipe(given: Mapping[str, Any]) -> dict[str, float]:
    """Read a recipe: what is left out is derived or has its default; an augmentation that is not listed is off.

    Args:
        given: as above; `online_augmentation` left out (or null) leaves all augmentation as it is.

    Returns:
        Flat: fields of Recipe, and `epochs`, `image_size`, `seed` where they were given.

    Raises:
        BadInput: a name that is not in the schema, or a value that is out of bounds; names it.
    """
    _require_known("recipe", given, ("hyperparameters", "online_augmentation"))
    values: dict[str, float] = {}
    hyperparameters = given.get("hyperparameters")
    if hyperparameters is not None:
        _require_object("hyperparameters", hyperparameters)
        _require_known("hyperparameters", hyperparameters, HYPERPARAMETERS)
        for name, value in hyperparameters.items():
            if value is not None:
                values[name] = _number(f"hyperparameters.{name}", value, HYPERPARAMETERS[name])
    augmentation = given.get("online_augmentation")
    if augmentation is not None:
        values |= _parse_augmentation(augmentation)
    return values


def _parse_augmentation(given: Any) -> dict[str, float]:
    if not isinstance(given, list):
        raise BadInput(f"recipe: online_augmentation is {given!r:.80}; expected a list of steps, each with a name.")
    values: dict[str, float] = {
        field: 0.0 for (_, setting), field in _FIELDS.items() if setting not in {"until"}
    }  # not listed: off
    defaults = default_values()
    for step in given:
        _require_object("online_augmentation", step)
        name = step.get("name")
        if not isinstance(name, str) or name not in AUGMENTATIONS:
            known = ", ".join(AUGMENTATIONS)
            raise BadInput(f"recipe: online_augmentation names {name!r:.80}; expected one of {known}.")
        _require_known(f"online_augmentation.{name}", step, ("name", *AUGMENTATIONS[name]))
        for setting, knob in AUGMENTATIONS[name].items():
            field = _FIELDS[name, setting]
            value = step.get(setting)
            path = f"online_augmentation.{name}.{setting}"
            values[field] = defaults[field] if value is None else _number(path, value, knob)
    return values


def default_values() -> dict[str, float]:
    """{field of Recipe: its default}, of those that a recipe may set and whose template names it."""
    fields = Recipe.__dataclass_fields__
    names = [name for name in HYPERPARAMETERS if name not in _DIAL and name not in _DERIVED]
    return {name: float(str(fields[name].default)) for name in [*names, *_FIELDS.values()]}


def describe_recipe(model_type: str) -> dict[str, Any]:
    """The schema of a recipe (JSON Schema) and a template that is complete and may be sent back as it is.

    Raises:
        BadInput: no such model type.
    """
    defaults, net = default_values(), parse_model_type(model_type)
    steps = [
        {"name": name, **{setting: defaults[_FIELDS[name, setting]] for setting in settings}}
        for name, settings in AUGMENTATIONS.items()
    ]
    hyperparameters: dict[str, float | None] = {
        name: None if name in _DERIVED else defaults.get(name, 0) for name in HYPERPARAMETERS
    }
    return {
        "model_type": net,
        "schema": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "hyperparameters": _object_schema(HYPERPARAMETERS),
                "online_augmentation": {
                    "type": "array",
                    "items": {
                        "oneOf": [
                            _object_schema(settings, name={"const": name}) for name, settings in AUGMENTATIONS.items()
                        ]
                    },
                },
            },
        },
        "template": {"hyperparameters": hyperparameters, "online_augmentation": steps},
    }


def _object_schema(knobs: Mapping[str, Knob], **others: Any) -> dict[str, Any]:
    properties = {
        name: {
            "type": ["integer" if knob.is_whole else "number", "null"],
            "minimum": knob.low,
            "maximum": knob.high,
            "description": knob.meaning,
        }
        for name, knob in knobs.items()
    }
    schema = {"type": "object", "additionalProperties": False, "properties": {**others, **properties}}
    return {**schema, "required": list(others)} if others else schema


def _number(path: str, value: Any, knob: Knob) -> float:
    expected = f"{'a whole number' if knob.is_whole else 'a number'} from {knob.low:g} to {knob.high:g}"
    try:
        number = math.nan if isinstance(value, bool | list | dict) else float(value)  # clients send texts as well
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not knob.low <= number <= knob.high or (knob.is_whole and number != int(number)):
        raise BadInput(f"recipe: {path} is {value!r:.80}; expected {expected}.")
    return int(number) if knob.is_whole else number


def _require_object(path: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise BadInput(f"recipe: {path} is {value!r:.80}; expected an object.")


def _require_known(path: str, given: Mapping[str, Any], known: Any) -> None:
    for name in given:
        if name not in known:
            raise BadInput(f"recipe: {path} has no {name!r:.80}; there are {', '.join(known)}.")
