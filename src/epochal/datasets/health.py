"""The health check: a dataset's numbers and findings as one document. No grade is given."""

from typing import Any

from epochal.datasets.dataset import SPLITS, Dataset
from epochal.datasets.splits import split_dataset


def build_report(dataset: Dataset) -> dict[str, Any]:
    """What `epochal check --json` prints.

    Splits are as published: images that no published split holds are counted in `images` alone. What a training would
    make of it stands in `training_splits`.

    Returns:
        {"format", "images", "annotations", "classes", "splits", "findings", and further numbers}, fit for JSON.
    """
    return {
        "format": dataset.format,
        "images": len(dataset.images),
        "annotations": dataset.annotation_count,
        "classes": list(dataset.class_names),
        "splits": _count_splits(dataset),
        "training_splits": _count_splits(split_dataset(dataset)),
        "findings": [
            {"id": f.id, "count": f.count, "examples": list(f.examples), "action": f.action} for f in dataset.findings
        ],
    }


def _count_splits(dataset: Dataset) -> dict[str, dict[str, int]]:
    counts = {split: {"images": 0, "annotations": 0} for split in SPLITS}
    for image in dataset.images:
        if image.split is not None:
            counts[image.split]["images"] += 1
            counts[image.split]["annotations"] += len(image.boxes_xyxy)
    return counts
