"""What trainings of Ultralytics, YOLOv5 and YOLOv6 print: a progress line of losses, then a line of metrics."""

import re

from epochal.errors import LogError
from epochal.graphs.readers.console_tables import CocoSummary
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_HEADER = re.compile(r"^\s*Epoch\s+(?P<names>(?:gpu_mem|lr|iou_loss)\s.+?)\s*$", re.IGNORECASE)
_TRAIN = re.compile(r"^\s*(?P<ep>\d{1,9})/(?P<of>\d{1,9})\s+(?P<cells>[-+.\d]\S*\s.*|nan\s.*|inf\s.*)")
_NUMBER = r"(?:-?\d+\.?\d*(?:e[-+]?\d+)?|nan)"
_ALL = re.compile(rf"^\s*all\s+\d+\s+\d+\s+(?P<numbers>{_NUMBER}(?:\s+{_NUMBER}){{3,7}})\s*$")
_YOLOV6 = re.compile(rf"^Epoch: \d+ \| mAP@0\.5: (?P<loose>{_NUMBER}) \| mAP@0\.50:0\.95: (?P<strict>{_NUMBER})")
_METRICS = ("metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95")
_NO_LOSSES = {"gpu_mem", "instances", "labels", "size", "img_size", "targets"}


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
    coco = CocoSummary()
    for line in source.read_lines():
        if header := _HEADER.match(line):
            names = header["names"].split()
        elif names and (train := _TRAIN.match(line)) and (losses := _losses(names, train["cells"])):
            if row and row["epoch"] != float(train["ep"]):
                log.table.add(row)
                row = {}
            log.planned = int(train["of"])
            row.update({"epoch": float(train["ep"]), **losses})
        elif row and (_METRICS[2] not in row or _YOLOV6.match(line)):  # YOLOv6's words are exacter than the summary
            row.update(_measured(line))
        if row and (summary := coco.read_line(line, "bbox")):
            row = {**summary, **row}
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


def _losses(names: list[str], cells: str) -> dict[str, float]:
    """The losses of a progress line, and the learning rate where it has one."""
    losses = {}
    for name, cell in zip(map(str.lower, names), cells.split(), strict=False):
        value = parse_number(cell.rstrip(":"))
        if value is not None and name not in _NO_LOSSES:
            losses["lr" if name == "lr" else f"train/{name.removesuffix('_loss')}_loss"] = value
    return losses


def _measured(line: str) -> dict[str, float]:
    """The metrics of a line for all classes."""
    if match := _ALL.match(line):
        values = [parse_number(number) for number in match["numbers"].split()]
        return {key: value for key, value in zip(_METRICS, values, strict=False) if value is not None}
    if match := _YOLOV6.match(line):
        return {_METRICS[2]: float(match["loose"]), _METRICS[3]: float(match["strict"])}
    return {}
