"""Which detection found which annotation: COCO's matching, by hotcoco, as flat columns.

Everything else in this package is computed from `Matches`, so all its numbers rest on one matching.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.errors import Failed
from epochal.evaluation.ground_truth import GroundTruth

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
_IMAGES_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class Ranking:
    """Detections in the order in which COCO ranks them, and which of them are right: all that AP needs.

    T IoU thresholds, M detections, I images, K classes. Ordered by class, within a class by falling confidence, ties by
    image. Of one image and class only the 100 most confident are here, as COCO has it.

    Attributes:
        image: (M,) int32, index of the image.
        class_id: (M,) int32.
        confidence: (M,) float32.
        is_hit: (T, M) bool, true positives.
        ignored: (T, M) bool, matched to a crowd: counts neither for nor against.
        truth_count: (I, K) int32, annotations that can be found (crowds left out).
    """

    image: NDArray[np.int32]
    class_id: NDArray[np.int32]
    confidence: NDArray[np.float32]
    is_hit: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    truth_count: NDArray[np.int32]

    def class_slices(self) -> list[slice]:
        """The columns of each class, K slices."""
        bounds = np.searchsorted(self.class_id, np.arange(self.truth_count.shape[1] + 1))
        return [slice(int(begin), int(end)) for begin, end in pairwise(bounds)]


@dataclass(frozen=True, eq=False)
class Matches(Ranking):
    """A ranking that still knows which box is which; T = 10 IoU thresholds 0.50, 0.55 … 0.95.

    Attributes:
        detection: (M,) int32, index of the box in its image's `Detections`.
        truth: (T, M) int32, index of the matched box in its image's `GroundTruth`, -1 for none.
    """

    detection: NDArray[np.int32]
    truth: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class CocoNumbers:
    """What COCO's evaluation gives: K classes, areas all, small, medium, large; NaN where there is no ground truth.

    Attributes:
        precision: (10, 101, K, 4) float64, interpolated precision by IoU, recall, class, area, at 100 detections.
        recall: (10, K, 4, 3) float64, by IoU, class, area, at 1, 10 and 100 detections.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]

    def summary(self) -> NDArray[np.float64]:
        """COCO's twelve numbers in its order: AP, AP_0.5, AP_0.75, AP small, medium, large, six recalls; NaN for -1."""
        ap, ar = self.precision, self.recall
        precisions = [ap[:, :, :, 0], ap[0, :, :, 0], ap[5, :, :, 0], *(ap[:, :, :, area] for area in (1, 2, 3))]
        recalls = [*(ar[:, :, 0, limit] for limit in (0, 1, 2)), *(ar[:, :, area, 2] for area in (1, 2, 3))]
        return np.array([mean_defined(values) for values in precisions + recalls])


def mean_defined(values: NDArray[np.float64]) -> float:
    """Mean of those that are not NaN; NaN, without a warning, when there is none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")


def match_detections(
    truths: Sequence[GroundTruth], detections: Sequence[Detections], class_count: int
) -> tuple[CocoNumbers, Matches]:
    """COCO's evaluation of boxes in memory.

    Args:
        truths: of I images.
        detections: of the same I images; finite boxes and confidences.
        class_count: K.

    Returns:
        Precision and recall, and the matches they rest on.

    Raises:
        Failed: hotcoco is not installed.

    Source: Lin et al. 2014, arXiv:1405.0312, as pycocotools computes it; agreement: tests/reference/test_coco.py.
        Object sizes are taken from the boxes: below 32² px small, from 96² px large.
    """
    truth_count = np.zeros((len(truths), class_count), np.int32)
    for index, truth in enumerate(truths):
        np.add.at(truth_count[index], truth.class_id[~truth.is_crowd], 1)
    if not any(map(len, truths)) and not any(map(len, detections)):
        nothing = CocoNumbers(np.full((10, 101, class_count, 4), np.nan), np.full((10, class_count, 4, 3), np.nan))
        empty = {key: np.zeros(0) for key in ("image", "class_id", "confidence", "detection")}
        tables = {"truth": np.zeros((len(IOU_THRESHOLDS), 0)), "ignored": np.zeros((len(IOU_THRESHOLDS), 0), bool)}
        return nothing, _ranked(empty | tables, truth_count)
    judge = _judge(truths, detections, class_count)
    judge.evaluate()
    judge.accumulate()
    raw = judge.eval
    precision, recall = raw["precision"][..., -1], raw["recall"]
    numbers = CocoNumbers(np.where(precision < 0, np.nan, precision), np.where(recall < 0, np.nan, recall))
    blocks = range(0, len(truths), _IMAGES_AT_ONCE)
    parts = [_match_block(truths, detections, class_count, slice(at, at + _IMAGES_AT_ONCE)) for at in blocks]
    columns = {key: np.concatenate([part[key] for part in parts], axis=-1) for key in parts[0]}
    return numbers, _ranked(columns, truth_count)


def _judge(truths: Sequence[GroundTruth], detections: Sequence[Detections], class_count: int) -> Any:
    """Build hotcoco's evaluator; ids are index + 1. Imported late: what only reads matches needs no hotcoco."""
    try:
        from hotcoco import COCO, COCOeval
    except ImportError as error:
        raise Failed(
            "Evaluation needs the package hotcoco, which is not installed; run: pip install 'epochal[train]'"
        ) from error
    images = [{"id": i + 1, "width": t.image_wh[0], "height": t.image_wh[1]} for i, t in enumerate(truths)]
    categories = [{"id": k + 1, "name": str(k)} for k in range(class_count)]
    boxes = boxes_xywh_exact([t.boxes_xyxy for t in truths])
    truth = COCO.from_arrays(
        images,
        categories,
        np.repeat(np.arange(1, len(truths) + 1), [len(t) for t in truths]),
        _joined([t.class_id for t in truths], np.int64) + 1,
        boxes,
        area=boxes[:, 2] * boxes[:, 3],
        iscrowd=_joined([t.is_crowd for t in truths], np.bool_),
    )
    rows = np.column_stack(
        [
            np.repeat(np.arange(1.0, len(detections) + 1), [len(d) for d in detections]),
            boxes_xywh_exact([d.boxes_xyxy for d in detections]),
            _joined([d.confidence for d in detections], np.float64),
            _joined([d.class_id for d in detections], np.float64) + 1,
        ]
    )
    return COCOeval(truth, truth.load_res(rows), "bbox")


