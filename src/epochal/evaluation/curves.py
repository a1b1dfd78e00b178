"""Precision, recall and F1 against confidence at IoU 0.5, and the one confidence at which they are reported."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.matching import Ranking, mean_defined

CONFIDENCES = np.linspace(0, 1, 101)


@dataclass(frozen=True, eq=False)
class Counts:
    """True and false positives at IoU 0.5 of the detections with at least a confidence: K classes, Q confidences.

    Attributes:
        confidence: (Q,).
        hits: (K, Q) int64, true positives.
        false_alarms: (K, Q) int64, false positives.
        positives: (K,) int64, annotations that can be found.
    """

    confidence: NDArray[np.float64]
    hits: NDArray[np.int64]
    false_alarms: NDArray[np.int64]
    positives: NDArray[np.int64]

    def precision(self) -> NDArray[np.float64]:
        """(K, Q); NaN where nothing is detected."""
        return _divide(self.hits, self.hits + self.false_alarms)

    def recall(self) -> NDArray[np.float64]:
        """(K, Q); NaN for a class without ground truth."""
        return _divide(self.hits, np.broadcast_to(self.positives[:, None], self.hits.shape))

    def f_score(self, beta: float = 1.0) -> NDArray[np.float64]:
        """F-beta, (K, Q): (1 + β²) hits / ((1 + β²) hits + β² missed + false alarms); NaN without ground truth.

        Source: van Rijsbergen 1979; β counts how many times recall matters more than precision.
        """
        square = beta * beta
        missed = self.positives[:, None] - self.hits
        score = _divide((1 + square) * self.hits, (1 + square) * self.hits + square * missed + self.false_alarms)
        score[self.positives == 0] = np.nan
        return score

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(K, Q) to (Q,): mean over the classes with ground truth.

        A class of which nothing is detected has no precision of its own; in the mean it counts 0, because finding
        nothing is no merit. NaN where no class at all has a detection, or none has ground truth.
        """
        rows = values[self.positives > 0]
        if not len(rows):
            return np.full(values.shape[1], np.nan)
        mean: NDArray[np.float64] = np.where(np.isnan(rows), 0.0, rows).mean(axis=0)
        return np.where(np.isnan(rows).all(axis=0), np.nan, mean)


@dataclass(frozen=True, eq=False)
class OperatingPoint:
    """Precision and recall at one confidence, IoU 0.5.

    Attributes:
        confidence: where the mean F1 over classes is highest; NaN when no detection is right.
        precision: mean over the classes with ground truth; 0 when no detection is right, NaN without ground truth.
        recall: the same.
        f1: the mean F1 there.
        class_precision: (K,), NaN for a class of which nothing is detected at this confidence.
        class_recall: (K,), NaN for a class without ground truth.
    """

    confidence: float
    precision: float
    recall: float
    f1: float
    class_precision: NDArray[np.float64]
    class_recall: NDArray[np.float64]


def count_at(ranking: Ranking, confidence: NDArray[np.float64], threshold: int = 0) -> Counts:
    """Count hits and false alarms at each confidence; `threshold` is the index of the IoU threshold, 0 for 0.5."""
    hit, aside = ranking.is_hit[threshold], ranking.ignored[threshold]
    shape = (ranking.truth_count.shape[1], len(confidence))
    hits, false_alarms = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for class_id, columns in enumerate(ranking.class_slices()):
        falling = -ranking.confidence[columns].astype(np.float64)
        taken = np.searchsorted(falling, -confidence, side="right")
        hits[class_id] = _running(hit[columns])[taken]
        false_alarms[class_id] = _running(~hit[columns] & ~aside[columns])[taken]
    return Counts(confidence, hits, false_alarms, ranking.truth_count.sum(axis=0, dtype=np.int64))


def find_operating_point(ranking: Ranking) -> OperatingPoint:
    """The confidence with the highest mean F1 over the classes that have ground truth; the highest of equals.

    F1 can only peak where a true positive enters, so the confidences of true positives are all that is tried.
    """
    present = ranking.truth_count.sum(axis=0) > 0
    tried = np.unique(ranking.confidence[ranking.is_hit[0]].astype(np.float64))[::-1]
    if not len(tried):
        none = np.full(len(present), np.nan)
        value = 0.0 if present.any() else float("nan")
        return OperatingPoint(float("nan"), value, value, value, none, np.where(present, 0.0, np.nan))
    counts = count_at(ranking, tried)
    f1 = counts.mean(counts.f_score())
    best = slice(int(np.argmax(f1)), int(np.argmax(f1)) + 1)
    at = Counts(tried[best], counts.hits[:, best], counts.false_alarms[:, best], counts.positives)
    precision, recall = at.precision(), at.recall()
    return OperatingPoint(
        float(tried[best][0]),
        mean_defined(at.mean(precision)),
        mean_defined(at.mean(recall)),
        float(f1[best][0]),
        precision[:, 0],
        recall[:, 0],
    )


def _running(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N,) to (N + 1,): how many are true among the first n."""
    return np.concatenate([[0], np.cumsum(flags)])


def _divide(upper: NDArray[Any], lower: NDArray[Any]) -> NDArray[np.float64]:
    quotient: NDArray[np.float64] = np.divide(upper, lower, out=np.full(lower.shape, np.nan), where=lower > 0)
    return quotient
