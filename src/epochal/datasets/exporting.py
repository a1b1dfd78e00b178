"""Write a dataset in another format: a new folder or zip, written whole or not at all.

Layouts are those that trainers and labeling services exchange: a folder for each split (`train`, `valid`, `test`) with
its images and annotations; without any published split, the files lie at the root.
"""

import posixpath
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from epochal.datasets.dataset import SPLITS, Dataset, Image
from epochal.datasets.export_layouts import EXPORTS, FOLDERS, Content, Origin, OutSplit
from epochal.errors import BadInput, Failed, StorageFull
from epochal.storage.whole_files import whole_file


@dataclass(frozen=True)
class Written:
    """What was written: images, boxes, and sentences on what the format could not hold."""

    path: Path
    images: int
    annotations: int
    notes: tuple[str, ...]


def write_dataset(dataset: Dataset, destination: Path, to: str) -> Written:
    """Write a dataset in another format.

    Image files are copied as they are. Unlabelled images are copied too, and no annotation speaks of them.

    Args:
        dataset: its splits decide the folders.
        destination: a folder that is not there yet or empty, or a zip file that is not there.
        to: one of `EXPORTS`.

    Raises:
        BadInput: an unknown format, or the destination is taken.
        StorageFull, Failed: it cannot be written; nothing is left at the destination then.
    """
    if to not in EXPORTS:
        raise BadInput(f"{to!r} is no format that can be written; known are {', '.join(EXPORTS)}.")
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise BadInput(f"{destination} exists already; name a folder or zip that does not.")
    splits, notes = plan_splits(dataset, keeps_crowds=to == "coco"), list[str]()
    crowds = sum(int(image.is_crowd.sum()) for image in dataset.images) if to != "coco" else 0
    if crowds:
        notes.append(f"{crowds} crowd boxes were left out: {to} cannot mark them.")
    if all(split.split is None for split in splits):
        notes.append("No split is published, so none was written; most trainers need one (--split draws it).")
    part: Path | None = None
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
        _write(part, splits, dataset, to)
        _finish(part, destination)
    except OSError as error:
        kind = StorageFull if error.errno == 28 else Failed
        raise kind(f"{destination} cannot be written ({error.strerror or error}); nothing was left there.") from None
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    if EXPORTS[to].image_folder is None and (bare := sum(not image.labelled for image in dataset.images)):
        notes.append(f"{bare} unlabelled images were left out: {to} holds labelled ones alone.")
    return Written(destination, len(dataset.images), dataset.annotation_count - crowds, tuple(notes))


def plan_splits(dataset: Dataset, *, keeps_crowds: bool) -> list[OutSplit]:
    """The dataset's splits that hold an image, with a file name for each."""
    splits = []
    for split in (*SPLITS, None):
        images = [image for image in dataset.images if image.split == split]
        if images:
            rows = list(_out_names(images))
            splits.append(OutSplit(FOLDERS.get(split or "", ""), split, rows, dataset.class_names, keeps_crowds))
    return splits


def _out_names(images: list[Image]) -> Iterator[tuple[Image, str]]:
    """A file name for each image of a split: its own, or with its folders where two would share a stem.

    Stems and not names, because annotation files are named by them; letters are compared without case.
    """
    taken: set[str] = set()
    for image in images:
        short = posixpath.basename(image.name)
        stem, suffix = posixpath.splitext(short)
        if stem.casefold() in taken:
            stem = posixpath.splitext(image.name)[0].replace("/", "_")
        number = 2
        wanted = stem
        while stem.casefold() in taken:
            stem, number = f"{wanted}_{number}", number + 1
        taken.add(stem.casefold())
        yield image, stem + suffix


def _write(root: Path, splits: list[OutSplit], dataset: Dataset, to: str) -> None:
    layout = EXPORTS[to]
    for split in splits:
        if layout.image_folder is None:
            continue
        folder = root / layout.image_folder(split.folder)
        folder.mkdir(parents=True, exist_ok=True)
        for image, file_name in split.rows:
            shutil.copyfile(image.path, folder / file_name)
    for name, content in layout.files(splits, dataset.class_names, Origin()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_file(path, content)


def _write_file(path: Path, content: Content) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, path)
        return
    with path.open("wb") as file:
        for piece in (content,) if isinstance(content, str) else content:
            file.write(piece.encode() if isinstance(piece, str) else piece)


def _finish(part: Path, destination: Path) -> None:
    """Give the finished folder, or a zip of it, its final name."""
    if destination.suffix.lower() != ".zip":
        part.chmod(0o755)
        if destination.is_dir():
            destination.rmdir()
        part.rename(destination)
        return
    with whole_file(destination, flushes=False) as packed, zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(path for path in part.rglob("*") if path.is_file()):
            name = file.relative_to(part).as_posix()
            text = file.suffix.lower() in (".xml", ".json", ".csv", ".txt", ".yaml", ".labels")
            archive.write(file, name, zipfile.ZIP_DEFLATED if text else zipfile.ZIP_STORED)
