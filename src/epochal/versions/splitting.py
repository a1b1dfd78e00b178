"""The split of a version: kept as published, or drawn anew by shares, by class, and with look-alikes together.

Everything is drawn by the hash of seed and image bytes, so that the order of files and their names do not matter.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from epochal.datasets import SPLITS, Dataset, Image, assign_splits, find_near_duplicates, mend_leaks
from epochal.datasets.scanning import Progress


def split_version(dataset: Dataset, split: Mapping[str, Any], seed: int, progress: Progress | None = None) -> Dataset:
    """Give every labelled image its split; unlabelled images are left out.

    Args:
        dataset: as opened.
        split: as `VersionSettings.split`. With "keep", look-alikes of other splits are taken out of train (and val);
            with "rebalance" and "stratified" they are put into one split.
        seed: another seed draws another split.
        progress: called with (done, all) while images are compared.
    """
    left = sum(not image.labelled for image in dataset.images)
    dataset = replace(dataset, images=tuple(image for image in dataset.images if image.labelled))
    if left:
        dataset = replace(dataset, notes=(*dataset.notes, f"{left} images without annotations are not in the version."))
    groups = find_near_duplicates(dataset, progress) if split.get("group-near-duplicates") else []
    if split["method"] == "keep":
        whole = assign_splits(dataset)  # a version has counts of its own: look-alikes and augmentation change them
        return mend_leaks(whole, groups) if groups else whole
    units = _units(dataset.images, groups, seed)
    shares = {name: split["percent"][name] / 100 for name in SPLITS}
    by_class = split["method"] == "stratified"
    chosen = draw_splits([_weigh(unit, by_class) for unit in units], shares)
    split_of = {image.name: name for unit, name in zip(units, chosen, strict=True) for image in unit}
    images = tuple(image.changed(split=split_of[image.name]) for image in dataset.images)
    return replace(dataset, images=images)


def _units(images: Sequence[Image], groups: Sequence[Sequence[Image]], seed: int) -> list[list[Image]]:
    """Images that stay together, in an order drawn by hash; byte-identical ones always do."""
    leader = {image.name: group[0].sha256 for group in groups for image in group}
    units: dict[str, list[Image]] = {}
    for image in images:
        units.setdefault(leader.get(image.name, image.sha256), []).append(image)
    return [units[key] for key in sorted(units, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())]


def _weigh(unit: Sequence[Image], by_class: bool) -> Counter[int]:
    """What a unit brings: its images under -1, and with `by_class` its boxes under their class."""
    weight = Counter({-1: len(unit)})
    if by_class:
        for image in unit:
            weight.update(image.class_id.tolist())
    return weight


def draw_splits(weights: Sequence[Mapping[int, int]], shares: Mapping[str, float]) -> list[str]:
    """Share units out so that every split gets its share of everything that they bring.

    The rarest thing is shared out first, each unit going to the split that lacks most of it.

    Args:
        weights: for each unit, how much it brings of what; the order decides between equals.
        shares: of each split; they add up to 1.

    Source: Sechidis et al. 2011, On the Stratification of Multi-Label Data, algorithm 1.
    """
    total: Counter[int] = Counter()
    for weight in weights:
        total.update(weight)
    lacks = {name: {key: share * count for key, count in total.items()} for name, share in shares.items() if share > 0}
    chosen: list[str] = [""] * len(weights)
    # -1, the number of images, is in every unit and therefore comes last
    for key in sorted(total, key=lambda key: (key == -1, total[key], key)):
        for i, weight in enumerate(weights):
            if chosen[i] or not weight.get(key):
                continue
            chosen[i] = max(lacks, key=lambda name: (lacks[name][key], lacks[name][-1]))
            for brought, count in weight.items():
                lacks[chosen[i]][brought] -= count
    return chosen
