"""Fewer points for a drawing, without losing a spike."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.graph import Series


def thin(values: Series, buckets: int) -> NDArray[np.int64]:
    """Which points of a series a drawing needs: the first, the smallest, the largest and the last of each bucket.

    A line through these covers the same pixels as a line through all, when there are as many buckets as pixel columns.
    A bucket's first and last point also stay when they are no numbers, so that a gap stays a gap.

    Args:
        values: (N,), NaN where there is no value.
        buckets: how many, 1 or more.

    Returns:
        (K,) rising indices, K ≤ 4 · buckets; all of them when N is not larger than that.

    Source: M4, Jugel et al. 2014, VLDB 7(10), section 4.1.
    """
    return thin_rows([values], buckets)


def thin_rows(columns: Iterable[Series], buckets: int) -> NDArray[np.int64]:
    """One set of rows that serves several series of the same length; otherwise as `thin`.

    Returns:
        (K,) rising indices, K ≤ (2 + 2 · S) · buckets for S series.
    """
    table = [np.asarray(values, np.float64) for values in columns]
    count = len(table[0]) if table else 0
    if count <= 4 * buckets:
        return np.arange(count)
    edges = np.arange(buckets + 1) * count // buckets
    kept = [edges[:-1], edges[1:] - 1]
    for values in table:
        for sign in (1.0, -1.0):
            kept.append(_lowest(sign * values, edges))
    return np.unique(np.concatenate(kept))


def _lowest(values: Series, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of the smallest finite value of each bucket; the bucket's first when it has none."""
    filled = np.where(np.isfinite(values), values, np.inf)
    lowest = np.repeat(np.minimum.reduceat(filled, edges[:-1]), np.diff(edges))
    hits = np.flatnonzero(filled == lowest)
    return hits[np.searchsorted(hits, edges[:-1])]
