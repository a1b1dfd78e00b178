"""Intersection over union, and the suppression of duplicates by it."""

import numpy as np
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes

BLOCK = 256


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
    keep = np.zeros(len(order), np.bool_)
    for wanted in np.unique(class_id):
        among = np.flatnonzero(class_id[order] == wanted)
        keep[among[_survivors(boxes_xyxy[order[among]], iou_threshold, limit)]] = True
    return order[keep][:limit].astype(np.int64)


def _survivors(boxes_xyxy: Boxes, iou_threshold: float, limit: int) -> list[int]:
    """Of boxes by falling confidence: the first `limit` that no earlier survivor overlaps too much.

    Blocks bound the tables of pairs: a table of all 8,400 candidates of a net would take 280 MB, and a row for each
    box kept costs twice the time.
    """
    kept: list[int] = []
    for start in range(0, len(boxes_xyxy), BLOCK):
        block = boxes_xyxy[start : start + BLOCK]
        alive: NDArray[np.bool_] = np.all(compute_iou(boxes_xyxy[kept], block) <= iou_threshold, axis=0)
        apart: NDArray[np.bool_] = compute_iou(block, block) <= iou_threshold
        for index in range(len(block)):
            if alive[index]:
                kept.append(start + index)
                if len(kept) == limit:
                    return kept
                alive &= apart[index]
    return kept


def _area(boxes_xyxy: Boxes) -> NDArray[np.float32]:
    width, height = boxes_xyxy[:, 2] - boxes_xyxy[:, 0], boxes_xyxy[:, 3] - boxes_xyxy[:, 1]
    area: NDArray[np.float32] = np.maximum(width, 0) * np.maximum(height, 0)
    return area
