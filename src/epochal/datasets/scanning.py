"""Look at every picture of a folder once: size, orientation, a sign by which copies can be told."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from epochal.config import read_settings
from epochal.datasets.findings import FindingLog
from epochal.datasets.headers import Header, parse_header
from epochal.datasets.pictures import check_pixels, read_bytes, read_header
from epochal.errors import DatasetError, NotFound

Progress = Callable[[int, int], None]
# A JPEG's header is in its beginning, whether it is whole its end says: most files need not be read between.
_BEGINNING_BYTES, _ENDING_BYTES, _SIGN_BYTES = 16_384, 64, 24


@dataclass(frozen=True, slots=True)
class Picture:
    """What one look at an image file gives.

    Attributes:
        image_wh: pixels as displayed.
        orientation: EXIF's, 1–8.
        sign: the file's length and its last bytes: files that differ in it are no copies of each other.
    """

    image_wh: tuple[int, int]
    orientation: int
    sign: tuple[int, bytes] = (0, b"")


def scan_pictures(
    root: Path, names: Iterable[str], findings: FindingLog, progress: Progress | None = None
) -> dict[str, Picture]:
    """Read each image file once.

    Args:
        root: the dataset's folder.
        names: paths below it.
        findings: gets an `unreadable_image` for each file that is no picture, damaged or too large.
        progress: called with (done, all) now and then.

    Returns:
        {name: picture} of those that can be decoded.
    """
    settings = read_settings()
    limit_bytes, limit_pixels = int(settings["max_image_bytes"]), int(settings["max_image_pixels"])
    names = list(names)
    pictures: dict[str, Picture] = {}
    for done, name in enumerate(names):
        if progress is not None and done % 50 == 0:
            progress(done, len(names))
        path = os.path.join(root, name)  # no Path: a hundred thousand of them take a second
        try:
            pictures[name] = _look_at(path, limit_bytes, limit_pixels)
        except (DatasetError, NotFound) as error:
            findings.add("unreadable_image", "skipped", str(error))
    if progress is not None:
        progress(len(names), len(names))
    return pictures


def _look_at(path: str, limit_bytes: int, limit_pixels: int) -> Picture:
    """Size and orientation of a picture. Raises DatasetError, NotFound when it cannot be decoded."""
    size, ends = _read_ends(path)
    header: Header | None = None
    if ends is not None and size <= limit_bytes:
        header = parse_header(*ends)
        if header is not None:
            check_pixels(header.stored_wh, path, limit_pixels)
            return Picture(header.image_wh, header.orientation, (size, ends[1][-_SIGN_BYTES:]))
    data = read_bytes(path, limit_bytes)
    header = read_header(data, path, limit_pixels)
    return Picture(header.image_wh, header.orientation, (len(data), data[-_SIGN_BYTES:]))


def _read_ends(path: str) -> tuple[int, tuple[bytes, bytes] | None]:
    """A file's length, its beginning and its end; None for a short one, or one that cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(file).st_size
            if size < 2 * _BEGINNING_BYTES:
                return size, None
            beginning = os.read(file, _BEGINNING_BYTES)
            os.lseek(file, size - _ENDING_BYTES, os.SEEK_SET)
            return size, (beginning, os.read(file, _ENDING_BYTES))
        finally:
            os.close(file)
    except OSError:
        return 0, None  # reading it whole will say why
