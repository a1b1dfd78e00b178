"""What the smaller formats give: records of images with named boxes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from epochal.datasets.formats.coco import as_number

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class RecordBox:
    """One box.

    Attributes:
        place: its place in the text, from 1, counted as the format counts.
        class_name: as written; "" when none is.
        box_xyxy: pixels; None when the object has no box and none can be drawn around it.
        was: "box"; "polygon" or "rotated" when the box was drawn around another shape.
    """

    place: int
    class_name: str
    box_xyxy: Box | None
    was: str = "box"


@dataclass(frozen=True)
class Record:
    """One image; `image` as written, `image_wh` (0, 0) when not given, `labelled` False when nobody looked at it."""

    image: str
    boxes: tuple[RecordBox, ...]
    image_wh: tuple[int, int] = (0, 0)
    split: str = ""
    labelled: bool = True


def box_around(xs: Iterable[object], ys: Iterable[object]) -> Box | None:
    """The box around points; None when there is no point."""
    x, y = [as_number(v) for v in xs], [as_number(v) for v in ys]
    return (min(x), min(y), max(x), max(y)) if x and y else None


def as_angle(value: object) -> float:
    """How far a box is turned, in the unit of its file; 0 when that is no number, or none that can be turned by."""
    angle = as_number(value)
    return angle if math.isfinite(angle) else 0.0


def box_around_turned(width: float, height: float, radians: float) -> tuple[float, float]:
    """Half the width and height of the upright box around one that is turned about its centre."""
    across, down = abs(math.cos(radians)), abs(math.sin(radians))
    return (width * across + height * down) / 2, (width * down + height * across) / 2


def plain_number(value: float) -> str:
    """A number as text with up to six decimals and never an exponent, which some readers of these formats refuse."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def wh_of(width: object, height: object) -> tuple[int, int]:
    """A size as a pair; (0, 0) when it is none."""
    numbers = as_number(width), as_number(height)
    return (int(numbers[0]), int(numbers[1])) if all(0 < n < 1e9 for n in numbers) else (0, 0)


def mappings(value: object) -> list[Mapping[str, object]]:
    """The mappings in a list, or in the values of a mapping; nothing of anything else."""
    entries: Sequence[object] = ()
    if isinstance(value, list):
        entries = value
    elif isinstance(value, dict):
        entries = list(value.values())
    return [entry for entry in entries if isinstance(entry, dict)]


def text_of(entry: Mapping[str, object], *keys: str) -> str:
    """The first of these keys that holds a text or number, as text."""
    for key in keys:
        value = entry.get(key)
        if isinstance(value, str | int | float) and str(value):
            return str(value)
    return ""
