"""`results….txt` of trainings that are built on torchvision's reference: a row of numbers for each epoch, by place."""

import re

from epochal.errors import LogError
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_LINE = re.compile(r"epoch:(?P<ep>\d{1,9})\s+(?P<numbers>[-+.\deEnaif]+(?:\s+[-+.\deEnaif]+)*)\s*")
# COCO's twelve numbers in its order, the mean loss of the epoch, the learning rate.
_AP = ("mAP_0.5:0.95", "mAP_0.5", "mAP_0.75", "mAP_small", "mAP_medium", "mAP_large")
_AR = ("AR_1", "AR_10", "AR_100", "AR_small", "AR_medium", "AR_large")
_NAMES = (*(f"metrics/{name}" for name in (*_AP, *_AR)), "train/total_loss", "lr")


def recognise_coco_txt(source: Source) -> float:
    """Lines of `epoch:3` and fourteen numbers, and not much else."""
    lines = [line for line in source.head_lines if line.strip()]
    hits = sum(_numbers(line) is not None for line in lines)
    return 0.95 if hits and 2 * hits >= len(lines) else 0.0


def read_coco_txt(source: Source) -> Log:
    """Read it.

    Raises:
        LogError: no line is complete.
    """
    log = Log("coco_txt", epoch="epoch", first_epoch=0, is_percent=False)
    for line in source.read_lines():
        if (numbers := _numbers(line)) is not None:
            log.table.add(numbers)
        elif line.startswith("epoch:"):
            log.notes.append(f"A line was left aside, as it is cut off: `{line[:40]}`.")
    if not log.table.rows:
        raise LogError(f"{source.path} has no complete line; expected `epoch:0` and fourteen numbers behind it.")
    log.names = {name: name for name in _NAMES}
    log.notes.append("The file names no columns; they were read by place: COCO's twelve numbers, loss, learning rate.")
    return log


def _numbers(line: str) -> dict[str, float] | None:
    match = _LINE.fullmatch(line.strip())
    values = [parse_number(cell) for cell in match["numbers"].split()] if match else []
    if match is None or len(values) != len(_NAMES):
        return None
    told = {name: value for name, value in zip(_NAMES, values, strict=True) if value is not None}
    return {"epoch": float(match["ep"]), **told}
