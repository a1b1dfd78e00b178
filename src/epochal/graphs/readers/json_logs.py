"""JSON logs: lines of objects (DETR, D-FINE, RF-DETR, MMDetection, detectron2), Hugging Face's trainer state, Keras."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from epochal.errors import LogError
from epochal.graphs.readers.console import numbers_of, steps_per_epoch_beside
from epochal.graphs.readers.json_exports import close_document, epoch_rows, export_rows, join_variant
from epochal.graphs.readers.long_tables import LongRows, find_long_form, join_context
from epochal.graphs.readers.names import COCO_NAMES, is_epoch, is_known, is_step
from epochal.graphs.readers.other_rows import refuse_other_rows
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_DETR = re.compile(r"n_parameters|(?:ema_)?(?:test|val)_bbox_mAP|train_loss_(?:bbox|ce|vfl|giou)$")
_DEPTH = 4
_FEWEST_ALONE = 1  # objects of nothing but one loss: a single one may be a setting
# Boxes around numbers that say nothing, or only whose the numbers are: of NVIDIA TAO, of RF-DETR.
_BOXES = {"kpi": "", "graphical": "", "test_results_json": "", "ema_test_results_json": "ema/"}
# One number as Python prints it: "tensor(0.5)", "np.float64(0.5)".
_TENSOR = re.compile(r"\b(?:tensor|array|(?:np\.)?float(?:16|32|64))\(([-+\w.]+)[^()]*\)")
_LOGGER = re.compile(r"\s*\[[^\]{}\"]*\]")  # "[INFO] {…}", "[rank0]: {…}"
_LARGEST_DOCUMENT = 20_000_000
_LONGEST_DICT = 20_000
_MOST_BROKEN = 20  # objects without an end; each is looked through to the end of the text


def recognise_json(source: Source) -> float:
    """Objects with losses or metrics, one a line or in one document."""
    lines = [line for line in source.head_lines if line.strip()]
    if not lines or lines[0].lstrip()[:1] not in ("{", "["):
        return _recognise_printed(lines[:300])
    alone = 0
    for record in _head_records(source, lines):
        flat = _flatten(record)
        long = find_long_form(tuple(record))
        named = [str(record[long.name])] if long is not None else []
        known = any(is_known(name) for name in (*flat, *named))
        alone += known
        if known and (len(flat) > 1 or named or alone > _FEWEST_ALONE):
            return 0.9
    return 0.5 if any(key in "".join(lines[:40]) for key in ('"log_history"', '"env_info"')) else 0.0


def _recognise_printed(lines: list[str]) -> float:
    """Objects between other lines, or behind the words of a logger; not where the other lines tell as much."""
    records = [_load_line(line) if "{" in line else None for line in lines]
    told = [record is not None and any(is_known(name) for name in _flatten(record)) for record in records]
    if sum(told) < 2:
        return 0.0
    before = [line.partition("{")[0] for line, is_told in zip(lines, told, strict=True) if is_told]
    if not any(words.strip() for words in before):
        return 0.75
    others = 3 * sum(bool(numbers_of(words)) for words in before)
    others += sum(bool(numbers_of(line)) for line, is_told in zip(lines, told, strict=True) if not is_told)
    return 0.75 if 2 * others <= sum(told) else 0.0


def read_json_log(source: Source) -> Log:
    """Read it.

    Raises:
        LogError: no object in it holds a loss or a metric.
    """
    notes: list[str] = []
    records = list(_records(source, notes))
    log = Log("json_lines", notes=notes)
    if _add_long(log, records):
        return log
    log.settings.update(_settings(records))
    rows = [(record, row) for record in records if (row := _row(record))]
    if not rows:
        raise LogError(
            f"{source.path} holds no object with numbers; expected one per epoch, such as DETR's log.txt has."
        )
    names = dict.fromkeys(name for _, row in rows for name in row)
    _settle_format(log, names, rows)
    if log.format == "detectron2_json":
        log.steps_per_epoch = steps_per_epoch_beside(source.path)
    for _, row in rows:
        log.table.add(row)
    refuse_other_rows(log, _row_names([record for record, _ in rows]), source.path)
    if log.format not in ("mmdet2_json", "detectron2_json"):
        log.count_by_step()
    log.sort_by_epoch()
    return log


def _row_names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The first text of each object, when all have one under the same name."""
    key = next((key for key, value in records[0].items() if isinstance(value, str) and parse_number(value) is None), "")
    texts = [text for record in records if isinstance(text := record.get(key), str)]
    return texts if len(texts) == len(records) else []


