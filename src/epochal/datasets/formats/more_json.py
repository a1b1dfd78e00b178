"""Supervisely (a JSON text for each image), BDD100K's and Scalabel's labels, Hugging Face's metadata, VIA 3.

Source: https://docs.supervisely.com/data-organization/00_ann_format_navi, https://doc.scalabel.ai/format.html,
https://huggingface.co/docs/datasets/image_dataset and https://www.robots.ox.ac.uk/~vgg/software/via.
"""

from collections.abc import Mapping

from epochal.datasets.formats.coco import as_number
from epochal.datasets.formats.record import Box, Record, RecordBox, box_around, mappings, text_of, wh_of


def read_supervisely(document: object) -> list[Record] | None:
    """Records of a parsed JSON text; None when it is another format. The image is named by the file alone."""
    if not isinstance(document, dict) or not isinstance(document.get("objects"), list) or "size" not in document:
        return None
    size = document["size"]
    if not isinstance(size, dict) or any("classTitle" not in entry for entry in mappings(document["objects"])):
        return None
    boxes = []
    for place, entry in enumerate(mappings(document["objects"]), 1):
        points = entry.get("points")
        outer = points.get("exterior") if isinstance(points, dict) else None
        pairs = [p for p in outer if isinstance(p, list) and len(p) == 2] if isinstance(outer, list) else []
        kind = entry.get("geometryType", "rectangle" if len(pairs) == 2 else "polygon")
        box = box_around([p[0] for p in pairs], [p[1] for p in pairs]) if kind in ("rectangle", "polygon") else None
        boxes.append(RecordBox(place, text_of(entry, "classTitle").strip(), box, _was(kind == "polygon")))
    return [Record("", tuple(boxes), wh_of(size.get("width"), size.get("height")))]


def _was(is_polygon: bool) -> str:
    return "polygon" if is_polygon else "box"


def read_bdd100k(document: object) -> list[Record] | None:
    """Records of a parsed JSON text, also those under `frames`; None when it is another format."""
    if isinstance(document, dict):
        document = document.get("frames")
    entries = mappings(document) if isinstance(document, list) else []
    known = [e for e in entries if "name" in e and isinstance(e.get("labels"), list | None) and "labels" in e]
    if not known or not any("box2d" in label for e in known for label in mappings(e["labels"])):
        return None
    records = []
    for entry in known:
        boxes = []
        for place, label in enumerate(mappings(entry["labels"]), 1):
            at = label.get("box2d")
            box: Box | None = None
            if isinstance(at, dict):
                x0, y0, x1, y1 = (as_number(at.get(key)) for key in ("x1", "y1", "x2", "y2"))
                box = (x0, y0, x1, y1)
            boxes.append(RecordBox(place, text_of(label, "category").strip(), box))
        records.append(Record(text_of(entry, "name"), tuple(boxes)))
    return records


def read_metadata(document: object) -> list[Record] | None:
    """Records of the parsed lines of a `metadata.jsonl`; None when it is another format.

    `objects` holds columns: `bbox` (x, y, width, height) beside `categories` or another name for them.
    """
    entries = mappings(document) if isinstance(document, list) else []
    if not entries or any("file_name" not in e or not isinstance(e.get("objects"), dict) for e in entries):
        return None
    return [_of_columns(entry) for entry in entries]


def _of_columns(entry: Mapping[str, object]) -> Record:
    objects = entry["objects"]
    assert isinstance(objects, dict)
    rows = objects.get("bbox", objects.get("bboxes"))
    rows = rows if isinstance(rows, list) else []
    names: list[object] = next((objects[key] for key in _CATEGORY_KEYS if isinstance(objects.get(key), list)), [])
    boxes = []
    for place, row in enumerate(rows, 1):
        box: Box | None = None
        if isinstance(row, list) and len(row) == 4:
            x, y, width, height = (as_number(value) for value in row)
            box = (x, y, x + width, y + height)
        name = str(names[place - 1]).strip() if place <= len(names) else ""
        boxes.append(RecordBox(place, name, box))
    return Record(text_of(entry, "file_name"), tuple(boxes), wh_of(entry.get("width"), entry.get("height")))


_CATEGORY_KEYS = ("categories", "category", "labels", "label", "category_id", "class", "classes")


def read_via3(document: object) -> list[Record] | None:
    """Records of a parsed project of VIA 3; None when it is another format."""
    if not isinstance(document, dict) or not {"file", "view", "metadata"} <= set(document):
        return None
    files, views, kinds = document["file"], document["view"], document.get("attribute")
    if not isinstance(files, dict) or not isinstance(views, dict):
        return None
    boxes: dict[str, list[RecordBox]] = {str(key): [] for key in files}
    for place, entry in enumerate(mappings(document["metadata"]), 1):
        view = views.get(str(entry.get("vid")))
        shown = view.get("fid_list") if isinstance(view, dict) else None
        file_id = str(shown[0]) if isinstance(shown, list) and shown else ""
        shape = entry.get("xy")
        if file_id in boxes and isinstance(shape, list) and shape:  # without a shape it speaks of the whole file
            box, is_polygon = _via3_box(shape)
            name = _via3_class(entry.get("av"), kinds)
            boxes[file_id].append(RecordBox(place, name, box, _was(is_polygon)))
    return [
        Record(text_of(file, "fname"), tuple(boxes[str(key)]), labelled=bool(boxes[str(key)]))
        for key, file in files.items()
        if isinstance(file, dict)
    ]


def _via3_box(shape: list[object]) -> tuple[Box | None, bool]:
    """The box of `[kind, number, …]`: 2 a rectangle, 3 a circle, 4 an ellipse, 7 a polygon."""
    kind, at = shape[0], [as_number(value) for value in shape[1:]]
    if kind == 2 and len(at) == 4:
        return (at[0], at[1], at[0] + at[2], at[1] + at[3]), False
    if kind in (3, 4) and len(at) in (3, 4):
        across, down = at[2], at[-1]
        return (at[0] - across, at[1] - down, at[0] + across, at[1] + down), True
    return (box_around(at[0::2], at[1::2]) if kind == 7 else None), True


def _via3_class(values: object, kinds: object) -> str:
    """The class: the value of the first attribute, in words where the attribute lists options."""
    if not isinstance(values, dict) or not values:
        return ""
    key, value = next(iter(values.items()))
    kind = kinds.get(key) if isinstance(kinds, dict) else None
    options = kind.get("options") if isinstance(kind, dict) else None
    named = options.get(str(value), value) if isinstance(options, dict) else value
    return str(named).strip()
