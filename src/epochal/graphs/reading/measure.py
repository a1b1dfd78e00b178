"""Numbers that rules are made of: smoothing, noise, slopes. Pure functions of arrays without NaN."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.graph import Graph, Series, file_rows

_HUGE = 1e9  # times the median
SLOPE_POINTS_MAX = 200  # Theil–Sen looks at all pairs; more points are thinned evenly


@dataclass(frozen=True)
class Rows:
    """The rows of a log in the order in which they were written; unlike in `Graph`, an epoch may stand there twice.

    R rows.

    Attributes:
        epochs: (R,) int64, as the log numbers them.
        series: {key: (R,) float64}, NaN where the log has a NaN or nothing.
        present: {key: (R,) bool}, True where the log has a value.
    """

    epochs: NDArray[np.int64]
    series: dict[str, Series]
    present: dict[str, NDArray[np.bool_]]

    def __len__(self) -> int:
        return len(self.epochs)


def rows_of(graph: Graph) -> Rows:
    """All rows in the order of the file, superseded ones too.

    Our own runs are taken as they stand: what a resume wrote anew has its weights no longer.
    """
    if graph.format == "epochal" or not graph.superseded:
        return Rows(graph.epochs, dict(graph.series), dict(graph.present))
    found = file_rows(graph)
    flags = {key: values.astype(float) for key, values in graph.present.items()}
    old = tuple(
        replace(part, series={key: np.isfinite(values).astype(float) for key, values in part.series.items()})
        for part in graph.superseded
    )  # of these the log no longer says whether a NaN was written
    present = file_rows(replace(graph, series=flags, superseded=old)).series
    return Rows(found.epochs, found.series, {key: values == 1 for key, values in present.items()})


@dataclass(frozen=True)
class Curve:
    """The values of a series where the log has finite ones.

    N values, in the order of the log.

    Attributes:
        key: of the series.
        values: (N,) float64, finite.
        epochs: (N,) int64, as the log numbers them.
        smooth: (N,) float64, running mean over about 5 % of the values, 3 or more.
        is_whole: nothing in between was NaN or infinite.
    """

    key: str
    values: Series
    epochs: NDArray[np.int64]
    smooth: Series
    is_whole: bool

    def __len__(self) -> int:
        return len(self.values)

    @property
    def end(self) -> float:
        """Mean of the last 10 %, 3 values or more."""
        return float(self.values[-tail(len(self)) :].mean())

    def span(self, begin: float, end: float = 1.0) -> tuple[int, int]:
        """First and last epoch of a part of the curve, given as fractions of its length."""
        last = len(self) - 1
        return int(self.epochs[min(last, int(begin * len(self)))]), int(self.epochs[max(0, round(end * len(self)) - 1)])


def find_curve(rows: Rows, key: str) -> Curve | None:
    """The finite values of a series; None when there are none."""
    if key not in rows.series:
        return None
    finite = np.isfinite(rows.series[key])
    if not finite.any():
        return None
    values = rows.series[key][finite]
    is_whole = not bool((rows.present[key] & ~finite).any())
    return Curve(key, values, rows.epochs[finite], running_mean(values, window_of(len(values))), is_whole)


def tail(count: int) -> int:
    """How many values the end of a curve has: a tenth, 3 or more, at most all."""
    return min(count, max(3, round(count / 10)))


def window_of(count: int) -> int:
    """Width of the running mean: a twentieth of the curve, 3 or more, odd."""
    return max(3, round(count / 20)) | 1


@np.errstate(over="ignore", invalid="ignore")  # all values near 1e308
def running_mean(values: Series, window: int) -> Series:
    """Centred running mean; at the edges over the part of the window that lies inside.

    Args:
        values: (N,).
        window: odd number of values, 1 or more.

    Returns:
        (N,); a constant stays as it is. Values above a billion times the median count as that.
    """
    half = window // 2
    cap = _HUGE * float(np.median(np.abs(values))) if len(values) else 0.0
    values = np.clip(values, -cap, cap) if cap > 0 else values  # beside 1e300 a sum would forget all others
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    begin, end = np.maximum(at - half, 0), np.minimum(at + half + 1, len(values))
    return np.asarray((sums[end] - sums[begin]) / (end - begin))


def noise_of(values: Series) -> float:
    """Standard deviation of the noise around a smooth curve, robust to jumps and trend.

    1.4826 · median |Δ − mean Δ| / √2, over the first differences Δ; 0 for fewer than 3 values. Around the mean and not
    the median, because the median of a strict zigzag is one of its two steps.
    Source: the median absolute deviation as an estimate of a normal distribution's spread (Rousseeuw and Croux 1993,
    JASA 88:1273); differences remove a slow trend and have √2 times the spread.
    """
    steps = np.diff(values)
    if len(steps) < 2:
        return 0.0
    spread = float(1.4826 * np.median(np.abs(steps - steps.mean())) / np.sqrt(2))
    return spread if np.isfinite(spread) else 0.0  # differences of values near 1e308


@lru_cache(maxsize=16)
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of all pairs; the same few counts come again in every run that is compared."""
    return np.triu_indices(count, 1)


def slope_of(values: Series) -> tuple[float, float, float]:
    """Theil–Sen slope per value, with its 95 % interval.

    Returns:
        (low, slope, high); zeros for fewer than 3 values.

    Source: Sen 1968, JASA 63:1379, section 3 (interval from Kendall's statistic, normal approximation).
    """
    if len(values) < 3:
        return 0.0, 0.0, 0.0
    step = -(-len(values) // SLOPE_POINTS_MAX)
    points = values[::step]
    count = len(points)
    first, second = _pairs(count)
    slopes = (points[second] - points[first]) / ((second - first) * step)
    spread = 1.96 * np.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = int(max(0, np.floor((len(slopes) - spread) / 2)))
    high = int(min(len(slopes) - 1, np.ceil((len(slopes) + spread) / 2)))
    middle = ((len(slopes) - 1) // 2, len(slopes) // 2)
    slopes.partition((low, *middle, high))  # only these places are asked for; sorting all takes three times as long
    return float(slopes[low]), float(slopes[middle[0]] + slopes[middle[1]]) / 2, float(slopes[high])
