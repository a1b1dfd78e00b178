"""Series as they are drawn: a line goes on over epochs without a value, and breaks at a value that is no number."""

import numpy as np

from epochal.graphs.document import Document
from epochal.graphs.graph import Series


def drawn_column(document: Document, key: str) -> Series:
    """A series for drawing: many trainings validate in every fifth or tenth epoch only.

    Args:
        document: the graph document.
        key: one of its series.

    Returns:
        (E,) float64: between two known values the straight line along epochs; NaN before the first, after the last, and
        between the neighbours of a NaN or infinity that the log holds.
    """
    values = np.array([np.nan if value is None else value for value in document["series"][key]], float)
    epochs = np.array(document["epochs"], float)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2 or len(known) == len(values):
        return values
    drawn: Series = np.interp(epochs, epochs[known], values[known], left=np.nan, right=np.nan)
    marked = [mark["epoch"] for mark in document["marks"] if mark["series"] == key]
    for at in np.searchsorted(epochs, marked):
        behind = np.searchsorted(known, at)
        begin = known[behind - 1] + 1 if behind else 0
        drawn[begin : known[behind] if behind < len(known) else len(values)] = np.nan
    return drawn
