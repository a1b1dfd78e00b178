"""ONNX files of other detectors whose outputs are understood, so that they answer as ours do.

    yolo      (B, 4 + C, P), or transposed: centre and size in pixels of the canvas, then a score for each class
    yolo_obj  (B, P, 5 + C): the same with an objectness in between, which the scores are multiplied by
    end2end   (B, P, 6): corners in pixels, score, class id; duplicates are suppressed already

All of them take (B, 3, H, W), RGB, 0–1, letterboxed on grey, as ours do. What a file is was found out once, when it was
uploaded (`examine_session`), and is written into it (`mark_file`): a protobuf message may be continued behind its end.
Source of the shapes: the exporters' public documentation of their outputs.
"""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes
from epochal.detectors.predictor import Compute
from epochal.errors import WeightsError

Layout = Literal["yolo", "yolo_transposed", "yolo_obj", "end2end"]
Floats = NDArray[np.float32]
CLASSES_MAX, SIDE_MAX_PX = 10_000, 4096
_DEFAULT_SIDE_PX = 640
_METADATA_FIELD = 14  # of ModelProto: metadata_props, whose entries have key (1) and value (2); onnx.proto
_ROW = 6  # of end2end: four corners, score, class id


@dataclass(frozen=True)
class Foreign:
    """What is known of a file of another detector."""

    layout: Layout
    class_names: tuple[str, ...]
    canvas_wh: tuple[int, int]


def examine_session(session: Any, class_names: tuple[str, ...] = ()) -> Foreign:
    """Find out what a session of ONNX Runtime takes and gives, by its metadata and by asking about an empty picture.

    Args:
        session: of a file from a stranger.
        class_names: when known from elsewhere; else those in the metadata, else `class 0` and so on.

    Raises:
        WeightsError: its inputs or outputs are not understood; says which they are.
    """
    inputs, outputs = session.get_inputs(), session.get_outputs()
    about = session.get_modelmeta().custom_metadata_map
    told = f"takes {[i.shape for i in inputs]}, gives {[o.shape for o in outputs]}"
    if len(inputs) != 1 or len(outputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] not in (3, "channels"):
        raise WeightsError(f"It {told}; expected one input (B, 3, H, W) and one output of boxes.")
    canvas_wh = _canvas_wh(inputs[0].shape, about)
    names = class_names or _names(about)
    (raw,) = session.run(None, {inputs[0].name: _empty(inputs[0], canvas_wh)})
    layout, count = _layout(np.asarray(raw).shape, len(names), canvas_wh)
    if layout is None or not 0 < count <= CLASSES_MAX:
        raise WeightsError(f"It gives {np.asarray(raw).shape} for {len(names) or 'unknown'} classes, no known form.")
    if layout == "end2end":
        count = len(names) or 1000  # ids are given, not scores of every class
    names = names or tuple(f"class {index}" for index in range(count))
    return Foreign(layout, names, canvas_wh)


def mark_file(path: Path, foreign: Foreign) -> None:
    """Write into an ONNX file what it is, so that `read_mark` finds it."""
    entries = {
        "epochal_layout": foreign.layout,
        "epochal_class_names": json.dumps(foreign.class_names),
        "epochal_canvas_wh": json.dumps(foreign.canvas_wh),
    }
    with path.open("ab") as stream:
        for key, value in entries.items():
            entry = _field(1, key.encode()) + _field(2, value.encode())
            stream.write(_field(_METADATA_FIELD, entry))


def read_mark(about: Mapping[str, str]) -> Foreign | None:
    """What `mark_file` wrote, of a file's metadata; None where it wrote nothing. Raises KeyError, ValueError."""
    if "epochal_layout" not in about:
        return None
    width, height = json.loads(about["epochal_canvas_wh"])
    layout = about["epochal_layout"]
    assert layout in ("yolo", "yolo_transposed", "yolo_obj", "end2end")
    return Foreign(layout, tuple(json.loads(about["epochal_class_names"])), (int(width), int(height)))  # type: ignore[arg-type]  # the layout was looked up among the known ones


