"""An epoch for every row: from the log's own count, from its steps, or from its evaluations."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.readers.table import Log

_MOST_BINS = 300
_FEWEST_EVALUATIONS = 3
_LARGEST_EPOCH = 10**9
Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass
class Axis:
    """Where the rows of a log stand.

    Attributes:
        session: (R,) int64 from 1: rises where the count goes back, as after a resume or in a second training.
        epoch: (R,) int64.
        keep: (R,) bool, False for rows whose place is not known.
        is_counted: the epochs are the log's own, not made from evaluations or rows.
        notes: sentences about what was made up.
    """

    session: Ints
    epoch: Ints
    keep: Mask
    is_counted: bool = True
    notes: list[str] = field(default_factory=list)


def place_rows(log: Log, is_train: Mask, is_eval: Mask, continues: Mask, has_map: Mask) -> Axis:
    """Find session and epoch of every row.

    Args:
        log: with its table filled.
        is_train: (R,) rows with train losses or a learning rate.
        is_eval: (R,) rows with metrics or val losses.
        continues: (R,) rows that may be the other half of the row before, when of the same epoch.
        has_map: (R,) rows with the metric that decides; where there are none, those of `is_eval`.
    """
    step = _read(log, log.step)
    epoch = _read(log, log.epoch)
    if np.isfinite(epoch).any():
        axis = _place_by_epoch(log, epoch, step, (is_train, is_eval, continues))
        if not log.merges_rows or not np.isfinite(step).any():
            return axis
        if _is_one_epoch(axis, has_map):
            return _place_by_step(log, step, is_train, is_eval, axis.session)
        if _is_measured_within_epochs(axis, has_map):
            axis = _place_by_step(log, step, is_train, is_eval, axis.session)
            axis.notes.append("The log is evaluated several times an epoch.")
        return axis
    if np.isfinite(step).any():
        return _place_by_step(log, step, is_train, _measuring(is_train, is_eval, has_map), None)
    rows = np.arange(1, log.table.rows + 1)
    note = "The log counts neither epochs nor steps: its rows are taken as epochs 1, 2, 3 and so on."
    return Axis(np.ones_like(rows), rows, np.ones(len(rows), np.bool_), is_counted=False, notes=[note])


def _measuring(is_train: Mask, is_eval: Mask, has_map: Mask) -> Mask:
    """Rows that are evaluations: those with the metric that decides, where val losses stand in the rows of training."""
    beside = int((is_eval & is_train & ~has_map).sum())
    return has_map if int(has_map.sum()) >= _FEWEST_EVALUATIONS and 2 * beside > int(is_eval.sum()) else is_eval


def _read(log: Log, name: str | None) -> NDArray[np.float64]:
    if name is None:
        return np.full(log.table.rows, np.nan)
    values, _ = log.table.column(name)
    return np.where(np.abs(values) <= _LARGEST_EPOCH, values, np.nan)


def _place_by_epoch(
    log: Log, epoch: NDArray[np.float64], step: NDArray[np.float64], kinds: tuple[Mask, Mask, Mask]
) -> Axis:
    is_train, is_eval, continues = kinds
    notes = []
    merges = log.merges_rows
    if _is_fractional(epoch):
        merges = True
        epoch = np.ceil(epoch - 1e-6)
        notes.append("The log counts epochs in fractions: everything up to 1.0 is epoch 1, up to 2.0 epoch 2.")
    known = np.isfinite(epoch)
    session = _sessions(epoch, step, is_train, again=~continues & (not merges))
    if not known.all():
        epoch = _fill(epoch, step, session, is_eval) if merges else epoch
        lost = int((~np.isfinite(epoch)).sum())
        if lost:
            notes.append(f"{lost} rows without an epoch were left aside.")
    keep = np.isfinite(epoch)
    return Axis(session, np.where(keep, epoch, 0).astype(np.int64), keep, notes=notes)


def _is_fractional(epoch: NDArray[np.float64]) -> bool:
    finite = epoch[np.isfinite(epoch)]
    return bool((finite != np.round(finite)).any())


def _sessions(epoch: NDArray[np.float64], step: NDArray[np.float64], is_train: Mask, *, again: Mask) -> Ints:
    """Count up where the position goes back; where `again`, also where the epoch is that of the row before.

    Steps are compared only between train rows: some frameworks count validation batches in the same column.
    """
    by_step = is_train if is_train.any() else np.ones(len(epoch), np.bool_)
    session = np.ones(len(epoch), np.int64)
    number, at, at_step = 1, -np.inf, -np.inf
    columns = zip(epoch.tolist(), step.tolist(), by_step.tolist(), again.tolist(), strict=True)
    for row, (now, now_step, compares, twice) in enumerate(columns):
        if now == now:  # not NaN
            goes_back = now < at or (twice and now == at) or (now == at and compares and now_step < at_step)
            if goes_back:
                number, at_step = number + 1, -np.inf
            elif now > at:
                at_step = -np.inf
            at = now
        if compares and now_step == now_step:
            at_step = now_step
        session[row] = number
    return session


def _fill(epoch: NDArray[np.float64], step: NDArray[np.float64], session: Ints, is_eval: Mask) -> NDArray[np.float64]:
    """Give rows without an epoch that of the step they stand at; evaluations that of the training before them."""
    filled = epoch.copy()
    last = np.nan
    for row, value in enumerate(epoch.tolist()):
        last = value if value == value else last
        filled[row] = last
    by_step = ~np.isfinite(epoch) & ~is_eval & np.isfinite(step)
    for number in np.unique(session[by_step]):
        known = np.flatnonzero((session == number) & np.isfinite(epoch) & np.isfinite(step))
        if len(known):
            rows = np.flatnonzero(by_step & (session == number))
            order = known[np.argsort(step[known], kind="stable")]
            at = np.minimum(np.searchsorted(step[order], step[rows]), len(order) - 1)
            filled[rows] = epoch[order[at]]
    if np.isnan(last):
        return np.where(np.isfinite(step), step, np.nan)
    return np.where(np.isnan(filled), epoch[np.isfinite(epoch)][0], filled)


def _is_one_epoch(axis: Axis, has_map: Mask) -> bool:
    """Whether a log of many rows stays in its first epoch, as trainings counted by iterations do."""
    epochs = axis.epoch[axis.keep]
    is_long = len(epochs) > 10 or int(has_map.sum()) >= _FEWEST_EVALUATIONS
    return is_long and bool((epochs == epochs[0]).all())


def _is_measured_within_epochs(axis: Axis, has_map: Mask) -> bool:
    """Whether epochs are evaluated more than once (a last evaluation of the best weights does not count)."""
    rows = has_map & axis.keep
    _, counts = np.unique(np.stack([axis.session[rows], axis.epoch[rows]]), axis=1, return_counts=True)
    return len(counts) > 0 and int((counts > 1).sum()) > max(1, 0.2 * len(counts))


def _place_by_step(log: Log, step: NDArray[np.float64], is_train: Mask, is_eval: Mask, session: Ints | None) -> Axis:
    keep = np.isfinite(step) | is_eval
    if session is None:
        session = _sessions(
            np.where(np.isfinite(step), 0.0, np.nan), step, is_train, again=np.zeros(len(step), np.bool_)
        )
    step = _carry_step(step, is_train, session)
    if log.steps_per_epoch:
        epoch = np.maximum(1, np.ceil(step / log.steps_per_epoch - 0.02)).astype(np.int64)
        note = f"Epochs were made from steps: {log.steps_per_epoch:g} steps are one epoch, as the log says."
        return Axis(session, epoch, keep, is_counted=False, notes=[note])
    if _is_measured_along(session, step, is_train, is_eval):
        epoch = _count_evaluations(step, session, is_eval)
        note = (
            "The log does not say how many steps are one epoch: what is numbered 1, 2, 3 here are its evaluations, "
            "each with the training before it; `step` tells where they are."
        )
    else:
        epoch = _count_bins(step, session)
        note = (
            "The log does not say how many steps are one epoch, and is seldom or never evaluated: what is "
            "numbered 1, 2, 3 here are points along the training; `step` tells where they are."
        )
    return Axis(session, epoch, keep, is_counted=False, notes=[note])


def _is_measured_along(session: Ints, step: NDArray[np.float64], is_train: Mask, is_eval: Mask) -> bool:
    """Whether there are evaluations enough to be the axis; one or two would leave no curve of the losses."""
    if not is_eval.any():
        return False
    most = max(len(np.unique(step[(session == number) & is_eval])) for number in np.unique(session))
    return most >= _FEWEST_EVALUATIONS or int(is_train.sum()) <= 2 * int(is_eval.sum())


def _carry_step(step: NDArray[np.float64], is_train: Mask, session: Ints) -> NDArray[np.float64]:
    """Steps that never fall within a session; evaluations that count otherwise get the step of the training before."""
    carried = step.copy()
    last, number = 0.0, 0
    has_train = bool(is_train.any())
    for row, (value, trains, now) in enumerate(zip(step.tolist(), is_train.tolist(), session.tolist(), strict=True)):
        if now != number:
            last, number = 0.0, now
        if value != value or value < last or (has_train and not trains and last > 0 and value > 2 * last + 1):
            carried[row] = last
        else:
            last = value
    return carried


def _count_evaluations(step: NDArray[np.float64], session: Ints, is_eval: Mask) -> Ints:
    epoch = np.ones(len(step), np.int64)
    gaps = [np.diff(np.unique(step[(session == n) & is_eval]), prepend=0.0) for n in np.unique(session)]
    interval = max(1.0, float(np.median(np.concatenate(gaps))))
    for rows, places in _places(step, session, is_eval):
        found = np.searchsorted(places, step[rows]) + 1
        beyond = step[rows] - (places[-1] if len(places) else 0.0)
        later = len(places) + np.maximum(1, np.ceil(beyond / interval))
        epoch[rows] = np.where(found <= len(places), found, later)
    return epoch


def _count_bins(step: NDArray[np.float64], session: Ints) -> Ints:
    epoch = np.ones(len(step), np.int64)
    longest = max(len(np.unique(step[session == number])) for number in np.unique(session))
    width = max(1.0, float(step.max()) / _MOST_BINS)
    for rows, places in _places(step, session, np.ones(len(step), np.bool_)):
        if longest <= _MOST_BINS:
            epoch[rows] = np.searchsorted(places, step[rows]) + 1
        else:
            epoch[rows] = np.maximum(1, np.ceil(step[rows] / width)).astype(np.int64)
    return epoch


def _places(step: NDArray[np.float64], session: Ints, counts: Mask) -> Iterator[tuple[Mask, NDArray[np.float64]]]:
    """Of each session its rows and the steps that count, with those before it of the training that it resumes.

    A session that begins later than the training did resumes it; one that begins as early is another training.
    """
    begin, before = np.inf, np.array([])
    for number in np.unique(session):
        rows = session == number
        first = float(step[rows].min())
        if first <= begin:
            begin, before = first, np.array([])
        before = np.concatenate([before[before < first], np.unique(step[rows & counts])])
        yield rows, before
