"""A dataset's numbers: balance, sizes, where boxes lie. Pure functions of its arrays; drawing them is others' work."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.dataset import SPLITS, Dataset

SMALL_PX2, LARGE_PX2 = 32**2, 96**2  # COCO's limits between small, medium and large boxes
HEATMAP_CELLS = 16
_HEATMAPS_MAX = 100
_ASPECT_EDGES = (0.33, 0.5, 0.67, 0.8, 0.95, 1.05, 1.25, 1.5, 2.0, 3.0)
_MEGAPIXEL_EDGES = (0.1, 0.3, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_NO_SPLIT = "none"


@dataclass(frozen=True, eq=False)
class BoxColumns:
    """All boxes of a dataset, N rows.

    Attributes:
        corners: (N, 4) float64, pixels.
        image: (N,) index into `dataset.images`.
        class_id: (N,).
        image_wh: (N, 2) float64, of each box's image.
    """

    corners: NDArray[np.float64]
    image: NDArray[np.int64]
    class_id: NDArray[np.int64]
    image_wh: NDArray[np.float64]

    @classmethod
    def of(cls, dataset: Dataset) -> "BoxColumns":
        """Of all images."""
        counts = np.array([len(image.boxes_xyxy) for image in dataset.images], np.int64)
        index = np.repeat(np.arange(len(counts)), counts)
        sizes = np.array([image.image_wh for image in dataset.images], np.float64).reshape(-1, 2)
        corners = [image.boxes_xyxy for image in dataset.images] or [np.zeros((0, 4), np.float32)]
        classes = [image.class_id for image in dataset.images] or [np.zeros(0, np.int64)]
        return cls(np.concatenate(corners).astype(np.float64), index, np.concatenate(classes), sizes[index])

    def where(self, chosen: NDArray[np.bool_]) -> "BoxColumns":
        """Some of the rows."""
        return BoxColumns(self.corners[chosen], self.image[chosen], self.class_id[chosen], self.image_wh[chosen])

    @property
    def sides(self) -> NDArray[np.float64]:
        """(N, 2), width and height in pixels."""
        return self.corners[:, 2:] - self.corners[:, :2]

    @property
    def share(self) -> NDArray[np.float64]:
        """(N,), the part of the image that each box covers, 0–1."""
        share: NDArray[np.float64] = self.sides.prod(axis=1) / self.image_wh.prod(axis=1)
        return share


def compute_statistics(dataset: Dataset) -> dict[str, Any]:
    """The numbers of the health check, fit for JSON.

    Returns:
        `labeling`: images with boxes, background (looked at, empty) and unlabelled; `image_size`: mean and median
        width and height in pixels, median aspect ratio (width / height), the most frequent sizes, and how many images
        are tall (under 0.8), square or wide (over 1.25), histograms of aspect ratio and megapixels as [[from, to,
        images]]; `class_balance`: {class: {split: {images, annotations}}}; `objects_per_image`: [[objects, images]];
        `box_size`: small, medium and large by COCO's limits in pixels of the original image, of all and by class, and
        quantiles of the share of the image that a box covers; `heatmap`: how many boxes cover each cell of a 16 × 16
        grid over the images, row by row; `heatmaps`: the same of each class, the 100 most frequent at most.
    """
    boxes = BoxColumns.of(dataset)
    return {
        "labeling": _count_labeling(dataset),
        "image_size": _describe_sizes(dataset),
        "class_balance": _count_classes(dataset, boxes),
        "objects_per_image": _count_objects(dataset),
        "box_size": _describe_boxes(dataset, boxes),
        "heatmap": count_heatmap(boxes).tolist(),
        "heatmaps": _count_heatmaps(dataset, boxes),
    }


def _count_labeling(dataset: Dataset) -> dict[str, int]:
    filled = sum(len(image.boxes_xyxy) > 0 for image in dataset.images)
    labelled = sum(image.labelled for image in dataset.images)
    return {"with_boxes": filled, "background": labelled - filled, "unlabelled": len(dataset.images) - labelled}


def _describe_sizes(dataset: Dataset) -> dict[str, Any]:
    sizes = np.array([image.image_wh for image in dataset.images], np.int64).reshape(-1, 2)
    ratio = sizes[:, 0] / sizes[:, 1]
    common, counts = np.unique(sizes, axis=0, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:10]
    return {
        "mean_wh": np.round(sizes.mean(axis=0), 1).tolist(),
        "median_wh": np.median(sizes, axis=0).tolist(),
        "median_aspect_ratio": round(float(np.median(ratio)), 3),
        "frequent": [{"image_wh": common[i].tolist(), "images": int(counts[i])} for i in most],
        "tall": int((ratio < 0.8).sum()),
        "square": int(((ratio >= 0.8) & (ratio <= 1.25)).sum()),
        "wide": int((ratio > 1.25).sum()),
        "aspect_ratio": _histogram(ratio, _ASPECT_EDGES),
        "megapixels": _histogram(sizes.prod(axis=1) / 1e6, _MEGAPIXEL_EDGES),
    }


def _histogram(values: NDArray[np.float64], edges: tuple[float, ...]) -> list[list[float | None]]:
    """[from, to, how many] of each class of values; null for no limit."""
    counts = np.bincount(np.searchsorted(edges, values, "right"), minlength=len(edges) + 1).tolist()
    limits = [None, *edges, None]
    return [[low, high, n] for low, high, n in zip(limits[:-1], limits[1:], counts, strict=True)]


def _count_classes(dataset: Dataset, boxes: BoxColumns) -> dict[str, dict[str, dict[str, int]]]:
    """Images and boxes of each class in each split; "none" for images that no split holds."""
    splits = (*SPLITS, _NO_SPLIT)
    split_id = np.array([splits.index(image.split or _NO_SPLIT) for image in dataset.images], np.int64)
    pairs = np.unique(np.stack([boxes.class_id, boxes.image], axis=1), axis=0)
    shape = (len(dataset.class_names), len(splits))
    annotations = _count_pairs(boxes.class_id, split_id[boxes.image], shape)
    images = _count_pairs(pairs[:, 0], split_id[pairs[:, 1]], shape)
    present = [i for i in range(len(splits)) if (split_id == i).any()]
    return {
        name: {splits[i]: {"images": int(images[c, i]), "annotations": int(annotations[c, i])} for i in present}
        for c, name in enumerate(dataset.class_names)
    }


def _count_pairs(first: NDArray[np.int64], second: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.int64]:
    """How often each pair of indices occurs, as a table of this shape."""
    counts: NDArray[np.int64] = np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1])
    return counts.reshape(shape)


def _count_objects(dataset: Dataset) -> list[list[int]]:
    counts = [len(image.boxes_xyxy) for image in dataset.images if image.labelled]
    objects, images = np.unique(np.array(counts, np.int64), return_counts=True)
    return [[int(n), int(count)] for n, count in zip(objects, images, strict=True)]


def _describe_boxes(dataset: Dataset, boxes: BoxColumns) -> dict[str, Any]:
    size = np.searchsorted([SMALL_PX2, LARGE_PX2], boxes.sides.prod(axis=1), "right")
    table = _count_pairs(boxes.class_id, size, (len(dataset.class_names), 3)).tolist()
    quantiles = np.quantile(boxes.share, [0.05, 0.25, 0.5, 0.75, 0.95]) if len(size) else np.zeros(0)
    words = ("small", "medium", "large")
    return {
        **dict(zip(words, np.bincount(size, minlength=3).tolist(), strict=True)),
        "by_class": {
            name: dict(zip(words, row, strict=True)) for name, row in zip(dataset.class_names, table, strict=True)
        },
        "share_quantiles": {
            f"{q:g}": round(float(v), 6) for q, v in zip((0.05, 0.25, 0.5, 0.75, 0.95), quantiles, strict=False)
        },
    }


def _count_heatmaps(dataset: Dataset, boxes: BoxColumns) -> dict[str, list[list[int]]]:
    counts = np.bincount(boxes.class_id, minlength=len(dataset.class_names))
    chosen = np.argsort(-counts, kind="stable")[:_HEATMAPS_MAX].tolist()
    return {
        dataset.class_names[i]: count_heatmap(boxes.where(boxes.class_id == i)).tolist() for i in chosen if counts[i]
    }


def count_heatmap(boxes: BoxColumns, cells: int = HEATMAP_CELLS) -> NDArray[np.int64]:
    """How many boxes cover each cell of a grid over the images.

    Returns:
        (cells, cells) int64, rows from top to bottom. A box covers a cell when it reaches into it.
    """
    scaled = boxes.corners / np.tile(boxes.image_wh, 2) * cells
    first = np.clip(np.floor(scaled[:, :2]), 0, cells - 1).astype(np.int64)
    last = np.clip(np.ceil(scaled[:, 2:]), 1, cells).astype(np.int64)
    # +1 where a box begins, -1 behind its end, in both directions; summed up, this fills each box
    edges = np.zeros((cells + 1, cells + 1), np.int64)
    for y, x, sign in ((first, first, 1), (last, last, 1), (first, last, -1), (last, first, -1)):
        np.add.at(edges, (y[:, 1], x[:, 0]), sign)
    return edges.cumsum(axis=0).cumsum(axis=1)[:cells, :cells]
