"""The health check: a dataset's numbers and findings as one document. No grade is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from epochal.datasets.advice import ADVICE
from epochal.datasets.dataset import SPLITS, Dataset, Finding, Image
from epochal.datasets.examining import examine
from epochal.datasets.findings import FindingLog
from epochal.datasets.near_duplicates import find_copies, find_near_duplicates, note_copies, note_near_duplicates
from epochal.datasets.scanning import Progress
from epochal.datasets.splits import split_dataset
from epochal.datasets.statistics import compute_statistics

# Beyond this many images near-duplicates are looked for on wish only: decoding takes a millisecond for each.
NEAR_DUPLICATES_UP_TO = 20_000
_GROUPS_MAX = 200


@dataclass(frozen=True)
class Checked:
    """A dataset with all findings, and the groups of images that show the same."""

    dataset: Dataset
    groups: Sequence[Sequence[Image]]


def dataset_health(
    dataset: Dataset, *, near_duplicates: bool | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Everything about a dataset's health, for a page to draw and as `epochal check --json` prints it.

    Args:
        dataset: opened from a folder or made from rows; its files must be there as long as this runs.
        near_duplicates: None looks for them in up to `NEAR_DUPLICATES_UP_TO` images.
        progress: called with (images done, images in all) while images are decoded.

    Returns:
        Fit for JSON: `format`, `images`, `annotations`, `classes`; `splits` as published (images that none holds are
        counted in `images` alone) and `training_splits`, what a training makes of them; the numbers of
        `compute_statistics`; `findings`: `id`, `count`, `examples`, `action`, `meaning`, `trigger`, `remedy` and
        `where`, the images behind it, each {"image", "box_xyxy" or null}, at most 200; `groups` of images that show
        the same, each {"is_identical", "is_leak", "images": [{"image", "split"}]}, at most 200; `notes`.
    """
    checked = check_dataset(dataset, near_duplicates=near_duplicates, progress=progress)
    found = checked.dataset
    return {
        "name": found.name,
        "format": found.format,
        "images": len(found.images),
        "annotations": found.annotation_count,
        "classes": list(found.class_names),
        "splits": _count_splits(found),
        "training_splits": _count_splits(split_dataset(found)),
        **compute_statistics(found),
        "findings": [_describe(finding) for finding in found.findings],
        "groups": [_describe_group(group) for group in checked.groups[:_GROUPS_MAX]],
        "notes": list(found.notes),
    }


def check_dataset(
    dataset: Dataset, *, near_duplicates: bool | None = None, progress: Progress | None = None
) -> Checked:
    """Look for everything: suspicious boxes, class names, balance, copies, near-duplicates.

    Args:
        dataset: as opened, or made from rows.
        near_duplicates: None looks for them in up to `NEAR_DUPLICATES_UP_TO` images.
        progress: called with (images done, images in all) while images are decoded.

    Returns:
        The dataset with more findings, and a note when near-duplicates were not looked for.
    """
    examined = examine(dataset)
    copies = find_copies(examined.images)
    if not any(finding.id == "duplicate_images" for finding in examined.findings):
        log = FindingLog()
        note_copies(copies, log)
        examined = replace(examined, findings=examined.findings + log.findings())
    wanted = len(dataset.images) <= NEAR_DUPLICATES_UP_TO if near_duplicates is None else near_duplicates
    if not wanted:
        note = "Near-duplicates were not looked for; --near-duplicates does."
        return Checked(replace(examined, notes=(*examined.notes, note)), copies)
    groups = find_near_duplicates(examined, progress)
    return Checked(note_near_duplicates(examined, groups), groups)


def _describe(finding: Finding) -> dict[str, Any]:
    advice = ADVICE[finding.id]
    return {
        "id": finding.id,
        "count": finding.count,
        "examples": list(finding.examples),
        "action": finding.action,
        "meaning": advice.meaning,
        "trigger": advice.trigger or advice.meaning,
        "remedy": advice.remedy,
        "where": [{"image": image, "box_xyxy": None if box is None else list(box)} for image, box in finding.where],
    }


def _describe_group(group: Sequence[Image]) -> dict[str, Any]:
    return {
        "is_identical": len({image.sha256 for image in group}) == 1,
        "is_leak": len({image.split for image in group if image.split}) > 1,
        "images": [{"image": image.name, "split": image.split} for image in group],
    }


def _count_splits(dataset: Dataset) -> dict[str, dict[str, int]]:
    counts = {split: {"images": 0, "annotations": 0} for split in SPLITS}
    for image in dataset.images:
        if image.split is not None:
            counts[image.split]["images"] += 1
            counts[image.split]["annotations"] += len(image.boxes_xyxy)
    return counts
