"""Open a folder as a dataset: recognise its format, read it, check it.

folder ─► importers ─► the format with most annotated images ─► boxes mended ─► Dataset
   └────► pictures: size, orientation, sign ──────────────────────┘
"""

import os
import posixpath
import re
from pathlib import Path

import numpy as np

from epochal.datasets.annotations import Annotations
from epochal.datasets.archives import is_archive, unpack
from epochal.datasets.dataset import Dataset, Image
from epochal.datasets.examining import note_unlabelled
from epochal.datasets.findings import FindingLog
from epochal.datasets.folder import Folder, split_of_folders
from epochal.datasets.importers import import_all
from epochal.datasets.importers.lists import read_split_lists
from epochal.datasets.mending import BoxTable
from epochal.datasets.near_duplicates import find_copies, note_copies
from epochal.datasets.scanning import Picture, Progress, scan_pictures
from epochal.datasets.tags import read_tags
from epochal.datasets.tfrecord_unpacking import find_tfrecords, unpack_tfrecords
from epochal.errors import DatasetError

_NAMES = {
    "coco": "COCO", "voc": "Pascal VOC", "yolo": "YOLO", "csv": "CSV", "tfrecord": "TFRecord", "createml": "CreateML",
    "labelstudio": "Label Studio", "cvat": "CVAT", "datumaro": "Datumaro", "labelme": "LabelMe", "via": "VIA",
    "vott": "VoTT", "keras-yolo": "keras-yolo", "supervisely": "Supervisely", "bdd100k": "BDD100K", "kitti": "KITTI",
    "metadata": "metadata.jsonl", "dota": "DOTA", "visdrone": "VisDrone", "wider": "WIDER FACE", "labelbox": "Labelbox",
    "groundtruth": "SageMaker Ground Truth", "named": "texts with class names", "images": "images without annotations",
}  # fmt: skip


_MAY_ANNOTATE = (".json", ".jsonl", ".xml", ".txt", ".csv", ".tsv", ".mat", ".pkl", ".npy", ".npz", ".parquet", ".h5")
_ABOUT = r"(readme|license|licence|requirements|changelog|copying)\b"


def open_dataset(path: Path, progress: Progress | None = None, *, unpack_into: Path | None = None) -> Dataset:
    """Read a dataset in whatever format it is.

    Of several formats in one folder the one with most annotated images is read; ties go to COCO, VOC, YOLO, CSV in
    this order. Where that one says nothing about splits, the split files of the others are used.

    Args:
        path: the folder, or a zip of one.
        progress: called with (pictures done, pictures in all) while pictures are read.
        unpack_into: where a zip is unpacked; the data folder's `unpacked` when None.

    Returns:
        The dataset; boxes are mended and inside their images, and `findings` count what was done to them.

    Raises:
        NotFound: there is no such path.
        DatasetError: it is no folder, cannot be read, or holds no picture that can be decoded; or a zip is hostile.
    """
    path = Path(path)
    if not is_archive(path):
        return _open_folder(path, path.resolve().name, progress, unpack_into)
    unpacked = unpack(path, unpack_into)
    try:
        return _open_folder(unpacked, path.stem, progress, unpack_into)
    except DatasetError as error:  # people know the zip, not where it was unpacked
        raise DatasetError(str(error).replace(str(unpacked.resolve()), str(path))) from None


def _open_folder(path: Path, name: str, progress: Progress | None, unpack_into: Path | None) -> Dataset:
    folder = Folder(path)
    records = find_tfrecords(folder) if not folder.images else []
    if records:
        folder = Folder(unpack_tfrecords(folder, records, unpack_into))
    if not folder.images:
        raise DatasetError(
            f"{folder.root} holds no images; expected pictures (JPEG, PNG, WebP, …) with annotations beside them."
        )
    findings = FindingLog()
    pictures = scan_pictures(folder.root, folder.images, findings, progress)
    if not pictures:
        raise DatasetError(
            f"{folder.root} holds {len(folder.images)} image files, none of which can be decoded; the first: "
            f"{findings.findings()[0].examples[0]}"
        )
    imported = import_all(folder)
    candidates = [found for found in imported if found.sources]
    if not candidates:
        _refuse_unreadable(folder, imported)
    chosen = max(candidates, key=lambda found: found.annotated_images, default=Annotations("images"))
    if records and chosen.format == "coco":  # what they were unpacked as
        chosen.format = "tfrecord"
    notes = [_understood(chosen)]
    notes += [f"{name} was left aside: Epochal made what lies there." for name in folder.made_here]
    splits = _splits(folder, chosen, [c for c in candidates if c is not chosen], pictures, notes)
    notes += chosen.notes
    images = _build_images(folder, chosen, pictures, splits)
    images = _add_tags(images, chosen, read_tags(folder, findings))
    findings.merge(chosen.findings)
    _find_empty_splits(chosen, splits, findings)
    if not candidates:
        _find_not_understood(folder, findings)
    note_unlabelled(images, findings)
    note_copies(find_copies(images, [pictures[image.name].sign for image in images]), findings)
    return Dataset(
        root=folder.root,
        name=name,
        format=chosen.format,
        class_names=tuple(chosen.class_names),
        images=tuple(images),
        findings=findings.findings(),
        notes=tuple(notes),
    )


