"""The detection loss, the same for train and val.

box_loss = 7.5 · (1 − CIoU) + 1.5 · DFL, weighted by the quality of each pair; cls_loss = 0.5 · binary cross-entropy on
soft targets. Both are divided by the sum of qualities, so a picture with many boxes does not outweigh one with few.
Sources: CIoU (arXiv 1911.08287, eq. 10–12), DFL (Generalized Focal Loss, arXiv 2006.04388, eq. 6), TOOD (arXiv
2108.07755).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from epochal.detectors.assignment import Assignment, assign
from epochal.detectors.fast import BINS, Points

CIOU_GAIN, DFL_GAIN, CLASS_GAIN = 7.5, 1.5, 0.5


@dataclass(frozen=True)
class Target:
    """The boxes of a batch, in one flat list of G boxes.

    Attributes:
        boxes_xyxy: (G, 4) float32, canvas pixels.
        class_id: (G,) int64.
        image: (G,) int64, index in the batch.
    """

    boxes_xyxy: Tensor
    class_id: Tensor
    image: Tensor


@dataclass(frozen=True)
class LossSums:
    """Sums over a batch; a mean over several batches is (Σ box) / (Σ weight).

    Attributes:
        box: scalar with gradient.
        cls: scalar with gradient.
        weight: scalar, sum of qualities, at least 1 in a batch.
    """

    box: Tensor
    cls: Tensor
    weight: Tensor

    @property
    def total(self) -> Tensor:
        """What the optimizer lowers."""
        return (self.box + self.cls) / self.weight


def compute_loss(box_bins: Tensor, logits: Tensor, target: Target, points: Points) -> LossSums:
    """Compute the loss of a batch.

    Args:
        box_bins: (B, P, 64), raw.
        logits: (B, P, C), raw.
        target: its boxes.
        points: of the canvas.

    Returns:
        Sums with gradient.
    """
    box_bins, logits = box_bins.float(), logits.float()
    wanted = torch.zeros_like(logits)
    if len(target.boxes_xyxy) == 0:
        cls = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
        return LossSums(box_bins.sum() * 0, CLASS_GAIN * cls, logits.new_ones(()))
    predicted = points.decode(box_bins.detach())
    pairs = assign(
        target.boxes_xyxy,
        target.class_id,
        target.image,
        predicted_xyxy=predicted,
        logits=logits.detach(),
        points=points,
    )
    wanted[pairs.image, pairs.point, target.class_id[pairs.box]] = pairs.quality
    cls = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
    weight = pairs.quality.sum().clamp(min=1.0)
    return LossSums(_box_loss(box_bins, target, pairs, points), CLASS_GAIN * cls, weight)


def _box_loss(box_bins: Tensor, target: Target, pairs: Assignment, points: Points) -> Tensor:
    bins = box_bins[pairs.image, pairs.point].reshape(-1, 4, BINS)
    centre, stride = points.xy[pairs.point], points.stride[pairs.point]
    steps = torch.arange(BINS, dtype=torch.float32, device=bins.device)
    distance = (bins.softmax(-1) * steps).sum(-1) * stride
    predicted = torch.cat([centre - distance[:, :2], centre + distance[:, 2:]], 1)
    boxes = target.boxes_xyxy[pairs.box]
    ciou = (1 - compute_ciou(predicted, boxes)) * pairs.quality
    wanted = torch.cat([centre - boxes[:, :2], boxes[:, 2:] - centre], 1) / stride
    dfl = _distribution_loss(bins, wanted).mean(1) * pairs.quality
    return CIOU_GAIN * ciou.sum() + DFL_GAIN * dfl.sum()


def _distribution_loss(bins: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy with the two bins beside the wanted distance: (A, 4, 16) and (A, 4) to (A, 4)."""
    wanted = wanted.clamp(0, BINS - 1 - 0.01)
    left = wanted.floor().long()
    share = wanted - left
    log_p = bins.log_softmax(-1)
    left_p, right_p = (log_p.gather(-1, i.unsqueeze(-1)).squeeze(-1) for i in (left, left + 1))
    return -(left_p * (1 - share) + right_p * share)


def compute_ciou(a: Tensor, b: Tensor) -> Tensor:
    """Complete IoU of pairs, (N, 4) and (N, 4) to (N,), −1.5 to 1; the weight of the aspect term has no gradient."""
    eps = 1e-7
    wh_a, wh_b = a[:, 2:] - a[:, :2], b[:, 2:] - b[:, :2]
    overlap = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    iou = overlap / (wh_a.prod(1) + wh_b.prod(1) - overlap + eps)
    hull = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    centre = (((a[:, :2] + a[:, 2:]) - (b[:, :2] + b[:, 2:])) ** 2).sum(1) / 4
    angle = torch.atan(wh_b[:, 0] / (wh_b[:, 1] + eps)) - torch.atan(wh_a[:, 0] / (wh_a[:, 1] + eps))
    aspect = (4 / math.pi**2) * angle**2
    with torch.no_grad():
        trade = aspect / (1 - iou + aspect + eps)
    return iou - centre / ((hull**2).sum(1) + eps) - trade * aspect
