"""From a log as a reader understood it to a `Graph`: names, epochs, attempts, events."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import numpy as np

from epochal.errors import LogError
from epochal.graphs.graph import Event, EventKind, Graph, Series, Superseded
from epochal.graphs.readers.attempts import Ints, Split, find_jumps, split_attempts
from epochal.graphs.readers.axis import Axis, Mask, place_rows
from epochal.graphs.readers.choose import Choice, choose_columns
from epochal.graphs.readers.events import find_events, find_nan
from epochal.graphs.readers.settings import planned_epochs, read_settings
from epochal.graphs.readers.table import Log
from epochal.graphs.series import EPOCH_S, LR, MAP50, MAP50_95, order

STEP = "step"
# Above this a share of one must have been written in percent.
_SHARE_LIMIT = 1.5


@dataclass
class _Rows:
    """One row per session and epoch, in the order of the file.

    Attributes:
        attempt: (K,) from 1.
        epoch: (K,).
        series: {key: (K,)}.
        present: {key: (K,)}.
    """

    attempt: Ints
    epoch: Ints
    series: dict[str, Series]
    present: dict[str, Mask]


def assemble(log: Log, path: Path) -> Graph:
    """Make a graph of a log.

    Args:
        log: what the reader of its format understood.
        path: of the file; settings are looked for beside it.

    Raises:
        LogError: it has no rows, or nothing in it is a loss or a metric.
    """
    choice = choose_columns(log)
    _refuse_empty(log, choice, path)
    series, present = _scale(log, choice)
    is_train = _rows_with(present, ("train/", LR))
    is_eval = _rows_with(present, ("metrics/", "val/", "class/", "test/"))
    has_map = present.get(MAP50_95, present.get(MAP50, is_eval))
    axis = place_rows(log, is_train, is_eval, _continues(present), has_map)
    rows = _group(log, axis, series, present)
    if not len(rows.epoch):
        raise LogError(
            f"{path} has no row whose epoch or step is a number; expected a training log with one row per epoch."
        )
    notes = [*choice.notes, *axis.notes, *_blank_unmeasured(rows)]
    split = split_attempts(rows.attempt, rows.epoch, rows.series.get(MAP50_95, rows.series.get(MAP50)))
    return _finish(log, path, rows, split, axis, notes)


def _refuse_empty(log: Log, choice: Choice, path: Path) -> None:
    if log.table.rows == 0:
        raise LogError(f"{path} has no data rows: it is a {log.format} log without numbers; train for an epoch first.")
    telling = [key for key in choice.columns if key.startswith(("train/", "val/", "metrics/", "class/", "test/"))]
    if not any(key.endswith("_loss") or key.startswith(("metrics/", "class/")) for key in telling):
        columns = ", ".join(f"`{name}`" for name in log.table.names[:8])
        raise LogError(
            f"{path} is no training log: none of its columns ({columns}) is a loss or a metric; if it is one, say "
            "which column is what, such as --map value=metrics/mAP_0.5:0.95."
        )


def _rows_with(present: dict[str, Mask], starts: tuple[str, ...]) -> Mask:
    found = [mask for key, mask in present.items() if key.startswith(starts)]
    return np.any(found, axis=0) if found else np.zeros(len(next(iter(present.values()))), np.bool_)


def _continues(present: dict[str, Mask]) -> Mask:
    """(R,) rows that name no loss and no metric of the row before: its other half, as of train and val apart."""
    told = [mask for key, mask in present.items() if key.startswith(("train/", "val/", "metrics/", "class/", "test/"))]
    again = np.any([mask[1:] & mask[:-1] for mask in told], axis=0)
    return np.concatenate([[False], ~again])


def _scale(log: Log, choice: Choice) -> tuple[dict[str, Series], dict[str, Mask]]:
    """Columns by key; percentages become shares, and −1, which means "no such objects", becomes no value."""
    series, present = {}, {}
    for key, raws in choice.columns.items():
        series[key], present[key] = log.table.column(raws[0])
        for raw in raws[1:]:
            values, there = log.table.column(raw)
            series[key] = np.where(there, values, series[key])
            present[key] = present[key] | there
    shares = [key for key in series if key in choice.metric_keys or key.startswith("metrics/accuracy")]
    for key in shares:
        missing = present[key] & (series[key] == -1)
        series[key] = np.where(missing, np.nan, series[key])
        present[key] = present[key] & ~missing
    maps = [key for key in shares if "AP" in key or "AR" in key]
    accuracies = [key for key in shares if "acc" in key and key not in maps]
    for group in (maps, accuracies, [key for key in shares if key not in maps and key not in accuracies]):
        peaks = [float(np.max(series[key], where=np.isfinite(series[key]), initial=0.0)) for key in group]
        is_percent = log.is_percent if log.is_percent is not None else _SHARE_LIMIT < max(peaks, default=0.0) <= 100.5
        # Where signs or the program's habit say "shares", single series may still be percentages without a sign.
        odd = [key for key, peak in zip(group, peaks, strict=True) if _SHARE_LIMIT < peak <= 100.5]
        percent = group if is_percent else odd if log.is_percent is False else []
        if percent:
            series.update({key: series[key] / 100 for key in percent})
            choice.notes.append("Percentages were turned into shares of one.")
    choice.notes[:] = dict.fromkeys(choice.notes)
    return series, present


def _group(log: Log, axis: Axis, series: dict[str, Series], present: dict[str, Mask]) -> _Rows:
    """One row per session and epoch: mean of train losses, last of rates and counts, first of metrics.

    First, because what comes twice is the last evaluation of the best weights, which belongs to another epoch.
    """
    kept = np.flatnonzero(axis.keep)
    places, member = np.unique(np.stack([axis.session[kept], axis.epoch[kept]]), axis=1, return_inverse=True)
    member = member.reshape(-1)
    count = places.shape[1]
    rows = _Rows(places[0], places[1], {}, {})
    if log.step is not None and not axis.is_counted:
        series, present = dict(series), dict(present)
        series[STEP], present[STEP] = log.table.column(log.step)
    for key in order(series):
        there = np.flatnonzero(present[key][kept])
        values, groups = series[key][kept][there], member[there]
        rows.present[key] = np.bincount(groups, minlength=count) > 0
        rows.series[key] = _combine(key, values, groups, count)
    return rows


def _combine(key: str, values: Series, groups: Ints, count: int) -> Series:
    combined = np.full(count, np.nan)
    if key.startswith("train/"):
        sizes = np.bincount(groups, minlength=count)
        sums = np.bincount(groups, weights=values, minlength=count)
        combined[sizes > 0] = sums[sizes > 0] / sizes[sizes > 0]
    elif key == LR or key.startswith(("lr/", "time/")):
        combined[groups] = values
    elif key == STEP:
        np.fmax.at(combined, groups, values)
    else:
        combined[groups[::-1]] = values[::-1]
    return combined


def _blank_unmeasured(rows: _Rows) -> list[str]:
    """Zeros for "not measured": all of validation is exactly 0 until the last row, as YOLO's `noval` writes."""
    keys = [key for key in rows.series if key.startswith(("metrics/", "val/"))]
    if len(rows.epoch) < 3 or not any(key.startswith("val/") for key in keys):
        return []
    zero = np.all([rows.series[key] == 0 for key in keys], axis=0)
    if not zero[:-1].all() or zero[-1]:
        return []
    for key in keys:
        rows.series[key] = np.where(zero, np.nan, rows.series[key])
        rows.present[key] = rows.present[key] & ~zero
    return ["Validation was switched off until the last epoch: the zeros before it are shown as missing."]


