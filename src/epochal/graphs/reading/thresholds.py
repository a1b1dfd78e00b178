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
    "odd_row": Threshold(10.0, "multiple of both its neighbours from which on a row is not the training's", _CHOICE),
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
    "steep_gain": Threshold(0.03, "the same, so steep that the best row need not be among the last", _CHOICE),
    "still_before": Threshold(0.15, "length of the run's part that the end is compared with", _EXPERT),
    "flat_noisy": Threshold(0.03, "the same where the noise alone could make it", _CHOICE),
    "flat_gain": Threshold(0.015, "relative change over the flat part that still counts as flat", _EXPERT),
    "flat_part": Threshold(0.35, "part of the run that has to be flat", _EXPERT),
    "climbed": Threshold(0.10, "relative gain over the first rows below which a run began at its best", _CHOICE),
    "near_best": Threshold(0.02, "relative distance of the end from the best", _EXPERT),
    "far_from_best": Threshold(0.05, "the same, within the noise, from which on the best tells nothing", _CHOICE),
    # findings on losses
    "map_up": Threshold(0.02, "relative gain of mAP since a val loss had its minimum that counts as rising", _EXPERT),
    "gap": Threshold(1.5, "val loss over train loss at the end, and not so at the start", _EXPERT),
    "gap_growth": Threshold(1.2, "growth of that ratio since the start", _CHOICE),
    "below_train": Threshold(0.95, "val loss over train loss from which on val is below train", _CHOICE),
    "diverging": Threshold(1.5, "the last 3 rows of a train loss at this multiple of its smoothed minimum", _CHOICE),
    "rough_train": Threshold(0.08, "median noise of the train losses in the second half over their level", _CHOICE),
    "lr_beyond": Threshold(0.5, "learning rate above any that detectors are usually trained with", _CHOICE),
    "crawl": Threshold(0.15, "relative fall of the train losses over the whole run below which they crawl", _CHOICE),
    "crawl_map": Threshold(0.30, "mAP below which crawling losses are worth a word", _CHOICE),
    # findings on mAP
    "zero_rows": Threshold(3, "rows of exactly 0", _CHOICE),
    "frozen_rows": Threshold(4, "rows in which no metric changes at all", _CHOICE),
    "unsure": Threshold(0.05, "confidence with the best F1 below which a net is sure of nothing", _CHOICE),
    "noisy_swing": Threshold(0.05, "typical row-to-row change of mAP relative to its level worth a word", _CHOICE),
    "noisy_share": Threshold(0.5, "noise as a share of the total gain", _CHOICE),
    "wide_interval": Threshold(0.05, "half of the 95 % interval of mAP that counts as wide", _CHOICE),
    "few_images": Threshold(50, "images of a split below which little is learned from it, or told by it", _EXPERT),
    "good_at_once": Threshold(0.98, "mAP_0.5 in the first tenth of the run", _CHOICE),
    "good_map": Threshold(0.97, "mAP_0.5:0.95 that real detection tasks hardly reach", _CHOICE),
    "imbalance": Threshold(0.20, "distance of precision and recall at the end", _EXPERT),
    "threshold_room": Threshold(0.25, "place of mAP_0.5 between the two from which on a threshold may mend", _CHOICE),
    "loose_map50": Threshold(0.30, "mAP_0.5 from which on the boxes can be judged", _CHOICE),
    "loose_ratio": Threshold(0.50, "mAP_0.5:0.95 over mAP_0.5 below which boxes are loose", _CHOICE),
    "dragging": Threshold(0.50, "share of the other classes' median below which a class drags the mean", _CHOICE),
    "class_found": Threshold(0.10, "AP of the other classes from which on one at 0 is not just early", _CHOICE),
    "driving": Threshold(0.50, "share of a fall of the mean that one class makes up", _CHOICE),
    # findings on rows
    "spike": Threshold(2.0, "multiple of its neighbours", _EXPERT),
    "jump": Threshold(0.03, "relative step at an event", _CHOICE),
    "jump_level": Threshold(0.02, "mAP before an event below which a rise is a beginning and no step", _CHOICE),
    "jump_noise": Threshold(3.0, "the same in units of the noise before it", _CHOICE),
    "stopped": Threshold(0.95, "share of the planned epochs up to which a run ended early", _CHOICE),
}  # fmt: skip


def limit(name: str) -> float:
    """The value of a threshold."""
    return THRESHOLDS[name].value
