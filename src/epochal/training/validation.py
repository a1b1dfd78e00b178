"""Validate a net on a split: val losses, and what it detects on each image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from epochal.boxes import Detections
from epochal.datasets import Image
from epochal.detectors.fast import Points
from epochal.detectors.letterbox import Placement
from epochal.detectors.loss import compute_loss
from epochal.detectors.selection import select_detections
from epochal.evaluation import GroundTruth
from epochal.training.cache import Pixels
from epochal.training.feed import plain_batches
from epochal.training.precision import in_precision, to_device

BATCH_SIZE = 16


@dataclass(frozen=True)
class Validation:
    """What a net says about a split.

    Attributes:
        box_loss: mean, as in training.
        cls_loss: mean, as in training.
        detections: one entry per image.
    """

    box_loss: float
    cls_loss: float
    detections: list[Detections]


@torch.no_grad()
def validate(
    net: nn.Module,
    images: Sequence[Image],
    pixels: Pixels,
    points: Points,
    *,
    precision: str,
    device: str,
    on_batch: Callable[[int, int], None] = lambda done, total: None,
) -> Validation:
    """Run a net over a split without augmentation.

    Args:
        net: gives box bins and class logits, as FastNet does; in evaluation mode.
        images: of the split.
        pixels: their canvases.
        points: of the canvas, on `device`.
        precision: "bf16" or "fp32".
        device: such as "cpu".
        on_batch: called with (images done, images in all).
    """
    box, cls, weight = 0.0, 0.0, 0.0
    detections: list[Detections] = []
    for chosen, batch in plain_batches(images, pixels, BATCH_SIZE):
        batch = to_device(batch, device)
        with in_precision(precision, device):
            box_bins, logits = net(batch.images)
        losses = compute_loss(box_bins, logits, batch.target, points)
        box, cls, weight = box + losses.box.item(), cls + losses.cls.item(), weight + losses.weight.item()
        detections += _select(box_bins, logits, points, [pixels.placements[i] for i in chosen])
        on_batch(len(detections), len(images))
    return Validation(box / max(weight, 1e-9), cls / max(weight, 1e-9), detections)


def _select(
    box_bins: torch.Tensor, logits: torch.Tensor, points: Points, placements: list[Placement]
) -> list[Detections]:
    boxes = points.decode(box_bins).cpu().numpy()
    scores = logits.float().sigmoid().cpu().numpy()
    return [select_detections(b, s, at) for b, s, at in zip(boxes, scores, placements, strict=True)]


def ground_truths(images: Sequence[Image]) -> list[GroundTruth]:
    """The annotations of images in the form that evaluation takes."""
    return [GroundTruth(i.boxes_xyxy, i.class_id, i.is_crowd, i.image_wh) for i in images]
