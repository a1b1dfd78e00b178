"""YOLO: one text per image, `class cx cy w h` as fractions of the image; `data.yaml`, `obj.data` and lists of names.

Source: https://docs.ultralytics.com/datasets/detect and https://github.com/AlexeyAB/darknet; a line with more numbers
is a polygon (class, then x y pairs), which detection datasets hold where they were made from segmentations.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

Corners = tuple[float, float, float, float]
_NOTHING = ("", "~", "null", "Null", "NULL")  # how YAML writes that there is no value
_SPLIT_KEYS = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}


@dataclass
class YoloText:
    """What one label text says; rows of equal place belong together.

    Attributes:
        class_ids: as written.
        boxes_xyxy_norm: corners as fractions of the image.
        lines: the line of each box, from 1.
        polygons: lines whose box was drawn around a polygon.
        with_confidence: lines with a sixth number, as predictions have; it is left out.
        with_keypoints: lines with points behind the box; they are left out.
        with_commas: lines with commas for decimal points or between numbers.
        bad_lines: (line, text) of those that are none of this.
    """

    class_ids: list[int] = field(default_factory=list)
    boxes_xyxy_norm: list[Corners] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    polygons: list[int] = field(default_factory=list)
    with_confidence: list[int] = field(default_factory=list)
    with_keypoints: list[int] = field(default_factory=list)
    with_commas: list[int] = field(default_factory=list)
    bad_lines: list[tuple[int, str]] = field(default_factory=list)


def parse_yolo(text: str, class_names: Sequence[str] = (), keypoint_numbers: int = 0) -> YoloText:
    """Read a label text; an empty one is an image without objects.

    Args:
        text: of one image.
        class_names: where they are known, lines may name a class instead of giving its number.
        keypoint_numbers: how many numbers of key points follow each box.
    """
    found = YoloText()
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            values = [float(word) for word in words]
        except ValueError:
            values = _read_oddly(found, number, line, class_names)
        if len(values) == 5 + keypoint_numbers and keypoint_numbers:
            found.with_keypoints.append(number)
            values = values[:5]
        _add_line(found, number, line, values)
    return found


def _read_oddly(found: YoloText, number: int, line: str, class_names: Sequence[str]) -> list[float]:
    """The numbers of a line that has commas, or a class's name; none of them when it is no label."""
    words = [word.rstrip(",;") for word in line.split()]
    if len(words) == 1:  # 0,0.5,0.5,0.2,0.2
        words = [word for word in re.split(r"[,;]", words[0]) if word]
    name = " ".join(words[:-4])
    if name in class_names:
        words = [str(class_names.index(name)), *words[-4:]]
    try:
        values = [float(re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", word)) for word in words]
    except ValueError:
        return []
    if "," in line or ";" in line:
        if len(values) not in (5, 6) or max(values[1:5]) > 2:
            return []  # a table about something else
        found.with_commas.append(number)
    return values


def _add_line(found: YoloText, number: int, line: str, values: list[float]) -> None:
    count = len(values)
    if count < 5 or (count != 6 and count % 2 == 0) or not _is_class(values[0]):
        found.bad_lines.append((number, line[:80]))
        return
    if count <= 6:
        if count == 6:
            found.with_confidence.append(number)
        _, x, y, width, height = values[:5]
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    else:
        found.polygons.append(number)
        xs, ys = values[1::2], values[2::2]
        # Trap: min() of a list with NaN depends on the order; a polygon with one NaN is no box.
        broken = any(map(math.isnan, values))
        box = (math.nan,) * 4 if broken else (min(xs), min(ys), max(xs), max(ys))
    found.class_ids.append(int(values[0]))
    found.boxes_xyxy_norm.append(box)
    found.lines.append(number)


def _is_class(value: float) -> bool:
    return math.isfinite(value) and value == int(value)


def format_yolo(class_ids: Sequence[int], boxes_cxcywh_norm: Sequence[Sequence[float]]) -> str:
    """Write a label text, with nine decimals: far below a hundredth of a pixel on any picture that can be decoded."""
    lines = (
        f"{class_id} " + " ".join(f"{value:.9f}" for value in box) + "\n"
        for class_id, box in zip(class_ids, boxes_cxcywh_norm, strict=True)
    )
    return "".join(lines)


@dataclass(frozen=True)
class YoloConfig:
    """What `data.yaml` or `obj.data` says.

    Attributes:
        path: the dataset's root as written, "" when not given.
        splits: {"train" | "val" | "test": folders or lists of images, as written}.
        class_names: dense; empty when not given.
        class_count: `nc`, or 0.
        names_file: the file of class names that darknet's `names` points to.
        keypoint_numbers: how many numbers of key points follow each box, of `kpt_shape`.
    """

    path: str = ""
    splits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    class_count: int = 0
    names_file: str = ""
    keypoint_numbers: int = 0


def parse_data_yaml(text: str) -> YoloConfig | None:
    """Read the `data.yaml` of any generation; None when it is another YAML file.

    Raises:
        ValueError: it is no YAML, has aliases, or `names` are no names.
    """
    try:
        # Aliases of aliases are small in memory and endless as text; no writer of a data.yaml needs any.
        for event in yaml.parse(text, yaml.SafeLoader) if "*" in text or "!" in text else ():
            if isinstance(event, yaml.AliasEvent):
                raise ValueError("it has YAML aliases (*name); write out what they stand for")
            tag = getattr(event, "tag", None)
            if tag is not None and not re.fullmatch(r"tag:yaml\.org,2002:(str|int|float|bool|null|seq|map)", tag):
                raise ValueError(f"it is no YAML that is read here: it has the tag {tag[:80]!r}")
        # Everything as text: YAML would make True of a class called yes, 8 of 010 and a date of 2021-03-04.
        document = yaml.load(text, yaml.BaseLoader)  # builds texts, lists and mappings alone
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"it is no YAML ({' '.join(str(error).split())})") from None
    if not isinstance(document, dict) or not ({"names", "nc"} & set(document)):
        return None
    splits = {split: _paths(document, keys) for split, keys in _SPLIT_KEYS.items()}
    names = _names(document.get("names"))
    if not names and not any(splits.values()):
        return None
    path = document.get("path")
    return YoloConfig(
        path=path if isinstance(path, str) and path not in _NOTHING else "",
        splits={split: paths for split, paths in splits.items() if paths},
        class_names=names,
        class_count=_count(document.get("nc")),
        keypoint_numbers=math.prod(_count(size) for size in shape) if (shape := document.get("kpt_shape")) else 0,
    )


def _count(value: object) -> int:
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) else 0