def compute_with(session: Any, foreign: Foreign) -> Compute:
    """A net of another detector in the form of ours: boxes (B, P, 4) in canvas pixels, scores (B, P, C)."""
    entry = session.get_inputs()[0]
    one_by_one = entry.shape[0] == 1
    half = "float16" in entry.type

    def compute(images: Floats, /) -> tuple[Boxes, Floats]:
        given = images.astype(np.float16) if half else images
        parts = [given[n : n + 1] for n in range(len(given))] if one_by_one else [given]
        raw = np.concatenate([session.run(None, {entry.name: part})[0] for part in parts]).astype(np.float32)
        return decode(raw, foreign)

    return compute


def decode(raw: Floats, foreign: Foreign) -> tuple[Boxes, Floats]:
    """Outputs of a net to boxes (B, P, 4), corners in canvas pixels, and scores (B, P, C)."""
    if foreign.layout == "end2end":
        class_id = raw[..., 5].round().astype(np.int64)
        scores = np.zeros((*raw.shape[:2], len(foreign.class_names)), np.float32)
        known = (class_id >= 0) & (class_id < len(foreign.class_names))
        np.put_along_axis(
            scores, np.where(known, class_id, 0)[..., None], np.where(known, raw[..., 4], 0)[..., None], axis=2
        )
        return raw[..., :4], scores
    rows = raw.transpose(0, 2, 1) if foreign.layout == "yolo" else raw
    centre, size = rows[..., :2], rows[..., 2:4]
    boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=-1).astype(np.float32)
    if foreign.layout == "yolo_obj":
        return boxes, rows[..., 5:] * rows[..., 4:5]
    return boxes, np.ascontiguousarray(rows[..., 4:])


def _layout(shape: tuple[int, ...], classes: int, canvas_wh: tuple[int, int]) -> tuple[Layout | None, int]:
    if len(shape) != 3:
        return None, 0
    first, last = shape[1:]
    if classes and first == 4 + classes and last != _ROW:
        return "yolo", classes
    points = sum((canvas_wh[0] // stride) * (canvas_wh[1] // stride) for stride in (8, 16, 32))
    if last == _ROW and first not in (points, 3 * points):  # else as wide rows come from every point, of 1 or 2 classes
        return "end2end", classes or 1
    if classes:
        options: dict[int, Layout] = {4 + classes: "yolo_transposed", 5 + classes: "yolo_obj"}
        return ("yolo", classes) if first == 4 + classes else (options.get(last), classes)
    return ("yolo", first - 4) if 4 < first < last else (None, 0)


def _canvas_wh(shape: list[Any], about: Mapping[str, str]) -> tuple[int, int]:
    sides = [side if isinstance(side, int) else None for side in shape[2:]]
    told = _literal(about.get("imgsz", ""))
    if isinstance(told, int):
        told = [told, told]
    if not (isinstance(told, list | tuple) and len(told) == 2 and all(isinstance(side, int) for side in told)):
        told = [_DEFAULT_SIDE_PX] * 2
    height, width = (fixed or side for fixed, side in zip(sides, told, strict=True))
    if not (0 < width <= SIDE_MAX_PX and 0 < height <= SIDE_MAX_PX):
        raise WeightsError(f"It takes pictures of {width} × {height} pixels; expected at most {SIDE_MAX_PX} each.")
    return width, height


def _names(about: Mapping[str, str]) -> tuple[str, ...]:
    names = _literal(about.get("names", ""))
    if isinstance(names, dict):
        names = [names[key] for key in sorted(names)]
    if not isinstance(names, list | tuple) or not 0 < len(names) <= CLASSES_MAX:
        return ()
    return tuple(str(name) for name in names)


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text[:500_000])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _empty(entry: Any, canvas_wh: tuple[int, int]) -> Any:
    return np.zeros((1, 3, canvas_wh[1], canvas_wh[0]), np.float16 if "float16" in entry.type else np.float32)


def _field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that has a length: its tag, the length, the content."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
