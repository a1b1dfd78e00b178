"""Intersection over union, and the suppression of duplicates by it."""

import numpy as np
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes


def compute_iou(first_xyxy: Boxes, second_xyxy: Boxes) -> NDArray[np.float32]:
    """IoU of every pair: (N, 4) and (M, 4) in, (N, M) in 0–1 out; a pair without area gives 0."""
    # Column by column: arrays of (N, M, 2) cost five times as much.
    x1, y1, x2, y2 = first_xyxy.T[:, :, None]
    u1, v1, u2, v2 = second_xyxy.T[:, None, :]
    intersection = np.minimum(x2, u2)
    intersection -= np.maximum(x1, u1)
    np.maximum(intersection, 0, out=intersection)
    height = np.minimum(y2, v2)
    height -= np.maximum(y1, v1)
    intersection *= np.maximum(height, 0, out=height)
    union = _area(first_xyxy)[:, None] + _area(second_xyxy)[None, :]
    union -= intersection
    iou: NDArray[np.float32] = np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)
    return iou


def suppress(
    boxes_xyxy: Boxes,
    confidence: NDArray[np.float32],
    class_id: NDArray[np.int64],
    *,
    iou_threshold: float = 0.7,
    limit: int = 300,
) -> NDArray[np.int64]:
    """Non-maximum suppression within each class.

    Args:
        boxes_xyxy: (N, 4).
        confidence: (N,), 0–1.
        class_id: (N,).
        iou_threshold: a box that overlaps a kept one of its class by more is dropped.
        limit: how many are kept at most.

    Returns:
        Indices of the boxes kept, by falling confidence; ties keep the order of the input.
    """
    order = np.argsort(-confidence, kind="stable")
    keep = np.zeros(len(order), bool)
    for wanted in np.unique(class_id):
        among = np.flatnonzero(class_id[order] == wanted)
        keep[among] = _survivors(boxes_xyxy[order[among]], iou_threshold)
    return order[keep][:limit].astype(np.int64)


def _survivors(boxes_xyxy: Boxes, iou_threshold: float) -> NDArray[np.bool_]:
    """Of boxes by falling confidence: those that no surviving one before them overlaps too much."""
    apart = compute_iou(boxes_xyxy, boxes_xyxy) <= iou_threshold
    alive = np.ones(len(boxes_xyxy), bool)
    for index in range(len(boxes_xyxy)):
        if alive[index]:
            alive[index + 1 :] &= apart[index, index + 1 :]
    return alive


def _area(boxes_xyxy: Boxes) -> NDArray[np.float32]:
    width, height = boxes_xyxy[:, 2] - boxes_xyxy[:, 0], boxes_xyxy[:, 3] - boxes_xyxy[:, 1]
    area: NDArray[np.float32] = np.maximum(width, 0) * np.maximum(height, 0)
    return area
