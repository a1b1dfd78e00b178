"""Findings that only a health check looks for: suspicious boxes, class names, balance. Each has a stated trigger."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.dataset import Dataset, Image, Place
from epochal.datasets.findings import FindingLog
from epochal.datasets.mending import ROUNDING_PX, find_repeated
from epochal.datasets.statistics import BoxColumns

WHOLE_IMAGE_SHARE = 0.98
TINY_SIDE_PX = 1.0
IMBALANCE = 10


def examine(dataset: Dataset) -> Dataset:
    """Look for what is allowed and still worth a look; the findings are added to the dataset's own.

    What opening a folder looks for and a dataset of another making may have is looked for here too, unless a finding of
    the same id is there already.
    """
    log = FindingLog()
    boxes = BoxColumns.of(dataset)
    note_unlabelled(dataset.images, log)
    _note_boxes(dataset, boxes, log)
    _note_classes(dataset, boxes, log)
    known = {finding.id for finding in dataset.findings}
    new = tuple(finding for finding in log.findings() if finding.id not in known)
    return replace(dataset, findings=dataset.findings + new)


def note_unlabelled(images: Sequence[Image], log: FindingLog) -> None:
    """Count the images that nobody looked at."""
    names = [image.name for image in images if not image.labelled]
    examples = (f"{name} has no annotation file or entry" for name in names)
    log.add_many("image_without_annotation", "note", len(names), examples, ((name, None) for name in names))


def _note_boxes(dataset: Dataset, boxes: BoxColumns, log: FindingLog) -> None:
    def note(finding_id: str, where: NDArray[np.bool_]) -> None:
        rows = np.flatnonzero(where).tolist()
        log.add_many(finding_id, "note", len(rows), map(describe, rows), map(place, rows))

    def describe(row: int) -> str:
        box = ", ".join(f"{value:g}" for value in boxes.corners[row])
        return f"{dataset.images[boxes.image[row]].name}: {dataset.class_names[boxes.class_id[row]]} ({box})"

    def place(row: int) -> Place:
        x0, y0, x1, y1 = boxes.corners[row].tolist()
        return dataset.images[boxes.image[row]].name, (x0, y0, x1, y1)

    sides: NDArray[np.float64] = np.minimum(boxes.sides[:, 0], boxes.sides[:, 1])
    beyond = np.concatenate([-boxes.corners[:, :2], boxes.corners[:, 2:] - boxes.image_wh], axis=1)
    outside: NDArray[np.bool_] = beyond.max(axis=1, initial=0) > ROUNDING_PX
    note("zero_area_box", sides <= 0)
    note("box_outside_image", outside)
    note("repeated_box", find_repeated(np.column_stack([boxes.image, boxes.class_id, boxes.corners])))
    note("whole_image_box", boxes.share >= WHOLE_IMAGE_SHARE)
    note("tiny_box", (sides <= TINY_SIDE_PX) & (sides > 0))


def _note_classes(dataset: Dataset, boxes: BoxColumns, log: FindingLog) -> None:
    names = dataset.class_names
    counts = np.bincount(boxes.class_id, minlength=len(names))
    empty = [names[i] for i in np.flatnonzero(counts == 0)] if len(boxes.class_id) else []
    log.add_many("class_without_boxes", "note", len(empty), iter(empty))
    pairs = list(_similar_names(names))
    log.add_many("similar_class_names", "note", len(pairs), (f"{a!r} and {b!r}" for a, b in pairs))
    used = counts[counts > 0]
    if len(used) > 1 and used.max() >= IMBALANCE * used.min():
        most, least = int(counts.argmax()), int(np.where(counts > 0, counts, counts.max() + 1).argmin())
        example = f"{counts[most]:,} boxes of {names[most]}, {counts[least]:,} of {names[least]}"
        log.add_many("class_imbalance", "note", 1, (example,), _images_with(dataset, boxes, [least]))
    _note_untrained(dataset, boxes, log)


def _note_untrained(dataset: Dataset, boxes: BoxColumns, log: FindingLog) -> None:
    """Classes that val or test hold and train does not."""
    in_train = np.array([image.split == "train" for image in dataset.images], np.bool_)
    if not in_train.any():
        return
    held_out = np.array([image.split in ("val", "test") for image in dataset.images], np.bool_)
    trained = set(boxes.class_id[in_train[boxes.image]].tolist())
    asked = sorted(set(boxes.class_id[held_out[boxes.image]].tolist()) - trained)
    examples = (dataset.class_names[i] for i in asked)
    log.add_many("class_not_in_train", "note", len(asked), examples, _images_with(dataset, boxes, asked))


def _images_with(dataset: Dataset, boxes: BoxColumns, class_ids: Sequence[int]) -> Iterator[Place]:
    """The images that have a box of one of these classes."""
    rows = np.unique(boxes.image[np.isin(boxes.class_id, class_ids)])
    return ((dataset.images[row].name, None) for row in rows.tolist())


def _similar_names(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Names that differ in case, blanks, signs or a plural s alone, or by one letter when they are long."""
    plain = [re.sub(r"[\W_]+", "", name.casefold()) for name in names]
    for i, first in enumerate(plain):
        for j in range(i + 1, len(plain)):
            second = plain[j]
            if first.removesuffix("s") == second.removesuffix("s") or _one_letter_apart(first, second):
                yield names[i], names[j]


def _one_letter_apart(first: str, second: str) -> bool:
    """Whether two words of six letters and more become equal by changing, adding or dropping one letter.

    Digits do not count: "lane 1" and "lane 2" are meant to differ.
    """
    if min(len(first), len(second)) < 6 or abs(len(first) - len(second)) > 1:
        return False
    head = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    rest_first, rest_second = first[head:], second[head:]
    if (rest_first[:1] + rest_second[:1]).isdigit():
        return False
    longer = len(first) - len(second)
    return rest_first[longer >= 0 :] == rest_second[longer <= 0 :]
