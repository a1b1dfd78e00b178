"""Every threshold of the reading, each with what it means and where it is from. No rule holds a number of its own.

"expert" stands for the limits that people who read such graphs for a living gave when asked for their rule; they were
checked against real logs (`docs/graphs.md`). "choice" is ours, set on the same logs.
"""

from typing import NamedTuple


class Threshold(NamedTuple):
    """One row: the value, what it limits, and its source."""

    value: float
    meaning: str
    source: str


_EXPERT = "expert"
_CHOICE = "choice"

THRESHOLDS: dict[str, Threshold] = {
    # not learning
    "dead_map": Threshold(0.02, "best mAP below which a run has not learned", _EXPERT),
    "dead_rows": Threshold(10, "rows needed to say so", _EXPERT),
    "dead_rows_all_zero": Threshold(5, "rows needed when every mAP is exactly 0", _EXPERT),
    "dead_trend": Threshold(1.5, "growth from the first half to the end that counts as an upward trend", _CHOICE),
    # too short
    "short_rows": Threshold(10, "rows below which a trend cannot be told", _EXPERT),
    "short_rows_climbing": Threshold(12, "rows up to which a run in its first climb is too short", _EXPERT),
    "short_climb": Threshold(0.10, "relative gain of 3 rows over the 3 before that is still a first climb", _CHOICE),
    # diverged
    "nan_rows": Threshold(3, "rows with NaN or infinite train loss, unless the last one has it", _CHOICE),
    "collapse": Threshold(0.5, "share of the smoothed peak below which mAP has collapsed", _EXPERT),
    "blow_up": Threshold(2.0, "a loss at this multiple of its smoothed minimum has blown up", _CHOICE),
    "blow_up_val": Threshold(5.0, "the same for a val loss, which may also double by overfitting", _CHOICE),
    # overfitting
    "box_rise": Threshold(0.03, "relative rise of val box loss above its smoothed minimum", _EXPERT),
    "cls_rise": Threshold(0.05, "relative rise of val cls loss above its smoothed minimum", _EXPERT),
    "rise_before": Threshold(0.80, "the minimum lies before this part of the run", _EXPERT),
    "decline": Threshold(0.03, "relative fall of mAP below its smoothed peak", _EXPERT),
    "decline_before": Threshold(0.85, "the peak lies before this part of the run", _EXPERT),
    "decline_alone": Threshold(0.05, "the same where the log has no val loss", _CHOICE),
    "strong_rise": Threshold(2.0, "multiple of a rise's limit from which on flat mAP is enough", _CHOICE),
    # unstable
    "swing_trend": Threshold(2.0, "a trend of so many typical changes can be trusted all the same", _CHOICE),
    "swing": Threshold(0.08, "typical row-to-row change of mAP in the second half, relative to its level", _EXPERT),
    "collapses": Threshold(2, "falls of mAP to under half its level in the second half", _EXPERT),
    # improving, flat
    "still_gain": Threshold(0.01, "relative gain of the end over the part before it", _EXPERT),
    "still_before": Threshold(0.15, "length of the run's part that the end is compared with", _EXPERT),
    "flat_noisy": Threshold(0.05, "the same where the noise alone could make it", _CHOICE),
    "flat_gain": Threshold(0.015, "relative change over the flat part that still counts as flat", _EXPERT),
    "flat_part": Threshold(0.35, "part of the run that has to be flat", _EXPERT),
    "climbed": Threshold(0.10, "relative gain over the first rows below which a run began at its best", _CHOICE),
    "near_best": Threshold(0.02, "relative distance of the end from the best", _EXPERT),
}  # fmt: skip


def limit(name: str) -> float:
    """The value of a threshold."""
    return THRESHOLDS[name].value
