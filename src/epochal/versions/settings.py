"""What a version is made with: a closed tree of settings, with the names and units of labeling services.

One table, `FIELDS`, says which settings exist, which values they take and in what unit; `parse_settings` refuses
everything else by name. Percents are whole percents, because that is how the services write them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epochal.errors import BadInput, NotFound

RESIZE_FORMATS = (
    "Stretch to",
    "Fill (with center crop) in",
    "Fit within",
    "Fit (reflect edges) in",
    "Fit (black edges) in",
    "Fit (white edges) in",
)
CONTRAST_TYPES = ("Contrast Stretching", "Histogram Equalization", "Adaptive Equalization")
OUTPUTS_MAX, SIDE_MAX_PX = 50, 8192
SPLIT_METHODS = ("keep", "rebalance", "stratified")


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`, in `unit`; `whole` takes no fraction."""

    low: float
    high: float
    unit: str
    whole: bool = False
    default: float | None = None


@dataclass(frozen=True)
class Choice:
    """One of some texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """True or false; absent in a group of flags: false, unless a number stands there without any flag: all true."""


@dataclass(frozen=True)
class Names:
    """Old class names to new ones; an empty new name drops the class."""


@dataclass(frozen=True)
class Tags:
    """Tags that an image must have: all (`require`), at least one (`any`), or not one (`exclude`)."""


Field = Number | Choice | Flag | Names | Tags
Shape = Mapping[str, Field] | Field

_PERCENT = Number(0, 100, "percent")
_SIDES: dict[str, Field] = {"horizontal": Flag(), "vertical": Flag()}
_TURNS: dict[str, Field] = {"clockwise": Flag(), "counter-clockwise": Flag(), "upside-down": Flag()}
_TILT = {axis: Number(0, 45, "degrees", default=0) for axis in ("horizontal", "vertical")}
_CROP = {"min": Number(0, 99, "percent", default=0), "max": Number(0, 99, "percent")}
_BRIGHT: dict[str, Field] = {"brighten": Flag(), "darken": Flag(), "percent": Number(0, 99, "percent")}
_TURN = {"degrees": Number(0, 180, "degrees")}
_PIXELS = {"pixels": Number(0, 100, "pixels")}
_SIDE = Number(1, SIDE_MAX_PX, "pixels", whole=True)
_GRID = Number(1, 16, "tiles", whole=True)

PREPROCESSING: dict[str, Shape] = {
    "auto-orient": Flag(),
    "remap": Names(),
    "filter-tag": Tags(),
    "isolate": Flag(),
    "static-crop": dict.fromkeys(("x_min", "x_max", "y_min", "y_max"), _PERCENT),
    "tile": {"rows": _GRID, "columns": _GRID},
    "resize": {"width": _SIDE, "height": _SIDE, "format": Choice(RESIZE_FORMATS)},
    "grayscale": Flag(),
    "contrast": {"type": Choice(CONTRAST_TYPES)},
    "filter-null": {"percent": _PERCENT},
}
AUGMENTATION: dict[str, Shape] = {
    "image": {"versions": Number(1, OUTPUTS_MAX, "outputs", whole=True)},
    "mosaic": Flag(),
    "flip": _SIDES,
    "ninety": _TURNS,
    "crop": _CROP,
    "rotate": _TURN,
    "shear": _TILT,
    "rgrayscale": {"percent": _PERCENT},
    "hue": {"degrees": Number(0, 180, "degrees")},
    "saturation": {"percent": Number(0, 99, "percent")},
    "brightness": _BRIGHT,
    "exposure": {"percent": Number(0, 99, "percent")},
    "blur": _PIXELS,
    "motion-blur": {"pixels": Number(0, 100, "pixels"), "degrees": Number(0, 180, "degrees", default=180)},
    "noise": {"percent": Number(0, 50, "percent")},
    "cutout": {"count": Number(1, 50, "squares", whole=True), "percent": Number(1, 100, "percent")},
    "bbflip": _SIDES,
    "bbninety": _TURNS,
    "bbcrop": _CROP,
    "bbrotate": _TURN,
    "bbshear": _TILT,
    "bbbrightness": _BRIGHT,
    "bbexposure": {"percent": Number(0, 99, "percent")},
    "bbblur": _PIXELS,
    "bbnoise": {"percent": Number(0, 50, "percent")},
}
SPLIT: dict[str, Shape] = {
    "method": Choice(SPLIT_METHODS),
    "percent": {name: Number(0, 100, "percent", default=0) for name in ("train", "val", "test")},
    "group-near-duplicates": Flag(),
}
FIELDS: dict[str, dict[str, Shape]] = {"preprocessing": PREPROCESSING, "augmentation": AUGMENTATION, "split": SPLIT}
_DEFAULT_PERCENT = {"train": 70.0, "val": 20.0, "test": 10.0}

Step = Mapping[str, Any]


@dataclass(frozen=True)
class VersionSettings:
    """Everything that decides what a version holds, beside its dataset.

    Attributes:
        preprocessing: what every image goes through; names and units in `PREPROCESSING`. Only steps that are wanted.
        augmentation: what images of train are varied by; names and units in `AUGMENTATION`.
        split: `method`, `percent` and `group-near-duplicates`.
        seed: of all that is drawn.
    """

    preprocessing: Step = field(default_factory=lambda: {"auto-orient": True})
    augmentation: Step = field(default_factory=dict)
    split: Step = field(default_factory=lambda: {"method": "keep"})
    seed: int = 0

    @property
    def outputs(self) -> int:
        """Images that come of each one of train; 1 when nothing varies them."""
        return int(self.augmentation.get("image", {}).get("versions", 1)) if self.varies else 1

    @property
    def varies(self) -> bool:
        """Whether any augmentation is wanted."""
        return bool(set(self.augmentation) - {"image"})

    def to_json(self) -> dict[str, Any]:
        """As `parse_settings` reads it."""
        return {
            "preprocessing": dict(self.preprocessing),
            "augmentation": dict(self.augmentation),
            "split": dict(self.split),
            "seed": self.seed,
        }


def parse_settings(content: object, origin: str = "settings") -> VersionSettings:
    """Check settings that came as JSON.

    Args:
        content: an object with any of `preprocessing`, `augmentation`, `split` and `seed`. Numbers may be written as
            text. A step that is null or false is not wanted.
        origin: for messages, such as the file's name.

    Raises:
        BadInput: an unknown name, a wrong type or a value out of its range; says where, what came and what may be.
    """
    tree = _object(content, origin)
    _refuse_unknown(tree, (*FIELDS, "seed"), origin)
    parts = {name: _section(tree.get(name), shapes, f"{origin}: {name}") for name, shapes in FIELDS.items()}
    seed = _number(tree.get("seed", 0), Number(0, 2**31 - 1, "a seed", whole=True), f"{origin}: seed")
    settings = VersionSettings(parts["preprocessing"], parts["augmentation"], _split(parts["split"], origin), int(seed))
    _check_together(settings, origin)
    return settings


def explain_settings(content: Mapping[str, Any]) -> tuple[str, ...]:
    """What settings, as `to_json` gives them, do with the images, in sentences."""
    sentences = []
    for section, title in (("preprocessing", "Every image went through"), ("augmentation", "Images of train vary by")):
        steps = [f"{name} ({_words(value)})" if value is not True else name for name, value in content[section].items()]
        if steps:
            sentences.append(f"{title}: {', '.join(steps)}.")
    return tuple(sentences)


def _words(value: object) -> str:
    pairs = value.items() if isinstance(value, Mapping) else [("", value)]
    return ", ".join(f"{k} {v}".strip() if v is not True else str(k) for k, v in pairs if v is not False)


def read_settings_file(path: Path) -> VersionSettings:
    """Read settings from a JSON file. Raises NotFound, BadInput."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist; expected a JSON file of settings.") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON ({error}); mend the file.") from None
    return parse_settings(content, str(path))


