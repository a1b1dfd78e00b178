"""Images grouped by what is on them, so that a kind of scene on which a model fails is seen as one.

An image is a vector of its annotations: how many there are of each class, and how large they are. Groups are those of
k-means, begun at the images that lie farthest apart, so equal input gives equal groups.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.ground_truth import GroundTruth

MOST_CLUSTERS, _ROUNDS = 8, 50


@dataclass(frozen=True, eq=False)
class Clusters:
    """Groups of I images, the largest first.

    Attributes:
        of_image: (I,) int64, the group of each image, from 0.
        distance: (I,) float64, from the middle of its group, in standard deviations.
        point: (I, 2) float64, the two directions in which the images differ most, for a drawing.
    """

    of_image: NDArray[np.int64]
    distance: NDArray[np.float64]
    point: NDArray[np.float64]

    def members(self, cluster: int) -> NDArray[np.int64]:
        """Indices of the images of a group, the most typical first."""
        here = np.flatnonzero(self.of_image == cluster)
        return here[np.argsort(self.distance[here], kind="stable")]

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.of_image.max()) + 1 if len(self.of_image) else 0


def find_clusters(truths: Sequence[GroundTruth], class_count: int) -> Clusters:
    """Group images by their annotations: about the square root of half their number of groups, at most 8.

    Args:
        truths: of I images.
        class_count: K.
    """
    images = len(truths)
    if images == 0:
        return Clusters(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 2)))
    vectors = _vectors(truths, class_count)
    wanted = min(MOST_CLUSTERS, max(1, round(math.sqrt(images / 2))), len(np.unique(vectors, axis=0)))
    middles = vectors[_far_apart(vectors, wanted)]
    nearest = _nearest(vectors, middles)
    for _ in range(_ROUNDS):
        middles = np.array([vectors[nearest == at].mean(axis=0) for at in range(len(middles))])
        moved = _nearest(vectors, middles)
        if (moved == nearest).all() or len(np.unique(moved)) < len(middles):
            break
        nearest = moved
    order = np.argsort(-np.bincount(nearest, minlength=len(middles)), kind="stable")
    rank = np.argsort(order, kind="stable")
    distance = np.linalg.norm(vectors - middles[nearest], axis=1)
    return Clusters(rank[nearest].astype(np.int64), distance, _plane(vectors))


def _vectors(truths: Sequence[GroundTruth], class_count: int) -> NDArray[np.float64]:
    rows = np.zeros((len(truths), class_count + 2))
    for row, truth in zip(rows, truths, strict=True):
        sides = truth.boxes_xyxy[:, 2:].astype(np.float64) - truth.boxes_xyxy[:, :2]
        row[:class_count] = np.log1p(np.bincount(truth.class_id, minlength=class_count))
        row[-2] = math.log1p(len(sides))
        if len(sides):
            row[-1] = float(np.sqrt(np.maximum(sides.prod(axis=1), 0) / max(1, math.prod(truth.image_wh))).mean())
    spread = rows.std(axis=0)
    scaled: NDArray[np.float64] = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return scaled


def _far_apart(vectors: NDArray[np.float64], wanted: int) -> list[int]:
    chosen = [int(np.argmin(np.linalg.norm(vectors, axis=1)))]  # the most ordinary image
    while len(chosen) < wanted:
        nearest = np.min([np.linalg.norm(vectors - vectors[at], axis=1) for at in chosen], axis=0)
        chosen.append(int(np.argmax(nearest)))
    return chosen


def _nearest(vectors: NDArray[np.float64], middles: NDArray[np.float64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.argmin([np.linalg.norm(vectors - middle, axis=1) for middle in middles], axis=0)
    return found


def _plane(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    points = np.zeros((len(vectors), 2))
    shown = vectors @ directions[:2].T
    points[:, : shown.shape[1]] = shown
    return points
