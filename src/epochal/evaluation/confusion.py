"""Which class was taken for which: the confusion matrix of detection, background included."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections, compute_iou
from epochal.evaluation.ground_truth import GroundTruth
from epochal.evaluation.matching import IOU_THRESHOLDS, Matches

NOTHING = -1


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every annotation and every detection that counts, once, P pairs.

    Attributes:
        image: (P,) int64, index of the image.
        truth: (P,) int64, index in its `GroundTruth`; -1: background, the detection has no partner.
        detection: (P,) int64, index in its `Detections`; -1: background, the annotation was not found.
        truth_class: (P,) int64, K for background.
        detected_class: (P,) int64, K for background.
    """

    image: NDArray[np.int64]
    truth: NDArray[np.int64]
    detection: NDArray[np.int64]
    truth_class: NDArray[np.int64]
    detected_class: NDArray[np.int64]

    def matrix(self, class_count: int) -> NDArray[np.int64]:
        """(K + 1, K + 1) counts: rows truth, columns detection, background last."""
        counts = np.zeros((class_count + 1, class_count + 1), np.int64)
        np.add.at(counts, (self.truth_class, self.detected_class), 1)
        return counts

    def of_cell(self, truth_class: int, detected_class: int) -> NDArray[np.int64]:
        """The pairs behind one cell, in order of images; K is background."""
        return np.flatnonzero((self.truth_class == truth_class) & (self.detected_class == detected_class))


def pair_up(
    truths: Sequence[GroundTruth], detections: Sequence[Detections], matches: Matches, confidence: float
) -> Pairs:
    """Pair annotations and detections at IoU 0.5, of which only detections with at least `confidence` take part.

    First each class by itself, as COCO matches: so the diagonal is the true positives behind precision and recall.
    What is left over is paired across classes, the best overlap first. Detections on a crowd are left out.
    With confidence NaN (no detection is right) no detection takes part.
    """
    hit, aside = matches.is_hit[0], matches.ignored[0]
    taking_part = (matches.confidence >= confidence) & ~aside
    found, loose = taking_part & hit, taking_part & ~hit
    columns = [np.column_stack([matches.image[found], matches.truth[0, found], matches.detection[found]])]
    by_image = np.argsort(matches.image[loose], kind="stable")
    loose_detection = matches.detection[loose][by_image]
    bounds = np.searchsorted(matches.image[loose][by_image], np.arange(len(truths) + 1))
    found_bounds = np.argsort(matches.image[found], kind="stable")
    found_truth = matches.truth[0, found][found_bounds]
    found_at = np.searchsorted(matches.image[found][found_bounds], np.arange(len(truths) + 1))
    for index, (truth, detected) in enumerate(zip(truths, detections, strict=True)):
        free = ~truth.is_crowd
        free[found_truth[found_at[index] : found_at[index + 1]]] = False
        rows = _pair_rest(truth, detected, np.flatnonzero(free), loose_detection[bounds[index] : bounds[index + 1]])
        columns.append(np.column_stack([np.full(len(rows), index), rows]))
    image, truth_index, detection_index = np.concatenate(columns).astype(np.int64).T
    return Pairs(
        image,
        truth_index,
        detection_index,
        _classes(truths, image, truth_index, matches.truth_count.shape[1]),
        _classes(detections, image, detection_index, matches.truth_count.shape[1]),
    )


def _pair_rest(
    truth: GroundTruth, detected: Detections, free: NDArray[np.int64], loose: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Rows of truth and detection index, -1 for background: best overlaps of at least 0.5, then all that is left."""
    iou = compute_iou(truth.boxes_xyxy[free], detected.boxes_xyxy[loose])
    rows: list[tuple[int, int]] = []
    while iou.size and iou.max() >= IOU_THRESHOLDS[0]:
        t, d = np.unravel_index(int(np.argmax(iou)), iou.shape)
        rows.append((int(free[t]), int(loose[d])))
        iou[t, :] = iou[:, d] = 0
    taken_truth, taken_loose = {t for t, _ in rows}, {d for _, d in rows}
    rows += [(int(t), NOTHING) for t in free if int(t) not in taken_truth]
    rows += [(NOTHING, int(d)) for d in loose if int(d) not in taken_loose]
    return np.array(rows, np.int64).reshape(-1, 2)


def _classes(
    entries: Sequence[GroundTruth] | Sequence[Detections],
    image: NDArray[np.int64],
    index: NDArray[np.int64],
    background: int,
) -> NDArray[np.int64]:
    """(P,) class of each box, `background` where the index is -1."""
    starts = np.cumsum([0] + [len(entry) for entry in entries])[:-1]
    flat = np.concatenate([*[entry.class_id for entry in entries], [background]]).astype(np.int64)
    place = np.where(index >= 0, (starts[image] if len(starts) else image) + index, -1)
    return flat[place]
