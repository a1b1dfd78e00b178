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
    boxes, classes = boxes_xyxy[order], class_id[order]
    alive = np.ones(len(order), np.bool_)
    kept: list[int] = []
    # One row of IoU for each box kept, not a table of all pairs: a net gives 8,400 candidates, and their table
    # would take 280 MB.
    for index in range(len(order)):
        if not alive[index]:
            continue
        kept.append(index)
        if len(kept) == limit:
            break
        rest = np.flatnonzero(alive[index + 1 :] & (classes[index + 1 :] == classes[index])) + index + 1
        alive[rest[compute_iou(boxes[index : index + 1], boxes[rest])[0] > iou_threshold]] = False
    return order[np.array(kept, np.int64)]


def _area(boxes_xyxy: Boxes) -> NDArray[np.float32]:
    width, height = boxes_xyxy[:, 2] - boxes_xyxy[:, 0], boxes_xyxy[:, 3] - boxes_xyxy[:, 1]
    area: NDArray[np.float32] = np.maximum(width, 0) * np.maximum(height, 0)
    return area