def boxes_xywh_exact(boxes_xyxy: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Boxes of all images, (N, 4) x, y, width, height as float64, the same bits that the COCO files get."""
    boxes = _joined(boxes_xyxy, np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def _joined(parts: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate([np.zeros_like(parts[0], shape=(0, *parts[0].shape[1:])), *parts]).astype(dtype)


def _starts(entries: Sequence[GroundTruth] | Sequence[Detections]) -> NDArray[np.int64]:
    """(I,) the id hotcoco gives to the first box of each image: boxes are counted from 1 through all images."""
    return np.cumsum([1] + [len(entry) for entry in entries])[:-1]


def _match_block(
    truths: Sequence[GroundTruth], detections: Sequence[Detections], class_count: int, block: slice
) -> dict[str, NDArray[Any]]:
    """Matches of some images, unordered: (M,) and (T, M) columns.

    A pass over the area "all" alone, and in blocks: hotcoco gives matches as Python lists, which for thousands of
    images at once, or for all four areas, take gigabytes. Matching is done image by image, so blocks change nothing.
    """
    judge = _judge(truths[block], detections[block], class_count)
    judge.params.area_rng, judge.params.area_rng_lbl = [[0.0, 1e10]], ["all"]
    judge.evaluate()
    cells = [cell for cell in judge.eval_imgs if cell is not None]
    counts = [len(cell["dtIds"]) for cell in cells]
    image = np.repeat(np.array([cell["image_id"] - 1 for cell in cells], np.int64), counts)
    truth = np.where(
        _by_threshold(cells, "dtMatched"), _by_threshold(cells, "dtMatches") - _starts(truths[block])[image], -1
    )
    return {
        "image": image + block.start,
        "class_id": np.repeat(np.array([cell["category_id"] - 1 for cell in cells], np.int64), counts),
        "confidence": _joined_lists([cell["dtScores"] for cell in cells], np.float64),
        "detection": _joined_lists([cell["dtIds"] for cell in cells], np.int64) - _starts(detections[block])[image],
        "truth": truth,
        "ignored": _by_threshold(cells, "dtIgnore") > 0,
    }


def _ranked(columns: dict[str, NDArray[Any]], truth_count: NDArray[np.int32]) -> Matches:
    """In the order of class and falling confidence, ties by image."""
    order = np.lexsort((columns["image"], -columns["confidence"], columns["class_id"]))
    truth, ignored = columns["truth"][:, order].astype(np.int32), columns["ignored"][:, order]
    return Matches(
        image=columns["image"][order].astype(np.int32),
        class_id=columns["class_id"][order].astype(np.int32),
        confidence=columns["confidence"][order].astype(np.float32),
        is_hit=(truth >= 0) & ~ignored,
        ignored=ignored,
        truth_count=truth_count,
        detection=columns["detection"][order].astype(np.int32),
        truth=truth,
    )


def _by_threshold(cells: list[dict[str, Any]], key: str) -> NDArray[np.int64]:
    """(T, M): hotcoco's lists by IoU threshold, those of all cells end to end."""
    return np.stack([_joined_lists([cell[key][t] for cell in cells], np.int64) for t in range(len(IOU_THRESHOLDS))])


def _joined_lists(lists: list[list[Any]], dtype: type) -> NDArray[Any]:
    return np.fromiter(chain.from_iterable(lists), dtype, count=sum(map(len, lists)))
