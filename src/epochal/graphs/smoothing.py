"""Smoothing of a series for the eye: on raw values, before thinning. The reading itself uses raw values only."""

import numpy as np

from epochal.errors import BadInput
from epochal.graphs.graph import Series


def smooth_ema(values: Series, weight: float) -> Series:
    """Exponential moving average without the pull towards the start.

    s ← w·s + (1 − w)·y, divided by the running weight 1 − wⁿ. A gap stays a gap and carries the state over.

    Args:
        values: (N,), NaN where there is no value.
        weight: w, from 0 (no smoothing) up to, but below, 1.

    Returns:
        (N,) float64, NaN where `values` is not finite.

    Raises:
        BadInput: the weight is outside 0 to 1.

    Source: Kingma and Ba 2014, arXiv:1412.6980, section 3 (the same correction as for Adam's moments).
    """
    if not 0 <= weight < 1:
        raise BadInput(f"A smoothing weight lies from 0 up to, but below, 1; {weight} does not.")
    smoothed = np.full(len(values), np.nan)
    total = mass = 0.0
    for at, value in enumerate(values.tolist()):
        if np.isfinite(value):
            total = weight * total + (1 - weight) * value
            mass = weight * mass + (1 - weight)
            smoothed[at] = total / mass
    return smoothed
