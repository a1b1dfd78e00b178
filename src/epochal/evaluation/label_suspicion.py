"""Which annotations a person should look at again: overlooked, swapped and badly placed boxes, most suspicious first.

A detector that was not trained on these images disagrees with an annotation in a way that annotators' mistakes look.
The scores are those of ObjectLab, re-derived from the paper: 0 is suspicious, 1 is fine.

Source: Tkachenko, Thyagarajan, Mueller 2023, arXiv:2309.00832. Three deviations, for detectors and scenes it was not
made for: a detection that is right about one annotation is no evidence against another (crowded scenes); a detection
that makes an annotation suspicious is not listed as overlooked too; confidences are compared with those that this
detector reaches when it is right (small detectors seldom say 0.95).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections, compute_iou
from epochal.evaluation.error_types import HIT_IOU
from epochal.evaluation.ground_truth import GroundTruth
from epochal.evaluation.matching import Matches, Ranking

Boxes = NDArray[np.float32]

KINDS = ("overlooked", "swapped", "badly_placed")
# Below these a box is listed. The paper says 0.3 for all; a badly placed box is here listed only when a detection of
# its class that explains nothing else overlaps it, which allows more.
SUSPICIOUS_BELOW = {"overlooked": 0.3, "swapped": 0.3, "badly_placed": 0.5}
# With less overlap a detection is of a neighbour: on the blood cells of BCCD every suspicion below it was one. An
# annotation that far off is found as overlooked, by the detection where it should be.
_PLACED_IOU = 0.3
# Share of IoU in the similarity of two boxes; the rest is nearness.
_ALPHA = 0.9
_TEMPERATURE = 0.1
_LEAST_SCORE = 1e-6


@dataclass(frozen=True)
class Sureness:
    """Confidences from which a detection is taken as sure, and as likely."""

    sure: float
    likely: float


@dataclass(frozen=True)
class Suspicion:
    """One box to look at again.

    Attributes:
        kind: one of `KINDS`.
        score: 0–1, low is suspicious.
        image: index of the image.
        truth: index of the annotation in its `GroundTruth`; -1 for an overlooked one.
        detection: index in its `Detections` of what speaks against it: what the annotation should perhaps be.
    """

    kind: str
    score: float
    image: int
    truth: int
    detection: int


@dataclass(frozen=True, eq=False)
class _Scene:
    """One image: G annotations that are no crowd, P detections that are at least likely."""

    truth_index: NDArray[np.int64]
    truth_class: NDArray[np.int64]
    detection_index: NDArray[np.int64]
    detected_class: NDArray[np.int64]
    confidence: NDArray[np.float64]
    similarity: NDArray[np.float64]  # (G, P)
    iou: NDArray[np.float64]  # (G, P)
    owner: NDArray[np.int64]  # (P,) the annotation it has found, as a row of `similarity`; -1: none
    in_crowd: NDArray[np.bool_]  # (P,)

    @property
    def same(self) -> NDArray[np.bool_]:
        """(G, P): of one class."""
        same: NDArray[np.bool_] = self.truth_class[:, None] == self.detected_class[None, :]
        return same

    @property
    def speaks(self) -> NDArray[np.bool_]:
        """(G, P): detections that are not already right about another annotation."""
        rows = np.arange(len(self.truth_index))[:, None]
        speaks: NDArray[np.bool_] = (self.owner[None, :] < 0) | (self.owner[None, :] == rows)
        return speaks


def find_sureness(ranking: Ranking, operating_confidence: float) -> Sureness | None:
    """The paper's 0.95 and 0.5, or less where the detector is right at less; None when it is never right.

    Sure: not above the upper quartile of the confidences of its true positives at IoU 0.5. Likely: not above the
    confidence of the best mean F1, and not above sure.
    """
    right = ranking.confidence[ranking.is_hit[0]]
    if not len(right):
        return None
    sure = min(0.95, float(np.quantile(right, 0.75)))
    return Sureness(sure, min(0.5, operating_confidence, sure))


def rank_suspicions(
    truths: Sequence[GroundTruth], detections: Sequence[Detections], matches: Matches, sureness: Sureness
) -> tuple[list[Suspicion], NDArray[np.float64]]:
    """List suspicious boxes, and score the labels of each image.

    Args:
        truths: of I images.
        detections: of a detector that was not trained on these images.
        matches: of the two.
        sureness: see `find_sureness`.

    Returns:
        Suspicions, lowest score first; and (I,) scores of images in 0–1: the geometric mean over the three kinds of the
        soft minimum over boxes, low for an image that holds a suspicious box.
    """
    scenes = [
        _scene(truth, found, owner, sureness.likely)
        for truth, found, owner in zip(truths, detections, _owners(detections, matches), strict=True)
    ]
    values = [scene.similarity.min() for scene in scenes if scene.similarity.size]
    # Never above what two boxes without overlap can have, which a handful of boxes would otherwise do.
    least = float(min([*values, 1 - _ALPHA]))
    suspicions: list[Suspicion] = []
    image_scores = np.ones(len(scenes))
    for image, scene in enumerate(scenes):
        swapped, swapped_by = _swapped(scene, sureness.sure, least)
        placed, placed_by = _badly_placed(scene)
        overlooked = _overlooked(scene, sureness.sure, least)
        for kind, scores, by in (("swapped", swapped, swapped_by), ("badly_placed", placed, placed_by)):
            listed = np.flatnonzero(scores < SUSPICIOUS_BELOW[kind])
            overlooked[by[listed]] = 1.0
            for row in listed:
                box, speaker = int(scene.truth_index[row]), int(scene.detection_index[by[row]])
                suspicions.append(Suspicion(kind, float(scores[row]), image, box, speaker))
        for column in np.flatnonzero(overlooked < SUSPICIOUS_BELOW["overlooked"]):
            speaker = int(scene.detection_index[column])
            suspicions.append(Suspicion("overlooked", float(overlooked[column]), image, -1, speaker))
        logs = [np.log(_soft_minimum(scores)) for scores in (overlooked, swapped, placed)]
        image_scores[image] = np.exp(np.mean(logs))
    return sorted(suspicions, key=lambda s: s.score), image_scores


def compute_similarity(first_xyxy: Boxes, second_xyxy: Boxes, image_wh: tuple[int, int]) -> NDArray[np.float64]:
    """0.9 · IoU + 0.1 · (1 - distance), (N, 4) and (M, 4) to (N, M) in 0–1.

    The distance is between centres, as a share of the image's diagonal.
    """
    centres = [(boxes[:, :2] + boxes[:, 2:]).astype(np.float64) / 2 for boxes in (first_xyxy, second_xyxy)]
    distance = np.linalg.norm(centres[0][:, None] - centres[1][None, :], axis=2) / max(np.hypot(*image_wh), 1)
    similarity: NDArray[np.float64] = _ALPHA * compute_iou(first_xyxy, second_xyxy) + (1 - _ALPHA) * (
        1 - np.minimum(distance, 1)
    )
    return similarity


def _scene(truth: GroundTruth, found: Detections, owner: NDArray[np.int64], likely: float) -> _Scene:
    real, at = np.flatnonzero(~truth.is_crowd), np.flatnonzero(found.confidence >= likely)
    labels, boxes = truth.boxes_xyxy[real], found.boxes_xyxy[at]
    row_of = np.full(len(truth) + 1, -1)
    row_of[real] = np.arange(len(real))
    return _Scene(
        real,
        truth.class_id[real],
        at,
        found.class_id[at],
        found.confidence[at].astype(np.float64),
        compute_similarity(labels, boxes, truth.image_wh),
        compute_iou(labels, boxes).astype(np.float64),
        row_of[owner[at]],
        _covered(boxes, truth.boxes_xyxy[truth.is_crowd]),
    )


def _owners(detections: Sequence[Detections], matches: Matches) -> list[NDArray[np.int64]]:
    """By image, (N,) for each of its detections the annotation it found at IoU 0.5, -1 for none."""
    owners = [np.full(len(found), -1, np.int64) for found in detections]
    for column in np.flatnonzero(matches.is_hit[0]):
        owners[matches.image[column]][matches.detection[column]] = matches.truth[0, column]
    return owners


def _covered(boxes: Boxes, crowds: Boxes) -> NDArray[np.bool_]:
    """(P,): at least half of the box lies in a crowd."""
    if not len(boxes) or not len(crowds):
        return np.zeros(len(boxes), bool)
    iou = compute_iou(boxes, crowds).astype(np.float64)
    area, crowd_area = ((b[:, 2:] - b[:, :2]).clip(0).prod(axis=1).astype(np.float64) for b in (boxes, crowds))
    # Intersection from IoU: i = IoU · (a + b) / (1 + IoU).
    shared = iou * (area[:, None] + crowd_area[None, :]) / (1 + iou)
    covered: NDArray[np.bool_] = (shared >= HIT_IOU * np.maximum(area, 1e-9)[:, None]).any(axis=1)
    return covered


def _overlooked(scene: _Scene, sure: float, least: float) -> NDArray[np.float64]:
    """(P,) score of each detection: the best similarity to an annotation of its class; 1 when it is not sure."""
    own = np.where(scene.same, scene.similarity, -1.0)
    best = own.max(axis=0, initial=-1.0)
    score = np.where(best >= 0, best, least * (1 - scene.confidence))
    return np.where((scene.confidence >= sure) & ~scene.in_crowd, score, 1.0)


def _swapped(scene: _Scene, sure: float, least: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(G,) score of each annotation, and the column of the sure detection of another class that speaks against it."""
    against = ~scene.same & scene.speaks & (scene.confidence >= sure)[None, :]
    best, by = _best(np.where(against, scene.similarity, -1.0))
    return np.where(best >= 0, np.maximum(least, 1 - best), 1.0), by


def _badly_placed(scene: _Scene) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(G,) score of each annotation, and the column of the likely detection of its class nearest to it."""
    best, by = _best(np.where(scene.same & scene.speaks & (scene.iou >= _PLACED_IOU), scene.similarity, -1.0))
    return np.where(best >= 0, best, 1.0), by


def _best(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Highest value of each row and its column; -1 and 0 where there is no column."""
    if not values.shape[1]:
        return np.full(len(values), -1.0), np.zeros(len(values), np.int64)
    return values.max(axis=1), values.argmax(axis=1)


def _soft_minimum(scores: NDArray[np.float64]) -> float:
    """Mean weighted towards the low: Σ s·exp(-s/T) / Σ exp(-s/T), T = 0.1; 1 without scores, never quite 0."""
    if not len(scores):
        return 1.0
    weight = np.exp(-(scores - scores.min()) / _TEMPERATURE)
    return max(float((scores * weight).sum() / weight.sum()), _LEAST_SCORE)