def _add_long(log: Log, records: Sequence[Mapping[str, Any]]) -> bool:
    """Fill the table from objects of one number each; False when they are not so."""
    long = find_long_form(tuple(records[0])) if records else None
    if long is None or not isinstance(records[0][long.name], str):
        return False
    rows = LongRows()
    for record in records:
        flat = _flatten(record)
        if long.value in flat and isinstance(name := record.get(long.name), str):
            epoch, step = (flat.get(key) if key is not None else None for key in (long.epoch, long.step))
            run, context = (str(record.get(key, "")) if key else "" for key in (long.run, long.context))
            rows.add(join_context(run, context), name, flat[long.value], epoch, step)
    rows.fill(log)
    return log.table.rows > 0


def _head_records(source: Source, lines: list[str]) -> Iterator[Mapping[str, Any]]:
    found = list(_objects(lines[:60]))
    yield from found
    if source.size_bytes <= _LARGEST_DOCUMENT and len(found) <= 1:
        yield from _whole("\n".join(source.read_lines()), source)


def _objects(lines: list[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        if line.lstrip().startswith("{") and (record := _load_line(line)) is not None:
            yield record


def _load_line(line: str) -> Mapping[str, Any] | None:
    """The object of a line, also behind the words of a logger ("INFO:root:{…}"); None where there is none."""
    begin = line.find("{")
    if begin < 0 or (begin and line.lstrip()[:1] in ("[", '"') and not _LOGGER.match(line)):
        return None
    record = _load(line[begin:].rstrip().rstrip(","))
    return join_variant(record) if isinstance(record, dict) else None


def _load(text: str) -> Any:
    """A JSON value, or a dict as Python prints it; None for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if not text.lstrip().startswith("{'") or len(text) > _LONGEST_DICT:
        return None
    try:
        plain = _TENSOR.sub(r"\1", text.strip())
        return ast.literal_eval(re.sub(r"(?<=[:\s])(-?(?:nan|inf))(?=[,}\s])", r"'\1'", plain))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _records(source: Source, notes: list[str]) -> Iterator[Mapping[str, Any]]:
    lines = [line for line in source.read_lines() if line.strip()]
    broken = []
    found = False
    for index, line in enumerate(lines):
        record = _load_line(line)
        if record is not None and not (len(lines) == 1 and _is_document(record)):
            found = True
            yield record
        else:
            broken.append(index)
    if not found:
        yield from _whole("\n".join(lines), source, notes)
    elif broken == [len(lines) - 1]:
        notes.append("The last line is cut off and was left aside.")
    elif broken:
        notes.append(f"{len(broken)} lines that are no JSON object were left aside, the first is line {broken[0] + 1}.")


def _whole(text: str, source: Source, notes: list[str] | None = None) -> Iterator[Mapping[str, Any]]:
    """The rows of a text that is one JSON document, or of the objects in it that are whole."""
    value = _load(text)
    if value is not None:
        yield from _document(value, source)
        return
    closed = close_document(text)  # such as columns of which the last is cut off
    parts = [closed] if isinstance(closed, dict) and _is_document(closed) else list(_salvage(text))
    for part in parts:
        yield from _document(part, source) if _is_document(part) else [part]
    if parts and notes is not None:
        notes.append(
            "The file is no whole JSON document, as after a stop while it was written; what is whole in it was read."
        )


def _salvage(text: str) -> Iterator[Mapping[str, Any]]:
    """The outermost objects that are whole, in a text that is cut off or holds something else around them."""
    decoder, at, failed = json.JSONDecoder(), 0, 0
    while (at := text.find("{", at)) >= 0 and failed < _MOST_BROKEN:
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            at, failed = at + 1, failed + 1


def _is_document(value: Mapping[str, Any]) -> bool:
    """Whether one object holds a whole log rather than a row of it."""
    if "log_history" in value or isinstance(value.get("history"), dict) or export_rows(value):
        return True
    if any(epoch_rows(value)):
        return True
    columns = {key: column for key, column in _columns(value).items() if len(column) > 1}
    is_row = any(is_known(key) and isinstance(inner, int | float) for key, inner in value.items())
    if not is_row:
        return bool(columns)
    # Beside a loss or a metric of its own, such as the best: rows or columns of a log, not COCO's array of twelve.
    has_rows = any(isinstance(column[0], dict) for key, column in columns.items() if key in value)
    return has_rows or any(is_known(key) or is_epoch(key) for key in columns)


def _columns(value: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The columns of an object, those of its parts too when it has none itself: {"train": {"loss": […]}, "val": …}."""
    columns = {key: column for key, part in value.items() if (column := _column(part)) and not _is_summary(key, column)}
    parts = [] if columns else [(key, part) for key, part in value.items() if isinstance(part, dict)]
    return columns or {
        f"{key}/{name}": column for key, part in parts for name, inner in part.items() if (column := _column(inner))
    }


def _column(value: Any) -> list[Any]:
    """The values of a column, as a list or by row number as pandas writes it; empty for anything else."""
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        value = list(value.values())
        return [] if any(isinstance(inner, dict) for inner in value) else value
    return value if isinstance(value, list) else []


def _document(value: Any, source: Source) -> Iterator[Mapping[str, Any]]:
    """The rows of a whole JSON document: a list of objects, Hugging Face's state, columns as lists."""
    if isinstance(value, list):
        yield from (join_variant(record) for record in value if isinstance(record, dict))
        triples = [row for row in value if isinstance(row, list) and len(row) == 3]  # a scalar of TensorBoard
        yield from ({"step": step, source.tag: number} for _, step, number in triples)
    elif isinstance(value, dict) and isinstance(value.get("log_history"), list):
        yield {"_state": {key: inner for key, inner in value.items() if not isinstance(inner, list | dict)}}
        yield from (record for record in value["log_history"] if isinstance(record, dict))
    elif isinstance(value, dict) and isinstance(names := value.get("columns"), list) and "data" in value:
        rows = [row for row in _column(value["data"]) if isinstance(row, list)]
        yield from (dict(zip(map(str, names), row, strict=False)) for row in rows)
    elif exported := export_rows(value):
        yield from exported
    elif isinstance(value, dict):
        if by_epoch := epoch_rows(value):
            yield from by_epoch
            return
        history = value.get("history")
        inner = history if isinstance(history, dict) else value
        columns = _columns(inner)
        for column in columns.values():
            yield from (record for record in column if isinstance(record, dict))
        numbers = {
            key: [None if isinstance(cell, dict) else cell for cell in column] for key, column in columns.items()
        }
        for place in range(max(map(len, numbers.values()), default=0)):
            yield {key: column[place] for key, column in numbers.items() if place < len(column)}
        if not columns and any(is_known(str(key)) for key in value):
            yield value


def _row(record: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of an object, those of validation marked as such."""
    if any(key in record for key in ("train_runtime", "_state", "env_info", "config")):
        return {}
    row = _flatten(record)
    mode = record.get("mode")
    if isinstance(mode, str) and mode.lower() in ("train", "val", "test"):
        kept = ("epoch", "iter", "step")
        row = {name if name in kept else f"{mode.lower()}/{name}": value for name, value in row.items()}
        if mode.lower() != "train":
            row.pop("iter", None)
            row = {name: value for name, value in row.items() if not name.endswith("/lr")}
    return row


def _flatten(value: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, float]:
    flat: dict[str, float] = {}
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, bool) or inner is None:
            continue
        if isinstance(inner, int | float):
            flat[name] = _to_float(inner)
        elif isinstance(inner, str):
            number = parse_number(inner) if len(inner) < 40 else None
            if number is not None:
                flat[name] = number
        elif isinstance(inner, dict) and depth < _DEPTH:
            if "class_map" in inner and key in _BOXES:  # of RF-DETR, whose "map" is COCO's second number once more
                inner = {part: number for part, number in inner.items() if part != "map"}
            flat.update(_flatten(inner, prefix + _BOXES[key] if key in _BOXES else f"{name}/", depth + 1))
        elif isinstance(inner, list):
            flat.update(_expand_classes(prefix, inner) if key == "class_map" else _expand(name, inner))
    return flat


def _to_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _expand(name: str, values: list[Any]) -> dict[str, float]:
    """COCO's array of twelve, as the DETR family writes it, gets names; a list of one is its number."""
    if len(values) >= 12 and ("eval" in name or _is_summary(name, values)):
        stem = re.sub(r"coco_eval_?", "", name)
        named = zip(COCO_NAMES, values, strict=False)
        return {f"{stem}_{part}": _to_float(v) for part, v in named if isinstance(v, int | float)}
    if len(values) == 1 and isinstance(values[0], int | float):
        return {name: _to_float(values[0])}
    return {}


def _is_summary(name: str, values: list[Any]) -> bool:
    """Whether a list is the summary of one evaluation, as COCO's tools keep it by task."""
    return name in ("bbox", "segm") and len(values) == len(COCO_NAMES)


def _expand_classes(prefix: str, classes: list[Any]) -> dict[str, float]:
    """What RF-DETR measures of each class."""
    named = {part["class"]: _flatten(part) for part in classes if isinstance(part, dict) and "class" in part}
    return {
        f"{prefix}class/{name}/AP_{overlap}": part[f"map@{shown}"]
        for name, part in named.items()
        for overlap, shown in (("0.5:0.95", "50:95"), ("0.5", "50"))
        if name != "all" and f"map@{shown}" in part
    }


def _settings(records: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """What the first objects say about the whole: MMDetection's config, Hugging Face's state."""
    settings: dict[str, object] = {}
    for record in list(records)[:5]:
        state = record.get("_state")
        if isinstance(state, dict):
            settings.update(state)
        config = record.get("config")
        if isinstance(config, str):
            for name in ("max_epochs", "total_epochs", "warmup_iters", "samples_per_gpu"):
                if match := re.search(rf"\b{name}\s*=\s*(\d{{1,9}})", config):
                    settings[name] = int(match[1])
    return settings


def _settle_format(log: Log, names: dict[str, None], rows: list[tuple[Mapping[str, Any], dict[str, float]]]) -> None:
    log.epoch = next((name for name in names if is_epoch(name)), None)
    log.step = next((name for name in ("iteration", "global_step", "step", "iter") if name in names), None) or next(
        (name for name in names if is_step(name)), None
    )
    if "train/epoch" in names and log.epoch is None:
        log.epoch = "train/epoch"
    if any("mode" in record for record, _ in rows[:50]):
        log.format, log.merges_rows, log.step = "mmdet2_json", True, "iter" if "iter" in names else log.step
    elif "iteration" in names and log.epoch is None:
        log.format, log.merges_rows, log.first_epoch = "detectron2_json", True, 1
        log.is_percent = (
            True if any(name.startswith(("bbox/", "segm/")) or "/bbox/" in name for name in names) else None
        )
    elif any("log_history" in str(key) for key in names) or any(name.startswith("eval_") for name in names):
        log.format, log.merges_rows, log.bare_map = "huggingface", True, "metrics/mAP_0.5:0.95"
    elif any(_DETR.match(name) for name in names):
        log.format, log.first_epoch = "detr_json", 0
    elif log.step is not None:
        log.format, log.merges_rows = "mmdet3_json", True
    _settle_maps(log, names)


def _settle_maps(log: Log, names: dict[str, None]) -> None:
    """A bare mAP is Pascal VOC's, at overlap 0.5, in MMDetection; what has keypoints is no detector of boxes."""
    for name in names:
        tail = name.rpartition("/")[2]
        if log.format == "mmdet2_json" and tail == "mAP":
            log.names[name] = "metrics/mAP_0.5"
        if log.format == "mmdet2_json" and re.fullmatch(r"AP\d\d", tail):
            log.names[name] = f"metrics/{tail}"
    if any(re.search(r"acc_pose|loss_kpt|acc_kpt", name) for name in names):
        for name in names:
            if re.match(r"coco/(?:A[PR]|m?AP)\b", name):
                log.names[name] = f"metrics/pose/{name.rpartition('/')[2]}"
        log.notes.append("The log is of a net for keypoints: its AP measures keypoints, not boxes.")