def _paths(document: dict[object, object], keys: Iterable[str]) -> tuple[str, ...]:
    for key in keys:
        value = document.get(key)
        if isinstance(value, str) and value not in _NOTHING:
            return (value,)
        if isinstance(value, list):
            return tuple(str(path) for path in value)
    return ()


def _names(names: object) -> tuple[str, ...]:
    """Class names from a list, a {id: name}, or a text with commas; a gap in the ids gets a name of its own."""
    if isinstance(names, list):
        return tuple(str(name).strip() for name in names)
    if isinstance(names, dict):
        by_id = {int(key): str(name).strip() for key, name in names.items() if str(key).isdigit()}
        if len(by_id) != len(names):
            raise ValueError("its `names` are neither a list nor {number: name}")
        return tuple(by_id.get(i, f"class_{i}") for i in range(min(max(by_id, default=-1) + 1, 100_000)))
    if isinstance(names, str):
        return tuple(name.strip() for name in names.strip("[] ").split(",") if name.strip())
    return ()


def parse_obj_data(text: str) -> YoloConfig | None:
    """Read darknet's `obj.data`: `classes = 2`, `train = …`, `valid = …`, `names = …`; None when it is another file."""
    values: dict[object, object] = {}
    for line in text.splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.lstrip().startswith("#"):
            values[key.strip().lower()] = value.strip()
    if "names" not in values:
        return None
    count = str(values.get("classes", ""))
    splits = {split: _paths(values, keys) for split, keys in _SPLIT_KEYS.items()}
    return YoloConfig(
        splits={split: paths for split, paths in splits.items() if paths},
        class_count=int(count) if count.isdigit() else 0,
        names_file=str(values["names"]),
    )


def parse_names(text: str) -> tuple[str, ...]:
    """Class names, one a line, as `classes.txt`, `obj.names` and `_darknet.labels` hold them."""
    return tuple(line.strip() for line in text.strip().splitlines())


def format_data_yaml(
    class_names: Sequence[str], splits: Mapping[str, str], more: Mapping[str, object] | None = None
) -> str:
    """Write a `data.yaml`: `splits` are {"train" | "val" | "test": folder of images}, `more` stands at its end."""
    document = {**splits, "nc": len(class_names), "names": list(class_names), **(more or {})}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
