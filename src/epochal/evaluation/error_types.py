"""Why mAP is not 1: six kinds of error, and what mending each alone would gain."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections, compute_iou
from epochal.evaluation.average_precision import compute_average_precision
from epochal.evaluation.ground_truth import GroundTruth
from epochal.evaluation.matching import IOU_THRESHOLDS, Matches, Ranking, mean_defined

HIT_IOU, BACKGROUND_IOU = float(IOU_THRESHOLDS[0]), 0.1
# Of false positives, in the order in which they are tried; the position is the code in `ErrorTypes.kind`.
KINDS = ("location", "classification", "duplicate", "background", "both")
_LOCATION, _CLASSIFICATION, _DUPLICATE, _BACKGROUND, _BOTH = range(5)
NO_ERROR = -1


@dataclass(frozen=True, eq=False)
class ErrorTypes:
    """The kind of error of each of M ranked detections, at IoU 0.5.

    Attributes:
        kind: (M,) int8, index into `KINDS`; -1 for a true positive and for what a crowd swallowed.
        target: (M,) int64, the annotation that a location or classification error should have found, counted through
            all images; -1 for other kinds.
        truth_class: (G,) int64, class of each annotation of all images.
        can_be_found: (G,) bool, no crowd.
        found: (G,) bool.
    """

    kind: NDArray[np.int8]
    target: NDArray[np.int64]
    truth_class: NDArray[np.int64]
    can_be_found: NDArray[np.bool_]
    found: NDArray[np.bool_]

    def missed(self) -> NDArray[np.bool_]:
        """(G,): not found, and no location or classification error explains it."""
        explained = np.zeros(len(self.found), bool)
        explained[self.target[self.target >= 0]] = True
        return self.can_be_found & ~self.found & ~explained


@dataclass(frozen=True)
class ErrorGain:
    """One kind of error: mAP_0.5 gained if it alone were mended, and how often it occurs."""

    gain: float
    count: int


def classify_errors(
    truths: Sequence[GroundTruth], detections: Sequence[Detections], matches: Matches, least_confidence: float = 0.0
) -> ErrorTypes:
    """Name the error of each detection that is not right.

    - location: right class, IoU in 0.1–0.5 with an annotation of it;
    - classification: IoU ≥ 0.5 with an annotation of another class;
    - duplicate: IoU ≥ 0.5 with an annotation of its class that a more confident detection has found;
    - background: IoU ≤ 0.1 with every annotation;
    - both: what is left, wrong class and IoU in 0.1–0.5.

    Detections below `least_confidence` are left out (kind -1), and what only they found counts as not found.

    Source: Bolya et al. 2020, arXiv:2008.08115, section 2.2; the order in which kinds are tried is that of the
        published figures. Agreement with hotcoco: tests/reference/test_tide.py.
    """
    starts = np.cumsum([0] + [len(truth) for truth in truths])
    kind, target = np.full(len(matches.image), NO_ERROR, np.int8), np.full(len(matches.image), -1, np.int64)
    counted = matches.confidence >= least_confidence
    hit = matches.is_hit[0] & counted
    found = np.zeros(int(starts[-1]), bool)
    found[starts[matches.image[hit]] + matches.truth[0, hit]] = True
    wrong = np.flatnonzero(counted & ~matches.is_hit[0] & ~matches.ignored[0])
    wrong = wrong[np.argsort(matches.image[wrong], kind="stable")]
    bounds = np.searchsorted(matches.image[wrong], np.arange(len(truths) + 1))
    for index, truth in enumerate(truths):
        at = wrong[bounds[index] : bounds[index + 1]]
        if len(at):
            boxes = detections[index].boxes_xyxy[matches.detection[at]]
            kind[at], local = _kinds_of_image(truth, boxes, matches.class_id[at])
            target[at] = np.where(local >= 0, local + starts[index], -1)
    return ErrorTypes(
        kind,
        target,
        np.concatenate([[], *[truth.class_id for truth in truths]]).astype(np.int64),
        ~np.concatenate([[], *[truth.is_crowd for truth in truths]]).astype(bool),
        found,
    )


def compute_error_gains(errors: ErrorTypes, matches: Matches) -> tuple[float, dict[str, ErrorGain]]:
    """mAP_0.5, and what mending one kind of error alone would add to it.

    Location and classification errors become true positives where their annotation is not found yet; of several that
    point to it, of either kind, only the most confident does, the others go away. The other kinds go away. Missed
    annotations are no longer asked for, which acts as if the detector were as precise on them as it is elsewhere.
    Two more keys, `all_false_positives` and `all_missed`, say what all mistakes of one side cost. Gains do not add up.

    A class with annotations of which none is asked for any more has AP 1 when it has no false positive, else 0.

    Source: Bolya et al. 2020, arXiv:2008.08115, section 2.3. That the two kinds compete for an annotation follows the
        authors' published tool, so that figures can be compared with it.
    """
    # All images as one: the gains need no resampling.
    plain = Ranking(
        np.zeros_like(matches.image),
        matches.class_id,
        matches.confidence,
        matches.is_hit[:1],
        matches.ignored[:1],
        matches.truth_count.sum(axis=0, keepdims=True, dtype=np.int32),
    )
    present = plain.truth_count[0] > 0
    before = _map50(plain, present)
    mended = {name: _mend(plain, errors, code) for code, name in enumerate(KINDS)}
    counts = {name: int((errors.kind == code).sum()) for code, name in enumerate(KINDS)}
    missed = np.bincount(errors.truth_class[errors.missed()], minlength=len(present))
    unfound = np.bincount(errors.truth_class[errors.can_be_found & ~errors.found], minlength=len(present))
    mended["missed"] = replace(plain, truth_count=(plain.truth_count - missed).astype(np.int32))
    mended["all_false_positives"] = _without(plain, errors.kind >= 0)
    mended["all_missed"] = replace(plain, truth_count=(plain.truth_count - unfound).astype(np.int32))
    counts |= {"missed": int(missed.sum()), "all_missed": int(unfound.sum())}
    counts["all_false_positives"] = int((errors.kind >= 0).sum())
    return before, {
        name: ErrorGain(_map50(ranking, present) - before, counts[name]) for name, ranking in mended.items()
    }


def _kinds_of_image(
    truth: GroundTruth, boxes: NDArray[np.float32], class_id: NDArray[np.int32]
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Kind and target, -1 for none, of D wrong detections on one image."""
    real = np.flatnonzero(~truth.is_crowd)
    if not len(real):
        return np.full(len(boxes), _BACKGROUND, np.int8), np.full(len(boxes), -1, np.int64)
    iou = compute_iou(boxes, truth.boxes_xyxy[real])
    same = class_id[:, None] == truth.class_id[real][None, :]
    own, other = np.where(same, iou, 0), np.where(same, 0, iou)
    best_own, best_other = own.max(axis=1), other.max(axis=1)
    conditions = [
        (best_own >= BACKGROUND_IOU) & (best_own < HIT_IOU),
        best_other >= HIT_IOU,
        best_own >= HIT_IOU,
        iou.max(axis=1) <= BACKGROUND_IOU,
    ]
    kind = np.select(conditions, [_LOCATION, _CLASSIFICATION, _DUPLICATE, _BACKGROUND], _BOTH).astype(np.int8)
    target = np.full(len(boxes), -1, np.int64)
    for code, overlap in ((_LOCATION, own), (_CLASSIFICATION, other)):
        target[kind == code] = real[overlap.argmax(axis=1)[kind == code]]
    return kind, target


