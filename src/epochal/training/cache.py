"""Images decoded once, at training size, in a file that is mapped into memory.

One file per list of images and canvas: (N, H, W, 3) uint8, letterboxed. It is written beside and renamed, named by a
hash of the image bytes and the canvas, and shared by all trainings that need the same pixels. When it would be larger
than the setting `cache_max_bytes` or than the free disk, images are decoded anew each time, and that is said.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.datasets import Image, decode_image
from epochal.detectors.letterbox import Placement, draw_on_canvas, place

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
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._key()}.u8"
        if not (path.is_file() and path.stat().st_size == size_bytes):
            free_bytes = shutil.disk_usage(folder).free
            if size_bytes > limit_bytes or size_bytes > 0.8 * free_bytes:
                self.note = (
                    f"{len(self.images)} images at {self.canvas_wh[0]}×{self.canvas_wh[1]} need {size_bytes / 1e9:.1f} "
                    f"GB; the cache may take {min(limit_bytes, int(0.8 * free_bytes)) / 1e9:.1f} GB (setting "
                    "cache_max_bytes, free disk), so images are decoded in every epoch."
                )
                return
            self._write(path, shape, on_image)
        self._mapped = np.memmap(path, np.uint8, "r", shape=shape)

    def _write(self, path: Path, shape: tuple[int, ...], on_image: Callable[[int, int], None]) -> None:
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            mapped = np.memmap(beside, np.uint8, "w+", shape=shape)
            with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
                for index, canvas in enumerate(pool.map(self._draw, range(len(self.images)))):
                    mapped[index] = canvas
                    if index % 16 == 0:
                        on_image(index, len(self.images))
            mapped.flush()
            del mapped
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        on_image(len(self.images), len(self.images))

    def _draw(self, index: int) -> NDArray[np.uint8]:
        at = self.placements[index]
        return draw_on_canvas(decode_image(self.images[index].path, at_least_wh=at.scaled_wh), at, self.canvas_wh)

    def _key(self) -> str:
        digest = hashlib.sha256(repr((FORM, self.canvas_wh)).encode())
        for image in self.images:
            digest.update(image.sha256.encode())
        return digest.hexdigest()[:32]
