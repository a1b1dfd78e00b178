"""Label texts beside their images that are no YOLO: a box a line, with the class in words or other columns.

KITTI      Car 0.00 0 -1.58 587.0 173.3 614.1 200.1 1.65 1.67 3.64 -0.65 1.71 46.7 -1.59    corners, pixels
DOTA       x1 y1 x2 y2 x3 y3 x4 y4 plane 0      pixels, after two lines about the photo
VisDrone   684,8,273,116,0,0,0,0                x, y, width, height, score, category, …
WIDER      (one text for all images, `read_wider`)
named      Polar bear 10.5 20 40 60     corners in pixels, as the Open Images toolkit writes; up to 1: YOLO's fractions

Source: https://www.cvlibs.net/datasets/kitti (devkit), https://captain-whu.github.io/DOTA,
https://github.com/VisDrone/VisDrone2018-DET-toolkit and https://github.com/EscVM/OIDv4_ToolKit.
"""

import math
import re
from collections.abc import Callable, Sequence

from epochal.datasets.formats.record import Box, Record, RecordBox, box_around

_VISDRONE = (
    "ignored regions", "pedestrian", "people", "bicycle", "car", "van", "truck", "tricycle", "awning-tricycle", "bus",
    "motor", "others",
)  # fmt: skip
_HEAD_OF_DOTA = re.compile(r"(imagesource|gsd|acquisition dates?)\s*:", re.IGNORECASE)
_PICTURE = re.compile(r"\S.*\.(jpe?g|png|bmp)", re.IGNORECASE)
FRACTIONS = "fractions"
Line = tuple[str, Box] | None


def read_text_lines(text: str) -> tuple[str, Record] | None:
    """The format of a label text and its record, without the image's name; None when it is none of these.

    Returns:
        The format `FRACTIONS` is YOLO's with names for numbers: its boxes are fractions of the image.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [(number, line) for number, line in lines if not _HEAD_OF_DOTA.match(line.strip())]
    for format_name, read in _READERS:
        found = [(number, read(line.split())) for number, line in lines]
        if found and all(line is not None for _, line in found):
            was = "rotated" if format_name == "dota" else "box"
            boxes = [RecordBox(number, line[0], line[1], was) for number, line in found if line]
            if format_name == "named" and all(max(box.box_xyxy or (2,)) <= 1 for box in boxes):
                return FRACTIONS, Record("", tuple(map(_from_centre, boxes)))
            return format_name, Record("", tuple(boxes))
    return None


def read_wider(text: str) -> list[Record] | None:
    """Records of WIDER FACE's text for all images; None when it is another one.

    For each image: its path, the number of faces, and a line for each face (x, y, width, height, six more numbers);
    where there are no faces, one line of noughts. Source: http://shuoyang1213.me/WIDERFACE.
    """
    lines = text.splitlines()
    records: list[Record] = []
    at = 0
    while at + 1 < len(lines) and _PICTURE.fullmatch(lines[at].strip()) and lines[at + 1].strip().isdecimal():
        count = int(lines[at + 1])
        boxes = []
        for number in range(at + 2, min(at + 2 + count, len(lines))):
            values = _numbers(lines[number].split())
            if values is None or len(values) != 10:
                return None
            x, y, width, height = values[:4]
            boxes.append(RecordBox(number + 1, "face", (x, y, x + width, y + height)))
        records.append(Record(lines[at].strip(), tuple(boxes)))
        at += 2 + max(count, 1)
    return records if records and at >= len(lines) else None


def _numbers(words: Sequence[str]) -> list[float] | None:
    try:
        values = [float(word) for word in words]
    except ValueError:
        return None
    return values if all(map(math.isfinite, values)) else None


def _is_word(word: str) -> bool:
    return re.match(r"[^\W\d_]", word) is not None


def _kitti(words: Sequence[str]) -> Line:
    values = _numbers(words[1:])
    if len(words) not in (15, 16) or values is None or not _is_word(words[0]):
        return None
    # a region that nobody labelled has no class
    return ("" if words[0] == "DontCare" else words[0]), (values[3], values[4], values[5], values[6])


def _dota(words: Sequence[str]) -> Line:
    values = _numbers(words[:8])
    if len(words) not in (9, 10) or values is None or len(values) != 8 or not _is_word(words[8]):
        return None
    around = box_around(values[0::2], values[1::2])
    return None if around is None else (words[8], around)


def _visdrone(words: Sequence[str]) -> Line:
    values = _numbers(words[0].rstrip(",").split(",")) if len(words) == 1 else None
    if values is None or len(values) != 8 or not 0 <= values[5] < len(_VISDRONE) or values[5] != int(values[5]):
        return None
    x, y, width, height = values[:4]
    # category 0 marks what counts for nothing: no class
    return ("" if values[5] == 0 else _VISDRONE[int(values[5])]), (x, y, x + width, y + height)


def _named(words: Sequence[str]) -> Line:
    values = _numbers(words[-4:])
    name = " ".join(words[:-4])
    if len(words) < 5 or values is None or not _is_word(name):
        return None
    return name, (values[0], values[1], values[2], values[3])


def _from_centre(box: RecordBox) -> RecordBox:
    x, y, width, height = box.box_xyxy or (math.nan,) * 4
    corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return RecordBox(box.place, box.class_name, corners)


_READERS: tuple[tuple[str, Callable[[Sequence[str]], Line]], ...] = (
    ("kitti", _kitti),
    ("dota", _dota),
    ("visdrone", _visdrone),
    ("named", _named),
)
TEXT_FORMATS = (*(name for name, _ in _READERS), FRACTIONS)
