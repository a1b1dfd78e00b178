"""Which confidence to deploy with: the best F-beta, for all classes or each by itself, and how much it matters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.curves import Counts, count_at
from epochal.evaluation.matching import Ranking

# A threshold of its own rests on too little below this many annotations.
ENOUGH_ANNOTATIONS = 50
# F stays within 1 % of its best on the flat interval.
FLAT = 0.99
_MOST_CONFIDENCES = 4096


@dataclass(frozen=True)
class Threshold:
    """The confidence with the best F-beta at IoU 0.5, and what holds there.

    Attributes:
        confidence: keep detections with at least this.
        f: the F-beta there.
        precision: there; of several classes the mean.
        recall: there; of several classes the mean.
        low: from here to `high`, without a break, F-beta is at least 0.99 of the best.
        high: see `low`. A narrow interval says: choose with care, and check on images that were not used to choose.
        annotations: how many it rests on.
    """

    confidence: float
    f: float
    precision: float
    recall: float
    low: float
    high: float
    annotations: int

    @property
    def is_well_founded(self) -> bool:
        """Rests on at least 50 annotations."""
        return self.annotations >= ENOUGH_ANNOTATIONS


def find_thresholds(ranking: Ranking, beta: float = 1.0) -> tuple[Threshold | None, list[Threshold | None]]:
    """The best threshold for all classes together, and for each of the K classes.

    Args:
        ranking: detections against annotations.
        beta: how many times recall matters more than precision; 1 weighs them alike.

    Returns:
        The common one (by the mean over the classes with ground truth) and K single ones; None where no detection is
        right. F changes only where a detection enters and rises only where a right one does. So the confidences of the
        detections are all that is tried: for a class every one; for all classes together those of the right ones, and
        of the others at most 4,096, which bound the flat interval.
    """
    singles: list[Threshold | None] = []
    for class_id, columns in enumerate(ranking.class_slices()):
        tried = np.unique(ranking.confidence[columns].astype(np.float64))[::-1]
        counts = count_at(ranking, tried)
        singles.append(_best(_only(counts, class_id), beta))
    right = ranking.confidence[ranking.is_hit[0]].astype(np.float64)
    tried = np.union1d(_spread(ranking.confidence), right)[::-1]
    return _best(count_at(ranking, tried), beta), singles


@dataclass(frozen=True)
class Check:
    """What a threshold that was chosen elsewhere is worth here; see `Threshold` for the fields."""

    f: float
    precision: float
    recall: float


def check_threshold(ranking: Ranking, confidence: float, beta: float = 1.0, class_id: int | None = None) -> Check:
    """F-beta, precision and recall at a confidence and IoU 0.5; NaN where there is nothing to judge by.

    Args:
        ranking: detections against annotations of images that were not used to choose.
        confidence: the threshold.
        beta: see `find_thresholds`.
        class_id: of one class; all together when None.
    """
    counts = count_at(ranking, np.array([confidence], np.float64))
    if class_id is not None:
        counts = _only(counts, class_id)
    values = (counts.f_score(beta), counts.precision(), counts.recall())
    return Check(*(float(counts.mean(value)[0]) for value in values))


def _best(counts: Counts, beta: float) -> Threshold | None:
    """Over the classes in `counts`; Q confidences, falling."""
    f = counts.mean(counts.f_score(beta))
    if not len(f) or np.isnan(f).all() or np.nanmax(f) <= 0:
        return None
    best = int(np.nanargmax(f))
    good = f >= FLAT * f[best]
    first = best - int(np.argmin(np.append(good[best::-1], False))) + 1
    last = best + int(np.argmin(np.append(good[best:], False))) - 1
    precision, recall = counts.mean(counts.precision()), counts.mean(counts.recall())
    return Threshold(
        float(counts.confidence[best]),
        float(f[best]),
        float(precision[best]),
        float(recall[best]),
        float(counts.confidence[last]),
        float(counts.confidence[first]),
        int(counts.positives.sum()),
    )


def _only(counts: Counts, class_id: int) -> Counts:
    one = slice(class_id, class_id + 1)
    return Counts(counts.confidence, counts.hits[one], counts.false_alarms[one], counts.positives[one])


def _spread(confidence: NDArray[np.float32]) -> NDArray[np.float64]:
    """The distinct values, falling; when there are too many, evenly spread by rank."""
    distinct = np.unique(confidence.astype(np.float64))[::-1]
    if len(distinct) <= _MOST_CONFIDENCES:
        return distinct
    return distinct[np.linspace(0, len(distinct) - 1, _MOST_CONFIDENCES).astype(np.int64)]
