"""CSV with a box a row, in the variants that are in use.

TensorFlow   filename,width,height,class,xmin,ymin,xmax,ymax   (any order, index columns beside)
RetinaNet    path,x1,y1,x2,y2,class                            (no header; an image without boxes: path,,,,,)
VoTT         image,xmin,ymin,xmax,ymax,label                   (floats)
OpenImages   ImageID,…,LabelName,…,XMin,XMax,YMin,YMax         (fractions of the image)
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from epochal.datasets.formats.record import Record, plain_number

_COLUMNS: dict[str, tuple[str, ...]] = {
    "image": ("filename", "file_name", "image", "image_path", "path", "file", "image_name", "imageid", "image_id",
              "img", "img_name", "image_file", "external_id"),
    "class": ("class", "label", "class_name", "category", "cell_type", "name", "labelname", "label_name", "type",
              "object", "class_label", "category_name"),
    "x_min": ("xmin", "x_min", "x1", "left", "bbox_x_min", "xtl"),
    "y_min": ("ymin", "y_min", "y1", "top", "bbox_y_min", "ytl"),
    "x_max": ("xmax", "x_max", "x2", "right", "bbox_x_max", "xbr"),
    "y_max": ("ymax", "y_max", "y2", "bottom", "bbox_y_max", "ybr"),
    "x": ("x", "bbox_x"), "y": ("y", "bbox_y"),
    "box_width": ("bbox_width", "box_width", "w", "bbox_w"), "box_height": ("bbox_height", "box_height", "h", "bbox_h"),
    "width": ("width", "image_width", "img_width"), "height": ("height", "image_height", "img_height"),
    "split": ("split", "subset", "set", "fold_name"),
}  # fmt: skip
_CORNERS = ("x_min", "y_min", "x_max", "y_max")


@dataclass(frozen=True)
class TableRow:
    """One row.

    Attributes:
        line: in the text, from 1.
        image: as written.
        class_name: as written; "" for an image without boxes.
        box_xyxy: None for an image without boxes; NaN where there is no number.
        image_wh: (0, 0) when not given.
        split: as written, or "".
    """

    line: int
    image: str
    class_name: str
    box_xyxy: tuple[float, float, float, float] | None
    image_wh: tuple[int, int] = (0, 0)
    split: str = ""


@dataclass(frozen=True)
class Table:
    """What a CSV text says; `normalised`: boxes are fractions of the image."""

    rows: tuple[TableRow, ...]
    normalised: bool


def parse_table(text: str) -> Table | None:
    """Read a CSV text with or without header, separated by comma, semicolon or tab.

    Returns:
        None when it is a table about something else.
    """
    for delimiter in ",;\t":
        rows = _read_rows(text, delimiter, limit=20)
        if not rows:
            continue
        columns = _columns(rows[0][1])
        if columns is not None:
            found = [_row(line, cells, columns) for line, cells in _read_rows(text, delimiter)[1:]]
        elif all(_is_headerless(cells) for _, cells in rows):
            found = [_row(line, cells, _HEADERLESS_COLUMNS) for line, cells in _read_rows(text, delimiter)]
        else:
            continue
        kept = tuple(row for row in found if row is not None)
        return Table(kept, _is_normalised(kept)) if kept else None
    return None


def is_table_header(text: str) -> bool:
    """Whether the first line names the columns of a table of boxes."""
    return any(rows and _columns(rows[0][1]) for rows in (_read_rows(text, d, limit=1) for d in ",;\t"))


_HEADERLESS_COLUMNS = {"image": 0, "x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4, "class": 5}


def _read_rows(text: str, delimiter: str, limit: int | None = None) -> list[tuple[int, list[str]]]:
    """(line, cells) of the first rows, or of all, that are not empty; lines count from 1."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(rows) == limit:
                break
    except csv.Error:
        return []
    return rows


def _columns(header: Sequence[str]) -> dict[str, int] | None:
    """Where each thing stands; None when this is no header of a table of boxes."""
    place = {re.sub(r"[\s-]+", "_", cell.casefold()): index for index, cell in reversed(list(enumerate(header)))}
    found = {
        key: next(place[name] for name in names if name in place)
        for key, names in _COLUMNS.items()
        if any(name in place for name in names)
    }
    if "image" not in found:
        return None
    if all(corner in found for corner in _CORNERS):
        return found
    if {"x", "y"} <= set(found) and {"width", "height"} <= set(found) | {"box"}:
        # x, y, width, height: a box when nothing else gives its size
        found.setdefault("box_width", found.pop("width"))
        found.setdefault("box_height", found.pop("height"))
    return found if {"x", "y", "box_width", "box_height"} <= set(found) else None


def _is_headerless(cells: Sequence[str]) -> bool:
    if len(cells) != 6:
        return False
    empty = not any(cells[1:])
    return bool(cells[0]) and (empty or (all(not math.isnan(_number(c)) for c in cells[1:5]) and bool(cells[5])))


def _row(line: int, cells: Sequence[str], columns: dict[str, int]) -> TableRow | None:
    def cell(key: str) -> str:
        index = columns.get(key)
        return cells[index] if index is not None and index < len(cells) else ""

    image = cell("image")
    if not image:
        return None
    wh = (_number(cell("width")), _number(cell("height")))
    image_wh = (int(wh[0]), int(wh[1])) if all(math.isfinite(v) and v > 0 for v in wh) else (0, 0)
    if "x_min" in columns:
        written = [cell(key) for key in _CORNERS]
        box = [_number(text) for text in written]
    else:
        written = [cell(key) for key in ("x", "y", "box_width", "box_height")]
        x, y, width, height = (_number(text) for text in written)
        box = [x, y, x + width, y + height]
    empty = not any(written)
    return TableRow(
        line, image, cell("class"), None if empty else (box[0], box[1], box[2], box[3]), image_wh, cell("split")
    )


def _is_normalised(rows: Sequence[TableRow]) -> bool:
    values = [value for row in rows if row.box_xyxy is not None for value in row.box_xyxy if math.isfinite(value)]
    return bool(values) and max(values) <= 1 and any(value != int(value) for value in values)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def format_table(records: Iterable[Record], variant: str) -> str:
    """Write a CSV text.

    Args:
        records: images with their boxes, each with a class and corners.
        variant: "tensorflow", "retinanet" or "vott". Only RetinaNet's can say that an image has no boxes.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if variant == "vott" else csv.QUOTE_MINIMAL
    )
    if variant == "tensorflow":
        writer.writerow(["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"])
    elif variant == "vott":
        writer.writerow(["image", "xmin", "ymin", "xmax", "ymax", "label"])
    for record in records:
        if variant == "retinanet" and not record.boxes:
            writer.writerow([record.image, "", "", "", "", ""])
        for box in record.boxes:
            assert box.box_xyxy is not None
            if variant == "vott":
                writer.writerow([record.image, *(float(v) for v in box.box_xyxy), box.class_name])
                continue
            corners = [plain_number(corner) for corner in box.box_xyxy]
            if variant == "tensorflow":
                writer.writerow([record.image, *record.image_wh, box.class_name, *corners])
            else:
                writer.writerow([record.image, *corners, box.class_name])
    return text.getvalue()


def format_one_hot(rows: Iterable[tuple[str, Iterable[int]]], class_names: Sequence[str]) -> str:
    """Write a CSV text of which classes each image shows: a row an image, a column a class, 0 or 1."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["filename", *class_names])
    for file_name, class_ids in rows:
        present = set(class_ids)
        writer.writerow([file_name, *(int(i in present) for i in range(len(class_names)))])
    return text.getvalue()
