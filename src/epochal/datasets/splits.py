"""Give every image a split: as published; what is missing is drawn by the hash of the image's bytes.

By hash and never by a seed: runs with different seeds are compared on the same images, and the same picture under two
names never falls on both sides.
"""

from collections.abc import Sequence
from dataclasses import replace

from epochal.datasets.dataset import SPLITS, Dataset, Image
from epochal.errors import BadInput, DatasetError

VAL_OF_TRAIN = 0.2
NO_SPLIT_SHARES = {"train": 0.7, "val": 0.2, "test": 0.1}


def split_dataset(dataset: Dataset) -> Dataset:
    """As `assign_splits`, with a last note that counts the images of each split."""
    whole = assign_splits(dataset)
    counts = ", ".join(f"{split} {len(whole.of_split(split))}" for split in SPLITS)
    return replace(whole, notes=(*whole.notes, f"Images by split: {counts}."))


def assign_splits(dataset: Dataset) -> Dataset:
    """Give every image a split, as published where something is.

    - No split at all: 70 % train, 20 % val, 10 % test.
    - No val: 20 % of train become val; test is not touched.
    - Images without a split beside others that have one go to train.

    Returns:
        The dataset with `split` set on every image, and a note that says how.
    """
    images, notes = list(dataset.images), []
    published = {image.split for image in images if image.labelled and image.split}
    if not published:
        assigned = _draw(images, NO_SPLIT_SHARES)
        notes.append("No split is published: 70 % train, 20 % val, 10 % test, drawn by the hash of the image bytes.")
    else:
        assigned = [image.split or "train" for image in images]
        if loose := sum(image.split is None and image.labelled for image in images):
            notes.append(f"{loose} labelled images are in no published split; they are used for training.")
        if "val" not in published and "train" in published:
            rows = [i for i, split in enumerate(assigned) if split == "train"]
            drawn = _draw([images[i] for i in rows], {"train": 1 - VAL_OF_TRAIN, "val": VAL_OF_TRAIN})
            for row, split in zip(rows, drawn, strict=True):
                assigned[row] = split
            notes.append("No val split is published: 20 % of train are val, drawn by the hash of the image bytes.")
    split_images = tuple(image.changed(split=split) for image, split in zip(images, assigned, strict=True))
    return replace(dataset, images=split_images, notes=dataset.notes + tuple(notes))


def require_trainable(dataset: Dataset) -> None:
    """Make sure that a detector can be trained on a dataset that has its splits.

    Raises:
        DatasetError: train has no labelled image, or no box.
    """
    train = dataset.of_split("train")
    if not train:
        others = [f"{len(there)} in {split}" for split in ("val", "test") if (there := dataset.of_split(split))]
        elsewhere = f", but {' and '.join(others)}" if others else ""
        raise DatasetError(
            f"{dataset.root} has no labelled image in train{elsewhere}, so nothing can be learned; "
            "add images with annotations, or see what was found with `epochal check`."
        )
    if not any(len(image.boxes_xyxy) for image in train):
        raise DatasetError(
            f"{dataset.root} has {len(train)} images in train but not one box, so nothing can be learned; "
            "add annotations, or see what was found with `epochal check`."
        )


def choose_split(dataset: Dataset, wanted: str | None) -> tuple[str, str | None]:
    """The split for an evaluation: the one wanted, else test, val, train; and a sentence when it is not test.

    Raises:
        BadInput: the split that was wanted has no labelled image.
    """
    have = [split for split in SPLITS if dataset.of_split(split)]
    if wanted is not None and wanted not in have:
        raise BadInput(
            f"The split {wanted!r} of {dataset.name} has no labelled image; "
            f"choose {' or '.join(have) or 'another dataset'}."
        )
    if wanted is not None:
        return wanted, None
    if "test" in have:
        return "test", None
    if "val" not in have:
        return "train", "There is neither test nor val: this evaluation is on train and says nothing about new images."
    return "val", "There is no test split: this evaluation is on val, which chose the epoch, so it flatters a little."


def _draw(images: Sequence[Image], shares: dict[str, float]) -> list[str]:
    """A split for each image: ordered by hash, the first share val, the next test, the rest train.

    Shares are counted over labelled images with different bytes; copies follow the first. Train gets at least one
    image, and each other split one as soon as there are two, three images.
    """
    order = sorted({image.sha256 for image in images if image.labelled})
    split_of_hash: dict[str, str] = {}
    start = 0
    for split in ("val", "test"):
        wanted = max(1, round(shares[split] * len(order))) if split in shares else 0
        count = min(wanted, max(0, len(order) - start - 1))
        for sha256 in order[start : start + count]:
            split_of_hash[sha256] = split
        start += count
    return [split_of_hash.get(image.sha256, "train") for image in images]
