"""`Graph`: what any training log becomes once it is read. Readers make it; reading, report and server use it."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
EventKind = Literal["warmup_end", "mosaic_off", "lr_drop", "resume", "stop", "nan"]


@dataclass(frozen=True)
class Event:
    """Something that happened at an epoch and shows in the curves."""

    epoch: int
    event: EventKind
    label: str


@dataclass(frozen=True)
class Superseded:
    """Points that the training shown does not go through; drawn in grey.

    A later attempt wrote them again, or they belong to another training in the same file.

    Attributes:
        attempt: the number of the attempt that wrote them, from 1, in the order of the file.
        epochs: (P,) int64.
        series: {key: (P,) float64}.
    """

    attempt: int
    epochs: NDArray[np.int64]
    series: dict[str, Series]


@dataclass(frozen=True)
class Graph:
    """One training as series by epoch.

    E epochs, in the order of training, each once.

    Attributes:
        name: of the run, for people.
        format: which reader understood it, such as "epochal" or "ultralytics_csv".
        path: of the file or folder that was read, as given.
        epochs: (E,) int64, numbered as the file numbers them.
        series: {key: (E,) float64}, keys of `series.py`; NaN where the log has a NaN **or** nothing.
        present: {key: (E,) bool}, True where the log has a value; with a NaN or inf in `series` it was written so.
        first_epoch: 0 or 1, how the file numbers its first epoch.
        epochs_planned: how many were asked for, None when the log does not say.
        superseded: what resumes wrote anew.
        events: in order of epoch.
        notes: what was mapped, guessed and ignored, in sentences.
        settings: hyper-parameters found beside the log (recipe.json, args.yaml), flat.
        attempts: (E,) int64, the number of the attempt that wrote each epoch, in the order of the file; None where
            one attempt wrote them all or the source does not say.
    """

    name: str
    format: str
    path: str
    epochs: NDArray[np.int64]
    series: dict[str, Series]
    present: dict[str, NDArray[np.bool_]]
    first_epoch: int = 1
    epochs_planned: int | None = None
    superseded: tuple[Superseded, ...] = ()
    events: tuple[Event, ...] = ()
    notes: tuple[str, ...] = ()
    settings: dict[str, object] = field(default_factory=dict)
    attempts: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Rows:
    """All that a log holds in the order of its file, what was superseded too; an epoch may stand here twice.

    The verdict and the best epoch are said of these (the exact arg max over rows, the first on ties).

    Attributes:
        epochs: (R,) int64.
        attempts: (R,) int64, rising.
        series: {key: (R,) float64}, NaN where there is no value.
    """

    epochs: NDArray[np.int64]
    attempts: NDArray[np.int64]
    series: dict[str, Series]


def file_rows(graph: Graph) -> Rows:
    """The rows of the file behind a graph: its epochs and what they superseded, by attempt and then epoch."""
    last = max((part.attempt for part in graph.superseded), default=0) + 1
    own = np.full(len(graph.epochs), last, np.int64) if graph.attempts is None else graph.attempts
    epochs = np.concatenate([graph.epochs, *(part.epochs for part in graph.superseded)])
    attempts = np.concatenate([own, *(np.full(len(p.epochs), p.attempt, np.int64) for p in graph.superseded)])
    order = np.lexsort((epochs, attempts))
    series = {}
    for key in dict.fromkeys([*graph.series, *(key for part in graph.superseded for key in part.series)]):
        own_values = graph.series.get(key, np.full(len(graph.epochs), np.nan))
        others = (part.series.get(key, np.full(len(part.epochs), np.nan)) for part in graph.superseded)
        series[key] = np.concatenate([own_values, *others])[order]
    return Rows(epochs[order], attempts[order], series)
