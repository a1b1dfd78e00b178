"""How far could mAP be off, had other images been in the set? Images drawn again with replacement."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.average_precision import compute_average_precision
from epochal.evaluation.matching import Ranking

# Resamples between two looks at the clock.
_BLOCK = 25


@dataclass(frozen=True)
class Interval:
    """95 % of the resampled values lie between low and high."""

    low: float
    high: float


@dataclass(frozen=True)
class Intervals:
    """Of both mAPs, and how many resamples they rest on."""

    map50: Interval
    map50_95: Interval
    resamples: int


def compute_intervals(
    ranking: Ranking, *, resamples: int = 200, seed: int = 0, time_limit_s: float | None = None
) -> Intervals | None:
    """Bootstrap 95 % intervals of mAP_0.5 and mAP_0.5:0.95 over images.

    Args:
        ranking: of I images.
        resamples: how many times I images are drawn with replacement.
        seed: the draws are a function of it and I alone.
        time_limit_s: seconds; no further block of 25 resamples is begun that would end later. The clock then decides
            how many there are, so leave it out where two runs must give the same digits.

    Returns:
        None when there is nothing to say: fewer than two images, no annotation, or no resample was made.

    Source: percentile bootstrap (Efron 1979); images, not boxes, because boxes of one image are not independent.
    """
    if len(ranking.truth_count) < 2 or not ranking.truth_count.any():
        return None
    maps = _resampled_maps(ranking, draw_weights(len(ranking.truth_count), resamples, seed), time_limit_s)
    if not len(maps):
        return None
    low, high = np.nanpercentile(maps, [2.5, 97.5], axis=0)
    map50, map50_95 = (Interval(float(a), float(b)) for a, b in zip(low, high, strict=True))
    return Intervals(map50, map50_95, len(maps))


def draw_weights(image_count: int, resamples: int, seed: int) -> NDArray[np.int32]:
    """(resamples, I) int32: how often each image was drawn; every row sums to I."""
    drawn = np.random.default_rng(seed).integers(0, image_count, (resamples, image_count))
    cell = drawn + np.arange(resamples)[:, None] * image_count
    counts = np.bincount(cell.ravel(), minlength=resamples * image_count)
    return counts.reshape(resamples, image_count).astype(np.int32)


def compute_maps(ranking: Ranking, weights: NDArray[np.int32]) -> NDArray[np.float64]:
    """mAP_0.5 and mAP_0.5:0.95 under each of R weightings, (R, 2); NaN where no weighted image has an annotation."""
    ap = compute_average_precision(ranking, weights)
    return np.stack([mean_of_defined(ap[:, :, 0]), mean_of_defined(ap.mean(axis=2))], axis=1)


def _resampled_maps(ranking: Ranking, weights: NDArray[np.int32], time_limit_s: float | None) -> NDArray[np.float64]:
    """(R, 2), R smaller than asked where the time would not do; resamples without any annotation are left out."""
    begin, done = time.perf_counter(), 0
    parts = [np.zeros((0, 2))]
    step = len(weights) if time_limit_s is None else _BLOCK
    while done < len(weights):
        if time_limit_s is not None:
            elapsed = time.perf_counter() - begin
            ahead = elapsed * (1 + step / done) if done else 0.0
            if time_limit_s <= 0 or ahead > time_limit_s:
                break
        parts.append(compute_maps(ranking, weights[done : done + step]))
        done += len(parts[-1])
    maps = np.concatenate(parts)
    return maps[~np.isnan(maps[:, 0])]


def mean_of_defined(ap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over classes, (R, K) to (R,), of those with ground truth; NaN where there is none."""
    defined = ~np.isnan(ap)
    count = defined.sum(axis=1)
    total = np.where(defined, ap, 0.0).sum(axis=1)
    mean: NDArray[np.float64] = np.divide(total, count, out=np.full(len(ap), np.nan), where=count > 0)
    return mean
