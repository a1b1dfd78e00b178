"""From one image of a dataset to the files of a version: decode, preprocess, vary, encode, store."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import PIL.Image
from numpy.random import Generator

from epochal.datasets import Image, decode_image
from epochal.datasets.headers import parse_header
from epochal.datasets.pictures import SUFFIXES, read_bytes
from epochal.versions.augmenting import MOSAIC_CHANCE, MOSAIC_SIZE, augment
from epochal.versions.objects import ObjectStore
from epochal.versions.picture import Picture
from epochal.versions.preprocessing import preprocess
from epochal.versions.settings import VersionSettings

JPEG_QUALITY = 92
_PIXEL_STEPS = {"isolate", "static-crop", "tile", "resize", "grayscale", "contrast"}


@dataclass(frozen=True)
class Output:
    """One image of a version.

    Attributes:
        sha256: of the file, which is in the store.
        suffix: such as ".jpg".
        wh: width and height in pixels.
        boxes: (class_id, x_min, y_min, x_max, y_max, is_crowd) of each box.
    """

    sha256: str
    suffix: str
    wh: tuple[int, int]
    boxes: tuple[tuple[int, float, float, float, float, bool], ...]


@dataclass(frozen=True)
class Renderer:
    """Makes the outputs of images; may be called by several threads at once.

    Attributes:
        settings: of the version.
        store: where files go.
        train: all images of train, in the version's order: a mosaic takes its others from here.
    """

    settings: VersionSettings
    store: ObjectStore
    train: Sequence[Image]

    def render(self, image: Image) -> list[Output]:
        """All outputs of one image; equal ones once.

        Raises:
            DatasetError, NotFound: it cannot be decoded any more.
            StorageFull, Failed: nothing can be written.
        """
        varies = self.settings.varies and image.split == "train"
        changes = varies or self.settings.preprocessing.keys() & _PIXEL_STEPS
        if not changes and not (self.settings.preprocessing.get("auto-orient") and _is_turned(image)):
            return [self._keep(image)]
        source = load_picture(image)
        pictures = preprocess(source, self.settings.preprocessing)
        if not varies:
            turned = self.settings.preprocessing.get("auto-orient") and _is_turned(image)
            if not turned and len(pictures) == 1 and pictures[0] is source:
                return [self._keep(image)]
            return [self._store(picture) for picture in pictures]
        outputs = []
        for part, picture in enumerate(pictures):
            for number in range(self.settings.outputs):
                random = seed_generator(self.settings.seed, image, part, number)
                others = self._draw_others(random)
                outputs.append(self._store(augment(picture, others, self.settings.augmentation, random)))
        return list(dict.fromkeys(outputs))

    def _draw_others(self, random: Generator) -> list[Picture]:
        if "mosaic" not in self.settings.augmentation or random.random() >= MOSAIC_CHANCE:
            return []
        rows = random.integers(0, len(self.train), MOSAIC_SIZE - 1)
        others = []
        for row in rows.tolist():
            others += preprocess(load_picture(self.train[row]), self.settings.preprocessing)[:1]
        return others if len(others) == MOSAIC_SIZE - 1 else []

    def _keep(self, image: Image) -> Output:
        """The file as it is."""
        sha256 = self.store.put(read_bytes(image.path))
        return Output(sha256, _suffix(image), image.image_wh, _rows(image))

    def _store(self, picture: Picture) -> Output:
        buffer = io.BytesIO()
        picture.pixels.save(buffer, "JPEG", quality=JPEG_QUALITY)
        return Output(self.store.put(buffer.getvalue()), ".jpg", picture.pixels.size, _rows(picture))


def seed_generator(seed: int, image: Image, part: int, number: int) -> Generator:
    """The random numbers of one output: by the image's bytes, whatever the order of work and the file's name."""
    digest = hashlib.sha256(f"{seed}:{image.sha256}:{part}:{number}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def load_picture(image: Image) -> Picture:
    """Decode an image of a dataset."""
    return Picture(decode_image(image.path), image.boxes_xyxy, image.class_id, image.is_crowd)


def _suffix(image: Image) -> str:
    """The ending of an image's file; the file of a blob has none, then that of its name, or what its bytes are."""
    named = (image.path.suffix.lower(), PurePosixPath(image.name).suffix.lower())
    known = [suffix for suffix in named if suffix in SUFFIXES]
    if known:
        return known[0]
    with PIL.Image.open(image.path) as picture:
        return f".{(picture.format or 'jpeg').lower()}".replace(".jpeg", ".jpg")


def _is_turned(image: Image) -> bool:
    header = parse_header(read_bytes(image.path))
    return header is not None and header.orientation != 1


def _rows(found: Picture | Image) -> tuple[tuple[int, float, float, float, float, bool], ...]:
    # 4 digits: a rounding error in the fifth must not change a version's hash
    boxes = np.round(found.boxes_xyxy.astype(np.float64), 4).tolist()
    return tuple(
        (c, b[0], b[1], b[2], b[3], k)
        for c, b, k in zip(found.class_id.tolist(), boxes, found.is_crowd.tolist(), strict=True)
    )
