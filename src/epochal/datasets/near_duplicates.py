"""Pictures that show the same: resized, saved again, brightened or cut by a hair. Found by a perceptual hash.

The hash is a difference hash of 128 bits: whether a cell of a 9 × 9 picture is darker than its neighbour to the
right, and the one below. Pairs whose hashes differ in few bits are confirmed by the correlation of their 32 × 32
pictures.

Measured on three published sets (597 images): copies at half size, JPEG quality 10, ± 20 % brightness, 70 % contrast or
half height differ in 12 bits at most, cut by 2 % at each side in 16; pairs that show different things in 24 at least.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from epochal.datasets.dataset import Dataset, Image
from epochal.datasets.findings import FindingLog
from epochal.datasets.pictures import decode_image
from epochal.datasets.scanning import Progress
from epochal.errors import DatasetError, NotFound

BITS_MAX, CORRELATION_MIN = 16, 0.9
_SMALL, _CELLS, _BLOCK = 32, 9, 2048


def find_near_duplicates(dataset: Dataset, progress: Progress | None = None) -> list[list[Image]]:
    """Group the images that show the same, byte-identical copies included.

    Args:
        dataset: all its images are decoded, JPEGs at an eighth of their size.
        progress: called with (done, all) now and then.

    Returns:
        Groups of two images and more, each sorted by name; images that show one flat colour are in no group.
    """
    first_of = {image.sha256: image for image in reversed(dataset.images)}
    unique = sorted(first_of.values(), key=lambda image: image.name)
    pictures = np.zeros((len(unique), _SMALL, _SMALL), np.uint8)
    for i, image in enumerate(unique):
        if progress is not None and i % 20 == 0:
            progress(i, len(unique))
        pictures[i] = _small_picture(image)
    parent = list(range(len(unique)))
    for i, j in find_alike(pictures):
        parent[_root(parent, i)] = _root(parent, j)
    groups: dict[int, list[Image]] = {}
    root_of = {image.sha256: _root(parent, i) for i, image in enumerate(unique)}
    for image in dataset.images:
        groups.setdefault(root_of[image.sha256], []).append(image)
    if progress is not None:
        progress(len(unique), len(unique))
    return [group for group in groups.values() if len(group) > 1]


def find_alike(pictures: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Pairs of grey pictures, (N, 32, 32), that show the same; i < j in each pair."""
    bits = hash_pictures(pictures)
    # (N, 1024) of mean 0 and length 1, so that a product of two is their correlation; a flat picture is all 0
    flat = pictures.reshape(len(pictures), _SMALL * _SMALL).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1.0)
    signs = np.where(bits, np.float32(1), np.float32(-1))
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(bits), _BLOCK):
        # the product of two rows of ±1 is 128 minus twice the bits that differ
        agreement = signs[start : start + _BLOCK] @ signs[start:].T
        rows, columns = np.nonzero(agreement >= bits.shape[1] - 2 * BITS_MAX)
        rows, columns = rows[columns > rows] + start, columns[columns > rows] + start
        alike = np.einsum("ij,ij->i", flat[rows], flat[columns]) >= CORRELATION_MIN
        pairs += zip(rows[alike].tolist(), columns[alike].tolist(), strict=True)
    return pairs


