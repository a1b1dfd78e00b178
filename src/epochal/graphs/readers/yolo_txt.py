"""YOLOv7's and the old YOLOv5's `results.txt`: rows of numbers without any name."""

import re

import numpy as np

from epochal.errors import LogError
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

# epoch/last, memory, losses …, total, labels, image size, then what was measured.
_LINE = re.compile(r"\s*\d{1,9}/\d{1,9}\s+[\d.]+[GMK]?\s+\S")
_YOLOV3_PLACES, _FEWEST_ROWS = 3, 4
_FLOAT = re.compile(r"\d\.?\d*e\+\d\d")
_LOSSES = ("box", "obj", "cls")
_EARLY_LOSSES, _EARLY_WIDTH = ("xy", "wh", "obj", "cls"), 14  # of YOLOv3 before it had GIoU
_METRICS = ("metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95")


def recognise_yolo_txt(source: Source) -> float:
    """Lines such as `0/99  1.27G  0.067  0.095  0  0.16  130  480  0.56 …`."""
    lines = [line for line in source.head_lines if line.strip()][:50]
    lines = lines[:-1] or lines  # the last one may be cut
    first = next((place for place, line in enumerate(lines) if _LINE.match(line)), 0)
    lines = lines[first:]
    hits = sum(_LINE.match(line) is not None and len(line.split()) >= 8 for line in lines)
    if not lines or hits < 0.8 * len(lines):
        return 0.0
    return 0.9 if any("%" in line for line in lines) else 0.95  # some forks write a line of names above


def read_yolo_txt(source: Source) -> Log:
    """Read it; what each place means is fixed by the program that wrote it.

    Raises:
        LogError: no line is complete.
    """
    rows = [line.split() for line in source.read_lines() if _LINE.match(line)]
    if not rows:
        raise LogError(f"{source.path} has no line as YOLOv7 writes them, `epoch/last memory losses … metrics`.")
    losses = _count_losses(rows)
    width = max(len(row) for row in rows)
    log = Log("yolo_txt", epoch="epoch", first_epoch=0)
    names = _names(losses, width)
    for row in rows:
        if len(row) < losses + 5 or (len(row) < width and row is rows[-1]):
            log.notes.append(
                f"A line with {len(row)} of {width} numbers (epoch {row[0]}) is cut off and was left aside."
            )
            continue
        at, _, total = row[0].partition("/")
        log.planned = int(total) + 1
        numbers = {name: parse_number(cell) for name, cell in zip(names, row, strict=False) if name}
        log.table.add({"epoch": float(at), **{name: n for name, n in numbers.items() if n is not None}})
    log.names = {name: name for name in names if name}
    _tell_f1(log, rows, losses)
    shown = ", ".join(log.names.get(name, name) or "–" for name in names)
    log.notes.append(f"The file names no columns; they were read by place: {shown}.")
    return log


def _count_losses(rows: list[list[str]]) -> int:
    """How many losses stand before their total: the number of labels and the image size, both whole, come behind it."""
    for count in (3, 4, 5, 2):
        labels, size = count + 3, count + 4
        if all(len(row) > size and _is_whole(row[labels]) and _is_whole(row[size]) for row in rows[:20]):
            return count
    return 3


def _is_whole(cell: str) -> bool:
    """Whether a cell counts something: "640", or "1.02e+03" as three places show 1024."""
    return cell.isdigit() or (_FLOAT.fullmatch(cell) is not None and float(cell).is_integer())


def _names(losses: int, width: int) -> list[str]:
    is_early = losses == 4 and width == _EARLY_WIDTH
    parts = list(_EARLY_LOSSES) if is_early else [*_LOSSES, "extra", "extra2"][:losses]
    train = [f"train/{part}_loss" for part in parts]
    names = ["", "", *train, "train/total_loss", "", "", *_METRICS]
    if width == len(names) + 1:  # YOLOv3 of 2019 measured the sum alone
        names.append("val/total_loss")
    names += [f"val/{part}_loss" for part in parts]
    names = names[:width]
    return names + [f"column {place + 1}" for place in range(len(names), width)]


def _tell_f1(log: Log, rows: list[list[str]], losses: int) -> None:
    """YOLOv3's log looks the same but has F1 where the later ones have mAP_0.5:0.95.

    It is told by its value, or, as a mean over classes has none that could be computed here, by the three places that
    YOLOv3 prints; the later ones print four.
    """
    p, r, f1 = (log.table.column(name)[0] for name in (_METRICS[0], _METRICS[1], _METRICS[3]))
    measured = np.isfinite(f1) & (p + r > 0)
    if measured.sum() < 2:
        return
    expected = 2 * p[measured] * r[measured] / (p[measured] + r[measured])
    equal = bool(np.allclose(f1[measured], expected, rtol=0.02, atol=0.002))
    at = losses + len(("epoch", "memory", "total", "labels", "size"))
    places = [_count_places(cell) for row in rows for cell in [*row[2 : losses + 3], *row[at : at + 4]]]
    is_yolov3 = max(places) == _YOLOV3_PLACES and 2 * places.count(_YOLOV3_PLACES) > len(places)
    if equal or (is_yolov3 and len(rows) >= _FEWEST_ROWS):
        why = "it equals 2·P·R/(P+R)" if equal else "all numbers have three places"
        log.names[_METRICS[3]] = "metrics/F1"
        log.notes.append(f"Column {at + 4} is F1 ({why}), as YOLOv3 writes it; there is no mAP_0.5:0.95.")


def _count_places(cell: str) -> int:
    """How many digits a number shows, from the first that is not 0."""
    return len(re.sub(r"\D", "", cell.lower().partition("e")[0]).lstrip("0"))
