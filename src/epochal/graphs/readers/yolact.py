"""YOLACT: what it prints, `[  0]  10 || B: 5.1 | C: 9.2 | … | T: 20.4 || ETA: …`, and its log of JSON lines."""

import json
import re
from collections.abc import Mapping
from typing import Any

from epochal.errors import LogError
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_LINE = re.compile(r"\s*\[\s*(?P<ep>\d{1,9})\]\s+(?P<it>\d+) \|\|(?P<losses>(?:\s*\w+: [-+.\w]+ \|)+[^|]*)\|\| ETA:")
_LOSS = re.compile(r"(\w+): ([-+.\w]+)")
_LR = re.compile(r"\blr: ([-+.\w]+)")
_ROW = re.compile(r"\s*(?P<task>box|mask) \|(?P<cells>(?:\s*[-.\d]+ \|)+)\s*")
_MOST_EPOCHS = 10**9
_LOGGED = '{"type": "'
# Its letters for the parts of the loss; others keep theirs.
_PARTS = {"B": "box", "C": "cls", "M": "mask", "S": "semantic", "I": "mask_iou", "T": "total", "Total": "total"}
_OVERLAPS = {"all": "0.5:0.95", "50": "0.5", "75": "0.75"}


def recognise_yolact(source: Source) -> float:
    """A line of losses between double bars, or the JSON of its logger."""
    if any(_LINE.match(line) for line in source.head_lines):
        return 0.95
    return 0.95 if any(_train_part(line) for line in source.head_lines[:200]) else 0.0


def read_yolact(source: Source) -> Log:
    """Read it: losses are running means, metrics percentages.

    Raises:
        LogError: it has no line of losses.
    """
    log = Log("yolact", epoch="epoch", merges_rows=True, first_epoch=0)
    names: list[str] = []
    epoch = 0.0
    for line in source.read_lines():
        row: dict[str, float] = {}
        if match := _LINE.match(line):
            epoch = float(match["ep"])
            row = _losses(dict(_LOSS.findall(match["losses"])))
            if (lr := _LR.search(line, match.end())) and (rate := parse_number(lr[1])) is not None:
                row["lr"] = rate
        elif "|  all  |" in line:
            names = [cell.strip().lstrip(".") for cell in line.split("|")[1:-1]]
        elif names and (match := _ROW.fullmatch(line)):
            cells = match["cells"].split("|")[:-1]
            row = _metrics({match["task"]: dict(zip(names, cells, strict=False))})
        elif (record := _load(line)) is not None:
            told = record.get("epoch")
            epoch = float(told) if isinstance(told, int) and 0 <= told < _MOST_EPOCHS else epoch
            row = {**_losses(_part(record, "loss")), **_metrics(record)}
            if isinstance(record.get("lr"), float):
                row["lr"] = record["lr"]
        if row:
            log.table.add({"epoch": epoch, **row})
    if not any(name.startswith("train/") for name in log.table.names):
        raise LogError(f"{source.path} is a log of YOLACT without a line of losses; nothing was trained.")
    log.names = {name: name for name in log.table.names if name != "epoch"}
    return log


def _losses(parts: Mapping[str, Any]) -> dict[str, float]:
    numbers = {_PARTS.get(name, name): parse_number(str(value)) for name, value in parts.items()}
    return {f"train/{name}_loss": number for name, number in numbers.items() if number is not None}


def _metrics(tasks: Mapping[str, Any]) -> dict[str, float]:
    """Of {"box": {"all": 29.9, "50": 49.3, …}, "mask": …}, in percent, as shares."""
    found = {}
    for task, where in (("box", "metrics/"), ("mask", "metrics/mask/")):
        for name, value in _part(tasks, task).items():
            number = parse_number(str(value))
            if number is not None and name in _OVERLAPS:
                found[f"{where}mAP_{_OVERLAPS[name]}"] = number / 100
    return found


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = record.get(name)
    return part if isinstance(part, dict) else {}


def _load(line: str) -> Mapping[str, Any] | None:
    """What a line of its logger says of training or validation."""
    if not line.startswith(_LOGGED):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_told = record.get("type") in ("train", "val") and isinstance(record.get("data"), dict) and "session" in record
    return record["data"] if is_told else None


def _train_part(line: str) -> bool:
    record = _load(line)
    return record is not None and bool(_part(record, "loss"))
