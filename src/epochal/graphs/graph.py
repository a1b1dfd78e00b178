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
    """Points that a later attempt wrote again; drawn in grey.

    Attributes:
        attempt: the number of the attempt that wrote them, from 1.
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
