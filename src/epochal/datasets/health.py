"""The health check: a dataset's numbers and findings as one document. No grade is given."""

from dataclasses import replace
from typing import Any

from epochal.datasets.dataset import SPLITS, Dataset
from epochal.datasets.examining import examine
from epochal.datasets.near_duplicates import find_near_duplicates, note_near_duplicates
from epochal.datasets.scanning import Progress
from epochal.datasets.splits import split_dataset
from epochal.datasets.statistics import compute_statistics

# Beyond this many images near-duplicates are looked for on wish only: decoding takes a millisecond for each.
NEAR_DUPLICATES_UP_TO = 20_000


def check_dataset(
    dataset: Dataset, *, near_duplicates: bool | None = None, progress: Progress | None = None
) -> Dataset:
    """Look for everything that `open_dataset` does not: suspicious boxes, class names, balance, near-duplicates.

    Args:
        dataset: as opened.
        near_duplicates: None looks for them in up to `NEAR_DUPLICATES_UP_TO` images.
        progress: called with (images done, images in all) while images are decoded.

    Returns:
        The dataset with more findings, and a note when near-duplicates were not looked for.
    """
    examined = examine(dataset)
    wanted = len(dataset.images) <= NEAR_DUPLICATES_UP_TO if near_duplicates is None else near_duplicates
    if not wanted:
        note = "Near-duplicates were not looked for; --near-duplicates does."
        return replace(examined, notes=(*examined.notes, note))
    return note_near_duplicates(examined, find_near_duplicates(examined, progress))


def build_report(dataset: Dataset) -> dict[str, Any]:
    """What `epochal check --json` prints.

    Splits are as published: images that no published split holds are counted in `images` alone. What a training would
    make of it stands in `training_splits`.

    Returns:
        {"format", "images", "annotations", "classes", "splits", "findings"} and the numbers of
        `compute_statistics`, fit for JSON.
    """
    return {
        "format": dataset.format,
        "images": len(dataset.images),
        "annotations": dataset.annotation_count,
        "classes": list(dataset.class_names),
        "splits": _count_splits(dataset),
        "training_splits": _count_splits(split_dataset(dataset)),
        **compute_statistics(dataset),
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
