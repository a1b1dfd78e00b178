"""Logs with a row of column names above rows of numbers: Ultralytics, YOLOv5, Lightning, torchvision, any CSV."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from epochal.errors import LogError
from epochal.graphs.readers.long_tables import LongForm, LongRows, find_long_form, join_context, split_wide
from epochal.graphs.readers.names import explain, is_epoch, is_known, is_step, phase_of, tidy
from epochal.graphs.readers.other_rows import refuse_other_rows
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.straighten import DELIMITERS, LOOK_FOR_HEADER, RULES, is_page, split_cells, straighten
from epochal.graphs.readers.table import Log, parse_number

_MOST_COLUMNS = 5000
_CERTAIN = 2  # columns that are a loss or a metric beyond doubt
# No column name has these; a line of a program or of JSON has.
_CODE = re.compile(r"[{}`]|(?<![Ii][Oo][Uu])=|\w\(\)|[\"']\s*[)\]]|[(\[]\s*[\"']")
_PHASE_COLUMNS = {"phase", "split", "mode", "stage", "set", "subset", "type", "dataset"}
_ELAPSED = "time/elapsed_s"
# One curve, as TensorBoard ("Wall time", "Step", "Value") and others offer it for download: the file tells which.
_ONE_CURVE = {"value", "y", "step", "x", "iteration", "epoch", "time", "wall time", "timestamp", "relative time", ""}


@dataclass(frozen=True)
class _Header:
    """Where the column names stand.

    Attributes:
        line: index of its line.
        delimiter: between cells; " " for any white space.
        names: of the columns, unique.
    """

    line: int
    delimiter: str
    names: list[str]


@dataclass
class _Oddities:
    """What was met and mended, counted."""

    headers: int = 0
    short: int = 0
    long: int = 0
    empty: int = 0
    torn: bool = False
    text_columns: set[str] = field(default_factory=set)


def recognise_csv(source: Source) -> float:
    """How sure it is that a file is a table of a training: by the names of its columns."""
    head, _ = straighten(source.read_lines() if is_page(source.head_lines) else source.head_lines)
    header = _find_header(head)
    if header is None:
        return 0.0
    header = replace(header, names=_name_scalar(header.names, source))
    long = find_long_form(header.names)
    if long is not None and any(is_known(name) for name in _named_below(head, header, long)):
        return 0.8
    known = sum(is_known(name) for name in header.names)
    counted = any(is_epoch(name) or is_step(name) for name in header.names)
    if known and (counted or known >= 2):
        return 0.8
    if known:
        return 0.35
    return 0.3 if counted and len(header.names) > 1 else 0.0


def _name_scalar(names: list[str], source: Source) -> list[str]:
    """The column names of a table that holds one curve and leaves its name to the file's."""
    low = [name.lower() for name in names]
    at = next((place for place, name in enumerate(low) if name in ("value", "y")), None)
    if at is None or not set(low) <= _ONE_CURVE:
        return names
    stem = source.path.name.removesuffix(".gz").rpartition(".")[0]
    named = source.tag if is_known(source.tag) or not is_known(stem) else stem
    return [named if place == at and named else name for place, name in enumerate(names)]


