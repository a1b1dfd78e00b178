"""LabelMe (a JSON text for each image), the VGG Image Annotator's JSON, and VoTT's JSON.

Source: https://github.com/wkentaro/labelme, https://www.robots.ox.ac.uk/~vgg/software/via and
https://github.com/microsoft/VoTT.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping

from epochal.datasets.formats.coco import as_number
from epochal.datasets.formats.record import Box, Record, RecordBox, box_around, mappings, text_of, wh_of

_VIA_COLUMNS = ("region_shape_attributes", "region_attributes")
_CLASS_KEYS = ("label", "class", "class_name", "name", "type", "category", "object")


def read_labelme(document: object) -> list[Record] | None:
    """Records of a parsed JSON text; None when it is another format."""
    if not isinstance(document, dict) or not isinstance(document.get("shapes"), list) or "imagePath" not in document:
        return None
    boxes = [_labelme_box(place, shape) for place, shape in enumerate(mappings(document["shapes"]), 1)]
    wh = wh_of(document.get("imageWidth"), document.get("imageHeight"))
    return [Record(text_of(document, "imagePath"), tuple(boxes), wh)]


def _labelme_box(place: int, shape: Mapping[str, object]) -> RecordBox:
    name, points = text_of(shape, "label").strip(), shape.get("points")
    pairs = [p for p in points if isinstance(p, list) and len(p) == 2] if isinstance(points, list) else []
    xs, ys = [as_number(p[0]) for p in pairs], [as_number(p[1]) for p in pairs]
    kind = shape.get("shape_type") or "polygon"
    if kind == "circle" and len(pairs) == 2:  # its centre, and a point on it
        radius = math.hypot(xs[1] - xs[0], ys[1] - ys[0])
        return RecordBox(place, name, (xs[0] - radius, ys[0] - radius, xs[0] + radius, ys[0] + radius), "polygon")
    if kind == "rotation":  # X-AnyLabeling: a rectangle that is turned, by its corners
        return RecordBox(place, name, box_around(xs, ys), "rotated")
    if kind == "rectangle":
        return RecordBox(place, name, box_around(xs, ys))
    return RecordBox(place, name, box_around(xs, ys) if kind == "polygon" and len(pairs) > 2 else None, "polygon")


def read_via(document: object) -> list[Record] | None:
    """Records of a parsed JSON text, a project or its annotations alone; None when it is another format."""
    if not isinstance(document, dict):
        return None
    images = document.get("_via_img_metadata", document)
    entries = mappings(images) if isinstance(images, dict) else []
    if not entries or any("filename" not in entry or "regions" not in entry for entry in entries):
        return None
    return [_via_record(entry) for entry in entries]


def read_via_table(text: str) -> list[Record] | None:
    """Records of the CSV that VIA exports, a region a row, shapes as JSON; None when it is another table."""
    if "region_shape_attributes" not in text.partition("\n")[0]:
        return None
    entries: dict[str, list[object]] = {}
    for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), skipinitialspace=True):
        regions = entries.setdefault(str(row.get("filename") or row.get("#filename") or ""), [])
        try:
            shape, attributes = (json.loads(row.get(key) or "{}") for key in _VIA_COLUMNS)
        except ValueError:
            shape, attributes = {}, {}
        if shape:
            regions.append({"shape_attributes": shape, "region_attributes": attributes})
    return [_via_record({"filename": name, "regions": regions}) for name, regions in entries.items() if name]


def _via_record(entry: Mapping[str, object]) -> Record:
    boxes = []
    for place, region in enumerate(mappings(entry["regions"]), 1):
        shape, attributes = region.get("shape_attributes"), region.get("region_attributes")
        box, was = _via_box(shape) if isinstance(shape, dict) else (None, "box")
        boxes.append(RecordBox(place, _via_class(attributes) if isinstance(attributes, dict) else "", box, was))
    # nobody has looked at an image without regions, as far as VIA can say
    return Record(text_of(entry, "filename"), tuple(boxes), labelled=bool(boxes))


def _via_box(shape: Mapping[str, object]) -> tuple[Box | None, str]:
    kind = shape.get("name")
    if kind == "rect":
        x, y, width, height = (as_number(shape.get(key)) for key in ("x", "y", "width", "height"))
        return (x, y, x + width, y + height), "box"
    if kind == "polygon":
        xs, ys = shape.get("all_points_x"), shape.get("all_points_y")
        return (box_around(xs, ys) if isinstance(xs, list) and isinstance(ys, list) else None), "polygon"
    if kind in ("circle", "ellipse"):
        x, y, radius = (as_number(shape.get(key)) for key in ("cx", "cy", "r"))
        across, down = (
            (as_number(shape.get("rx")), as_number(shape.get("ry"))) if kind == "ellipse" else (radius, radius)
        )
        return (x - across, y - down, x + across, y + down), "polygon"
    return None, "box"


def _via_class(attributes: Mapping[str, object]) -> str:
    """The class: of the attribute named so, else of the only one; a checkbox gives its ticked box."""
    keys = [key for key in _CLASS_KEYS if key in attributes] or list(attributes)[:1]
    value = attributes[keys[0]] if keys else ""
    if isinstance(value, dict):
        value = next((key for key, ticked in value.items() if ticked), "")
    return str(value).strip()


def read_vott(document: object) -> list[Record] | None:
    """Records of a parsed VoTT export or asset file; None when it is another format."""
    if not isinstance(document, dict):
        return None
    assets = mappings(document.get("assets")) if "assets" in document else [document]
    assets = [asset for asset in assets if isinstance(asset.get("asset"), dict) and "regions" in asset]
    return [_vott_record(asset) for asset in assets] or None


def _vott_record(entry: Mapping[str, object]) -> Record:
    asset = entry["asset"]
    assert isinstance(asset, dict)
    boxes = []
    for place, region in enumerate(mappings(entry["regions"]), 1):
        at, tags = region.get("boundingBox"), region.get("tags")
        box = None
        if isinstance(at, dict):
            x, y, width, height = (as_number(at.get(key)) for key in ("left", "top", "width", "height"))
            box = (x, y, x + width, y + height)
        boxes.append(RecordBox(place, str(tags[0]).strip() if isinstance(tags, list) and tags else "", box))
    size = asset.get("size")
    wh = wh_of(size.get("width"), size.get("height")) if isinstance(size, dict) else (0, 0)
    return Record(text_of(asset, "name") or text_of(asset, "path"), tuple(boxes), wh)


def format_labelme(record: Record) -> str:
    """Write the text of one image; each box must have a class and corners."""
    shapes: list[dict[str, object]] = []
    for box in record.boxes:
        x0, y0, x1, y1 = box.box_xyxy or (math.nan,) * 4
        points = [[x0, y0], [x1, y1]]
        shapes.append(
            {"label": box.class_name, "points": points, "group_id": None, "shape_type": "rectangle", "flags": {}}
        )
    document: dict[str, object] = {
        "version": "5.0.1",
        "flags": {},
        "shapes": shapes,
        "imagePath": record.image,
        "imageData": None,
        "imageHeight": record.image_wh[1],
        "imageWidth": record.image_wh[0],
    }
    return json.dumps(document, ensure_ascii=False)


def format_via(records: Iterable[Record]) -> str:
    """Write records as VIA's region data; each box must have a class and corners."""
    document: dict[str, object] = {}
    for record in records:
        regions = []
        for box in record.boxes:
            x0, y0, x1, y1 = box.box_xyxy or (math.nan,) * 4
            shape = {"name": "rect", "x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}
            regions.append({"shape_attributes": shape, "region_attributes": {"class": box.class_name}})
        document[f"{record.image}-1"] = {
            "filename": record.image, "size": -1, "regions": regions, "file_attributes": {},
        }  # fmt: skip
    return json.dumps(document, ensure_ascii=False)
