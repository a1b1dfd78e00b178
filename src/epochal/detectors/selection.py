"""From the boxes and scores of every point to the `Detections` of an image. No torch: all runtimes share it."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections, suppress
from epochal.boxes.forms import Boxes
from epochal.detectors.letterbox import Placement

LOWEST_CONFIDENCE = 0.001  # mAP is computed over all scores; COCO's curves need the low ones
CANDIDATES = 1000
IOU_THRESHOLD = 0.65
LIMIT = 300


def select_detections(
    boxes_xyxy: Boxes,
    scores: NDArray[np.float32],
    placement: Placement,
    *,
    confidence: float = LOWEST_CONFIDENCE,
    iou_threshold: float = IOU_THRESHOLD,
    limit: int = LIMIT,
    candidates: int = CANDIDATES,
    wanted: Collection[int] | None = None,
    class_agnostic: bool = False,
) -> Detections:
    """Keep the best boxes of one image, without duplicates, in the pixels of the image.

    Args:
        boxes_xyxy: (P, 4), canvas pixels.
        scores: (P, C), 0–1; a point may answer with several classes.
        placement: where the image lies in the canvas.
        confidence: lower ones are dropped.
        iou_threshold: of the suppression within a class.
        limit: how many are kept at most.
        candidates: how many of the surest enter the suppression at most.
        wanted: class ids that may be found; all when None.
        class_agnostic: a box also gives way to a surer one of another class.

    Returns:
        By falling confidence, inside the image. A box without an area there (a guess about the grey border), or whose
        numbers are NaN or its score endless, is left out.
    """
    is_candidate = scores >= confidence
    if wanted is not None:
        is_candidate &= np.isin(np.arange(scores.shape[1]), list(wanted))
    point, class_id = np.nonzero(is_candidate)
    found = scores[point, class_id]
    if len(found) > candidates:
        best = np.sort(np.argpartition(-found, candidates)[:candidates])
        point, class_id, found = point[best], class_id[best], found[best]
    boxes = placement.to_image(boxes_xyxy[point])
    visible = (boxes[:, 2:] > boxes[:, :2]).all(axis=1) & np.isfinite(found)
    boxes, class_id, found = boxes[visible], class_id[visible], found[visible]
    rivals = np.zeros_like(class_id) if class_agnostic else class_id
    keep = suppress(boxes, found, rivals, iou_threshold=iou_threshold, limit=limit)
    return Detections(boxes[keep], found[keep].astype(np.float32), class_id[keep].astype(np.int64))
