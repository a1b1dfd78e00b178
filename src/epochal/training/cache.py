"""Images decoded once, at training size, in a file that is mapped into memory.

One file per list of images and canvas: (N, H, W, 3) uint8, letterboxed. It is written beside and renamed, named by a
hash of the image bytes and the canvas, and shared by all trainings that need the same pixels. When it would be larger
than the setting `cache_max_bytes` or than the free disk, images are decoded anew each time, and that is said.
"""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.datasets import Image, decode_image
from epochal.detectors.letterbox import Placement, draw_on_canvas, place
from epochal.storage.whole_files import whole_file

_ABANDONED_S = 24 * 3600.0  # a part that nobody has written to for so long is of a process that was killed
FORM = 1  # raise when the pixels of a cached image would differ


class Pixels:
    """The canvases of a list of images, by index.

    Attributes:
        placements: where each image lies in its canvas.
        note: a sentence when the cache could not be used, else None.
    """

    def __init__(self, images: Sequence[Image], canvas_wh: tuple[int, int]) -> None:
        self.images, self.canvas_wh = images, canvas_wh
        self.placements: list[Placement] = [place(image.image_wh, canvas_wh) for image in images]
        self.note: str | None = None
        self._mapped: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 RGB canvas of one image."""
        if self._mapped is not None:
            canvas: NDArray[np.uint8] = self._mapped[index]
            return canvas
        return self._draw(index)

    def content(self, index: int) -> NDArray[np.uint8]:
        """The part of the canvas that shows the image, (h, w, 3)."""
        at = self.placements[index]
        return self[index][at.top : at.top + at.scaled_wh[1], at.left : at.left + at.scaled_wh[0]]

    def fill(self, folder: Path, *, limit_bytes: int, on_image: Callable[[int, int], None]) -> None:
        """Decode every image into the cache file, or find it there from before.

        Args:
            folder: of cache files.
            limit_bytes: a larger file is not made.
            on_image: called with (done, total) now and then.

        Raises:
            DatasetError: an image cannot be decoded.
        """
        shape = (len(self.images), self.canvas_wh[1], self.canvas_wh[0], 3)
        size_bytes = int(np.prod(shape))
        if not size_bytes:
            return
        path = folder / f"{self._key()}.u8"
        try:
            if not (path.is_file() and path.stat().st_size == size_bytes):
                folder.mkdir(parents=True, exist_ok=True)
                _remove_abandoned(folder)
                room = min(limit_bytes, int(0.8 * shutil.disk_usage(folder).free))
                if size_bytes > room:
                    self.note = self._explain(
                        size_bytes, f"the cache may take {_size(room)} (setting cache_max_bytes, free disk)"
                    )
                    return
                self._write(path, shape, on_image)
            self._mapped = np.memmap(path, np.uint8, "r", shape=shape)
        except OSError as error:
            self.note = self._explain(size_bytes, f"{folder} does not take them ({error.strerror or error})")

    def _explain(self, size_bytes: int, why: str) -> str:
        return (
            f"{len(self.images)} images at {self.canvas_wh[0]}×{self.canvas_wh[1]} need {_size(size_bytes)}; {why}, so "
            "images are decoded in every epoch."
        )

    def _write(self, path: Path, shape: tuple[int, ...], on_image: Callable[[int, int], None]) -> None:
        pool = ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1))
        try:
            with whole_file(path, flushes=False) as part:
                _allocate(part, int(np.prod(shape)))
                mapped = np.memmap(part, np.uint8, "r+", shape=shape)
                for index, canvas in enumerate(pool.map(self._draw, range(len(self.images)))):
                    mapped[index] = canvas
                    if index % 16 == 0:
                        on_image(index, len(self.images))
                mapped.flush()
                del mapped
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        on_image(len(self.images), len(self.images))

    def _draw(self, index: int) -> NDArray[np.uint8]:
        at = self.placements[index]
        return draw_on_canvas(decode_image(self.images[index].path, at_least_wh=at.scaled_wh), at, self.canvas_wh)

    def _key(self) -> str:
        digest = hashlib.sha256(repr((FORM, self.canvas_wh)).encode())
        for image in self.images:
            digest.update(image.sha256.encode())
        return digest.hexdigest()[:32]


def _allocate(path: Path, size_bytes: int) -> None:
    """Make a file whose every byte has its place on the disk; raises OSError.

    Trap: writing through a mapping into a file with holes kills the process (SIGBUS) when the disk is full.
    """
    with path.open("wb") as stream:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(stream.fileno(), 0, size_bytes)
        else:
            for _ in range(0, size_bytes, 1 << 20):
                stream.write(bytes(1 << 20))
            stream.truncate(size_bytes)


def _remove_abandoned(folder: Path) -> None:
    for part in folder.glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                part.unlink()


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e8 else f"{size_bytes / 1e6:.1f} MB"
