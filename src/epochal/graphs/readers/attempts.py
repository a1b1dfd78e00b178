"""Which rows are the training, and which ones a resume or another training in the same file left behind."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.graph import Event, Series

Ints = NDArray[np.int64]


@dataclass
class Split:
    """Rows of a log told apart.

    Attributes:
        main: indices of the rows that are shown, epochs rising, each once.
        superseded: {attempt: indices of its rows that are not}.
        events: one resume for each later attempt that is shown.
        notes: sentences.
    """

    main: Ints
    superseded: dict[int, Ints]
    events: list[Event] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def split_attempts(attempt: Ints, epoch: Ints, score: Series | None = None) -> Split:
    """Tell resumes from further trainings.

    An attempt that begins after the training's first epoch resumes it: what it writes again is superseded. One that
    begins at (or before) the first epoch is another training in the same file. The longest training is shown, of
    equally long ones that with the best score, then the last.

    Args:
        attempt: (K,) from 1, rising with the rows.
        epoch: (K,) rising within an attempt.
        score: (K,) mAP, where the log has it.
    """
    trainings: list[list[int]] = []
    starts = {int(number): int(epoch[attempt == number][0]) for number in np.unique(attempt)}
    for number, start in starts.items():
        if trainings and start > starts[trainings[-1][0]]:
            trainings[-1].append(number)
        else:
            trainings.append([number])
    lengths = [len(np.unique(epoch[np.isin(attempt, numbers)])) for numbers in trainings]
    peaks = [_peak(attempt, numbers, score) for numbers in trainings]
    shown = max(range(len(trainings)), key=lambda index: (lengths[index], peaks[index], index))
    split = _split_training(trainings[shown], starts, attempt, epoch)
    for index, numbers in enumerate(trainings):
        if index != shown:
            split.superseded.update({number: np.flatnonzero(attempt == number) for number in numbers})
    if len(trainings) > 1:
        split.notes.append(
            f"The file holds {len(trainings)} trainings, one after the other ({', '.join(map(str, lengths))} epochs): "
            f"number {shown + 1} is shown, the others are grey; the best epoch is looked for in all of them."
        )
    split.superseded = dict(sorted(split.superseded.items()))
    return split


def _peak(attempt: Ints, numbers: list[int], score: Series | None) -> float:
    values = np.array([]) if score is None else score[np.isin(attempt, numbers)]
    return float(np.max(values, where=np.isfinite(values), initial=-1.0))


def _split_training(numbers: list[int], starts: dict[int, int], attempt: Ints, epoch: Ints) -> Split:
    main: list[Ints] = []
    superseded: dict[int, Ints] = {}
    events = []
    for place, number in enumerate(numbers):
        rows = np.flatnonzero(attempt == number)
        end = min((starts[later] for later in numbers[place + 1 :]), default=None)
        gone = np.zeros(len(rows), np.bool_) if end is None else epoch[rows] >= end
        main.append(rows[~gone])
        if gone.any():
            superseded[number] = rows[gone]
        if place:
            before = epoch[np.flatnonzero(attempt == numbers[place - 1])]
            events.append(Event(starts[number], "resume", _resume_label(starts[number], int(before[-1]))))
    return Split(
        np.concatenate(main), superseded, [event for event in events if event.epoch in epoch[np.concatenate(main)]]
    )


def _resume_label(start: int, end: int) -> str:
    again = f"epoch {start}" if start == end else f"epochs {start} to {end}"
    return f"Resumed at epoch {start}; {again} had been trained before and were written again."


def find_jumps(epoch: Ints, first_epoch: int, elapsed: NDArray[np.float64] | None) -> list[Event]:
    """Resumes that show without an epoch written twice: a late beginning, a gap, a clock that starts again.

    Args:
        epoch: (E,) of the training shown, rising.
        first_epoch: how the log numbers its first.
        elapsed: (E,) seconds since the start, where the log has them.
    """
    steps = np.diff(epoch)
    stride = float(np.median(steps)) if len(steps) else 1.0
    events = []
    if stride == 1 and epoch[0] > first_epoch:
        label = f"The log begins at epoch {epoch[0]}: what was trained before is not in it."
        events.append(Event(int(epoch[0]), "resume", label))
    for place in np.flatnonzero((steps > stride) & (stride == 1)):
        label = f"The log jumps from epoch {epoch[place]} to {epoch[place + 1]}."
        events.append(Event(int(epoch[place + 1]), "resume", label))
    if elapsed is not None and np.isfinite(elapsed).all():
        for place in np.flatnonzero(np.diff(elapsed) < 0):
            label = f"Resumed at epoch {epoch[place + 1]}: the log's clock starts again there."
            events.append(Event(int(epoch[place + 1]), "resume", label))
    return events
