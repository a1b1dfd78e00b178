"""Intersection over union, and the suppression of duplicates by it."""

import numpy as np
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes


def compute_iou(first_xyxy: Boxes, second_xyxy: Boxes) -> NDArray[np.float32]:
    """IoU of every pair: (N, 4) and (M, 4) in, (N, M) in 0–1 out; a pair without area gives 0."""
    top_left = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    bottom_right = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    intersection = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    union = _area(first_xyxy)[:, None] + _area(second_xyxy)[None, :] - intersection
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
    clashes = (compute_iou(boxes, boxes) > iou_threshold) & (classes[:, None] == classes[None, :])
    alive = np.ones(len(order), bool)
    kept: list[int] = []
    for index in range(len(order)):
        if alive[index]:
            kept.append(index)
            if len(kept) == limit:
                break
            alive &= ~clashes[index]
    return order[np.array(kept, np.int64)]


def _area(boxes_xyxy: Boxes) -> NDArray[np.float32]:
    area: NDArray[np.float32] = np.clip(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 0, None).prod(axis=1)
    return area
