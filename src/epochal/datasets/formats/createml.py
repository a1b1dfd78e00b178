"""CreateML: a JSON list of images; boxes by their centre and size in pixels.

Source: https://developer.apple.com/documentation/createml/building-an-object-detector-data-source.
"""

import json
from collections.abc import Iterable

from epochal.datasets.formats.coco import as_number
from epochal.datasets.formats.record import Record, RecordBox, mappings, text_of

_IMAGE_KEYS = ("image", "imagefilename", "imageFilename", "filename")


def read_createml(document: object) -> list[Record] | None:
    """Records of a parsed JSON text; None when it is another format."""
    if not isinstance(document, list) or not document or not isinstance(document[0], dict):
        return None
    entries = mappings(document)
    first = next((entry for entry in entries if _annotations(entry)), entries[0])
    if not text_of(first, *_IMAGE_KEYS) or "annotation" not in " ".join(first):
        return None
    if any("coordinates" not in item for item in mappings(_annotations(first))):
        return None
    return [_record(entry) for entry in entries]


def _annotations(entry: object) -> list[object]:
    found = entry.get("annotations", entry.get("annotation")) if isinstance(entry, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _record(entry: object) -> Record:
    assert isinstance(entry, dict)
    boxes = []
    for place, item in enumerate(mappings(_annotations(entry)), 1):
        at = item.get("coordinates")
        box = None
        if isinstance(at, dict):
            x, y, width, height = (as_number(at.get(key)) for key in ("x", "y", "width", "height"))
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        boxes.append(RecordBox(place, text_of(item, "label").strip(), box))
    return Record(text_of(entry, *_IMAGE_KEYS), tuple(boxes))


def format_createml(records: Iterable[Record]) -> str:
    """Write records; each box must have a class and corners."""
    document = []
    for record in records:
        annotations = []
        for box in record.boxes:
            assert box.box_xyxy is not None
            x0, y0, x1, y1 = box.box_xyxy
            at = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2, "width": x1 - x0, "height": y1 - y0}
            annotations.append({"label": box.class_name, "coordinates": at})
        document.append({"image": record.image, "annotations": annotations})
    return json.dumps(document, ensure_ascii=False)
