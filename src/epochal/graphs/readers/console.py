"""Text logs with `name: number` lines: YOLOX, MMDetection, detectron2, SSD, torchvision, DETR, Keras and their like."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from epochal.errors import LogError
from epochal.graphs.readers.console_tables import CocoSummary, read_table_line
from epochal.graphs.readers.names import explain, phase_of
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

# Where in the training a line stands; the first pattern that fits counts. ep: epoch, of: all epochs, it: iteration,
# n: iterations per epoch, all: iterations of the whole training.
_POSITIONS = [
    re.compile(pattern, flags)
    for pattern, flags in (
        (
            r"Epoch\((?P<phase>train|val|test)\)\s*\[(?P<ep>\d{1,9})\](?:\s*\[\s*(?P<it>\d{1,9})(?:/(?P<n>\d{1,9}))?\])?",
            0,
        ),
        (r"Iter\((?P<phase>train|val|test)\)\s*\[\s*(?P<it>\d{1,9})(?:/(?P<all>\d{1,9}))?\]", 0),
        (r"^Train:\s*(?P<ep>\d{1,9})\s*\[\s*(?P<it>\d{1,9})/(?P<n>\d{1,9})", 0),
        (
            r"Epoch:?\s*\[\s*(?P<ep>\d{1,9})(?:/(?P<of>\d{1,9}))?\]\s*\[\s*(?P<it>\d{1,9})/(?P<n>\d{1,9})\]",
            re.IGNORECASE,
        ),
        (r"\bIter\s*\[\s*(?P<it>\d{1,9})/(?P<all>\d{1,9})\]", re.IGNORECASE),
        (r"epoch:?\s*(?P<ep>\d{1,9})(?:/(?P<of>\d{1,9}))?,\s*iter:\s*(?P<it>\d{1,9})/(?P<n>\d{1,9})", re.IGNORECASE),
        (r"\b(?:epoch|ep)\s*[:=#]?\s*\[?\(?\s*(?P<ep>\d{1,9})\s*(?:(?:/|of)\s*(?P<of>\d{1,9}))?", re.IGNORECASE),
        (r"\b(?:iter|iteration|step)s?\s*[:=#]?\s*\[?\s*(?P<it>\d{1,9})(?:\s*/\s*(?P<all>\d{1,9}))?", re.IGNORECASE),
    )
]
_COUNTS = ("ep", "it", ":", "=", "loss", "map")  # epoch, step, iteration
_EPOCH_ALONE = re.compile(r"start train epoch\s*(?P<ep>\d{1,9})")
_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf)"
_PAIR = re.compile(
    r"(?<!\w)(?P<name>(?:(?:Val|Validation|Train|Training) (?=\w+ loss\b))?"  # "Validation Regression Loss: 0.5"
    r"[A-Za-z_][\w./@\-]{0,100}(?:[ _](?:loss|mAP|AP|lr))?"
    r"(?:@?\[?[\d.]+:[\d.]+\]?|(?<=\d):0?\.\d+(?=\s*=))?)['\"]?\s*[:=]\s*(?P<value>"
    + _NUMBER
    + r")(?![\w:.]*[A-Za-z:])(?P<percent>\s?%)?",
    re.IGNORECASE,
)
# A name and a number with nothing but blanks between: "train loss 0.52 | mAP50 31.2%", CenterNet's "|hm_loss 2.0 |".
_SPOKEN = re.compile(
    r"\b(?P<name>(?:(?:train|training|val|valid|validation|test|eval)[ _])?(?:[a-z]+[ _])?\w*loss"
    r"|m?AP[@.:\d\-]*(?<!:))\s+(?P<value>\d+\.\d+(?:e[-+]?\d+)?|nan|inf)(?![\w:])(?P<percent>\s?%)?",
    re.IGNORECASE,
)
_PADDLE_MAP = re.compile(r"\bmAP\((?P<iou>0\.\d+)[^)]*\)")  # "mAP(0.50, 11point) = 31.20%"
# "#quality_metric: host=algo-1, epoch=3, train smooth_l1 <loss>=(0.5)" of SageMaker's own detector
_SAGEMAKER = re.compile(r"(?P<phase>train|validation) (?P<name>\w+) <(?P<kind>loss|score)>=\(?(?P<value>[-+\w.]+)\)?")
_VAL_LINE = re.compile(
    r"^(?:\[[^\]]*\]|INFO|NanoDet|\d[\d/:,. -]*|[-:|\s])*+(?:Test|Val|Valid|Validation|Eval)\b[^:|]{0,20}[:|]",
    re.IGNORECASE,
)
_SECTION = re.compile(r"^\W*(?P<phase>train|training|val|valid|validation|eval|test)\W*$", re.IGNORECASE)
_CONFIG = re.compile(r"dict\(|Namespace\(|\bloss_weight\b|=\s*\{|^\s*[\w.]+\s*=\s*\[")
_TASK = re.compile(r"IoU metric: (\w+)|Evaluat\w+ (?:annotation type \*|results for |)(bbox|segm|keypoints|mask)")
_FORMATS = (
    ("yolox_text", re.compile(r"yolox\.(?:core|exp|utils|models|evaluators)")),
    ("detectron2_text", re.compile(r"\[\d\d/\d\d \d\d:\d\d:\d\d (?:d2|detectron2|fvcore)\b")),
    ("mmdet_text", re.compile(r"- mmdet - |- mmengine - |(?:Epoch|Iter)\((?:train|val)\)|Epoch \[\d+\]\[\d+/\d+\]")),
    ("paddle_text", re.compile(r"\bppdet\.(?:engine|utils|metrics|data)\b")),
    ("nanodet_text", re.compile(r"\[NanoDet\]\[")),
    ("ssd_text", re.compile(r"SSD\.trainer|\|\| ?Loss:")),
    ("torchvision_text", re.compile(r"Epoch: \[\d+\]\s+\[\s*\d+/\d+\]\s+eta")),
)  # fmt: skip
_LONGEST_LINE = 20_000
_FEWEST_UNPLACED = 3  # lines that name losses, where none says where it stands


@dataclass
class _State:
    """What was read up to a line.

    Attributes:
        epoch: the last that a line named.
        step: the last that a train line named, counted over all epochs where the log allows it.
        phase: of the line before: "train" or "val".
        pending: numbers of the running evaluation, written when training goes on.
        task: what an evaluation measures: "bbox", "segm", …
        images: how many train images the log names.
        batch: how many images the log names as one step.
    """

    epoch: int | None = None
    step: int | None = None
    phase: str = "train"
    pending: dict[str, float] = field(default_factory=dict)
    task: str = "bbox"
    coco: CocoSummary = field(default_factory=CocoSummary)
    images: int = 0
    batch: int = 0
    trained: int = 0


def recognise_console(source: Source) -> float:
    """A framework's own words, or lines with a position and a loss."""
    if not source.head_lines:
        return 0.0
    text = "\n".join(source.head_lines)
    if any(pattern.search(text) for _, pattern in _FORMATS):
        return 0.85
    placed = told = lines = 0
    for line in source.head_lines[:400]:
        plain = line.lower()
        lines += bool(plain.strip())
        if not any(mark in plain for mark in _COUNTS):
            continue  # of a table of numbers, most lines
        placed += any(pattern.search(line) for pattern in _POSITIONS)
        told += bool(numbers_of(line))
    if placed:
        return 0.4 if told else 0.0
    return 0.3 if told > _FEWEST_UNPLACED and 2 * told >= lines else 0.0


