"""CVAT: XML "for images" 1.1 and "for video", and Datumaro's JSON, which it exports too.

Source: https://docs.cvat.ai/docs/manual/advanced/xml_format and
https://github.com/openvinotoolkit/datumaro (formats/datumaro).
"""

import math
from collections.abc import Iterable
from xml.etree import ElementTree

from epochal.datasets.formats.coco import as_number, box_around_polygons
from epochal.datasets.formats.record import (
    Box,
    Record,
    RecordBox,
    as_angle,
    box_around,
    box_around_turned,
    mappings,
    plain_number,
    text_of,
    wh_of,
)
from epochal.datasets.formats.voc import parse_xml, xml_text


def read_cvat(text: str) -> list[Record] | None:
    """Records of a CVAT XML text; None when it is another kind of XML.

    Raises:
        ValueError: it is no XML.
    """
    if "<annotations" not in text:
        return None
    root = parse_xml(text)
    if root.tag != "annotations" or not any(element.tag in ("image", "track", "meta") for element in root):
        return None
    records = [
        Record(
            image=element.get("name", ""),
            boxes=tuple(b for place, shape in enumerate(element, 1) if (b := _shape(place, shape)) is not None),
            image_wh=wh_of(element.get("width"), element.get("height")),
            split=element.get("subset", ""),
        )
        for element in root.iterfind("image")
    ]
    return records + _frames(root)


def _frames(root: ElementTree.Element) -> list[Record]:
    """The boxes of tracks, for each frame that they are seen on; frames are exported as frame_000000."""
    boxes: dict[int, list[RecordBox]] = {}
    for place, track in enumerate(root.iterfind("track"), 1):
        for shape in track:
            frame = shape.get("frame", "")
            box = _shape(place, shape, track.get("label", ""))
            if box is not None and frame.isdigit() and shape.get("outside") != "1":
                boxes.setdefault(int(frame), []).append(box)
    wh = wh_of(root.findtext(".//original_size/width"), root.findtext(".//original_size/height"))
    return [Record(f"frame_{frame:06d}", tuple(found), wh) for frame, found in sorted(boxes.items())]


def _shape(place: int, shape: ElementTree.Element, label: str = "") -> RecordBox | None:
    name = shape.get("label", label).strip()
    if shape.tag == "box":
        corners = [as_number(shape.get(key)) for key in ("xtl", "ytl", "xbr", "ybr")]
        turn = as_angle(shape.get("rotation", "0"))
        box = (corners[0], corners[1], corners[2], corners[3])
        return RecordBox(place, name, box) if not turn else RecordBox(place, name, _turned(box, turn), "rotated")
    if shape.tag in ("polygon", "polyline", "points"):
        points = [pair.split(",") for pair in shape.get("points", "").split(";") if "," in pair]
        around = box_around([p[0] for p in points], [p[1] for p in points]) if shape.tag == "polygon" else None
        return RecordBox(place, name, around, "polygon")
    if shape.tag == "ellipse":
        x, y, across, down = (as_number(shape.get(key)) for key in ("cx", "cy", "rx", "ry"))
        return RecordBox(place, name, (x - across, y - down, x + across, y + down), "polygon")
    if shape.tag == "mask":
        x, y, width, height = (as_number(shape.get(key)) for key in ("left", "top", "width", "height"))
        return RecordBox(place, name, (x, y, x + width, y + height), "polygon")
    return RecordBox(place, name, None) if shape.tag in ("cuboid", "skeleton") else None


def _turned(box: Box, degrees: float) -> Box:
    """The upright box around one that is turned about its centre."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    half = box_around_turned(box[2] - box[0], box[3] - box[1], math.radians(degrees))
    return (x - half[0], y - half[1], x + half[0], y + half[1])


def read_datumaro(document: object) -> list[Record] | None:
    """Records of a parsed Datumaro JSON text; None when it is another format."""
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    categories = document.get("categories")
    label = categories.get("label") if isinstance(categories, dict) else None
    if not isinstance(label, dict):
        return None
    names = [text_of(entry, "name") for entry in mappings(label.get("labels"))]
    return [_item(entry, names) for entry in mappings(document["items"])]


def _item(entry: object, names: list[str]) -> Record:
    assert isinstance(entry, dict)
    image = entry.get("image")
    image = image if isinstance(image, dict) else {}
    size = image.get("size")
    wh = wh_of(size[1], size[0]) if isinstance(size, list) and len(size) == 2 else (0, 0)
    boxes = []
    for place, item in enumerate(mappings(entry.get("annotations")), 1):
        if item.get("type") not in ("bbox", "polygon"):
            continue
        class_id = item.get("label_id")
        name = names[class_id] if isinstance(class_id, int) and 0 <= class_id < len(names) else ""
        xywh = item.get("bbox") if item["type"] == "bbox" else None
        was = "box" if xywh else "polygon"
        found = box_around_polygons([item.get("points")]) if was == "polygon" else xywh
        box = None
        if isinstance(found, list | tuple) and len(found) == 4:
            x, y, width, height = (as_number(value) for value in found)
            box = (x, y, x + width, y + height)
        boxes.append(RecordBox(place, name, box, was))
    return Record(text_of(image, "path") or text_of(entry, "id"), tuple(boxes), wh)


def format_cvat(records: Iterable[Record]) -> str:
    """Write records as CVAT's XML for images; each box must have a class and corners."""
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    for number, record in enumerate(records):
        size = {"width": str(record.image_wh[0]), "height": str(record.image_wh[1])}
        subset = {"subset": record.split} if record.split else {}
        image = ElementTree.SubElement(
            root, "image", {"id": str(number), "name": xml_text(record.image), **subset, **size}
        )
        for box in record.boxes:
            corners = zip(("xtl", "ytl", "xbr", "ybr"), box.box_xyxy or (), strict=True)
            at = {key: plain_number(corner) for key, corner in corners}
            ElementTree.SubElement(
                image, "box", {"label": xml_text(box.class_name), "occluded": "0", **at, "z_order": "0"}
            )
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
