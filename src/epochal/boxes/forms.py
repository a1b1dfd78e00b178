"""Box forms at the edges, and the way to and from `boxes_xyxy` (float32, pixels)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Boxes = NDArray[np.float32]


def xyxy_from_xywh(boxes_xywh: ArrayLike) -> Boxes:
    """COCO's form, (N, 4) of x_min, y_min, width, height in pixels, to `boxes_xyxy`."""
    boxes = np.asarray(boxes_xywh, np.float32).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def xywh_from_xyxy(boxes_xyxy: ArrayLike) -> Boxes:
    """`boxes_xyxy`, (N, 4), to COCO's x_min, y_min, width, height in pixels."""
    boxes = np.asarray(boxes_xyxy, np.float32).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def xyxy_from_cxcywh_norm(boxes_cxcywh_norm: ArrayLike, image_wh: tuple[int, int]) -> Boxes:
    """YOLO's form, (N, 4) of centre and size as fractions of the image, to `boxes_xyxy`."""
    boxes = np.asarray(boxes_cxcywh_norm, np.float64).reshape(-1, 4)
    half = boxes[:, 2:] / 2
    corners = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)
    return (corners * np.array([*image_wh, *image_wh], np.float64)).astype(np.float32)


def cxcywh_norm_from_xyxy(boxes_xyxy: ArrayLike, image_wh: tuple[int, int]) -> NDArray[np.float64]:
    """`boxes_xyxy`, (N, 4), to YOLO's centre and size as fractions of the image.

    float64, because the fractions are written as text and a float32 of them is off by 0.001 px on a large picture.
    """
    boxes = np.asarray(boxes_xyxy, np.float64).reshape(-1, 4)
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + size / 2, size], axis=1) / np.array([*image_wh, *image_wh], np.float64)


def clip_boxes(boxes_xyxy: ArrayLike, image_wh: tuple[int, int]) -> Boxes:
    """Move corners that lie outside the image onto its edge. (N, 4) in, (N, 4) out."""
    boxes = np.asarray(boxes_xyxy, np.float32).reshape(-1, 4)
    limit = np.array([*image_wh, *image_wh], np.float32)
    return np.clip(boxes, 0, limit).astype(np.float32)