def read_console(source: Source) -> Log:
    """Read it line by line; a line that says where it stands and names losses is a row.

    Raises:
        LogError: no line has a loss or a metric.
    """
    lines = source.read_lines()
    text = "\n".join(source.head_lines)
    name = next((name for name, pattern in _FORMATS if pattern.search(text)), "text")
    log = Log(name, epoch="epoch", step="step", merges_rows=True, is_percent=False)
    log.first_epoch = 0 if name == "torchvision_text" else 1
    state = _State()
    for line in lines:
        if len(line) <= _LONGEST_LINE:
            _read_line(line, log, state)
    _flush(log, state)
    if name == "text" and not log.table.rows:
        _add_unplaced(lines, log)
    if name == "text" and log.table.rows < min(2, 0.02 * len(lines)):
        raise LogError(
            f"{source.path} is text that speaks of a loss or a metric once; expected a line per epoch or step, such as "
            "`epoch: 1, loss: 0.5`."
        )
    if log.table.rows == 0:
        raise LogError(
            f"{source.path} is a {name.removesuffix('_text')} log of {len(lines)} lines without a line of training: no "
            "loss and no metric was written, so the training ended before its first step. Look at the log's last lines."
        )
    if state.images and state.batch:
        log.steps_per_epoch = state.images / state.batch
    return log


def _add_unplaced(lines: list[str], log: Log) -> None:
    """Rows of a log that never says where it stands: a name that comes again opens the next row."""
    row: dict[str, float] = {}
    for line in lines:
        numbers = numbers_of(line) if len(line) <= _LONGEST_LINE else {}
        if _VAL_LINE.search(line):
            numbers = {_named("val", name): value for name, value in numbers.items()}
        if row.keys() & numbers.keys():
            log.table.add(row)
            row = {}
        row |= numbers
    if row:
        log.table.add(row)


def steps_per_epoch_beside(path: Path) -> float | None:
    """Steps per epoch by detectron2's `log.txt` beside its `metrics.json`; None when there is none that says so."""
    try:
        with (path.parent / "log.txt").open("rb") as file:
            text = file.read(1_000_000).decode("utf-8", errors="replace")
    except OSError:
        return None
    state = _State()
    for line in text.splitlines():
        _note_size(line, state)
    return state.images / state.batch if state.images and state.batch else None


