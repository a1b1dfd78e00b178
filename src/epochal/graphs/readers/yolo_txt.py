"""YOLOv7's and the old YOLOv5's `results.txt`: rows of numbers without any name."""

import re

import numpy as np

from epochal.errors import LogError
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

# epoch/last, memory, losses …, total, labels, image size, then what was measured.
_LINE = re.compile(r"\s*\d+/\d+\s+[\d.]+[GMK]?\s+\S")
_LOSSES = ("box", "obj", "cls")
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
    _tell_f1(log)
    shown = ", ".join(log.names.get(name, name) or "–" for name in names)
    log.notes.append(f"The file names no columns; they were read by place: {shown}.")
    return log


def _count_losses(rows: list[list[str]]) -> int:
    """How many losses stand before their total: the number of labels and the image size, both whole, come behind it."""
    for count in (3, 4, 5, 2):
        labels, size = count + 3, count + 4
        if all(len(row) > size and row[labels].isdigit() and row[size].isdigit() for row in rows[:20]):
            return count
    return 3


def _names(losses: int, width: int) -> list[str]:
    parts = [*_LOSSES, "extra", "extra2"][:losses]
    train = [f"train/{part}_loss" for part in parts]
    names = ["", "", *train, "train/total_loss", "", "", *_METRICS]
    names += [f"val/{part}_loss" for part in parts]
    names = names[:width]
    return names + [f"column {place + 1}" for place in range(len(names), width)]


def _tell_f1(log: Log) -> None:
    """YOLOv3's log looks the same but has F1 where the later ones have mAP_0.5:0.95."""
    p, r, f1 = (log.table.column(name)[0] for name in (_METRICS[0], _METRICS[1], _METRICS[3]))
    measured = np.isfinite(f1) & (p + r > 0)
    if measured.sum() < 2:
        return
    expected = 2 * p[measured] * r[measured] / (p[measured] + r[measured])
    if np.allclose(f1[measured], expected, rtol=0.02, atol=0.002):
        log.names[_METRICS[3]] = "metrics/F1"
        log.notes.append("Column 12 is F1 (it equals 2·P·R/(P+R)), as YOLOv3 writes it; there is no mAP_0.5:0.95.")