def _finish(log: Log, path: Path, rows: _Rows, split: Split, axis: Axis, notes: list[str]) -> Graph:
    beside, found = read_settings(path.parent)
    settings = {**log.settings, **beside}
    main = split.main
    epoch = rows.epoch[main]
    # A log that begins at 1 counts from 1, whatever its framework's habit; a later beginning is a resume.
    first_epoch = 0 if epoch.min() <= 0 or (log.first_epoch == 0 and axis.is_counted and epoch.min() > 1) else 1
    _clock(rows)
    series = {key: values[main] for key, values in rows.series.items()}
    present = {key: mask[main] for key, mask in rows.present.items()}
    planned = (log.planned or planned_epochs(settings)) if axis.is_counted else None
    elapsed = series.pop("time/elapsed_s", None)
    present.pop("time/elapsed_s", None)
    events = [*split.events, *_own_marks(log, axis, set(epoch.tolist())), *find_nan(epoch, series, present)]
    if axis.is_counted:
        events += find_jumps(epoch, first_epoch, elapsed)
        events += find_events(epoch, first_epoch, series.get(LR), settings, planned)
    elif LR in series:
        events += find_events(epoch, first_epoch, series[LR], {}, None)
    keep = [key for key, mask in present.items() if mask.any()]
    return Graph(
        name=log.name or _name(path),
        format=log.format,
        path=str(path),
        epochs=epoch,
        series={key: series[key] for key in keep},
        present={key: present[key] for key in keep},
        first_epoch=first_epoch,
        epochs_planned=planned,
        superseded=_superseded(rows, split),
        events=_tidy_events(events),
        notes=tuple(dict.fromkeys([*log.notes, *notes, *split.notes, *found])),
        settings=settings,
        attempts=rows.attempt[main],
    )


def _clock(rows: _Rows) -> None:
    """From seconds since the start to seconds of each epoch."""
    elapsed = rows.series.get("time/elapsed_s")
    if elapsed is None or EPOCH_S in rows.series:
        return
    taken = np.diff(elapsed, prepend=np.nan)
    begins = np.flatnonzero(np.isnan(taken) | (taken < 0))
    taken[begins] = elapsed[begins]
    steady = np.concatenate([[rows.epoch[0] <= 1], np.diff(rows.epoch) == 1]) | (taken == elapsed)
    rows.series[EPOCH_S] = np.where(steady, taken, np.nan)
    rows.present[EPOCH_S] = rows.present["time/elapsed_s"] & np.isfinite(rows.series[EPOCH_S])


def _own_marks(log: Log, axis: Axis, shown: set[int]) -> list[Event]:
    """Events that the log names in its own lines."""
    events = []
    for row, kind, label in log.marks:
        at = int(axis.epoch[min(row, len(axis.epoch) - 1)])
        if at in shown and kind in get_args(EventKind):
            events.append(Event(at, cast(EventKind, kind), label))
    return events


def _tidy_events(events: list[Event]) -> tuple[Event, ...]:
    """In order, one of each kind per epoch."""
    first: dict[tuple[int, str], Event] = {}
    for event in events:
        first.setdefault((event.epoch, event.event), event)
    return tuple(sorted(first.values(), key=lambda event: event.epoch))


def _superseded(rows: _Rows, split: Split) -> tuple[Superseded, ...]:
    parts = []
    for attempt, at in split.superseded.items():
        keys = [key for key, mask in rows.present.items() if mask[at].any() and key != "time/elapsed_s"]
        parts.append(Superseded(attempt, rows.epoch[at], {key: rows.series[key][at] for key in keys}))
    return tuple(parts)


def _name(path: Path) -> str:
    """Of the run: its folder's name, which frameworks make telling; else the file's."""
    folder = path.resolve().parent
    folder = folder.parent if folder.name in ("vis_data", "logs", "csv") else folder
    return folder.name or path.stem
