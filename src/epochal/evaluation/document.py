"""An `Evaluation` as JSON: the parts of `evaluation.json`. Keys and shapes: ARCHITECTURE.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.average_precision import RECALLS
from epochal.evaluation.bootstrap import Interval, Intervals
from epochal.evaluation.curves import CONFIDENCES, count_at
from epochal.evaluation.error_types import BACKGROUND_IOU, HIT_IOU, KINDS, classify_errors, compute_error_gains
from epochal.evaluation.label_suspicion import Suspicion, find_sureness, rank_suspicions
from epochal.evaluation.matching import Ranking, mean_defined
from epochal.evaluation.recommendations import SplitSizes, recommend
from epochal.evaluation.sizes import SIZES, count_by_size
from epochal.evaluation.thresholds import Threshold, check_threshold, find_thresholds

if TYPE_CHECKING:
    from epochal.evaluation.evaluation import Evaluation

BETAS = (0.5, 1.0, 2.0)
# What a report of under 1 MB can carry.
MOST_BOXES, MOST_BOXES_PER_CELL, MOST_SUSPICIONS = 2000, 20, 100


def numbers_json(evaluation: Evaluation, chosen_on: Evaluation | None = None) -> dict[str, Any]:
    """The metrics, curves and the confusion matrix; the curves also have the thresholds that `chosen_on` chooses."""
    point = evaluation.operating_point
    return {
        "images": len(evaluation.truths),
        "annotations": int(evaluation.matches.truth_count.sum()),
        "mAP_0.5": _plain(evaluation.map50),
        "mAP_0.5:0.95": _plain(evaluation.map50_95),
        "mAP_0.75": _plain(mean_defined(evaluation.ap75)),
        "interval": _interval_json(evaluation.intervals),
        "precision": _plain(point.precision),
        "recall": _plain(point.recall),
        "confidence": _plain(point.confidence),
        "mean_iou": _plain(evaluation.mean_iou()),
        "per_class": _per_class_json(evaluation),
        "curves": _curves_json(evaluation, [one.matches for one in (evaluation, chosen_on) if one is not None]),
        "confusion": {
            "classes": [*evaluation.class_names, "background"],
            "confidence": _plain(point.confidence),
            "iou": HIT_IOU,
            "matrix": evaluation.pairs.matrix(len(evaluation.class_names)).tolist(),
        },
    }


def diagnosis_json(
    evaluation: Evaluation, train_annotations: Sequence[int] | None, splits: SplitSizes | None
) -> dict[str, Any]:
    """AP by size, thresholds, error types and recommendations."""
    names = evaluation.class_names
    recommendations = recommend(
        evaluation.pairs.matrix(len(names)), names, annotations=train_annotations, splits=splits
    )
    return {
        "sizes": _sizes_json(evaluation),
        "thresholds": [_thresholds_json(evaluation, beta) for beta in BETAS],
        "errors": _errors_json(evaluation),
        "recommendations": [recommendation.to_json() for recommendation in recommendations],
    }


def chosen_json(evaluation: Evaluation, chosen_on: Evaluation) -> list[dict[str, Any]]:
    """The thresholds that another split chooses, and what they are worth on this one."""
    return [
        {
            "beta": beta,
            "all": _chosen_json(evaluation, common, beta, None),
            "per_class": {
                name: _chosen_json(evaluation, single, beta, class_id)
                for class_id, (name, single) in enumerate(zip(evaluation.class_names, singles, strict=True))
            },
        }
        for beta in BETAS
        for common, singles in [find_thresholds(chosen_on.matches, beta)]
    ]


def cells_json(evaluation: Evaluation, file_names: Sequence[str]) -> list[dict[str, Any]]:
    """The boxes behind each cell of the confusion matrix that is not 0, as many as a report can carry."""
    matrix = evaluation.pairs.matrix(len(evaluation.class_names))
    filled = np.argwhere(matrix)
    limit = max(1, min(MOST_BOXES_PER_CELL, MOST_BOXES // max(len(filled), 1)))
    return [
        {
            "truth": int(t),
            "prediction": int(d),
            "count": int(matrix[t, d]),
            "boxes": [
                _pair_json(evaluation, file_names, p) for p in _most_confident(evaluation, int(t), int(d))[:limit]
            ],
        }
        for t, d in filled
    ]


def suspicions_json(evaluation: Evaluation, file_names: Sequence[str]) -> dict[str, Any]:
    """Annotations to look at again, most suspicious first, and the images with the lowest scores."""
    sureness = find_sureness(evaluation.matches, evaluation.operating_point.confidence)
    if sureness is None:
        return {"sure": None, "likely": None, "count": 0, "boxes": [], "images": []}
    found, scores = rank_suspicions(evaluation.truths, evaluation.detections, evaluation.matches, sureness)
    lowest = [int(i) for i in np.argsort(scores, kind="stable")[:MOST_SUSPICIONS] if scores[i] < 1]
    return {
        "sure": sureness.sure,
        "likely": sureness.likely,
        "count": len(found),
        "boxes": [_suspicion_json(evaluation, file_names, one) for one in found[:MOST_SUSPICIONS]],
        "images": [{"file_name": file_names[i], "score": round(float(scores[i]), 4)} for i in lowest],
    }


def _per_class_json(evaluation: Evaluation) -> dict[str, Any]:
    point, annotations = evaluation.operating_point, evaluation.matches.truth_count.sum(axis=0)
    ap50, ap50_95, ap75 = evaluation.ap50, evaluation.ap50_95, evaluation.ap75
    return {
        name: {
            "annotations": int(annotations[k]),
            "AP_0.5": _plain(ap50[k]),
            "AP_0.5:0.95": _plain(ap50_95[k]),
            "AP_0.75": _plain(ap75[k]),
            "precision": _plain(point.class_precision[k]),
            "recall": _plain(point.class_recall[k]),
        }
        for k, name in enumerate(evaluation.class_names)
    }


def _curves_json(evaluation: Evaluation, choosers: Sequence[Ranking]) -> dict[str, Any]:
    # A page opens at a threshold that was chosen, and is to say the numbers there, not those of a point beside it.
    best = [find_thresholds(chooser, beta)[0] for chooser in choosers for beta in BETAS]
    tried = np.unique([*CONFIDENCES.round(2), *(one.confidence for one in best if one is not None)])
    counts = count_at(evaluation.matches, tried)
    precision, recall, f1 = counts.precision(), counts.recall(), counts.f_score()
    pr = evaluation.numbers.precision[0, :, :, 0].T
    per_class = {name: _curve(precision[k], recall[k], f1[k], pr[k]) for k, name in enumerate(evaluation.class_names)}
    mean = _curve(counts.mean(precision), counts.mean(recall), counts.mean(f1), counts.mean(pr))
    others = {f"f{beta:g}": _plains(counts.mean(counts.f_score(beta))) for beta in BETAS if beta != 1}
    return {"confidence": tried.tolist(), **mean, **others, "per_class": per_class}


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


def _sizes_json(evaluation: Evaluation) -> dict[str, Any]:
    counts = count_by_size(evaluation.truths, len(evaluation.class_names))
    document = {}
    for at, (size, (low, high)) in enumerate(SIZES.items()):
        precision = evaluation.numbers.precision[:, :, :, at + 1]
        ap50, ap50_95 = precision[0].mean(axis=0), precision.mean(axis=(0, 1))
        document[size] = {
            "area_px2": [low, high],
            "annotations": int(counts[at].sum()),
            "mAP_0.5": _plain(mean_defined(ap50)),
            "mAP_0.5:0.95": _plain(mean_defined(ap50_95)),
            "per_class": {
                name: {
                    "annotations": int(counts[at, k]),
                    "AP_0.5": _plain(ap50[k]),
                    "AP_0.5:0.95": _plain(ap50_95[k]),
                }
                for k, name in enumerate(evaluation.class_names)
            },
        }
    return document


def _thresholds_json(evaluation: Evaluation, beta: float) -> dict[str, Any]:
    common, singles = find_thresholds(evaluation.matches, beta)
    return {
        "beta": beta,
        "all": _threshold_json(common),
        "per_class": {
            name: _threshold_json(single) for name, single in zip(evaluation.class_names, singles, strict=True)
        },
    }


def _threshold_json(threshold: Threshold | None) -> dict[str, Any] | None:
    if threshold is None:
        return None
    values = {key: float(getattr(threshold, key)) for key in ("confidence", "f", "precision", "recall", "low", "high")}
    return {**values, "annotations": threshold.annotations, "well_founded": threshold.is_well_founded}


def _chosen_json(
    evaluation: Evaluation, threshold: Threshold | None, beta: float, class_id: int | None
) -> dict[str, Any] | None:
    chosen = _threshold_json(threshold)
    if threshold is None or chosen is None:
        return None
    check = check_threshold(evaluation.matches, threshold.confidence, beta, class_id)
    return {
        "confidence": threshold.confidence,
        "chosen": chosen,
        "checked": {k: _plain(v) for k, v in vars(check).items()},
    }


def _errors_json(evaluation: Evaluation) -> dict[str, Any]:
    truths, found, matches = evaluation.truths, evaluation.detections, evaluation.matches
    base, gains = compute_error_gains(classify_errors(truths, found, matches), matches)
    shown = classify_errors(truths, found, matches, evaluation.operating_point.confidence)
    at_confidence = {kind: int((shown.kind == code).sum()) for code, kind in enumerate(KINDS)}
    at_confidence["missed"] = int(shown.missed().sum())
    at_confidence["all_false_positives"] = int((shown.kind >= 0).sum())
    at_confidence["all_missed"] = int((shown.can_be_found & ~shown.found).sum())
    parts = {
        name: {"gain": _plain(gain.gain), "count": gain.count, "count_at_confidence": at_confidence[name]}
        for name, gain in gains.items()
    }
    sides = {name: parts.pop(name) for name in ("all_false_positives", "all_missed")}
    return {"mAP_0.5": _plain(base), "iou": [BACKGROUND_IOU, HIT_IOU], "types": parts, **sides}


def _most_confident(evaluation: Evaluation, truth_class: int, detected_class: int) -> list[int]:
    """The pairs of one cell, the most confident detections first; missed annotations in order of images."""
    pairs = evaluation.pairs
    cell = pairs.of_cell(truth_class, detected_class)
    confidence = [
        evaluation.detections[pairs.image[p]].confidence[pairs.detection[p]] if pairs.detection[p] >= 0 else 0.0
        for p in cell
    ]
    return [int(p) for p in cell[np.argsort(-np.array(confidence, np.float64), kind="stable")]]


def _pair_json(evaluation: Evaluation, file_names: Sequence[str], at: int) -> dict[str, Any]:
    pairs = evaluation.pairs
    image, truth, found = int(pairs.image[at]), int(pairs.truth[at]), int(pairs.detection[at])
    detections = evaluation.detections[image]
    return {
        "file_name": file_names[image],
        "truth_xyxy": _box(evaluation.truths[image].boxes_xyxy[truth]) if truth >= 0 else None,
        "prediction_xyxy": _box(detections.boxes_xyxy[found]) if found >= 0 else None,
        "confidence": round(float(detections.confidence[found]), 4) if found >= 0 else None,
    }


def _suspicion_json(evaluation: Evaluation, file_names: Sequence[str], one: Suspicion) -> dict[str, Any]:
    truth, found = evaluation.truths[one.image], evaluation.detections[one.image]
    annotated = one.truth >= 0
    return {
        "kind": one.kind,
        "score": round(one.score, 4),
        "image": one.image,
        "file_name": file_names[one.image],
        "image_wh": list(truth.image_wh),
        "class_name": evaluation.class_names[truth.class_id[one.truth]] if annotated else None,
        "box_xyxy": _box(truth.boxes_xyxy[one.truth]) if annotated else None,
        "suggested_class_name": evaluation.class_names[found.class_id[one.detection]],
        "suggested_xyxy": _box(found.boxes_xyxy[one.detection]),
        "confidence": round(float(found.confidence[one.detection]), 4),
    }


def _box(box: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 1) for value in box]


def _plain(value: float) -> float | None:
    """As JSON knows it: null for NaN."""
    return float(value) if np.isfinite(value) else None


def _plains(values: NDArray[np.float64]) -> list[float | None]:
    """Six decimals: a curve is drawn, and its file is read by a browser."""
    return [None if np.isnan(value) else round(float(value), 6) for value in values]
