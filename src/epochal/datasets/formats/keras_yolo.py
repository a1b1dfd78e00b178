"""keras-yolo: one text for all images, `path x_min,y_min,x_max,y_max,class x_min,…` a line.

Source: https://github.com/qqwweee/keras-yolo3.
"""

import re
from collections.abc import Iterable

from epochal.datasets.formats.record import Record, RecordBox, plain_number

_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_LINE = re.compile(rf"^(?P<image>\S.*?)(?P<boxes>(?:\s+{_NUMBER}(?:,{_NUMBER}){{3}},\d+)*)\s*$")


def looks_like_keras_yolo(text: str) -> bool:
    """Whether a text has a box as this format writes it."""
    return re.search(r"\s-?[\d.]+,-?[\d.]+,-?[\d.]+,-?[\d.]+,\d", text) is not None


def read_keras_yolo(text: str) -> list[Record]:
    """Records of a text, classes by their number; a line without boxes is an image without them."""
    records = []
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _LINE.match(line)
        assert match is not None  # a line with anything on it is at least a path
        boxes = []
        for place, written in enumerate(match["boxes"].split(), 1):
            x0, y0, x1, y1, class_id = written.split(",")
            boxes.append(RecordBox(place, class_id, (float(x0), float(y0), float(x1), float(y1))))
        records.append(Record(match["image"], tuple(boxes)))
    return records


def format_keras_yolo(records: Iterable[Record], class_names: Iterable[str]) -> str:
    """Write records; each box must have a class of `class_names` and corners."""
    class_id = {name: i for i, name in enumerate(class_names)}
    lines = []
    for record in records:
        boxes = [
            ",".join([*(plain_number(corner) for corner in box.box_xyxy or ()), str(class_id[box.class_name])])
            for box in record.boxes
        ]
        lines.append(" ".join([record.image, *boxes]) + "\n")
    return "".join(lines)
