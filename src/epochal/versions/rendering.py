"""From one image of a dataset to the files of a version: decode, preprocess, vary, encode, store."""

import hashlib
import io
from collections.abc import Iterator, Sequence
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
        pictures = list(draw_outputs(image, source, self.settings, self.train if varies else None))
        turned = self.settings.preprocessing.get("auto-orient") and _is_turned(image)
        if not turned and len(pictures) == 1 and pictures[0] is source:
            return [self._keep(image)]
        return list(dict.fromkeys(self._store(picture) for picture in pictures))

    def _keep(self, image: Image) -> Output:
        """The file as it is."""
        sha256 = self.store.put(read_bytes(image.path))
        return Output(sha256, _suffix(image), image.image_wh, _rows(image))

    def _store(self, picture: Picture) -> Output:
        return Output(self.store.put(encode_picture(picture)), ".jpg", picture.pixels.size, _rows(picture))


def preview(
    image: Image, settings: VersionSettings, *, train: Sequence[Image] = (), varies: bool | None = None
) -> list[Picture]:
    """What a version with these settings would make of an image, before anything is generated.

    Args:
        image: of a dataset; its class ids stay (`remap`, `filter-null` and `filter-tag` choose, they do not draw).
        settings: of one step alone, or of all; another `seed` shows another variation.
        train: images that a mosaic may take; without any there is none.
        varies: whether augmentation counts; None: as the image's split says (an image without one counts as train).

    Returns:
        Pictures with their boxes; several with tiles, isolated objects or more than one output.

    Raises:
        DatasetError, NotFound: the image cannot be decoded.
    """
    wanted = image.split in ("train", None) if varies is None else varies
    return list(draw_outputs(image, load_picture(image), settings, train if wanted and settings.varies else None))


def draw_outputs(
    image: Image, source: Picture, settings: VersionSettings, train: Sequence[Image] | None
) -> Iterator[Picture]:
    """The pictures of one image, drawn by its bytes and the seed; `train` None: nothing varies them."""
    for part, picture in enumerate(preprocess(source, settings.preprocessing)):
        if train is None:
            yield picture
            continue
        for number in range(settings.outputs):
            random = seed_generator(settings.seed, image, part, number)
            yield augment(picture, _draw_others(train, settings, random), settings.augmentation, random)


def _draw_others(train: Sequence[Image], settings: VersionSettings, random: Generator) -> list[Picture]:
    if "mosaic" not in settings.augmentation or not train or random.random() >= MOSAIC_CHANCE:
        return []
    others: list[Picture] = []
    for row in random.integers(0, len(train), MOSAIC_SIZE - 1).tolist():
        others += preprocess(load_picture(train[row]), settings.preprocessing)[:1]
    return others if len(others) == MOSAIC_SIZE - 1 else []


def encode_picture(picture: Picture) -> bytes:
    """A JPEG of a picture."""
    buffer = io.BytesIO()
    picture.pixels.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


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
