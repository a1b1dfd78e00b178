"""The annotations of one image, from the text of a file that came with it; what the text is, its content says.

Names of uploaded files are cut, renamed and wrong, so nothing rests on them but the choice of an image in a file that
speaks of several.
"""

import posixpath
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import numpy as np

from epochal.datasets.annotations import Annotations
from epochal.datasets.dataset import Finding
from epochal.datasets.formats.coco import CocoText, parse_coco
from epochal.datasets.formats.cvat import read_cvat
from epochal.datasets.formats.json_texts import parse_json, read_json_records
from epochal.datasets.formats.keras_yolo import looks_like_keras_yolo, read_keras_yolo
from epochal.datasets.formats.record import Box, Record, RecordBox, mappings
from epochal.datasets.formats.table import Table, is_table_header, parse_table
from epochal.datasets.formats.voc import parse_voc
from epochal.datasets.formats.yolo import YoloText, parse_yolo
from epochal.datasets.mending import BoxTable
from epochal.datasets.scanning import Picture
from epochal.errors import DatasetError

_EXPECTED = (
    "expected Pascal VOC (XML), COCO, CreateML, LabelMe, VIA, VoTT or Label Studio (JSON), YOLO (lines of "
    "class cx cy w h) or CSV"
)


@dataclass(frozen=True)
class ImageAnnotations:
    """What a file says of one image.

    Attributes:
        format: which was recognised, such as "coco".
        boxes: (class name, corners in pixels inside the displayed image) of each; none: the image was looked at and
            nothing is there.
        findings: what was mended, left out or noted.
    """

    format: str
    boxes: tuple[tuple[str, Box], ...]
    findings: tuple[Finding, ...]


def read_annotation_file(
    text: str,
    *,
    file_name: str,
    image_name: str,
    image_wh: tuple[int, int],
    labelmap: Mapping[str, str] | None = None,
    orientation: int = 1,
) -> ImageAnnotations:
    """Read what an annotation file says of one image.

    Args:
        text: of the file. It may speak of many images; a text that speaks of one is taken, whatever name it gives.
        file_name: for messages alone.
        image_name: of the image; folders and the ending need not agree with the text's.
        image_wh: pixels as displayed.
        labelmap: names of YOLO's class numbers, {"0": "cat"}; without it a number is its own name.
        orientation: EXIF's of the image, 1–8: boxes drawn on the stored pixels are turned.

    Returns:
        The boxes, mended as those of a dataset are: inside the image, with an area.

    Raises:
        DatasetError: the text is no annotation format, is damaged, or speaks of other images alone.
    """
    found = Annotations("", "box")
    found.add_source(file_name)
    try:
        _read(found, text, image_name, labelmap)
    except ValueError as error:
        raise DatasetError(f"{file_name} cannot be read ({error}); {_EXPECTED}.") from None
    table = BoxTable(found, [Picture(image_wh, orientation)])
    table.mend()
    boxes = tuple(
        (found.class_names[class_id], (b[0], b[1], b[2], b[3]))
        for class_id, b in zip(table.class_id.tolist(), table.corners.tolist(), strict=True)
    )
    return ImageAnnotations(found.format, boxes, found.findings.findings())


def _read(found: Annotations, text: str, image_name: str, labelmap: Mapping[str, str] | None) -> None:
    """Fill in the image and its boxes. Raises ValueError with the reason in half a sentence."""
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        _read_xml(found, text, image_name)
    elif text.startswith(("{", "[")):
        _read_json(found, text, image_name)
    elif not (labels := parse_yolo(text)).bad_lines:
        _read_yolo(found, labels, image_name, labelmap)
    elif (table := parse_table(text)) is not None:
        found.normalised = table.normalised
        _take(found, "csv", _table_records(table), image_name)
    elif is_table_header(text):
        _take(found, "csv", [Record(image_name, ())], image_name)
    elif looks_like_keras_yolo(text):
        records = read_keras_yolo(text)
        named = [Record(r.image, tuple(_name(b, labelmap) for b in r.boxes), r.image_wh) for r in records]
        _take(found, "keras-yolo", named, image_name)
    else:
        line, content = labels.bad_lines[0]
        raise ValueError(f"line {line} is {content!r}")


def _read_xml(found: Annotations, text: str, image_name: str) -> None:
    annotation = parse_voc(text)
    if annotation is not None:
        boxes = tuple(
            RecordBox(
                o.number,
                o.class_name,
                o.box_xyxy if o.has_box else None,
                "polygon" if o.from_polygon else "rotated" if o.from_rotated else "box",
            )
            for o in annotation.objects
        )
        _take(found, "voc", [Record(annotation.filename, boxes, annotation.image_wh)], image_name)
        return
    records = read_cvat(text)
    if records is None:
        raise ValueError("it is XML of another kind")
    _take(found, "cvat", records, image_name)


