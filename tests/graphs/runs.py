"""Small runs for the tests of graphs, written out or drawn from a formula."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.graph import Event, Graph

MAP = "metrics/mAP_0.5:0.95"


def make_graph(
    series: dict[str, Sequence[float] | NDArray[np.float64]],
    *,
    first_epoch: int = 1,
    events: tuple[Event, ...] = (),
    name: str = "run",
    log_format: str = "epochal",
) -> Graph:
    """A graph in which every value counts as written."""
    columns = {key: np.asarray(values, float) for key, values in series.items()}
    count = len(next(iter(columns.values())))
    return Graph(
        name=name,
        format=log_format,
        path=name,
        epochs=np.arange(first_epoch, first_epoch + count),
        series=columns,
        present={key: np.ones(count, bool) for key in columns},
        first_epoch=first_epoch,
        events=events,
    )


def climb(count: int, *, top: float = 0.5, speed: float = 4.0, start: float = 0.0) -> NDArray[np.float64]:
    """A curve that rises and levels: top · (1 − exp(−speed · x)) above `start`, x from 0 to 1."""
    x = np.arange(1, count + 1) / count
    return start + (top - start) * (1 - np.exp(-speed * x))


def fall(count: int, *, top: float = 2.0, bottom: float = 0.5, speed: float = 4.0) -> NDArray[np.float64]:
    """A loss that falls and levels."""
    x = np.arange(1, count + 1) / count
    return bottom + (top - bottom) * np.exp(-speed * x)


def healthy(count: int = 100) -> dict[str, NDArray[np.float64]]:
    """A run without a fault: losses fall together, mAP climbs and levels late."""
    return {
        "train/box_loss": fall(count),
        "val/box_loss": fall(count, top=2.1, bottom=0.7),
        "train/cls_loss": fall(count, top=3.0),
        "val/cls_loss": fall(count, top=3.2, bottom=0.6),
        "metrics/mAP_0.5": climb(count, top=0.8, speed=5.5),
        MAP: climb(count, top=0.5, speed=5.5),
        "metrics/precision": climb(count, top=0.8, speed=8),
        "metrics/recall": climb(count, top=0.75, speed=8),
    }
