"""Exports with a row for every number (run, metric, step, value), as MLflow, Weights & Biases and Comet write them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from epochal.graphs.readers.names import is_epoch, is_known, is_step, phase_of, tidy
from epochal.graphs.readers.table import Log, Table

RUNS_MAX = 20  # of a file, that are compared; more no graph can show
_NAMES = ("metric", "key", "metricname", "tag", "variable", "scalar", "series", "name")
_VALUES = ("value", "metricvalue", "val", "y")
_RUNS = ("run", "runid", "runname", "runhash", "runuuid", "experiment", "experimentkey", "experimentname",
         "file", "name")  # fmt: skip
_CONTEXTS = ("context", "metriccontext", "runcontext", "metriccontextsubset", "contextsubset", "subset")
_SUBSET = re.compile(r"subset[\"']?\s*[:=]\s*[\"']?(\w+)")  # Aim's {"subset": "val"}
_EPOCH, _STEP = "epoch", "step"
Place = tuple[float | None, float | None]


@dataclass(frozen=True)
class LongForm:
    """Which columns of a table are what; the table has a row for every number.

    Attributes:
        name: the column with the metric's name.
        value: the column with its value.
        run: the column that tells runs apart; None without one.
        context: the column that tells train from val; None without one.
        epoch: the column that counts epochs.
        step: the column that counts steps.
    """

    name: str
    value: str
    run: str | None
    context: str | None
    epoch: str | None
    step: str | None


def find_long_form(names: Sequence[str]) -> LongForm | None:
    """The form of a table with these column names; None when each number has a column of its own."""
    plain = {re.sub(r"[^a-z]", "", tidy(name).lower()): name for name in reversed(names)}
    name, value = _first(plain, _NAMES), _first(plain, _VALUES)
    if name is None or value is None or any(is_known(other) for other in names if other not in (name, value)):
        return None
    rest = {key: other for key, other in plain.items() if other != name}
    return LongForm(
        name, value, _first(rest, _RUNS), _first(rest, _CONTEXTS), _where(is_epoch, names), _where(is_step, names)
    )


def _first(plain: dict[str, str], wanted: Sequence[str]) -> str | None:
    return next((plain[key] for key in wanted if key in plain), None)


def _where(counts: object, names: Sequence[str]) -> str | None:
    return next((name for name in names if callable(counts) and counts(name)), None)


def join_context(run: str, context: str) -> str:
    """A run with its context, as `LongRows.add` takes it; of Aim's contexts the subset counts."""
    subset = _SUBSET.search(context)
    word = subset[1] if subset else context.strip()
    return f"{run}/{word}" if phase_of(word) else run or word


@dataclass
class LongRows:
    """Numbers one by one, put together to the rows of each run.

    A number that comes again at its place opens another row there, as after a resume.
    """

    runs: dict[str, dict[tuple[int, Place], dict[str, float]]] = field(default_factory=dict)
    times: Counter[tuple[str, str, Place]] = field(default_factory=Counter)

    def add(self, run: str, name: str, value: float, epoch: float | None, step: float | None) -> None:
        """Put a number to the others of its run, epoch and step; a run that is named "train" or "val" is a phase."""
        head, _, last = run.rpartition("/")
        if phase := phase_of(last):
            has_own = phase_of(re.split(r"[/_. -]", name, maxsplit=1)[0])
            run, name = head, name if has_own else f"{phase}/{name}"
        place = (epoch, step)
        again = self.times[run, name, place]
        self.times[run, name, place] += 1
        self.runs.setdefault(run, {}).setdefault((again, place), {})[name] = value

    def fill(self, log: Log) -> None:
        """Write the run with most rows into the table of a log, and every run into a log of its own beside it."""
        if not self.runs:
            return
        shown = max(self.runs, key=lambda run: len(self.runs[run]))
        self._write(log, shown)
        if len(self.runs) == 1:
            return
        _tell_runs(log, list(self.runs), shown)
        for run in list(self.runs)[:RUNS_MAX]:
            log.runs[run] = Log(log.format, name=run)
            self._write(log.runs[run], run)

    def _write(self, log: Log, run: str) -> None:
        """The rows of a run, by epoch and step."""
        rows = self.runs[run]
        places = {place for _, place in rows}
        log.name, log.merges_rows = run, True
        if len(places) > 1:  # all at one place: the steps were never told, the order counts
            log.epoch = _EPOCH if any(epoch is not None for epoch, _ in places) else None
            log.step = _STEP if any(step is not None for _, step in places) else None
        for (_, place), row in sorted(rows.items(), key=_order):
            at = zip((log.epoch, log.step), place, strict=True)
            log.table.add({**{key: where for key, where in at if key and where is not None}, **row})
        log.count_by_step()
        log.notes.append("The table has a row for every number; rows of one step were put together.")


def split_wide(log: Log, columns: Mapping[str, tuple[str, str]]) -> Log:
    """Tell apart the runs of a chart that Weights & Biases exports, `run - metric` by `run - metric`.

    Args:
        log: with its table filled.
        columns: {column: (its run, its name without the run)}; the run is "" for what all runs share, such as the step.

    Returns:
        The log of the first run, with those of all beside it; `log` itself when it holds one run.
    """
    several = list(dict.fromkeys(run for run, _ in columns.values() if run))
    if len(several) < 2:
        log.name = "".join(several)
        return log
    for run in several[:RUNS_MAX]:
        own = [raw for raw, (of, _) in columns.items() if of == run]
        told = np.flatnonzero(np.any([log.table.column(raw)[1] for raw in own], axis=0))
        part = replace(log, table=Table(), name=run, notes=list(log.notes), runs={})
        for raw in log.table.names:
            of, name = columns.get(raw, ("", raw))
            if of in ("", run):
                part.table.take(name, log.table, raw, told)
        if part.table.rows:
            log.runs[run] = part
    if not log.runs:
        return log
    first = next(iter(log.runs.values()))
    shown = replace(first, notes=list(log.notes), runs=log.runs)
    _tell_runs(shown, several, shown.name)
    return shown


def _tell_runs(log: Log, runs: Sequence[str], shown: str) -> None:
    names = ", ".join(f"`{run}`" for run in runs[:8]) + (f" and {len(runs) - 8} more" if len(runs) > 8 else "")
    log.notes.append(f"The table holds {len(runs)} runs ({names}); this is `{shown}`.")


def _order(item: tuple[tuple[int, Place], dict[str, float]]) -> tuple[int, float, float]:
    (again, (epoch, step)), _ = item
    return again, -1.0 if epoch is None else epoch, -1.0 if step is None else step
