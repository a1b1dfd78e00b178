"""The smaller formats, which give records: those of labeling tools and services, and texts that are no YOLO."""

import posixpath
import re
from dataclasses import replace

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder, split_of_folders, split_of_word
from epochal.datasets.formats.cvat import read_cvat
from epochal.datasets.formats.json_texts import JSON_FORMATS, parse_json, read_json_records
from epochal.datasets.formats.keras_yolo import looks_like_keras_yolo, read_keras_yolo
from epochal.datasets.formats.labelstudio import read_labelstudio_table
from epochal.datasets.formats.record import Record
from epochal.datasets.formats.shapes import read_via_table
from epochal.datasets.formats.table import ONLY_CLASS
from epochal.datasets.formats.text_lines import FRACTIONS, TEXT_FORMATS, read_text_lines, read_wider
from epochal.datasets.formats.yolo import parse_names

_PLACE_WORDS = {"labelme": "shape", "via": "region", "vott": "region", "labelstudio": "result", "cvat": "shape"}
_LINES = (".jsonl", ".ndjson", ".manifest")
_FORMAT_OF = {"via3": "via", FRACTIONS: "yolo"}
_ONE_IMAGE_A_FILE = frozenset(("labelme", "supervisely", "yolo", *TEXT_FORMATS))
_KERAS_CLASSES = ("_classes.txt", "classes.txt", "class_names.txt")


def import_records(folder: Folder) -> list[Annotations]:
    """Read all of these formats, each into its own `Annotations`."""
    found = {
        name: Annotations(_FORMAT_OF.get(name, name), _PLACE_WORDS.get(name, "box"), normalised=name == FRACTIONS)
        for name in (*JSON_FORMATS, "cvat", "keras-yolo", "wider", *TEXT_FORMATS)
    }
    for name in folder.with_suffix(".json", ".jsonl", ".ndjson", ".manifest", ".vott", ".xml", ".txt", ".csv"):
        if name in folder.claimed:
            continue
        if name.lower().endswith(".xml"):
            _import_cvat(found["cvat"], folder, name)
        elif name.lower().endswith(".txt"):
            _import_text(found, folder, name)
        elif name.lower().endswith(".csv"):
            _import_table(found, folder, name)
        else:
            _import_json(found, folder, name)
    for annotations in found.values():
        if annotations.format != "keras-yolo":
            annotations.sort_classes()
    return [annotations for annotations in found.values() if annotations.sources]


def _import_text(found: dict[str, Annotations], folder: Folder, name: str) -> None:
    near, short = posixpath.split(name)
    text = folder.read_text(name)
    image = folder.find_image(posixpath.splitext(short)[0], near)
    read = read_text_lines(text) if image is not None else None
    if image is not None and read is not None:
        _add(found[read[0]], folder, name, [replace(read[1], image=image)])
    elif (faces := read_wider(text)) is not None:
        _add(found["wider"], folder, name, faces)
    else:
        _import_keras(found["keras-yolo"], folder, name, text)


def _import_table(found: dict[str, Annotations], folder: Folder, name: str) -> None:
    text = folder.read_text(name)
    for format_name, read in (("via", read_via_table), ("labelstudio", read_labelstudio_table)):
        records = read(text)
        if records is not None:
            _add(found[format_name], folder, name, records)


def _import_json(found: dict[str, Annotations], folder: Folder, name: str) -> None:
    try:
        document = parse_json(folder.read(name), is_lines=name.lower().endswith(_LINES))
    except ValueError:
        return  # a JSON file that no importer claims is none of our business, broken or not
    format_name, records = read_json_records(document)
    if records is not None:
        _add(found[format_name], folder, name, records)


def _import_cvat(found: Annotations, folder: Folder, name: str) -> None:
    try:
        records = read_cvat(folder.read_text(name))
    except ValueError:
        return  # counted by the reader of Pascal VOC already
    if records is not None:
        _add(found, folder, name, records)


def _import_keras(found: Annotations, folder: Folder, name: str, text: str) -> None:
    near, short = posixpath.split(name)
    # another text than `_annotations.txt` may hold anything, so it must have a box
    if short != "_annotations.txt" and not looks_like_keras_yolo(text):
        return
    records = read_keras_yolo(text)
    for short in _KERAS_CLASSES:
        for place in (posixpath.join(near, short), short):
            if place in folder.files and not found.class_names:
                found.set_class_names(parse_names(folder.read_text(place)))
    if not found.class_names:
        count = 1 + max((int(box.class_name) for record in records for box in record.boxes), default=-1)
        found.set_class_names(f"class_{i}" for i in range(min(count, 10_000)))
        found.findings.add("class_names_missing", "mended", f"{name} has no _classes.txt beside it")
    _add(found, folder, name, records)


def _add(found: Annotations, folder: Folder, name: str, records: list[Record]) -> None:
    folder.claimed.add(name)
    source, near = found.add_source(name), posixpath.dirname(name)
    boxes = [box for record in records for box in record.boxes]
    if len(records) > 1 or found.format not in _ONE_IMAGE_A_FILE:
        is_unnamed = bool(boxes) and not any(box.class_name for box in boxes)
        records = [_with_class(record) for record in records] if is_unnamed else records
        if is_unnamed:
            example = f"{name} names no class; every box is of the class {ONLY_CLASS!r}"
            found.findings.add("class_names_missing", "mended", example)
    split = split_of_word(posixpath.splitext(posixpath.basename(name))[0]) or split_of_folders(name)
    before = len(found.images)
    again = 0
    for record in records:
        own = split_of_word(record.split) or split
        path = _image_of(folder, record.image, near, own)
        if path is None and found.format in _ONE_IMAGE_A_FILE:  # the image was renamed together with its file
            path = folder.find_image(posixpath.splitext(posixpath.basename(name))[0], near, own)
        if path is None:
            found.findings.add("annotation_without_image", "skipped", f"{name}: no image {record.image or '(no name)'}")
        elif found.is_among(path, before):
            again += 1
        else:
            image = found.add_image(path, split=own, labelled=record.labelled, declared_wh=record.image_wh)
            for box in record.boxes:
                class_id = int(box.class_name) if found.format == "keras-yolo" else None
                found.add_record_box(image, source, box, class_id)
    if again:
        found.findings.add(
            "image_annotated_twice", "skipped", f"{name} describes {again} images that another file describes", again
        )


def _with_class(record: Record) -> Record:
    return replace(record, boxes=tuple(replace(box, class_name=ONLY_CLASS) for box in record.boxes))


def _image_of(folder: Folder, written: str, near: str, split: str | None) -> str | None:
    """The picture; Label Studio puts eight letters and a dash before the names of uploaded files."""
    if not written:
        return None
    found = folder.find_image(written, near, split)
    short = posixpath.basename(written)
    if found is None and re.match(r"[0-9a-f]{8}-.", short):
        found = folder.find_image(short[9:], near, split)
    return found
