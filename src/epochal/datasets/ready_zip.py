"""A zip that trainers take as it is: the layout, names and data.yaml that clients of labeling services expect."""

import errno
import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from epochal.datasets.dataset import SPLITS, Dataset, Image
from epochal.datasets.export_layouts import FOLDERS, READY, Content, Layout, Origin, OutSplit
from epochal.datasets.scanning import Progress
from epochal.errors import BadInput, Failed, NotFound, StorageFull
from epochal.storage.whole_files import whole_file

_NAMED = re.compile(r"_\w+\.rf\.[0-9a-f]{12,}\.\w+$")
_STEM_MAX_BYTES = 150
_PACKED = frozenset((".json", ".xml", ".csv", ".txt", ".yaml", ".labels", ".pbtxt"))
_TIME = (1980, 1, 1, 0, 0, 0)  # the same dataset gives the same bytes whenever it is written


@dataclass(frozen=True)
class Source:
    """Whose data a zip holds; stands in its READMEs, in data.yaml and in COCO's head.

    Attributes:
        workspace, project: their slugs.
        version: its number.
        license: its name.
        url: where the version is shown; "" where that is not known.
        group: what is annotated, such as "cells"; the project when "".
        sentences: on how the images were made, for the README.
    """

    workspace: str
    project: str
    version: int
    license: str = ""
    url: str = ""
    group: str = ""
    sentences: tuple[str, ...] = ()


