"""The words of this package as values: `Image`, `Finding`, `Dataset`."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from epochal.errors import DatasetError, NotFound

SPLITS = ("train", "val", "test")
Place = tuple[str, tuple[float, float, float, float] | None]  # an image's name, and a box on it


@dataclass(frozen=True, eq=False)
class Image:
    """One picture and the boxes on it.

    Attributes:
        path: the file.
        name: its path below the dataset's root, "/" between folders; the id used everywhere.
        image_wh: width and height in pixels, as displayed (EXIF orientation applied).
        split: "train", "val", "test", or None where nothing says.
        boxes_xyxy: (N, 4) float32, pixels of the displayed image, inside it, with an area.
        class_id: (N,) int64, indices of the dataset's `class_names`.
        is_crowd: (N,) bool, COCO's mark of a box around many objects.
        labelled: False: nobody looked at it; True with N = 0: looked at, and nothing is there (background).
        sha256: of the file's bytes, hexadecimal; computed when it is first asked for, unless it was given. Asking
            raises NotFound, DatasetError when the file cannot be read.
        tags: words that its owner gave it, sorted.
    """

    path: Path
    name: str
    image_wh: tuple[int, int]
    split: str | None
    boxes_xyxy: NDArray[np.float32]
    class_id: NDArray[np.int64]
    is_crowd: NDArray[np.bool_]
    labelled: bool
    sha256: str = field(default_factory=str)
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.sha256:
            del self.__dict__["sha256"]  # from now on `__getattr__` is asked for it

    def __getattr__(self, name: str) -> str:
        if name != "sha256":
            raise AttributeError(name)
        self.__dict__["sha256"] = found = _hash_file(self.path)
        return found

    def changed(self, **values: Any) -> Self:
        """A copy with other values, as `dataclasses.replace`, which would have the file hashed."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **values)
        return copy


def _hash_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist any more; open the dataset again.") from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check the file and its permissions.") from None


@dataclass(frozen=True)
class Finding:
    """Something about a dataset that its owner should know.

    Attributes:
        id: such as "zero_area_box"; docs/datasets.md lists them all.
        count: how often.
        examples: at most 5, each with file, line and value.
        action: "mended" (repaired and kept), "skipped" (left out), "refused" (nothing can be done with it) or
            "note" (kept as it is).
        where: the images behind it, at most 200, each with the corners of the box that is meant, or None.
    """

    id: str
    count: int
    examples: tuple[str, ...]
    action: str
    where: tuple["Place", ...] = ()


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images, their boxes and classes, and what was found while reading them.

    Attributes:
        root: the folder that image names are relative to.
        name: for people, and for the names of runs.
        format: which annotation format was read, such as "coco"; "images" when there are pictures alone.
        class_names: dense; `class_id` is an index into it.
        images: sorted by name; every picture that can be decoded, unlabelled ones included.
        findings: what was mended, skipped, refused or noted.
        notes: sentences: what was understood, chosen and left aside; how the splits were made.
    """

    root: Path
    name: str
    format: str
    class_names: tuple[str, ...]
    images: tuple[Image, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def of_split(self, split: str) -> tuple[Image, ...]:
        """The labelled images of a split: those that can be trained or evaluated on."""
        return tuple(image for image in self.images if image.split == split and image.labelled)

    @property
    def annotation_count(self) -> int:
        """Boxes kept, in all images."""
        return sum(len(image.boxes_xyxy) for image in self.images)
