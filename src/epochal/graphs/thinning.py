"""Fewer points for a drawing, without losing a spike."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.document import Document
from epochal.graphs.graph import Series
from epochal.graphs.series import describe

_LEADING_MAX = 4  # series whose extremes choose the rows of a thinned document


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


def thin_document(document: Document, rows: int) -> Document:
    """A graph document with fewer epochs: what a drawing of mAP and of the losses needs, the best, and every event.

    Args:
        document: of any length; it is not changed.
        rows: about how many epochs to keep.

    Returns:
        The document itself when it is short enough, else a copy with a note that says how many epochs are left.
    """
    epochs = document["epochs"]
    if len(epochs) <= rows:
        return document
    leading = [key for key in document["series"] if describe(key).group in ("losses", "metrics")][:_LEADING_MAX]
    columns = [np.array([np.nan if v is None else v for v in document["series"][key]], float) for key in leading]
    kept = thin_rows(columns, max(1, rows // (2 + 2 * len(columns))))
    wanted = {event["epoch"] for event in document["events"]} | {(document["best"] or {}).get("epoch")}
    extra = [at for at, epoch in enumerate(epochs) if epoch in wanted][:rows]
    chosen = np.union1d(kept, np.array(extra, np.int64)).tolist()
    note = f"Drawn from {len(chosen):,} of {len(epochs):,} epochs: extremes, events and the best are all kept."
    return {
        **document,
        "epochs": [epochs[at] for at in chosen],
        "series": {key: [values[at] for at in chosen] for key, values in document["series"].items()},
        "marks": document["marks"][:rows],
        "superseded": [part for part in document["superseded"] if len(part["epochs"]) <= rows],
        "notes": [*document["notes"], note],
    }
