"""Average precision of weighted images: the statistic that the bootstrap repeats."""

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.matching import Ranking

RECALLS = np.linspace(0, 1, 101)
# Weights of detections × resamples held at once; 2 million int32 are 8 MiB.
_CELLS_AT_ONCE = 2_000_000


def compute_average_precision(ranking: Ranking, weights: NDArray[np.int32]) -> NDArray[np.float64]:
    """COCO's AP (101 recall points) when each image counts as often as its weight says.

    Args:
        ranking: of I images, K classes, T IoU thresholds.
        weights: (R, I) int32, R sets of weights; all ones is the plain evaluation.

    Returns:
        (R, K, T) float64 in 0–1, by IoU threshold; NaN where the weighted images hold no annotation of the class.

    Source: the precision envelope of pycocotools' `accumulate`. It can only peak at a true positive, so only the ranks
        of true positives are visited: that makes 200 resamples cost less than the matching.
        Agreement with hotcoco at weights of one: tests/evaluation/test_average_precision.py.
    """
    hits = ranking.is_hit
    ap = np.full((len(weights), ranking.truth_count.shape[1], len(hits)), np.nan)
    for class_id, columns in enumerate(ranking.class_slices()):
        positives = weights @ ranking.truth_count[:, class_id]
        present = np.flatnonzero(positives > 0)
        ranks = np.flatnonzero(hits[:, columns].any(axis=0))
        last = int(ranks[-1]) + 1 if len(ranks) else 0
        step = max(1, _CELLS_AT_ONCE // max(last, 1))
        for begin in range(0, len(present), step):
            rows = present[begin : begin + step]
            image = ranking.image[columns][:last]
            ap[rows, class_id] = _class_ap(
                np.ascontiguousarray(weights[rows].T)[image],
                hits[:, columns][:, :last],
                ranking.ignored[:, columns][:, :last],
                positives[rows],
            )
    return ap


def _class_ap(
    weights: NDArray[np.int32], hits: NDArray[np.bool_], ignored: NDArray[np.bool_], positives: NDArray[np.int32]
) -> NDArray[np.float64]:
    """AP of one class, (R, T): weights (D, R) of its ranked detections, hits and ignored (T, D), positives (R,)."""
    seen = np.cumsum(weights, axis=0, dtype=np.int32)
    wanted = _hits_wanted(positives)
    ap = np.zeros((len(positives), len(hits)))
    for index in range(len(hits)):
        at = np.flatnonzero(hits[index])
        if not len(at):
            continue
        found = np.cumsum(weights[at], axis=0, dtype=np.int32)
        counted = seen[at]
        aside = np.flatnonzero(ignored[index])
        if len(aside):
            left_out = np.cumsum(weights[aside], axis=0, dtype=np.int32)
            left_out = np.concatenate([np.zeros_like(left_out[:1]), left_out])
            counted = counted - left_out[np.searchsorted(aside, at)]
        precision = found / np.maximum(counted, 1)
        envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
        ap[:, index] = _read_at(envelope, found, wanted)
    return ap


def _hits_wanted(positives: NDArray[np.int32]) -> NDArray[np.int64]:
    """(R, 101): how many true positives reach each recall point, by the same float comparison as COCO's."""
    total = positives[:, None].astype(np.float64)
    wanted = np.ceil(RECALLS * total)
    wanted = np.where((wanted - 1) / total >= RECALLS, wanted - 1, wanted)
    wanted = np.where(wanted / total < RECALLS, wanted + 1, wanted)
    result: NDArray[np.int64] = wanted.astype(np.int64)
    return result


def _read_at(envelope: NDArray[np.float64], found: NDArray[np.int32], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of envelope (H, R) at the ranks where `found` (H, R) reaches `wanted` (R, 101); 0 where it never does."""
    height, width = found.shape
    # One sorted search for all resamples: each gets its own stretch of the number line.
    offset = np.arange(width, dtype=np.int64)[:, None] * (int(max(found.max(), wanted.max())) + 1)
    line = (found.T + offset).ravel()
    rank = np.searchsorted(line, wanted + offset) - np.arange(width)[:, None] * height
    padded = np.concatenate([envelope, np.zeros((1, width))])
    mean: NDArray[np.float64] = padded[rank, np.arange(width)[:, None]].mean(axis=1)
    return mean