def read_csv(source: Source, mapping: Mapping[str, str] | None = None) -> Log:
    """Read a table.

    Args:
        source: the file.
        mapping: {column name: series key, "epoch", "step", or "" to leave it aside}; names as in the file, without
            padding.

    Raises:
        LogError: it has no header or no rows, or the mapping names a column that is not there.
    """
    lines, notes = straighten(source.read_lines())
    header = _find_header(lines, wanted=set(mapping or ()))
    if header is None:
        raise LogError(
            f"{source.path} has no line of column names; expected one such as `epoch,train/box_loss,metrics/mAP_0.5`, "
            "with one row per epoch below it."
        )
    if not mapping:
        header = replace(header, names=_name_scalar(header.names, source))
    log = Log(_format_of(header.names), notes=notes)
    odd = _Oddities()
    long = None if mapping else find_long_form(header.names)
    if long is not None:
        log.format = "long_csv"
        _add_long(log, lines, header, long)
    else:
        _name_columns(log, header.names, mapping or {}, source)
        if not _add_block(log, lines, header):
            _add_rows(log, lines, header, odd)
    _tell(log, header, odd)
    if odd.empty > 5 + 3 * log.table.rows:
        raise LogError(f"{source.path} is text with a few numbers, no table of a training; expected one row per epoch.")
    if not mapping and long is None:
        refuse_other_rows(log, _row_names(lines, header, odd), source.path)
    log.count_by_step()
    log.sort_by_epoch()
    if log.table.rows == 0:
        raise LogError(
            f"{source.path} has no data rows below its {len(header.names)} column names; it is the log of a training "
            "that ended before its first epoch did. Train for at least one epoch."
        )
    return log if long is not None or mapping else split_wide(log, _runs_of(lines[header.line], header))


def _row_names(lines: list[str], header: _Header, odd: _Oddities) -> list[str]:
    """What stands in the first column that has a name, when it holds text."""
    at = next((place for place, name in enumerate(header.names) if name in odd.text_columns), len(header.names))
    if any(header.names[:at]):
        return []
    return [cells[at].strip() for _, cells in _cells(lines, header) if len(cells) > at and re.search(r"\w", cells[at])]


def _find_header(lines: list[str], wanted: set[str] | None = None) -> _Header | None:
    """The first line that names columns of a training; without one, the first line of words above numbers."""
    fallback = None
    for index, line in enumerate(lines[:LOOK_FOR_HEADER]):
        if not line.strip() or line.lower().startswith("sep="):
            continue
        for delimiter in DELIMITERS if any(mark in line for mark in DELIMITERS) else (" ",):
            names = _unique([tidy(cell) for cell in split_cells(line, delimiter)])
            while names and not names[-1]:
                names.pop()
            if not 1 < len(names) <= _MOST_COLUMNS or _is_code(line, names) or sum(map(_is_number, names)) > 1:
                continue
            # A console speaks, as in COCO's summary, or it is YAML.
            if delimiter == " " and ("=" in line or "|" in line or names[0].endswith(":")):
                continue
            if wanted and wanted <= set(names):
                return _Header(index, delimiter, names)
            score = sum(is_known(name) or is_epoch(name) or is_step(name) for name in names)
            if score >= 2 and delimiter not in (" ", "|"):
                return _Header(index, delimiter, names)
            if (
                fallback is None
                and _is_above_numbers(lines, index, delimiter, names)
                and (delimiter not in (" ", "|") or score >= 2)
            ):
                fallback = _Header(index, delimiter, names)
    return fallback


def _is_code(line: str, names: list[str]) -> bool:
    """Whether a line is of a program or of JSON; names of classes may look like it beside names that are certain."""
    certain = sum(is_known(name) for name in names if not _CODE.search(name))
    return certain < _CERTAIN and _CODE.search(re.sub(r"@\[[^\]]*\]", "", line)) is not None


def _is_number(name: str) -> bool:
    """Whether a cell is no name: a number, or "loss: 0.5" of a console."""
    return parse_number(name) is not None or re.fullmatch(r"[A-Za-z_ ]+[:=]\s*[-+]?[\d.]+", name) is not None