def _refuse_unreadable(folder: Folder, imported: list[Annotations]) -> None:
    """Without any annotations that can be read, a broken annotation file is an error and not a detail."""
    broken = [f for found in imported for f in found.findings.findings() if f.id == "unreadable_annotation"]
    if broken:
        raise DatasetError(
            f"{folder.root} has no annotations that can be read; mend or remove the broken file: "
            f"{broken[0].examples[0]}"
        )


def _understood(chosen: Annotations) -> str:
    if chosen.format == "images":
        return "No annotation format was recognised: these are images without annotations."
    return f"Read as {_NAMES[chosen.format]}, from {_some(chosen.sources)}."


def _some(sources: list[str]) -> str:
    return ", ".join(sources) if len(sources) <= 3 else f"{len(sources)} files such as {sources[0]}"


def _splits(
    folder: Folder, chosen: Annotations, others: list[Annotations], pictures: dict[str, Picture], notes: list[str]
) -> dict[str, str]:
    """The published split of each picture: by the format itself, else its folder, else a list, else another format."""
    splits = {n: s for n in pictures if (s := split_of_folders(n)) is not None}
    by_folders = bool(splits)
    splits |= _said(chosen)
    if not splits and (splits := read_split_lists(folder)):
        notes.append("Splits are those of the lists of images (train.txt, val.txt, test.txt).")
    for other in others:
        about = f"{_NAMES[other.format]} ({_some(other.sources)}; {other.annotated_images} annotated images)"
        theirs = _said(other)
        # Trap: a lone test.csv with all the images is no split, however it is named.
        if not splits and len(set(theirs.values())) > 1:
            splits = theirs
            notes.append(f"{about} was left aside, but its split files are used.")
        else:
            notes.append(f"{about} was left aside.")
    if not by_folders and splits and "train" not in splits.values() and set(pictures) <= set(splits):
        notes.append(f"All images are listed as {' or '.join(sorted(set(splits.values())))}; that is no split.")
        return {}
    return splits


def _said(found: Annotations) -> dict[str, str]:
    return {name: split for name, split in zip(found.images, found.splits, strict=True) if split is not None}


def _build_images(
    folder: Folder, chosen: Annotations, pictures: dict[str, Picture], splits: dict[str, str]
) -> list[Image]:
    table = BoxTable(chosen, [pictures.get(name) for name in chosen.images])
    table.mend()
    order = np.argsort(table.image, kind="stable")
    corners, class_id = table.corners[order].astype(np.float32), table.class_id[order]
    is_crowd, bounds = table.is_crowd[order], np.searchsorted(table.image[order], np.arange(len(chosen.images) + 1))
    index = {name: i for i, name in enumerate(chosen.images)}
    images = []
    for name in sorted(pictures):
        picture, i = pictures[name], index.get(name)
        start, end = (int(bounds[i]), int(bounds[i + 1])) if i is not None else (0, 0)
        images.append(
            Image(
                path=Path(os.path.join(folder.root, name)),
                name=name,
                image_wh=picture.image_wh,
                split=splits.get(name),
                boxes_xyxy=corners[start:end],
                class_id=class_id[start:end],
                is_crowd=is_crowd[start:end],
                labelled=i is not None and chosen.labelled[i],
            )
        )
    return images


def _add_tags(images: list[Image], chosen: Annotations, listed: dict[str, set[str]]) -> list[Image]:
    for row, tags in chosen.tags.items():
        listed.setdefault(chosen.images[row], set()).update(tags)
    return [i.changed(tags=tuple(sorted(listed[i.name]))) if i.name in listed else i for i in images]


def _find_not_understood(folder: Folder, findings: FindingLog) -> None:
    """Where no annotations were recognised, say which files may have been meant as some."""
    other = [n for n in folder.with_suffix(*_MAY_ANNOTATE) if not re.match(_ABOUT, posixpath.basename(n).casefold())]
    findings.add_many("file_not_understood", "note", len(other), other)


def _find_empty_splits(chosen: Annotations, splits: dict[str, str], findings: FindingLog) -> None:
    for split, who in chosen.promised_splits.items():
        if split not in splits.values():
            findings.add("empty_split", "note", f"{split}: {who} speaks of it, but it holds no image")
