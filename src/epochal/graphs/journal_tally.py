"""What the lines of a run's journal add up to, also while it grows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Annotated, Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from epochal.graphs.graph import Event, EventKind, Series, Superseded
from epochal.graphs.journal import Line, decode_number, parse_line

Row = dict[str, float]
Columns = tuple[NDArray[np.int64], dict[str, Series], dict[str, NDArray[np.bool_]]]
_EPOCHS_MAX = 2**31
_EVENTS: dict[str, EventKind] = {kind: kind for kind in get_args(EventKind)}


class _PlainEpoch(msgspec.Struct, gc=False):
    """An epoch's line as nearly all are: finite numbers alone. Decoded in a quarter of the time of any JSON."""

    kind: Literal["epoch"]
    attempt: Annotated[int, msgspec.Meta(ge=0, lt=_EPOCHS_MAX)]
    epoch: Annotated[int, msgspec.Meta(ge=0, lt=_EPOCHS_MAX)]
    series: dict[str, float]


_PLAIN = msgspec.json.Decoder(_PlainEpoch)


@dataclass
class Tally:
    """The sum of the lines seen so far.

    Attributes:
        name: of the run.
        epochs_planned: of the last start.
        settings: of the last start, and what a resume could not restore, with the epoch.
        events: in order of the file, each once.
        replaced: {attempt: {epoch: numbers}}, what a later line wrote anew with other numbers.
        settled: epochs, series, and where they have a value, of all epochs before those that `columns` has yet to take
            up; as dictionaries they would need ten times the memory.
        attempts: (E,) int64, who wrote the settled epochs.
    """

    name: str | None = None
    epochs_planned: int | None = None
    settings: dict[str, object] = field(default_factory=dict)
    events: dict[Event, None] = field(default_factory=dict)
    replaced: dict[int, dict[int, Row]] = field(default_factory=dict)
    settled: Columns = field(default_factory=lambda: (np.zeros(0, np.int64), {}, {}))
    attempts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    # {epoch: (attempt, numbers)} of lines that are not settled yet; of several for an epoch the last.
    _points: dict[int, tuple[int, Row]] = field(default_factory=dict)

    def take(self, raws: Iterable[bytes]) -> None:
        """Add lines, as they stand in the file. One that is no line of a journal is passed over."""
        for raw in raws:
            try:
                line = _PLAIN.decode(raw)
            except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
                self._take_other(raw)
            else:
                self._add_point(line.epoch, line.attempt, line.series)

    def columns(self) -> Columns:
        """Epochs (E,), rising; series and where they have a value, each (E,). They are never changed afterwards."""
        if self._points:
            epochs = np.array(sorted(self._points), np.int64)
            points = [self._points[int(epoch)] for epoch in epochs]
            self.settled = _join(self.settled, (epochs, *_to_columns([row for _, row in points])))
            attempts = np.array([attempt for attempt, _ in points], np.int64)
            self.attempts = np.concatenate([self.attempts, attempts])
            self._points = {}
        return self.settled

    def superseded(self) -> tuple[Superseded, ...]:
        """What later lines wrote anew, by attempt."""
        parts = []
        for attempt in sorted(self.replaced):
            epochs = sorted(self.replaced[attempt])
            series, _ = _to_columns([self.replaced[attempt][epoch] for epoch in epochs])
            parts.append(Superseded(attempt, np.array(epochs, np.int64), series))
        return tuple(parts)

    def _take_other(self, raw: bytes) -> None:
        line = parse_line(raw)
        if line is None:
            return
        if line["kind"] == "start":
            self._add_start(line)
        elif line["kind"] == "epoch":
            self._add_epoch(line)
        elif line["kind"] == "event":
            self._add_event(line)

    def _add_start(self, line: Line) -> None:
        self.name = str(line.get("name", "")) or self.name or ""
        planned = line.get("epochs_planned")
        self.epochs_planned = planned if isinstance(planned, int) else self.epochs_planned
        if "seed" in line:
            self.settings["seed"] = line["seed"]

    def _add_epoch(self, line: Line) -> None:
        epoch, numbers, attempt = line.get("epoch"), line.get("series"), line.get("attempt")
        if not isinstance(epoch, int) or not isinstance(numbers, dict) or not 0 <= epoch < _EPOCHS_MAX:
            return
        row = {key: number for key, value in numbers.items() if (number := decode_number(value)) is not None}
        self._add_point(epoch, attempt if isinstance(attempt, int) and 0 <= attempt < _EPOCHS_MAX else 1, row)

    def _add_point(self, epoch: int, attempt: int, row: Row) -> None:
        settled = self.settled[0]
        if settled.size and epoch <= settled[-1]:
            self._take_back(epoch)
        before = self._points.get(epoch)
        if before is not None and _is_other(before[1], row):
            self.replaced.setdefault(before[0], {})[epoch] = before[1]
        self._points[epoch] = (attempt, row)

    def _add_event(self, line: Line) -> None:
        epoch, kind = line.get("epoch"), _EVENTS.get(str(line.get("event")))
        if isinstance(epoch, int) and kind is not None:
            self.events[Event(epoch, kind, str(line.get("label", "")))] = None
            if isinstance(line.get("without"), str):
                self.settings[f"resumed_without_{line['without']}"] = epoch

    def _take_back(self, epoch: int) -> None:
        """Make points again of an epoch and all behind it, because a resume writes them anew."""
        epochs, series, present = self.settled
        at = int(np.searchsorted(epochs, epoch))
        for row in range(at, len(epochs)):
            numbers = {key: float(values[row]) for key, values in series.items() if present[key][row]}
            self._points[int(epochs[row])] = (int(self.attempts[row]), numbers)
        self.attempts = self.attempts[:at]
        kept = {key: values[:at] for key, values in series.items() if present[key][:at].any()}
        self.settled = (epochs[:at], kept, {key: present[key][:at] for key in kept})


def _is_other(one: Mapping[str, float], two: Mapping[str, float]) -> bool:
    keys = {key for key in (*one, *two) if not key.startswith("time/")}
    return any(repr(one.get(key)) != repr(two.get(key)) for key in keys)  # repr: NaN equals NaN


def _to_columns(rows: list[Row]) -> tuple[dict[str, Series], dict[str, NDArray[np.bool_]]]:
    layouts = dict.fromkeys(map(tuple, rows))
    keys = dict.fromkeys(chain.from_iterable(layouts))
    if len(layouts) == 1:
        numbers = chain.from_iterable(row.values() for row in rows)
        table = np.fromiter(numbers, np.float64, len(rows) * len(keys)).reshape(len(rows), len(keys))
        whole = np.ones(len(rows), np.bool_)
        return {key: table[:, at].copy() for at, key in enumerate(keys)}, dict.fromkeys(keys, whole)
    series = {key: np.array([row.get(key, np.nan) for row in rows], np.float64) for key in keys}
    present = {key: np.array([key in row for row in rows], np.bool_) for key in keys}
    return series, present


def _join(before: Columns, after: Columns) -> Columns:
    """Rows behind rows; a series that one of them lacks has no value there."""
    if not before[0].size:
        return after
    counts = (len(before[0]), len(after[0]))
    keys = dict.fromkeys([*before[1], *after[1]])
    series, present = {}, {}
    for key in keys:
        values = [part[1].get(key, np.full(n, np.nan)) for part, n in zip((before, after), counts, strict=True)]
        known = [part[2].get(key, np.zeros(n, np.bool_)) for part, n in zip((before, after), counts, strict=True)]
        series[key], present[key] = np.concatenate(values), np.concatenate(known)
    return np.concatenate([before[0], after[0]]), series, present