def _section(value: object, shapes: Mapping[str, Shape], where: str) -> dict[str, Any]:
    if value is None:
        return {}
    given = _object(value, where)
    _refuse_unknown(given, tuple(shapes), where)
    # In the table's order, whatever the file's: equal settings have equal texts and so equal hashes.
    plain = {name: _without_mark(raw) for name, raw in given.items()}
    wanted = {name: plain[name] for name in shapes if plain.get(name) not in (None, False)}
    return {name: _value(raw, shapes[name], f"{where}: {name}") for name, raw in wanted.items()}


def _without_mark(raw: object) -> object:
    """A step as services store it, with `enabled` among its values, as it is asked for."""
    if not isinstance(raw, Mapping) or "enabled" not in raw:
        return raw
    rest = {name: value for name, value in raw.items() if name != "enabled"}
    return (rest or True) if raw["enabled"] in (True, "true") else None


def _value(raw: object, shape: Shape, where: str) -> Any:
    if isinstance(shape, Mapping):
        return _group(raw, shape, where)
    if isinstance(shape, Number):
        return _number(raw, shape, where)
    if isinstance(shape, Choice):
        if raw not in shape.texts:
            raise BadInput(f"{where} is {raw!r}; expected one of {', '.join(map(repr, shape.texts))}.")
        return raw
    if isinstance(shape, Names):
        names = _object(raw, where)
        if not all(isinstance(new, str) for new in names.values()):
            raise BadInput(f"{where} is {raw!r}; expected old class names with their new ones, empty to drop a class.")
        return dict(sorted(names.items()))
    if isinstance(shape, Tags):
        return _tags(raw, where)
    return _flag(raw, where)


