"""`evaluate`: detections against ground truth, to one `Evaluation` that the graph, the report and the web app read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.evaluation.average_precision import RECALLS
from epochal.evaluation.bootstrap import Interval, Intervals, compute_intervals
from epochal.evaluation.confusion import Pairs, pair_up
from epochal.evaluation.curves import CONFIDENCES, OperatingPoint, count_at, find_operating_point
from epochal.evaluation.ground_truth import GroundTruth, check_pairs, keep_finite
from epochal.evaluation.matching import CocoNumbers, Matches, match_detections, mean_defined


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What detections are worth against ground truth. K classes; NaN where there is nothing to judge by, never 0.

    Attributes:
        class_names: K names.
        truths: as given.
        detections: as given, without boxes that are not finite.
        numbers: COCO's precision and recall tables.
        matches: what everything here rests on.
        operating_point: precision and recall at the confidence of the best mean F1.
        intervals: bootstrap 95 % of both mAPs; None where there is none (see `compute_intervals`).
    """

    class_names: tuple[str, ...]
    truths: tuple[GroundTruth, ...]
    detections: tuple[Detections, ...]
    numbers: CocoNumbers
    matches: Matches
    operating_point: OperatingPoint
    intervals: Intervals | None

    @property
    def map50(self) -> float:
        """The mAP at IoU 0.5."""
        return mean_defined(self.ap50)

    @property
    def map50_95(self) -> float:
        """The mAP over the IoU thresholds 0.50, 0.55 … 0.95."""
        return mean_defined(self.ap50_95)

    @property
    def ap50(self) -> NDArray[np.float64]:
        """(K,) AP at IoU 0.5."""
        ap: NDArray[np.float64] = self.numbers.precision[0, :, :, 0].mean(axis=0)
        return ap

    @property
    def ap50_95(self) -> NDArray[np.float64]:
        """(K,) AP over the ten IoU thresholds."""
        ap: NDArray[np.float64] = self.numbers.precision[:, :, :, 0].mean(axis=(0, 1))
        return ap

    @cached_property
    def pairs(self) -> Pairs:
        """Annotations and detections paired at IoU 0.5 and the confidence of the operating point."""
        return pair_up(self.truths, self.detections, self.matches, self.operating_point.confidence)

    def series(self) -> dict[str, float]:
        """The numbers of one epoch under the graph's series keys; what is not defined is left out."""
        point = self.operating_point
        series = {"metrics/mAP_0.5": self.map50, "metrics/mAP_0.5:0.95": self.map50_95}
        if self.intervals is not None:
            for key, interval in (("mAP_0.5", self.intervals.map50), ("mAP_0.5:0.95", self.intervals.map50_95)):
                series[f"metrics/{key}/low"], series[f"metrics/{key}/high"] = interval.low, interval.high
        series["metrics/precision"], series["metrics/recall"] = point.precision, point.recall
        series["metrics/confidence"] = point.confidence
        for name, ap50, ap50_95 in zip(self.class_names, self.ap50, self.ap50_95, strict=True):
            series[f"class/{name}/AP_0.5:0.95"], series[f"class/{name}/AP_0.5"] = float(ap50_95), float(ap50)
        return {key: value for key, value in series.items() if np.isfinite(value)}

    def to_json(self) -> dict[str, Any]:
        """The numbers of `evaluation.json` (ARCHITECTURE.md); null where there is nothing to judge by."""
        point = self.operating_point
        return {
            "images": len(self.truths),
            "annotations": int(self.matches.truth_count.sum()),
            "mAP_0.5": _plain(self.map50),
            "mAP_0.5:0.95": _plain(self.map50_95),
            "interval": _interval_json(self.intervals),
            "precision": _plain(point.precision),
            "recall": _plain(point.recall),
            "confidence": _plain(point.confidence),
            "per_class": self._per_class_json(),
            "curves": self._curves_json(),
            "confusion": {
                "classes": [*self.class_names, "background"],
                "confidence": _plain(point.confidence),
                "iou": 0.5,
                "matrix": self.pairs.matrix(len(self.class_names)).tolist(),
            },
        }

    def _per_class_json(self) -> dict[str, Any]:
        point, annotations = self.operating_point, self.matches.truth_count.sum(axis=0)
        return {
            name: {
                "annotations": int(annotations[k]),
                "AP_0.5": _plain(self.ap50[k]),
                "AP_0.5:0.95": _plain(self.ap50_95[k]),
                "precision": _plain(point.class_precision[k]),
                "recall": _plain(point.class_recall[k]),
            }
            for k, name in enumerate(self.class_names)
        }

    def _curves_json(self) -> dict[str, Any]:
        counts = count_at(self.matches, CONFIDENCES)
        precision, recall, f1 = counts.precision(), counts.recall(), counts.f_score()
        pr = self.numbers.precision[0, :, :, 0].T
        per_class = {name: _curve(precision[k], recall[k], f1[k], pr[k]) for k, name in enumerate(self.class_names)}
        mean = _curve(counts.mean(precision), counts.mean(recall), counts.mean(f1), counts.mean(pr))
        return {"confidence": CONFIDENCES.round(2).tolist(), **mean, "per_class": per_class}


def evaluate(
    truths: Sequence[GroundTruth],
    detections: Sequence[Detections],
    class_names: Sequence[str],
    *,
    resamples: int = 200,
    seed: int = 0,
    time_limit_s: float | None = None,
) -> Evaluation:
    """Judge detections by ground truth, as COCO does.

    Args:
        truths: of I images.
        detections: of the same images in the same order; all boxes down to a confidence near 0, because mAP needs
            them. Of one image and class the 100 most confident count.
        class_names: K names; class ids index them.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        time_limit_s: of the bootstrap, see `compute_intervals`.

    Returns:
        The evaluation. No images or no annotation: all metrics NaN. No detection: they are 0, which is true.

    Raises:
        BadInput: the lists differ in length, or a class id has no name.
    """
    check_pairs(truths, detections, class_names)
    finite = keep_finite(detections)
    numbers, matches = match_detections(truths, finite, len(class_names))
    return Evaluation(
        tuple(class_names),
        tuple(truths),
        tuple(finite),
        numbers,
        matches,
        find_operating_point(matches),
        compute_intervals(matches, resamples=resamples, seed=seed, time_limit_s=time_limit_s),
    )


def _plain(value: float) -> float | None:
    """As JSON knows it: null for NaN."""
    return float(value) if np.isfinite(value) else None


def _plains(values: NDArray[np.float64]) -> list[float | None]:
    """Six decimals: a curve is drawn, and its file is read by a browser."""
    return [None if np.isnan(value) else round(float(value), 6) for value in values]


def _curve(
    precision: NDArray[np.float64], recall: NDArray[np.float64], f1: NDArray[np.float64], pr: NDArray[np.float64]
) -> dict[str, Any]:
    return {
        "precision": _plains(precision),
        "recall": _plains(recall),
        "f1": _plains(f1),
        "pr": {"recall": RECALLS.round(2).tolist(), "precision": _plains(pr)},
    }


def _interval_json(intervals: Intervals | None) -> dict[str, Any] | None:
    if intervals is None:
        return None

    def both(interval: Interval) -> dict[str, float]:
        return {"low": interval.low, "high": interval.high}

    return {
        **both(intervals.map50_95),
        "mAP_0.5": both(intervals.map50),
        "mAP_0.5:0.95": both(intervals.map50_95),
        "resamples": intervals.resamples,
    }