def _mend(ranking: Ranking, errors: ErrorTypes, code: int) -> Ranking:
    """The ranking in which the errors of one kind are mended or gone."""
    mine = errors.kind == code
    if code not in (_LOCATION, _CLASSIFICATION):
        return _without(ranking, mine)
    claim = np.flatnonzero((errors.target >= 0) & ~_at(errors.found, errors.target))
    # np.unique keeps the first of each target: put the most confident first.
    claim = claim[np.argsort(-ranking.confidence[claim], kind="stable")]
    claim = claim[np.unique(errors.target[claim], return_index=True)[1]]
    at = claim[mine[claim]]
    hit = ranking.is_hit.copy()
    hit[:, at] = True
    class_id = ranking.class_id.copy()
    class_id[at] = errors.truth_class[errors.target[at]]
    gone = mine.copy()
    gone[at] = False
    order = np.lexsort((-ranking.confidence, class_id))
    return Ranking(
        ranking.image[order],
        class_id[order],
        ranking.confidence[order],
        hit[:, order],
        (ranking.ignored | gone)[:, order],
        ranking.truth_count,
    )


def _at(flags: NDArray[np.bool_], index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """`flags[index]`, False where the index is -1."""
    return np.append(flags, False)[index]


def _without(ranking: Ranking, gone: NDArray[np.bool_]) -> Ranking:
    return replace(ranking, ignored=ranking.ignored | gone)


def _map50(ranking: Ranking, present: NDArray[np.bool_]) -> float:
    """Mean AP at IoU 0.5 over the classes that have ground truth, also when none of it is asked for any more."""
    ap = compute_average_precision(ranking, np.ones((1, 1), np.int32))[0, :, 0]
    wrong = np.bincount(ranking.class_id[~ranking.ignored[0] & ~ranking.is_hit[0]], minlength=len(present))
    return mean_defined(np.where(present & np.isnan(ap), np.where(wrong > 0, 0.0, 1.0), ap))