def _tags(raw: object, where: str) -> dict[str, list[str]]:
    given = _object(raw, where)
    _refuse_unknown(given, ("require", "any", "exclude"), where)
    for name, tags in given.items():
        if not isinstance(tags, list) or not tags or not all(isinstance(tag, str) for tag in tags):
            raise BadInput(f"{where}: {name} is {tags!r}; expected a list of tags.")
    return {name: sorted(set(tags)) for name, tags in sorted(given.items())}


def _group(raw: object, shape: Mapping[str, Field], where: str) -> dict[str, Any]:
    given = dict(_object(raw, where))
    if "max" in shape and "percent" in given:  # what the services wrote earlier for the largest crop
        given["max"] = given.pop("percent")
    _refuse_unknown(given, tuple(shape), where)
    flags = [name for name, kind in shape.items() if isinstance(kind, Flag)]
    if given and flags and not any(name in given for name in flags):  # brightness by its percent alone: both ways
        given |= dict.fromkeys(flags, True)
    values: dict[str, Any] = {}
    for name, kind in shape.items():
        if given.get(name) is not None:
            values[name] = _value(given[name], kind, f"{where}: {name}")
        elif isinstance(kind, Flag):
            values[name] = False
        elif isinstance(kind, Number) and kind.default is not None:
            values[name] = kind.default
        else:
            raise BadInput(f"{where} has no {name!r}; it needs {', '.join(shape)}.")
    if flags and not any(values[name] for name in flags):
        raise BadInput(f"{where} has none of {', '.join(flags)} set to true; set one, or leave {where} out.")
    return values


def _number(raw: object, kind: Number, where: str) -> float:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise ValueError
        value = float(raw)
    except ValueError:
        value = float("nan")
    if not kind.low <= value <= kind.high or (kind.whole and value != int(value)):
        what = "a whole number" if kind.whole else "a number"
        raise BadInput(f"{where} is {raw!r}; expected {what} from {kind.low:g} to {kind.high:g} ({kind.unit}).")
    return int(value) if value == int(value) else value


def _flag(raw: object, where: str) -> bool:
    if raw in (True, "true"):
        return True
    if raw in (False, "false"):
        return False
    raise BadInput(f"{where} is {raw!r}; expected true or false.")


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadInput(f"{where} is {value!r}; expected a JSON object.")
    return value


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in given:
        if name not in known:
            raise BadInput(f"{where} has {name!r}, which is not known; known are {', '.join(known)}.")


def _split(split: dict[str, Any], origin: str) -> dict[str, Any]:
    method = split.get("method", "keep")
    if method == "keep":
        if "percent" in split:
            raise BadInput(f"{origin}: split: percent has no effect when splits are kept; set method to rebalance.")
        return {"method": method} | {k: v for k, v in split.items() if k == "group-near-duplicates"}
    percent = split.get("percent", _DEFAULT_PERCENT)
    if abs(sum(percent.values()) - 100) > 1e-6 or percent["train"] <= 0:
        raise BadInput(f"{origin}: split: percent is {percent}; expected shares that add up to 100, train above 0.")
    return {**split, "method": method, "percent": percent}


def _check_together(settings: VersionSettings, origin: str) -> None:
    crop = settings.preprocessing.get("static-crop")
    if crop and not (crop["x_min"] < crop["x_max"] and crop["y_min"] < crop["y_max"]):
        raise BadInput(
            f"{origin}: preprocessing: static-crop keeps nothing; x_min < x_max and y_min < y_max are needed."
        )
    for name in ("crop", "bbcrop"):
        window = settings.augmentation.get(name)
        if window and window["min"] > window["max"]:
            raise BadInput(f"{origin}: augmentation: {name} has min {window['min']} above max {window['max']}.")
    if "image" in settings.augmentation and settings.augmentation["image"]["versions"] > 1 and not settings.varies:
        raise BadInput(f"{origin}: augmentation: image asks for several outputs, but nothing varies them; add a step.")
