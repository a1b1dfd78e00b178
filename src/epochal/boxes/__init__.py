"""Boxes: their forms, IoU, clipping, suppression, and the `Detections` value. Numpy only.

Inside Epochal a box is `boxes_xyxy`, float32, pixels, x right and y down. Begin with `detections.py`.
"""

from epochal.boxes.detections import Detections
from epochal.boxes.forms import (
    clip_boxes,
    cxcywh_norm_from_xyxy,
    xywh_from_xyxy,
    xyxy_from_cxcywh_norm,
    xyxy_from_xywh,
)
from epochal.boxes.overlap import compute_iou, suppress

__all__ = [
    "Detections",
    "clip_boxes",
    "compute_iou",
    "cxcywh_norm_from_xyxy",
    "suppress",
    "xywh_from_xyxy",
    "xyxy_from_cxcywh_norm",
    "xyxy_from_xywh",
]