def write_export(
    dataset: Dataset,
    format_name: str,
    zip_path: Path,
    *,
    source: Source,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Write a dataset as a zip that trainers take as it is.

    One file after the other is streamed into a file beside `zip_path`, which then takes its name: memory does not grow
    with the images, and nothing half-written is ever in view. Equal datasets give equal bytes.

    Args:
        dataset: of a version or a project; images that no split holds are put into train.
        format_name: one of `READY`, or a client's short name for one.
        zip_path: replaced if it is there.
        source: whose data it is.
        progress: called with (images done, images in all).
        is_cancelled: asked before every file and record.

    Returns:
        `zip_path`.

    Raises:
        BadInput: there is no such format; the message lists those there are.
        DatasetError, NotFound: an image cannot be read any more.
        StorageFull, Failed: it cannot be written, or was cancelled.
    """
    layout = find_layout(format_name)
    splits = _plan(dataset, keeps_crowds=format_name == "coco")
    tick = _Ticker(len(dataset.images), progress, is_cancelled)
    try:
        with whole_file(zip_path, clears=True) as part, zipfile.ZipFile(part, "w") as archive:
            for name, content in _entries(splits, layout, dataset, source):
                _write_entry(archive, name, content, tick)
    except FileNotFoundError as error:
        raise NotFound(f"{error.filename} does not exist any more; open the dataset again.") from None
    except OSError as error:
        kind = StorageFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else Failed
        raise kind(f"{zip_path} cannot be written ({error.strerror or error}); nothing was left there.") from None
    return zip_path


def find_layout(format_name: str) -> Layout:
    """The layout behind a name that clients ask for. Raises BadInput."""
    name = {"yolov5": "yolov5pytorch", "yolov7": "yolov7pytorch", "yolo11": "yolov11"}.get(format_name, format_name)
    if name == "benchmarker":
        raise BadInput(
            "'benchmarker' cannot be exported: its layout is not published, so nothing could be sure to read it. Take "
            f"one of {', '.join(READY)}."
        )
    if name not in READY:
        raise BadInput(f"{format_name!r} is no format that can be exported; known are {', '.join(READY)}.")
    return READY[name]


def _plan(dataset: Dataset, *, keeps_crowds: bool) -> list[OutSplit]:
    splits = []
    for split in SPLITS:
        rows = [(i, name_export(i)) for i in dataset.images if (i.split or "train") == split]
        if rows:
            splits.append(OutSplit(FOLDERS[split], split, rows, dataset.class_names, keeps_crowds))
    return splits


def name_export(image: Image) -> str:
    """`<stem>_<ending>.rf.<hash>.<ending>`: the hash keeps images of one name apart, however folders are merged."""
    path = PurePosixPath(image.name)
    if _NAMED.search(path.name):  # of a version, which names its images so
        return path.name
    suffix = path.suffix.lower() or image.path.suffix.lower() or ".jpg"
    return export_name(path.stem, path.suffix, image.name, suffix)


def export_name(stem: str, source_suffix: str, whole: str, suffix: str) -> str:
    """As `name_export`; `whole` is what the hash is of."""
    plain = re.sub(r"[^\w.-]+", "-", stem).encode()[:_STEM_MAX_BYTES].decode("utf-8", "ignore").strip("-.") or "image"
    kind = source_suffix.lower().removeprefix(".") or suffix.removeprefix(".")
    return f"{plain}_{kind}.rf.{hashlib.sha256(whole.encode()).hexdigest()[:32]}{suffix}"


def _entries(splits: list[OutSplit], layout: Layout, dataset: Dataset, source: Source) -> Iterator[tuple[str, Content]]:
    yield "README.dataset.txt", _dataset_readme(source)
    yield "README.roboflow.txt", _version_readme(dataset, source)
    for split in splits:
        if layout.image_folder is not None:
            folder = layout.image_folder(split.folder)
            for image, file_name in split.rows:
                yield f"{folder}/{file_name}", image.path
    yield from layout.files(splits, dataset.class_names, _origin(source))


def _origin(source: Source) -> Origin:
    about = {
        "workspace": source.workspace,
        "project": source.project,
        "version": source.version,
        "license": source.license,
        "url": source.url,
    }
    info = {"year": "", "version": str(source.version), "description": f"Version {source.version} of {source.project}"}
    info |= {"contributor": source.workspace, "url": source.url, "date_created": ""}
    licenses = [{"id": 1, "url": "", "name": source.license}]
    group = source.group or source.project
    return Origin(True, group, {"roboflow": about}, {"info": info, "licenses": licenses})


def _dataset_readme(source: Source) -> str:
    lines = [f"# {source.project}", "", f"Provided by {source.workspace}"]
    lines += [f"License: {source.license}"] if source.license else []
    return "\n".join([*lines, ""])


def _version_readme(dataset: Dataset, source: Source) -> str:
    counts = ", ".join(f"{split} {sum((i.split or 'train') == split for i in dataset.images):,}" for split in SPLITS)
    lines = [
        f"{source.project} - version {source.version}",
        "=" * 40,
        "",
        f"{len(dataset.images):,} images ({counts}) with {dataset.annotation_count:,} boxes of "
        f"{len(dataset.class_names)} classes: {', '.join(dataset.class_names)}.",
        *source.sentences,
        *([source.url] if source.url else []),
        "",
        "Written by Epochal.",
    ]
    return "\n".join([*lines, ""])


class _Ticker:
    """Counts images as they are written, and ends the work when that is wanted."""

    def __init__(self, images: int, progress: Progress | None, is_cancelled: Callable[[], bool]) -> None:
        self._images, self._progress, self._is_cancelled, self._done = images, progress, is_cancelled, 0

    def count(self, images: int) -> None:
        if self._is_cancelled():
            raise Failed(f"Cancelled after {self._done} of {self._images} images; nothing was written.")
        self._done = min(self._done + images, self._images)  # an image may be in several folders
        if images and self._progress is not None:
            self._progress(self._done, self._images)


def _write_entry(archive: zipfile.ZipFile, name: str, content: Content, tick: _Ticker) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if PurePosixPath(name).suffix in _PACKED else zipfile.ZIP_STORED
    tick.count(int(isinstance(content, Path)))
    if isinstance(content, str):
        archive.writestr(entry, content)
    elif isinstance(content, Path):
        with content.open("rb") as file, archive.open(entry, "w") as out:
            shutil.copyfileobj(file, out)
    else:
        with archive.open(entry, "w", force_zip64=True) as out:  # its length is not known before
            for block in _blocks(content, tick):
                out.write(block)


def _blocks(pieces: Iterable[str] | Iterable[bytes], tick: _Ticker, size: int = 1 << 16) -> Iterator[bytes]:
    """Small pieces joined into larger ones; a piece of bytes is a record, which holds an image."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        tick.count(int(isinstance(piece, bytes)))
        waiting.append(piece.encode() if isinstance(piece, str) else piece)
        length += len(waiting[-1])
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    yield b"".join(waiting)
