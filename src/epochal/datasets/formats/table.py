"""CSV with a box a row, in the variants that are in use.

TensorFlow   filename,width,height,class,xmin,ymin,xmax,ymax   (any order, index columns beside)
RetinaNet    path,x1,y1,x2,y2,class                            (no header; an image without boxes: path,,,,,)
VoTT         image,xmin,ymin,xmax,ymax,label                   (floats)
OpenImages   ImageID,…,LabelName,…,XMin,XMax,YMin,YMax         (fractions of the image)
wheat        image_id,width,height,bbox                        (bbox: "[x, y, width, height]", or corners)
shelves      image,x1,y1,x2,y2,class,width,height              (no header)
wheat heads  image_name,BoxesString,domain                     (BoxesString: "x1 y1 x2 y2;x1 …", or no_box)
signs        Filename;Width;Height;Roi.X1;…;ClassId            (and without header: name;x1;y1;x2;y2;class)
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from epochal.datasets.formats.record import Record, plain_number

_COLUMNS: dict[str, tuple[str, ...]] = {
    "image": ("filename", "file_name", "image", "image_path", "path", "file", "image_name", "imageid", "image_id",
              "img", "img_name", "image_file", "external_id", "frame", "img_path", "img_id", "#filename", "filepath"),
    "class": ("class", "label", "class_name", "category", "cell_type", "name", "labelname", "label_name", "type",
              "object", "class_label", "category_name", "labels", "target", "species", "class_id", "label_id",
              "category_id", "classid"),
    "x_min": ("xmin", "x_min", "x1", "left", "roi_x1", "bbox_x_min", "xtl", "bbox_xmin", "min_x", "bbox_x1"),
    "y_min": ("ymin", "y_min", "y1", "top", "roi_y1", "bbox_y_min", "ytl", "bbox_ymin", "min_y", "bbox_y1"),
    "x_max": ("xmax", "x_max", "x2", "right", "roi_x2", "bbox_x_max", "xbr", "bbox_xmax", "max_x", "bbox_x2"),
    "y_max": ("ymax", "y_max", "y2", "bottom", "roi_y2", "bbox_y_max", "ybr", "bbox_ymax", "max_y", "bbox_y2"),
    "x": ("x", "bbox_x", "left"), "y": ("y", "bbox_y", "top"),
    "x_centre": ("x_center", "xcenter", "center_x", "cx", "x_centre"),
    "y_centre": ("y_center", "ycenter", "center_y", "cy", "y_centre"),
    "box": ("bbox", "box", "bounding_box"), "boxes": ("boxesstring", "boxes_string"),
    "box_width": ("bbox_width", "box_width", "w", "bbox_w"), "box_height": ("bbox_height", "box_height", "h", "bbox_h"),
    "width": ("width", "image_width", "img_width"), "height": ("height", "image_height", "img_height"),
    "split": ("split", "subset", "set", "fold_name"),
}  # fmt: skip
_CORNERS = ("x_min", "y_min", "x_max", "y_max")
ONLY_CLASS = "object"
_DELIMITERS = ",;\t|"


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
    """What a CSV text says.

    Attributes:
        rows: in the order of the text.
        normalised: boxes are fractions of the image.
        has_classes: False for a table without a column of classes: all boxes are of `ONLY_CLASS`.
        with_commas: lines of rows that have numbers with a comma for the decimal point.
    """

    rows: tuple[TableRow, ...]
    normalised: bool
    has_classes: bool = True
    with_commas: tuple[int, ...] = ()


def parse_table(text: str) -> Table | None:
    """Read a CSV text with or without header, separated by comma, semicolon, tab or bar.

    Returns:
        None when it is a table about something else.
    """
    text = _without_head(text)
    for delimiter in _DELIMITERS:
        rows = _read_rows(text, delimiter, limit=20)
        if not rows:
            continue
        columns, first = _columns(rows[0][1]), 1
        if columns is None:
            columns, first = _without_header([cells for _, cells in rows]), 0
        if columns is None:
            continue
        written = _read_rows(text, delimiter)[first:]
        with_commas = _take_out_commas(written, columns) if delimiter != "," else ()
        kept = tuple(row for line, cells in written for row in _rows(line, cells, columns))
        if not kept:
            return None
        if "box" in columns:
            kept = _boxes_of_lists(kept)
        return Table(kept, _is_normalised(kept), "class" in columns, with_commas)
    return None


def _take_out_commas(rows: Sequence[tuple[int, list[str]]], columns: Mapping[str, int]) -> tuple[int, ...]:
    """Write points for decimal commas in the columns of numbers, in place; gives the lines that had some."""
    numbers = [index for key, index in columns.items() if key not in ("image", "class", "box", "boxes", "split")]
    found = []
    for line, cells in rows:
        for index in numbers:
            if index < len(cells) and re.fullmatch(r"-?\d+,\d+", cells[index]):
                cells[index] = cells[index].replace(",", ".")
                found.append(line)
    return tuple(dict.fromkeys(found))


def is_table_header(text: str) -> bool:
    """Whether the first line names the columns of a table of boxes."""
    text = _without_head(text)
    return any(rows and _columns(rows[0][1]) for rows in (_read_rows(text, d, limit=1) for d in _DELIMITERS))


def _without_head(text: str) -> str:
    """Empty the lines before the table: Excel's `sep=;`, and remarks; lines keep their numbers."""
    lines = text.split("\n", 20)
    for number, line in enumerate(lines):
        is_remark = line.startswith("#") and not re.match(r"#\s*(file|image)", line, re.IGNORECASE)
        if not is_remark and not re.match(r"sep=.\s*$", line) and line.strip():
            break
        lines[number] = ""
    return "\n".join(lines)