def _read_json(found: Annotations, text: str, image_name: str) -> None:
    coco = parse_coco(text)
    if coco is not None:
        _take(found, "coco", _coco_records(coco), image_name)
        return
    document = parse_json(text.encode())
    if isinstance(document, list) and not document:
        _take(found, "createml", [Record(image_name, ())], image_name)
        return
    predicted = _predictions(document)
    name, records = ("predictions", [predicted]) if predicted else read_json_records(document)
    if records is None:
        raise ValueError("it is JSON of another kind")
    _take(found, name, records, image_name)


def _coco_records(text: CocoText) -> list[Record]:
    boxes: list[list[RecordBox]] = [[] for _ in text.images]
    corners = np.concatenate([text.boxes_xywh[:, :2], text.boxes_xywh[:, :2] + text.boxes_xywh[:, 2:]], axis=1)
    around = set(text.from_polygon)
    rows = zip(text.image_row.tolist(), text.category_row.tolist(), corners.tolist(), text.number.tolist(), strict=True)
    for image, category, box, number in rows:
        if image >= 0:  # what clients send for an image without boxes is an annotation of no image
            name = text.categories[category].name if category >= 0 else ""
            was = "polygon" if number in around else "box"
            boxes[image].append(RecordBox(number, name, (box[0], box[1], box[2], box[3]), was))
    return [Record(i.file_name, tuple(own), i.image_wh) for i, own in zip(text.images, boxes, strict=True)]


def _predictions(document: object) -> Record | None:
    """What an inference server answers: boxes by centre and size in pixels of the image."""
    predictions = document.get("predictions") if isinstance(document, dict) else None
    if not isinstance(predictions, list):
        return None
    boxes = []
    for place, entry in enumerate(mappings(predictions), 1):
        try:
            x, y, width, height = (float(str(entry[key])) for key in ("x", "y", "width", "height"))
        except KeyError as error:
            raise ValueError(f"prediction {place} has no {error}") from None
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        boxes.append(RecordBox(place, str(entry.get("class", "")), box))
    return Record("", tuple(boxes))


def _table_records(table: Table) -> list[Record]:
    boxes: dict[str, list[RecordBox]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for row in table.rows:
        own = boxes.setdefault(row.image, [])
        sizes[row.image] = row.image_wh
        if row.box_xyxy is not None:
            own.append(RecordBox(row.line, row.class_name, row.box_xyxy))
    return [Record(name, tuple(own), sizes[name]) for name, own in boxes.items()]


def _read_yolo(found: Annotations, labels: YoloText, image_name: str, labelmap: Mapping[str, str] | None) -> None:
    found.normalised = True
    polygons = set(labels.polygons)
    boxes = tuple(
        _name(RecordBox(line, str(class_id), box, "polygon" if line in polygons else "box"), labelmap)
        for line, class_id, box in zip(labels.lines, labels.class_ids, labels.boxes_xyxy_norm, strict=True)
    )
    _take(found, "yolo", [Record(image_name, boxes)], image_name)


def _name(box: RecordBox, labelmap: Mapping[str, str] | None) -> RecordBox:
    """A box of a numbered class with the class's name."""
    if not labelmap:
        return box
    if box.class_name not in labelmap:
        known = ", ".join(list(labelmap)[:20])
        raise ValueError(f"line or box {box.place} is of class {box.class_name}, which the labelmap ({known}) lacks")
    return RecordBox(box.place, str(labelmap[box.class_name]).strip(), box.box_xyxy, box.was)


def _take(found: Annotations, format_name: str, records: Sequence[Record], image_name: str) -> None:
    """Fill in the boxes of the record that means the image."""
    record = _choose(records, image_name)
    found.format = format_name
    image = found.add_image(image_name, declared_wh=record.image_wh)
    for box in record.boxes:
        found.add_record_box(image, 0, box)


def _choose(records: Sequence[Record], image_name: str) -> Record:
    if len(records) == 1:
        return records[0]
    wanted = _spellings(image_name)
    by_spelling = [_spellings(record.image) for record in records]
    for part in range(len(wanted)):  # the whole path, the file's name, its stem
        for record, spellings in zip(records, by_spelling, strict=True):
            if spellings[part] == wanted[part]:
                return record
    if not records:
        raise ValueError("it speaks of no image")
    raise ValueError(f"it speaks of {len(records)} images, such as {records[0].image!r}, and not of {image_name!r}")


def _spellings(name: str) -> tuple[str, str, str]:
    """Path, file name and stem without what differs between systems: separators, case, accents, %20."""
    plain = unquote(re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*:/+", "", name.strip().replace("\\", "/")))
    path = unicodedata.normalize("NFC", plain).casefold()
    short = posixpath.basename(path)
    return path, short, posixpath.splitext(short)[0]
