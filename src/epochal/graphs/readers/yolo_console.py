"""What trainings of Ultralytics and YOLOv5 print: a progress line of losses, then a line of metrics for `all`."""

import re

from epochal.errors import LogError
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_HEADER = re.compile(r"^\s*Epoch\s+gpu_mem\s+(?P<names>.+?)\s*$", re.IGNORECASE)
_TRAIN = re.compile(
    r"^\s*(?P<ep>\d+)/(?P<of>\d+)\s+[\d.]+[GMK]?\s+(?P<numbers>(?:[-\d.]+(?:e[-+]?\d+)?\s+|nan\s+|inf\s+)+)"
)
_ALL = re.compile(
    r"^\s*all\s+\d+\s+\d+\s+(?P<numbers>(?:[-\d.]+(?:e[-+]?\d+)?|nan)(?:\s+(?:[-\d.]+(?:e[-+]?\d+)?|nan)){3,7})\s*$"
)
_METRICS = ("metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95")


def recognise_yolo_console(source: Source) -> float:
    """The two header lines of a YOLO training."""
    return 0.92 if any(_HEADER.match(line) for line in source.head_lines) else 0.0


def read_yolo_console(source: Source) -> Log:
    """Read it: of each epoch the last progress line, whose losses are means over the epoch.

    Raises:
        LogError: it has no progress line.
    """
    log = Log("yolo_text", epoch="epoch", is_percent=False)
    names: list[str] = []
    row: dict[str, float] = {}
    for line in source.read_lines():
        if header := _HEADER.match(line):
            names = header["names"].split()
        elif (train := _TRAIN.match(line)) and names:
            if row and row["epoch"] != float(train["ep"]):
                log.table.add(row)
                row = {}
            log.planned = int(train["of"])
            row.update({"epoch": float(train["ep"]), **_losses(names, train["numbers"])})
        elif (measured := _ALL.match(line)) and row and _METRICS[2] not in row:
            values = [parse_number(number) for number in measured["numbers"].split()]
            row.update({key: value for key, value in zip(_METRICS, values, strict=False) if value is not None})
    if row:
        log.table.add(row)
    if not log.table.rows:
        raise LogError(
            f"{source.path} is the output of a YOLO training without a finished progress line; nothing was trained."
        )
    epochs, _ = log.table.column("epoch")
    if epochs.min() == 0 and log.planned is not None:
        log.planned += 1
    return log


def _losses(names: list[str], numbers: str) -> dict[str, float]:
    losses = {}
    for name, number in zip(names, numbers.split(), strict=False):
        value = parse_number(number)
        part = name.lower().removesuffix("_loss")
        if value is not None and part not in ("instances", "labels", "size", "img_size", "targets"):
            losses[f"train/{part}_loss"] = value
    return losses