def hash_pictures(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(N, 32, 32) grey to (N, 128) bits."""
    box = PillowImage.Resampling.BOX
    cells = [np.asarray(PillowImage.fromarray(p).resize((_CELLS, _CELLS), box), np.int16) for p in pictures]
    small = np.array(cells, np.int16).reshape(-1, _CELLS, _CELLS)
    right = small[:, :-1, 1:] > small[:, :-1, :-1]
    below = small[:, 1:, :-1] > small[:, :-1, :-1]
    return np.concatenate([right.reshape(len(small), 64), below.reshape(len(small), 64)], axis=1)


def _small_picture(image: Image) -> NDArray[np.uint8]:
    try:
        picture = decode_image(image.path, (2 * _SMALL, 2 * _SMALL)).convert("L")
    except (DatasetError, NotFound):  # damaged where its header does not show: like nothing else
        return np.zeros((_SMALL, _SMALL), np.uint8)
    return np.asarray(picture.resize((_SMALL, _SMALL), PillowImage.Resampling.BOX))


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = i = parent[parent[i]]
    return i


def find_copies(images: Sequence[Image], signs: Sequence[object] | None = None) -> list[list[Image]]:
    """Group byte-identical images; only likely ones are hashed.

    Args:
        images: of a dataset.
        signs: of each, equal for copies; the length of the file when None.
    """
    if signs is None:
        signs = [_length(image) for image in images]
    counts = Counter(signs)
    groups: dict[str, list[Image]] = {}
    for image, sign in zip(images, signs, strict=True):
        if counts[sign] > 1:
            groups.setdefault(image.sha256, []).append(image)
    return [group for group in groups.values() if len(group) > 1]


def _length(image: Image) -> object:
    try:
        return image.path.stat().st_size
    except OSError:
        return image.name  # gone: like nothing else


def note_copies(copies: Sequence[Sequence[Image]], findings: FindingLog) -> None:
    """Count byte-identical images, and those of them that stand in several splits."""
    findings.add_many(
        "duplicate_images",
        "note",
        sum(len(group) - 1 for group in copies),
        (" = ".join(image.name for image in group[:4]) for group in copies),
        ((image.name, None) for group in copies for image in group),
    )
    note_leaks(copies, findings)


def note_near_duplicates(dataset: Dataset, groups: Sequence[Sequence[Image]]) -> Dataset:
    """Add what `find_near_duplicates` found to the findings; leaks between splits are counted anew with it."""
    log = FindingLog()
    near = [group for group in groups if len({image.sha256 for image in group}) > 1]
    log.add_many(
        "near_duplicate_images",
        "note",
        sum(len({image.sha256 for image in group}) - 1 for group in near),
        (" ~ ".join(image.name for image in group[:4]) for group in near),
        ((image.name, None) for group in near for image in group),
    )
    note_leaks(groups, log)
    kept = tuple(finding for finding in dataset.findings if finding.id != "leak_between_splits")
    return replace(dataset, findings=kept + log.findings())


def note_leaks(groups: Sequence[Sequence[Image]], findings: FindingLog) -> None:
    """Count the groups of images showing the same that stand in several splits."""
    leaks = [group for group in groups if _leaks(group)]
    findings.add_many(
        "leak_between_splits",
        "note",
        len(leaks),
        (" = ".join(f"{image.name} ({image.split})" for image in group[:4]) for group in leaks),
        ((image.name, None) for group in leaks for image in group),
    )


def _leaks(group: Sequence[Image]) -> bool:
    return len({image.split for image in group if image.split}) > 1


def mend_leaks(dataset: Dataset, groups: Sequence[Sequence[Image]]) -> Dataset:
    """Take images out of train, and out of val, that stand in a later split too: test stays whole.

    Args:
        dataset: with its splits.
        groups: images that show the same, of `find_near_duplicates`.

    Returns:
        The dataset without them; the finding `leak_between_splits` says mended and names them.
    """
    order = {"train": 0, "val": 1, "test": 2}
    removed: list[Image] = []
    for group in groups:
        if _leaks(group):
            last = max(order[image.split] for image in group if image.split)
            removed += [image for image in group if image.split and order[image.split] < last]
    log = FindingLog()
    examples = (f"{image.name} taken out of {image.split}" for image in removed)
    log.add_many("leak_between_splits", "mended", len(removed), examples, ((image.name, None) for image in removed))
    names = {image.name for image in removed}
    findings = tuple(finding for finding in dataset.findings if finding.id != "leak_between_splits")
    images = tuple(image for image in dataset.images if image.name not in names)
    return replace(dataset, images=images, findings=findings + log.findings())