def _is_above_numbers(lines: list[str], index: int, delimiter: str, names: list[str]) -> bool:
    below = next((line for line in lines[index + 1 : index + 6] if line.strip(RULES)), "")
    cells = split_cells(below, delimiter)
    comma = delimiter != ","
    count = sum(parse_number(cell, decimal_comma=comma) is not None for cell in cells)
    return len(cells) >= len(names) - 1 and count >= max(1, len(names) // 2)


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def _format_of(names: list[str]) -> str:
    """What to call the file; the reading is the same."""
    all_names = set(names)
    if "time/epoch_s" in all_names:
        return "epochal_csv"
    if any(re.search(r"\(B\)$|\(M\)$|\(P\)$", name) for name in names) or "metrics/accuracy_top1" in all_names:
        return "yolov5_csv" if "x/lr0" in all_names else "ultralytics_csv"
    if "x/lr0" in all_names or any("HBBmAP" in name for name in names):
        return "yolov5_csv"
    if "step" in all_names and "epoch" in all_names:
        return "lightning_csv"
    if any(name.endswith(("loss_classifier", "loss_box_reg", "loss_objectness")) for name in names):
        return "torchvision_csv"
    return "csv"


def _name_columns(log: Log, names: list[str], mapping: Mapping[str, str], source: Source) -> None:
    missing = [name for name in mapping if name not in names]
    if missing:
        shown = ", ".join(f"`{name}`" for name in names[:20])
        raise LogError(f"{source.path} has no column `{missing[0]}` as the mapping says; its columns are {shown}.")
    log.epoch = next((name for name in names if mapping.get(name) == "epoch"), None) or next(
        (name for name in names if is_epoch(name) and name not in mapping), None
    )
    log.step = next((name for name in names if mapping.get(name) == "step"), None) or next(
        (name for name in names if is_step(name) and name not in mapping), None
    )
    log.names = {name: key for name, key in mapping.items() if key not in ("epoch", "step")}
    if "time" in names and "time" not in mapping and log.format == "ultralytics_csv":
        log.names["time"] = _ELAPSED
    log.merges_rows = log.step is not None and log.format in ("lightning_csv", "csv")
    log.first_epoch = 0 if log.format in ("yolov5_csv", "lightning_csv") else 1
    if log.epoch and not any(explain(name).kind in ("loss", "metric") for name in names if name not in mapping):
        guessed = {name: f"train/{name.lower()}_loss" for name in names if name.lower() in ("box", "cls", "obj", "dfl")}
        log.names.update(guessed)


def _runs_of(line: str, header: _Header) -> dict[str, tuple[str, str]]:
    """Of a chart of several runs, `run - metric` by `run - metric`: {column: (run, its name)}."""
    cells = split_cells(line, header.delimiter)[: len(header.names)]
    runs = [cell.strip().strip("\"'").rpartition(" - ")[0] for cell in cells]
    return {name: (run, tidy(cell)) for name, run, cell in zip(header.names, runs, cells, strict=False)}


def _add_block(log: Log, lines: list[str], header: _Header) -> bool:
    """Read all rows at once when each is complete and plain, as nearly always: ten times faster than cell by cell."""
    body = [line for line in lines[header.line + 1 :] if line.strip()]
    if not body or header.delimiter == " ":
        return False
    try:
        values = np.loadtxt(body, delimiter=header.delimiter, comments=None, ndmin=2)
    except ValueError:
        return False
    if values.shape[1] != len(header.names):
        return False
    for name, column in zip(header.names, values.T, strict=True):
        log.table.put(name, column)
    return True


def _add_rows(log: Log, lines: list[str], header: _Header, odd: _Oddities) -> None:
    names, comma = header.names, header.delimiter != ","
    last = len(lines) - 1
    for index, cells in _cells(lines, header):
        if _is_header_again(cells, names):
            odd.headers += 1
            names = _unique([tidy(cell) for cell in cells])
            continue
        if len(cells) < len(names) and index == last and log.table.rows:
            odd.torn = True
            continue
        odd.short += len(cells) < len(names) - 1
        odd.long += len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :])
        row: dict[str, float] = {}
        phase = ""
        for name, cell in zip(names, cells, strict=False):
            number = parse_number(cell, decimal_comma=comma)
            if number is None and name == log.epoch:
                number = _epoch_of(cell, log)
            if number is not None:
                row[name] = number
            elif cell.strip():
                odd.text_columns.add(name)
                phase = phase_of(cell) if name.lower() in _PHASE_COLUMNS else phase
        if phase:
            log.merges_rows = True
            row = {name if name in (log.epoch, log.step) else f"{phase}/{name}": n for name, n in row.items()}
        if row:
            log.table.add(row)
        else:
            odd.empty += 1


