"""Small, medium and large objects, as COCO cuts them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.ground_truth import GroundTruth
from epochal.evaluation.matching import boxes_xywh_exact

# Areas of boxes in square pixels of the original image; an area on a border belongs to both sides, as in COCO.
SIZES: dict[str, tuple[int, int | None]] = {"small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, None)}


def count_by_size(truths: Sequence[GroundTruth], class_count: int) -> NDArray[np.int64]:
    """Annotations that can be found, (3, K), by size and class.

    Source: the areas of COCO's evaluation (cocodataset.org, "Detection Evaluation"); of boxes here, of masks there.
    """
    counts = np.zeros((len(SIZES), class_count), np.int64)
    for truth in truths:
        real = ~truth.is_crowd
        area = boxes_xywh_exact([truth.boxes_xyxy[real]])[:, 2:].prod(axis=1)
        for at, (low, high) in enumerate(SIZES.values()):
            np.add.at(counts[at], truth.class_id[real][(area >= low) & (area <= (np.inf if high is None else high))], 1)
    return counts