# Tables without a header, told by how many columns they have and which of them hold numbers.
_HEADERLESS = (
    {"image": 0, "x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4, "class": 5},
    {"image": 0, "x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4, "class": 5, "width": 6, "height": 7},
    {"image": 0, "width": 1, "height": 2, "class": 3, "x_min": 4, "y_min": 5, "x_max": 6, "y_max": 7},
)
# … and those that are told by the picture's name, which stands elsewhere: Make Sense's and Vertex AI's
_NAMED_LATER = {
    8: {"class": 0, "x": 1, "y": 2, "box_width": 3, "box_height": 4, "image": 5, "width": 6, "height": 7},
    11: {"split": 0, "image": 1, "class": 2, "x_min": 3, "y_min": 4, "x_max": 7, "y_max": 8},
}
_PICTURE = re.compile(r".*\.(jpe?g|png|bmp|gif|webp|tiff?|ico)", re.IGNORECASE)


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
    place = {
        re.sub(r"[\s.-]+", "_", cell.lstrip("\ufeff").casefold()): index
        for index, cell in reversed(list(enumerate(header)))
    }
    found = {
        key: next(place[name] for name in names if name in place)
        for key, names in _COLUMNS.items()
        if any(name in place for name in names)
    }
    if "image" not in found:
        return None
    if {"x0", "y0", "x1", "y1"} <= set(place):  # counted from 0, so that x1 is the right side
        return found | {key: place[name] for key, name in zip(_CORNERS, ("x0", "y0", "x1", "y1"), strict=True)}
    if all(corner in found for corner in _CORNERS):
        return {key: index for key, index in found.items() if key != "box"}
    for across, down in (("x", "y"), ("x_centre", "y_centre")):
        if {across, down, "width", "height"} <= set(found) and "box_width" not in found:
            # a box when nothing else gives its size
            found |= {"box_width": found.pop("width"), "box_height": found.pop("height")}
        if {across, down, "box_width", "box_height"} <= set(found):
            return {key: index for key, index in found.items() if key not in ("box", *_CORNERS)}
    return found if "box" in found or "boxes" in found else None


def _without_header(rows: Sequence[Sequence[str]]) -> dict[str, int] | None:
    later = _NAMED_LATER.get(len(rows[0]))
    if later is not None and all(
        len(cells) == len(rows[0]) and _PICTURE.fullmatch(cells[later["image"]]) for cells in rows
    ):
        return later
    return next((columns for columns in _HEADERLESS if all(_fits(cells, columns) for cells in rows)), None)


def _fits(cells: Sequence[str], columns: Mapping[str, int]) -> bool:
    """Whether a row may be one of a table with these columns and no header."""
    if len(cells) != len(columns) or not cells[0]:
        return False
    numbers = [cells[i] for key, i in columns.items() if key not in ("image", "class")]
    is_empty = not any(cells[1:])
    return is_empty or (all(not math.isnan(_number(c)) for c in numbers) and bool(cells[columns["class"]]))


def _rows(line: int, cells: Sequence[str], columns: dict[str, int]) -> Iterator[TableRow]:
    """The boxes of a row: one, none, or as many as stand in a cell of several."""
    if "boxes" not in columns:
        row = _row(line, cells, columns)
        if row is not None:
            yield row
        return
    written = cells[columns["boxes"]] if columns["boxes"] < len(cells) else ""
    inner = {key: index for key, index in columns.items() if key != "boxes"} | {"box": len(cells)}
    parts = [part for part in written.split(";") if re.search(r"\d", part)]
    for part in parts or [""]:
        row = _row(line, [*cells, part], inner)
        if row is not None:
            yield row if parts else replace(row, box_xyxy=None)


def _row(line: int, cells: Sequence[str], columns: dict[str, int]) -> TableRow | None:
    def cell(key: str) -> str:
        index = columns.get(key)
        return cells[index] if index is not None and index < len(cells) else ""

    image = cell("image")
    if not image:
        return None
    wh = (_number(cell("width")), _number(cell("height")))
    image_wh = (int(wh[0]), int(wh[1])) if all(math.isfinite(v) and v > 0 for v in wh) else (0, 0)
    if "box" in columns:
        written = re.findall(r"[^\s,;\[\](){}\"']+", cell("box"))
        box = [_number(text) for text in written] if len(written) == 4 else [math.nan] * 4
    elif "x_min" in columns:
        written = [cell(key) for key in _CORNERS]
        box = [_number(text) for text in written]
    else:
        across, down = ("x", "y") if "x" in columns else ("x_centre", "y_centre")
        written = [cell(key) for key in (across, down, "box_width", "box_height")]
        x, y, width, height = (_number(text) for text in written)
        if across == "x_centre":
            x, y = x - width / 2, y - height / 2
        box = [x, y, x + width, y + height]
    class_name = cell("class") if "class" in columns else ONLY_CLASS
    # as tables of pandas and others say that nothing is there
    is_empty = all(text.casefold() in ("", "nan", "none", "null") for text in written)
    corners = None if is_empty else (box[0], box[1], box[2], box[3])
    return TableRow(line, image, class_name, corners, image_wh, cell("split"))


def _boxes_of_lists(rows: Sequence[TableRow]) -> tuple[TableRow, ...]:
    """Boxes that stood in one cell: corners when all of them can be, else x, y, width and height."""
    boxes = [row.box_xyxy for row in rows if row.box_xyxy is not None and not any(map(math.isnan, row.box_xyxy))]
    if all(box[2] > box[0] and box[3] > box[1] for box in boxes):
        return tuple(rows)
    return tuple(
        row if (b := row.box_xyxy) is None else replace(row, box_xyxy=(b[0], b[1], b[0] + b[2], b[1] + b[3]))
        for row in rows
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
