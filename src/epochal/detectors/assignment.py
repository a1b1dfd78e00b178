"""Which points learn which box: task-aligned assignment, computed only for points inside a box.

Source: TOOD (arXiv 2108.07755), §3.2: alignment t = score^α · IoU^β, the top k points of each box. A dense table of
all boxes by all points costs five times as much on a CPU as this sparse list of pairs (engine notes in LOG.md).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from epochal.detectors.fast import Points

TOP_K = 10
ALPHA, BETA = 0.5, 6.0
SMALLEST_REACH_PX = 12.0  # a box smaller than this is treated as if it were this large, or no point may lie inside


@dataclass(frozen=True)
class Assignment:
    """A pairs of point and box.

    Attributes:
        image: (A,) index in the batch.
        point: (A,) index of the point.
        box: (A,) index of the box in the flat list.
        quality: (A,) soft target of the class, 0–1.
    """

    image: Tensor
    point: Tensor
    box: Tensor
    quality: Tensor


def assign(
    boxes_xyxy: Tensor, box_class: Tensor, box_image: Tensor, *, predicted_xyxy: Tensor, logits: Tensor, points: Points
) -> Assignment:
    """Pair points with boxes.

    Args:
        boxes_xyxy: (G, 4), canvas pixels, of the whole batch.
        box_class: (G,) int64.
        box_image: (G,) int64, which image of the batch.
        predicted_xyxy: (B, P, 4), canvas pixels.
        logits: (B, P, C).
        points: of the canvas.

    Returns:
        Each point at most once; a box may have 0 to 10 points.
    """
    with torch.no_grad():
        pair_box, pair_point = _points_inside(boxes_xyxy, points)
        image = box_image[pair_box]
        iou = _paired_iou(boxes_xyxy[pair_box], predicted_xyxy[image, pair_point])
        score = logits[image, pair_point, box_class[pair_box]].float().sigmoid()
        alignment = score**ALPHA * iou**BETA
        keep = _best_of_each(pair_box, alignment, TOP_K)
        pair_box, pair_point, image, iou, alignment = (t[keep] for t in (pair_box, pair_point, image, iou, alignment))
        # A point in several boxes learns the one it overlaps most.
        keep = _best_of_each(image * len(points.xy) + pair_point, iou, 1)
        pair_box, pair_point, image, iou, alignment = (t[keep] for t in (pair_box, pair_point, image, iou, alignment))
        best = alignment.new_zeros(len(boxes_xyxy)).scatter_reduce(0, pair_box, alignment, "amax")
        best_iou = iou.new_zeros(len(boxes_xyxy)).scatter_reduce(0, pair_box, iou, "amax")
        quality = alignment / (best[pair_box] + 1e-9) * best_iou[pair_box]
    return Assignment(image, pair_point, pair_box, quality)


def _points_inside(boxes_xyxy: Tensor, points: Points) -> tuple[Tensor, Tensor]:
    """All pairs (box, point) with the point inside the box, as two index lists; boxes in order."""
    centre = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2
    half = ((boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) / 2).clamp(min=SMALLEST_REACH_PX / 2)
    low, high = centre - half, centre + half
    boxes, found, offset = [], [], 0
    for columns, rows, stride in points.grids:
        x = (torch.arange(columns, device=low.device) + 0.5) * stride
        y = (torch.arange(rows, device=low.device) + 0.5) * stride
        in_x = (x > low[:, :1]) & (x < high[:, :1])
        in_y = (y > low[:, 1:]) & (y < high[:, 1:])
        box, row, column = (in_y[:, :, None] & in_x[:, None, :]).nonzero(as_tuple=True)
        boxes.append(box)
        found.append(offset + row * columns + column)
        offset += columns * rows
    return torch.cat(boxes), torch.cat(found)


def _best_of_each(group: Tensor, value: Tensor, k: int) -> Tensor:
    """Indices of the k largest values within each group; ties go to the earlier one."""
    order = value.argsort(descending=True, stable=True)
    order = order[group[order].argsort(stable=True)]
    sorted_group = group[order]
    rank = torch.arange(len(order), device=group.device)
    starts = torch.ones_like(sorted_group, dtype=torch.bool)
    starts[1:] = sorted_group[1:] != sorted_group[:-1]
    first = torch.where(starts, rank, 0).cummax(0).values
    return order[rank - first < k]


def _paired_iou(a: Tensor, b: Tensor) -> Tensor:
    """(N, 4) and (N, 4) to (N,) IoU."""
    overlap = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    area = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).clamp(min=0).prod(1)
    return overlap / (area - overlap + 1e-7)
