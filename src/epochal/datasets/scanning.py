"""Look at every picture of a folder once: size, orientation, hash of the bytes."""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from epochal.config import read_settings
from epochal.datasets.findings import FindingLog
from epochal.datasets.pictures import read_bytes, read_header
from epochal.errors import DatasetError, NotFound

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Picture:
    """What one look at an image file gives.

    Attributes:
        image_wh: pixels as displayed.
        orientation: EXIF's, 1–8.
        sha256: of the bytes, hexadecimal.
    """

    image_wh: tuple[int, int]
    orientation: int
    sha256: str


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
            data = read_bytes(path, limit_bytes)
            header = read_header(data, path, limit_pixels)
        except (DatasetError, NotFound) as error:
            findings.add("unreadable_image", "skipped", str(error))
            continue
        pictures[name] = Picture(header.image_wh, header.orientation, hashlib.sha256(data).hexdigest())
    if progress is not None:
        progress(len(names), len(names))
    return pictures