def _named_below(lines: list[str], header: _Header, long: LongForm) -> set[str]:
    """The names of metrics in the first rows of a table that has one a row."""
    at = header.names.index(long.name)
    rows = (cells for _, cells in _cells(lines[:2000], header) if len(cells) > at)
    return {tidy(cells[at]) for cells in rows}


def _add_long(log: Log, lines: list[str], header: _Header, long: LongForm) -> None:
    """Rows of one number each; a row without a name or a number, such as the header once more, has nothing to say."""
    rows = LongRows()
    at = {name: place for place, name in enumerate(header.names)}
    needed = max(at[long.name], at[long.value])
    comma = header.delimiter != ","
    for index, cells in _cells(lines, header):
        if len(cells) <= needed or (index == len(lines) - 1 and len(cells) < len(header.names)):
            continue
        value = parse_number(cells[at[long.value]], decimal_comma=comma)
        places = [
            parse_number(cells[at[name]], decimal_comma=comma) if name is not None and at[name] < len(cells) else None
            for name in (long.epoch, long.step)
        ]
        if value is not None:
            run, context = (
                tidy(cells[at[name]]) if name is not None and at[name] < len(cells) else ""
                for name in (long.run, long.context)
            )
            rows.add(join_context(run, context), tidy(cells[at[long.name]]), value, *places)
    rows.fill(log)


def _is_header_again(cells: list[str], names: list[str]) -> bool:
    """Whether a row names columns: the same ones, as after a resume, or those of another version of the program."""
    if cells[0].strip()[-1:].isdigit():
        return False
    tidied = [tidy(cell) for cell in cells]
    return tidied[:3] == names[:3] or sum(is_known(name) or is_epoch(name) for name in tidied) >= max(
        2, len(cells) // 2
    )


def _cells(lines: list[str], header: _Header) -> Iterator[tuple[int, list[str]]]:
    for index in range(header.line + 1, len(lines)):
        line = lines[index]
        if line.strip() and not line.startswith("#"):
            cells = split_cells(line, header.delimiter)
            has_index = header.delimiter == " " and len(cells) == len(header.names) + 1 and cells[0].isdigit()
            yield index, cells[1:] if has_index else cells  # pandas prints an index before a row and gives it no name


def _epoch_of(cell: str, log: Log) -> float | None:
    """Of "3/100", or "Epoch 3"."""
    match = re.fullmatch(r"\s*(?:epoch)?[ _:]*(\d{1,9})(?:\s*/\s*(\d{1,9}))?\s*", cell, re.IGNORECASE)
    if match is None:
        return None
    if match[2]:
        total = int(match[2])
        log.planned = max(log.planned or 0, total)
    return float(match[1])


def _tell(log: Log, header: _Header, odd: _Oddities) -> None:
    if header.line:
        log.notes.append(f"{header.line} lines above the column names were passed over.")
    if header.delimiter != ",":
        kind = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}[header.delimiter]
        log.notes.append(f"The columns are divided by {kind}; a comma inside a number is read as its decimal point.")
    if odd.headers:
        log.notes.append(
            f"The line of column names comes {odd.headers + 1} times, as after a restart; it was passed over."
        )
    if odd.torn:
        log.notes.append("The last line is cut off and was left aside.")
    if odd.short:
        log.notes.append(f"{odd.short} rows have fewer cells than there are columns; the cells missing have no value.")
    if odd.long:
        log.notes.append(f"{odd.long} rows have more cells than there are columns; what is beyond was left aside.")
    if odd.empty:
        log.notes.append(f"{odd.empty} lines without any number were left aside.")
    texts = sorted(odd.text_columns - set(log.table.names))
    if texts:
        log.notes.append(f"Columns of text were left aside: {', '.join(f'`{name}`' for name in texts[:10])}.")
