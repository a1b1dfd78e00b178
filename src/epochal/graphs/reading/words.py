"""What is said about each finding. Rules bring numbers; the sentences stand here, so that they can be read in one go.

`{name}` is a number of the finding's evidence. "best" in a sentence always means the epoch with the highest
mAP_0.5:0.95.
"""

from collections.abc import Mapping
from typing import NamedTuple

from epochal.graphs.reading.finding import Finding, Severity
from epochal.graphs.series import describe


class Words(NamedTuple):
    """The sentences of one kind of finding.

    Attributes:
        severity: how much it matters.
        message: what is seen.
        remedy: what to do next.
        rule: the rule with its threshold.
        source: where the rule is from.
        would_change: what would change the finding.
    """

    severity: Severity
    message: str
    remedy: str
    rule: str
    source: str
    would_change: str


CHOICE = "Limit chosen on real logs (docs/graphs.md)."
EXPERT = "Limits that experts gave, checked on real logs (docs/graphs.md)."
GOOGLE = "Google, Machine Learning Crash Course, interpreting loss curves; " + EXPERT
PRECHELT = "Prechelt, Early stopping, but when? (Neural Networks 11, 1998): a val loss above its minimum; " + EXPERT

VERDICT_WORDS: dict[str, Words] = {
    "cannot_tell": Words(
        "warning",
        "The log holds no mAP ({measured} of {rows} rows have one), so how good the model is cannot be told.",
        "Switch validation on, or run `epochal evaluate` on the weights; then read the graph again.",
        "No row, or next to none, has mAP_0.5:0.95 or mAP_0.5.",
        EXPERT,
        "A log with an mAP for every epoch.",
    ),
    "diverged_or_nan": Words(
        "error",
        "The training broke: {series} became NaN or infinite, or blew up while mAP collapsed.",
        "Stop it and use the best epoch before. Then train again with a tenth of the learning rate, without half "
        "precision, after checking the labels.",
        "Train loss is NaN or infinite in the last row or in 3 rows; or a loss reaches 2 times (val: 5 times) its "
        "minimum while mAP ends under half its peak.",
        GOOGLE,
        "mAP that climbs back to its peak in later epochs.",
    ),
    "not_learning": Words(
        "error",
        "The model has not learned to find anything: mAP_0.5:0.95 is under 0.02 in {dead} of {rows} epochs, its best "
        "is {best:.3f}.",
        "Look at the labels drawn on images, check the number and order of the classes and the paths, start from "
        "trained weights, and try to fit 20 images first.",
        "10 rows or more with mAP_0.5:0.95 under 0.02 (single rows at 10 times both their neighbours aside) and no "
        "upward trend; or 5 rows of exactly 0.",
        "Karpathy, CS231n notes 3 (overfit a tiny set first); " + EXPERT,
        "A steady rise of mAP above 0.02.",
    ),
    "too_short_to_tell": Words(
        "info",
        "It is too early to tell a trend; epochs so far: {rows}.",
        "Train on, to at least 50 epochs; 100 to 300 are usual.",
        "Fewer than 10 rows, or up to 12 rows while mAP still climbs steeply.",
        EXPERT,
        "More epochs.",
    ),
    "overfitting": Words(
        "warning",
        "From epoch {epoch} on the model learns the train images by heart: the train loss falls on, {loss_text}mAP "
        "no longer rises and ends {map_fall:.1%} below its peak.",
        "Use the weights of the best epoch. For a better model: more or more varied images, stronger augmentation, "
        "or a smaller model. First make sure that val shows the same kind of images as train.",
        "A val loss ends 3 % (box) or 5 % (cls) above its smoothed minimum, and mAP ends 3 % below its smoothed peak "
        "or stays flat while the loss rises twice as far.",
        PRECHELT,
        "A test split on which the last epoch is as good as the best.",
    ),
    "unstable_noisy": Words(
        "warning",
        "mAP jumps from epoch to epoch by typically {swing:.0%} of its level, so neither a trend nor the best epoch "
        "can be trusted.",
        "Enlarge the val split first; then lower the learning rate or enlarge the batch.",
        "In the second half the typical change from row to row is 8 % of the level or more without a clear trend, or "
        "mAP falls to under half its level twice, or it ends 5 % or more below its best by nothing but noise.",
        GOOGLE,
        "The same run on a val split several times as large.",
    ),
    "improving_still": Words(
        "info",
        "The model is still getting better: the end is {gain:.1%} above the epochs before it, and the best epoch is "
        "among the last.",
        "Train longer: twice the epochs, in a new run, because the learning rate's plan follows the number of epochs.",
        "The best row is in the last 10 %, and the end is 1 % or more above the 15 % of rows before it.",
        EXPERT,
        "A longer run that does not end higher.",
    ),
    "plateaued": Words(
        "info",
        "mAP has stopped rising: over the last third of the run it changed by {change:+.1%}.",
        "More epochs will not help. Look at the classes and images that fail: more data, cleaner labels, a larger "
        "image size or a larger model will.",
        "Over the last 35 % of the rows mAP's trend is under 1.5 % of its level, or within the noise, and it had come "
        "within 2 % of its end before.",
        "Theil–Sen slope (Sen 1968); " + EXPERT,
        "A longer run, or one with another learning rate, that ends higher.",
    ),
    "healthy_converged": Words(
        "info",
        "A healthy run: mAP climbed, levelled towards the end, and ends {distance:.1%} below its best.",
        "Use the best epoch, and judge it on the test split.",
        "mAP ends within 2 % of its smoothed best, and none of the other verdicts holds.",
        EXPERT,
        "A longer run that ends higher by more than the noise.",
    ),
}


def write_finding(
    of: Words,
    key: str,
    *,
    epochs: tuple[int, int],
    confidence: float,
    evidence: Mapping[str, object],
    severity: Severity | None = None,
) -> Finding:
    """Put the numbers of a finding into its sentences.

    Args:
        of: the sentences.
        key: the finding's id.
        epochs: first and last epoch that it rests on.
        confidence: 0–1.
        evidence: numbers; every name in the sentences stands here.
        severity: when this case is another than usual.
    """
    told = dict(evidence)
    if "series" in told:
        told["series"] = describe(str(told["series"])).title  # as the graph beside the sentence calls it
    return Finding(
        id=key,
        severity=severity or of.severity,
        epochs=(min(epochs), max(epochs)),  # of several trainings in a file a later row may have a smaller one
        message=of.message.format(**told),
        remedy=of.remedy.format(**told),
        confidence=round(confidence, 2),
        rule=of.rule,
        source=of.source,
        would_change=of.would_change,
        evidence=dict(evidence),
    )
