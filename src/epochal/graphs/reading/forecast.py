"""What more epochs would bring: saturating curves fitted to the values so far, as odds, never as a promise."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.graph import Series
from epochal.graphs.reading.measure import noise_of, running_mean, window_of

FIT_POINTS_MAX = 200
# Set on real logs with benchmarks/forecast.py:
_REACH_ERROR = 0.6  # error of the curve, in units of the rise that it promises
_DRIFT_ERROR = 0.02  # error that no curve knows of, relative to mAP, for as many epochs again
_BEST_OF_MANY = 0.5  # the best of several noisy epochs lies above the curve, in units of the noise


class Forecast(NamedTuple):
    """What the best mAP will be after some more epochs.

    Attributes:
        odds: probability, 0–1, that it beats the best so far by more than the margin.
        low: 10 % quantile.
        middle: 50 % quantile.
        high: 90 % quantile.
    """

    odds: float
    low: float
    middle: float
    high: float


def forecast(values: Series, *, more: int, margin: float) -> Forecast:
    """Fit saturating curves and look ahead.

    The families c − a·x^−α and c − a·exp(−β·x) (of Domhan et al. 2015, IJCAI, "Speeding up automatic hyperparameter
    optimization of deep neural networks by extrapolation of learning curves") on a grid of α and β, each weighted by
    its likelihood; c and a by least squares. The last half of the run counts fully, the first half less and less.

    Args:
        values: (N,) mAP by epoch, N ≥ 5, no NaN.
        more: epochs to look ahead.
        margin: a gain above the best so far that counts, such as the noise.
    """
    count = len(values)
    smooth = running_mean(values, window_of(count))
    at = np.unique(np.linspace(0, count - 1, min(count, FIT_POINTS_MAX)).round().astype(int))
    x, y = (at + 1) / count, smooth[at]
    weight = np.clip(x * 2, 0.05, 1.0) ** 2
    target = np.array([(count + more) / count])
    means, errors = _fit_families(x, y, weight, target)
    noise = max(noise_of(values), 1e-4)
    logs = -(errors - errors.min()) / (2 * noise**2 / window_of(count)) * min(1.0, 40 / len(at))
    share = np.exp(np.clip(logs, -700, 0))
    share /= share.sum()
    mean = float(share @ means)
    spread = float(np.sqrt(share @ (means - mean) ** 2))
    best, reach, drift = float(values.max()), abs(mean - float(smooth[-1])), _DRIFT_ERROR * more / count
    sigma = math.hypot(spread, _REACH_ERROR * reach, noise, drift * best)
    mean += _BEST_OF_MANY * noise
    odds = 0.5 * (1 - math.erf((best + margin - mean) / (sigma * math.sqrt(2))))
    low, middle, high = np.clip(np.maximum(best, mean + sigma * np.array([-1.2816, 0.0, 1.2816])), 0, 1)
    return Forecast(min(0.98, max(0.02, odds)), float(low), float(middle), float(high))


def _fit_families(
    x: Series, y: Series, weight: Series, target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Value at the target, and weighted squared error, for every family and every shape on the grid."""
    shapes = np.concatenate(
        [x[:, None] ** -np.geomspace(0.1, 3, 25), np.exp(-np.geomspace(0.3, 30, 25) * x[:, None])], axis=1
    )
    ahead = np.concatenate([target[0] ** -np.geomspace(0.1, 3, 25), np.exp(-np.geomspace(0.3, 30, 25) * target[0])])
    total = weight.sum()
    mean_y, mean_s = weight @ y / total, weight @ shapes / total
    centred = shapes - mean_s
    slope = (weight * (y - mean_y)) @ centred / np.maximum(weight @ centred**2, 1e-15)
    slope = np.minimum(slope, 0.0)  # curves that saturate upwards only
    fitted = mean_y + centred * slope
    return mean_y + (ahead - mean_s) * slope, weight @ (y[:, None] - fitted) ** 2 * len(y) / total
