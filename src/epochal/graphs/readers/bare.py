"""Numbers without names: a column of losses that a script wrote, or a list of them; the file's name says what."""

import re

import numpy as np

from epochal.errors import LogError
from epochal.graphs.readers.names import is_known
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_FEWEST = 5  # numbers, where only their course tells what they are
_MOST_PLACES = 3
_MILLISECONDS = 1e11  # of the year 1973: what is larger is a time and no step
_BREAKS = re.compile(r"[,;\s]+")
_LIST = re.compile(r"\s*\[[-+\d.eEnaif,\s]*\]?\s*")


def recognise_bare(source: Source) -> float:
    """Nothing but numbers, whose file is called by a loss or a metric, or that fall as a loss does."""
    rows = _rows(source.head_lines)
    return 0.6 if rows and (is_known(_name(source)) or _falls(rows)) else 0.0


def read_bare(source: Source) -> Log:
    """Read it: a number a line, `step number`, `step, milliseconds, number` (Neptune's download), or one list.

    Raises:
        LogError: a line holds something else.
    """
    rows = _rows(source.read_lines())
    if not rows:
        raise LogError(f"{source.path} begins with numbers alone and goes on with something else; expected one a line.")
    log, name = Log("numbers"), _name(source)
    if is_known(name):
        log.notes.append("The file holds numbers without names; what they are is told by its own name.")
    else:
        log.notes.append("Guessed: the numbers have no name and fall as a train loss does, so they are shown as one.")
        name = "train_loss"
    log.step = "step" if len(rows[0]) > 1 else None
    for row in rows:
        log.table.add({**({"step": row[0]} if log.step else {}), name: row[-1]})
    log.count_by_step()
    return log


def _name(source: Source) -> str:
    stem = source.path.name.removesuffix(".gz")
    stem = stem.rpartition(".")[0] or stem
    return stem.removeprefix("epoch_")  # epoch_loss.txt, epoch_map.txt


def _rows(lines: list[str]) -> list[list[float]]:
    """The numbers of each line, equally many; empty when there is anything else."""
    told = [line for line in lines if line.strip()]
    if not told:
        return []
    if told[0].lstrip().startswith("["):
        if not _LIST.fullmatch("".join(told)):
            return []
        told = [cell for cell in _BREAKS.split("".join(told).strip().strip("[]")) if cell]
    numbers = _numbers(told[0]) if told else []  # "[" and "[]" hold none
    width = len(numbers)
    if None in numbers or not 1 <= width <= _MOST_PLACES:
        return []
    rows = [_numbers(line) for line in told]
    plain = [[number for number in row if number is not None] for row in rows]
    if len(rows) < 3 or any(len(row) != width for row in plain[:-1]):
        return []
    if width == _MOST_PLACES and min(row[1] for row in plain[:-1]) < _MILLISECONDS:
        return []
    steps = np.array([row[0] for row in plain[:-1]])
    if width > 1 and not bool((np.diff(steps) >= 0).all() and (steps == np.round(steps)).all()):
        return []
    return plain if len(plain[-1]) == width else plain[:-1]


def _numbers(line: str) -> list[float | None]:
    return [parse_number(cell) for cell in _BREAKS.split(line.strip().strip(",;"))]


def _falls(rows: list[list[float]]) -> bool:
    """Whether numbers, one a line, have decimals and end well below where they begin, as losses do."""
    values = np.array([row[0] for row in rows if np.isfinite(row[0])])
    if len(rows[0]) != 1 or len(values) < _FEWEST or (values < 0).any() or (values == np.round(values)).mean() > 0.5:
        return False
    part = max(1, len(values) // 5)
    return bool(values[-part:].mean() < 0.9 * values[:part].mean() and values.max() > 0)
