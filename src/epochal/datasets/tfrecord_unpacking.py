"""TFRecords as a dataset: images lie inside the records, so they are unpacked into a folder first, as a zip is."""

import hashlib
import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from epochal.config import data_dir, read_settings
from epochal.datasets.folder import Folder, suffix_of
from epochal.datasets.formats.coco import Box, CocoImage, iter_coco
from epochal.datasets.formats.tfrecord import Example, parse_label_map, read_examples
from epochal.errors import DatasetError, StorageFull
from epochal.storage.whole_files import whole_folder

_SUFFIXES = (".tfrecord", ".tfrecords", ".tfrec", ".record")


def find_tfrecords(folder: Folder) -> list[str]:
    """The TFRecord files of a folder, shards such as `train.record-00000-of-00002` included."""
    return [name for name in folder.files if suffix_of(re.sub(r"-\d+-of-\d+$", "", name)) in _SUFFIXES]


def unpack_tfrecords(folder: Folder, names: Sequence[str], into: Path | None = None) -> Path:
    """Write the images and boxes of TFRecord files into a folder, or find them there already.

    Args:
        folder: that holds the files.
        names: of the files.
        into: the folder that gets it; the data folder's `unpacked` when None.

    Raises:
        DatasetError: a file is damaged or too large; nothing is written then.
        StorageFull: the disk has no room for it.
    """
    sizes = [os.stat(folder.path(name)).st_size for name in names]
    limit = int(read_settings()["max_unpacked_bytes"])
    if sum(sizes) > limit:
        raise DatasetError(
            f"{folder.root} holds {sum(sizes):,} bytes of TFRecords, more than {limit:,}; raise max_unpacked_bytes."
        )
    times = [os.stat(folder.path(name)).st_mtime_ns for name in names]
    fingerprint = hashlib.sha256(repr((str(folder.root), names, sizes, times)).encode()).hexdigest()[:16]
    parent = (data_dir() / "unpacked") if into is None else into
    final = parent / f"{folder.root.name or 'tfrecords'}-{fingerprint}"
    if final.is_dir():
        return final
    try:
        with whole_folder(final) as part:
            for name in names:
                _unpack(folder, name, part)
    except ValueError as error:
        raise DatasetError(f"{folder.root}: {error}; make the file anew.") from None
    except OSError as error:
        if error.errno in (28, 122):
            raise StorageFull(f"No space is left in {parent} to unpack {folder.root}; make room.") from None
        raise DatasetError(f"{folder.root} cannot be unpacked into {parent} ({error.strerror or error}).") from None
    return final


def _unpack(folder: Folder, name: str, root: Path) -> None:
    """The images of one file and a COCO text of their boxes, in a folder named as the file is."""
    target = root / name
    target.mkdir(parents=True)
    near = posixpath.dirname(name)
    maps = [other for other in folder.with_suffix(".pbtxt") if posixpath.dirname(other) == near]
    known = parse_label_map(folder.read_text(maps[0])) if maps else ()
    class_names = {class_name: i for i, class_name in enumerate(known)}
    rows: list[tuple[CocoImage, list[tuple[int, Box, bool]]]] = []
    taken: set[str] = set()
    with folder.path(name).open("rb") as file:
        try:
            for number, example in enumerate(read_examples(file), 1):
                file_name = _file_name(example, number, taken)
                (target / file_name).write_bytes(example.encoded)
                wh = [int(next(iter(example.numbers(f"image/{side}")), 0)) for side in ("width", "height")]
                boxes = [(class_names.setdefault(c, len(class_names)), b, False) for c, b in _boxes(example, wh)]
                rows.append((CocoImage(0, file_name, (wh[0], wh[1])), boxes))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    with (target / "_annotations.coco.json").open("w", encoding="utf-8") as out:
        out.writelines(iter_coco(rows, list(class_names)))


def _file_name(example: Example, number: int, taken: set[str]) -> str:
    written = posixpath.basename(example.text("image/filename").replace("\\", "/"))
    plain = re.sub(r"[^\w .()-]", "_", written).lstrip(".")
    stem, suffix = posixpath.splitext(plain)
    kind = example.text("image/format").lower().replace("jpeg", "jpg")
    stem, suffix = stem[:100] or f"{number:06}", suffix or f".{re.sub(r'[^a-z0-9]', '', kind) or 'jpg'}"
    name = f"{stem}{suffix}" if f"{stem}{suffix}".casefold() not in taken else f"{stem}-{number}{suffix}"
    taken.add(name.casefold())
    return name


def _boxes(example: Example, wh: Sequence[int]) -> Iterator[tuple[str, Box]]:
    corners = [example.numbers(f"image/object/bbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
    names = example.texts("image/object/class/text")
    ids = example.numbers("image/object/class/label")
    if len({len(values) for values in corners}) > 1 or max(len(names), len(ids)) < len(corners[0]):
        raise ValueError(f"{example.text('image/filename') or 'a record'} has lists of boxes of unequal length")
    for row, (x0, y0, x1, y1) in enumerate(zip(*corners, strict=True)):
        class_name = names[row] if row < len(names) else f"class_{int(ids[row])}"
        yield class_name, (x0 * wh[0], y0 * wh[1], (x1 - x0) * wh[0], (y1 - y0) * wh[1])
