"""Label Studio: JSON and JSON_MIN exports; boxes as percentages of the image.

Source: https://labelstud.io/guide/export and https://labelstud.io/guide/task_format.
"""

import contextlib
import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlsplit

from epochal.datasets.formats.coco import as_number
from epochal.datasets.formats.record import Box, Record, RecordBox, as_angle, box_around, mappings, text_of, wh_of

_LABEL_KEYS = ("rectanglelabels", "polygonlabels", "labels", "ellipselabels", "brushlabels", "keypointlabels")


def read_labelstudio(document: object) -> list[Record] | None:
    """Records of a parsed JSON text; None when it is another format."""
    if not isinstance(document, list):
        return None
    entries = mappings(document)
    if any(isinstance(e.get("data"), dict) and ("annotations" in e or "completions" in e) for e in entries[:50]):
        return [_full(entry) for entry in entries]
    if any(_small_results(entry) for entry in entries[:50]):
        return [_small(entry) for entry in entries]
    return None


def read_labelstudio_table(text: str) -> list[Record] | None:
    """Records of a CSV export, whose cells hold JSON; None when it is another table."""
    if '""original_width""' not in text:
        return None
    try:
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    except csv.Error:
        return None
    return [_small({key: _cell(value) for key, value in row.items()}) for row in rows]


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith("[") and "original_width" in value:
        with contextlib.suppress(ValueError):
            parsed: object = json.loads(value)
            return parsed
    return value


def _full(entry: Mapping[str, object]) -> Record:
    data = entry.get("data")
    image = text_of(entry, "file_upload") or (_image_in(data) if isinstance(data, dict) else "")
    work = [a for a in mappings(entry.get("annotations", entry.get("completions"))) if not a.get("was_cancelled")]
    # of several people's work, the one marked as the truth, else the first
    work.sort(key=lambda annotation: not annotation.get("ground_truth"))
    results = mappings(work[0].get("result")) if work else []
    shapes = [(_shape(result), result) for result in results if result.get("type") in _LABEL_KEYS]
    return _record(image, shapes, labelled=bool(work))


def _small(entry: Mapping[str, object]) -> Record:
    return _record(_image_in(entry), [(result, result) for result in _small_results(entry)], labelled=True)


def _small_results(entry: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [
        result
        for value in entry.values()
        if isinstance(value, list)
        for result in mappings(value)
        if any(key in result for key in _LABEL_KEYS) and "original_width" in result
    ]


def _image_in(data: Mapping[str, object]) -> str:
    """The picture's name: of `image` or `img`, else of whichever value looks like a picture's path."""
    texts = [str(data[key]) for key in ("image", "img") if isinstance(data.get(key), str)]
    texts += [
        v for v in data.values() if isinstance(v, str) and re.search(r"\.(jpe?g|png|webp|bmp|tiff?|gif)\b", v, re.I)
    ]
    if not texts:
        return ""
    query = parse_qs(urlsplit(texts[0]).query)
    return query["d"][0] if "d" in query else texts[0]


def _shape(result: Mapping[str, object]) -> Mapping[str, object]:
    value = result.get("value")
    return value if isinstance(value, dict) else {}


def _record(image: str, shapes: list[tuple[Mapping[str, object], Mapping[str, object]]], *, labelled: bool) -> Record:
    boxes, image_wh = [], (0, 0)
    for place, (shape, result) in enumerate(shapes, 1):
        image_wh = wh_of(result.get("original_width"), result.get("original_height"))
        labels = next((shape[key] for key in _LABEL_KEYS if isinstance(shape.get(key), list)), None)
        name = str(labels[0]).strip() if isinstance(labels, list) and labels else ""
        box, was = _box(shape, image_wh)
        boxes.append(RecordBox(place, name, box, was))
    return Record(image, tuple(boxes), image_wh, labelled=labelled)


def _box(shape: Mapping[str, object], image_wh: tuple[int, int]) -> tuple[Box | None, str]:
    x_unit, y_unit = image_wh[0] / 100, image_wh[1] / 100
    points = shape.get("points")
    if isinstance(points, list):
        pairs = [p for p in points if isinstance(p, list) and len(p) == 2]
        around = box_around([as_number(p[0]) * x_unit for p in pairs], [as_number(p[1]) * y_unit for p in pairs])
        return around, "polygon"
    if {"x", "y", "radiusX", "radiusY"} <= set(shape):
        return _around_ellipse(shape, x_unit, y_unit), "polygon"
    if "keypointlabels" in shape or not {"x", "y", "width", "height"} <= set(shape):
        return None, "box"
    x, width = as_number(shape["x"]) * x_unit, as_number(shape["width"]) * x_unit
    y, height = as_number(shape["y"]) * y_unit, as_number(shape["height"]) * y_unit
    turn = math.radians(as_angle(shape.get("rotation", 0)))
    if turn == 0:
        return (x, y, x + width, y + height), "box"
    # turned around its top left corner
    right, down = (width * math.cos(turn), width * math.sin(turn)), (-height * math.sin(turn), height * math.cos(turn))
    xs = [x, x + right[0], x + down[0], x + right[0] + down[0]]
    ys = [y, y + right[1], y + down[1], y + right[1] + down[1]]
    return box_around(xs, ys), "rotated"


def _around_ellipse(shape: Mapping[str, object], x_unit: float, y_unit: float) -> Box:
    x, across = as_number(shape["x"]) * x_unit, as_number(shape["radiusX"]) * x_unit
    y, down = as_number(shape["y"]) * y_unit, as_number(shape["radiusY"]) * y_unit
    return (x - across, y - down, x + across, y + down)


def format_labelstudio(records: Iterable[Record]) -> str:
    """Write records as tasks that Label Studio imports; each box must have a class and corners."""
    document = []
    for task, record in enumerate(records, 1):
        results = []
        for box in record.boxes:
            assert box.box_xyxy is not None
            (x0, y0, x1, y1), (width, height) = box.box_xyxy, record.image_wh
            value = {
                "x": x0 / width * 100,
                "y": y0 / height * 100,
                "width": (x1 - x0) / width * 100,
                "height": (y1 - y0) / height * 100,
                "rotation": 0,
                "rectanglelabels": [box.class_name],
            }
            size = {"original_width": width, "original_height": height, "image_rotation": 0}
            names = {"id": f"{task}-{box.place}", "from_name": "label", "to_name": "image", "type": "rectanglelabels"}
            results.append({**names, **size, "value": value})
        document.append({"id": task, "data": {"image": record.image}, "annotations": [{"result": results}]})
    return json.dumps(document, ensure_ascii=False)