def _read_line(line: str, log: Log, state: _State) -> None:
    _note_size(line, state)
    if task := _TASK.search(line):
        state.task = task[1] or task[2]
    found = state.coco.read_line(line, state.task) or read_table_line(line, state.coco, state.task)
    if found is not None:
        for key, value in found.items():
            if key in state.pending and state.pending[key] != value:
                _flush(log, state)
            state.pending[key] = value
        return
    if alone := _EPOCH_ALONE.search(line):
        _flush(log, state)
        state.epoch = int(alone["ep"])
    if _CONFIG.search(line):
        return
    if "no mosaic aug now" in line.lower():
        log.marks.append((log.table.rows, "mosaic_off", "Mosaic is switched off here, as the log says."))
    if section := _SECTION.match(line):
        state.phase = "train" if phase_of(section["phase"]) == "train" else "val"
    position = next((match for pattern in _POSITIONS if (match := pattern.search(line))), None)
    numbers = numbers_of(line)
    if numbers or position is not None:
        _add(line, position, numbers, log, state)


def _note_size(line: str, state: _State) -> None:
    if not state.images and (match := re.search(r"(\d{1,9}) images left", line)):
        state.images = int(match[1])
    if not state.batch and (match := re.search(r"IMS_PER_BATCH['\"]?:\s*(\d{1,9})", line)):
        state.batch = int(match[1])


def numbers_of(line: str) -> dict[str, float]:
    """Losses, metrics and rates that a line names: {name: value}."""
    numbers: dict[str, float] = {}
    line = _PADDLE_MAP.sub(r"mAP@\g<iou>", line) if "mAP(" in line else line
    line = _SAGEMAKER.sub(r"\g<phase>_\g<name>_\g<kind>=\g<value>", line) if "#quality_metric" in line else line
    line = line.replace("_score=", "=") if "#quality_metric" in line else line
    if "CrossEntropy=" in line and "[Epoch " in line:  # GluonCV's SSD
        line = line.replace(" CrossEntropy=", " cls_loss=").replace(" SmoothL1=", " box_loss=")
    for match in (*_PAIR.finditer(line), *_SPOKEN.finditer(line)):
        name = match["name"]
        if explain(name).kind in ("loss", "metric", "class", "lr"):
            value = parse_number(match["value"])
            if value is not None:
                share = match["percent"] and explain(name).kind in ("metric", "class")
                numbers.setdefault(name, value / 100 if share else value)
    return numbers


def _add(line: str, position: re.Match[str] | None, numbers: dict[str, float], log: Log, state: _State) -> None:
    where = position.groupdict() if position is not None else {}
    phase = _phase(line, where, position is not None, state)
    measured = {name: value for name, value in numbers.items() if explain(name).kind in ("metric", "class")}
    if phase == "train" and position is not None and len(measured) < len(numbers):
        _flush(log, state)
    if where.get("ep") and state.epoch is not None and int(where["ep"] or 0) != state.epoch:
        _flush(log, state)
    if phase == "train" or where.get("phase"):
        _move(where, phase, log, state)
    if phase == "train" and len(measured) == len(numbers):
        state.pending.update({_named("val", name): value for name, value in measured.items()} if measured else {})
    elif phase == "train":
        rates_only = all(explain(name).kind == "lr" for name in numbers)
        if position is None and ((rates_only and not state.trained) or (state.epoch is None and state.step is None)):
            return
        state.trained += 1
        log.table.add({**_place(state), **numbers})
    elif numbers and (state.trained or where):
        added = {_named("val", name): value for name, value in numbers.items() if explain(name).kind != "lr"}
        if where.get("phase") is None and any(explain(name).kind == "loss" for name in numbers):
            log.table.add({**_place(state), **added})
        else:
            state.pending.update(added)


def _phase(line: str, where: dict[str, str | None], positioned: bool, state: _State) -> str:
    """Train, or val: as the line says, else as the lines before."""
    if where.get("phase"):
        state.phase = "train" if where["phase"] == "train" else "val"
    elif _VAL_LINE.search(line):
        state.phase = "val"
        return "val"
    elif positioned:
        state.phase = "train"
    return state.phase


def _move(where: dict[str, str | None], phase: str, log: Log, state: _State) -> None:
    epoch, iteration, per_epoch = (int(value) if (value := where.get(key)) else None for key in ("ep", "it", "n"))
    if epoch is not None:
        state.epoch = epoch
    if where.get("of"):
        log.planned = int(where["of"] or 0)
    if iteration is not None and phase == "train":
        # An iteration without its epoch's length starts again with each epoch and says nothing about the whole.
        state.step = (state.epoch or 0) * per_epoch + iteration if per_epoch is not None else iteration


def _place(state: _State) -> dict[str, float]:
    place: dict[str, float] = {}
    if state.epoch is not None:
        place["epoch"] = state.epoch
    if state.step is not None:
        place["step"] = state.step
    return place


def _named(phase: str, name: str) -> str:
    return name if re.match(r"(?:val|valid|validation|test|eval)[/_ ]", name.lower()) else f"{phase}/{name}"


def _flush(log: Log, state: _State) -> None:
    if state.pending:
        log.table.add({**_place(state), **state.pending})
        state.pending = {}
