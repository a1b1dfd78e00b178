"""`Annotations`: what one format says about a folder, in columns, before anything is checked.

Columns and not one object per box: a dataset has a million of them.
"""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.findings import FindingLog
from epochal.datasets.formats.record import RecordBox

_RECORD_FINDINGS = {
    "polygon": ("polygon_as_box", "mended", "is a polygon; its bounding box is used"),
    "rotated": ("rotated_as_box", "mended", "is turned; the upright box around it is used"),
}


class Annotations:
    """Boxes of many images, as written; an importer fills it.

    Attributes:
        format: the format's name, such as "coco".
        place_word: what `place` counts in a source file: "line", "object", "annotation".
        normalised: boxes are fractions of the image, not pixels.
        class_names: dense; a `class_id` beyond it is an error of the data, found later.
        images: paths below the dataset's root, one for each image index.
        splits: what the format itself says of each image; None where it says nothing.
        labelled: whether somebody looked at the image.
        declared_wh: the size that the format gives for each image; (0, 0) where it gives none.
        tags: {image index: tags}, of those that have some.
        sources: the annotation files, one for each source index.
        promised_splits: {split: who speaks of it}, whether or not it holds an image.
        findings: what reading met already.
        notes: sentences about what was understood.
    """

    def __init__(self, format_name: str, place_word: str = "line", *, normalised: bool = False) -> None:
        self.format = format_name
        self.place_word = place_word
        self.normalised = normalised
        self.class_names: list[str] = []
        self.images: list[str] = []
        self.splits: list[str | None] = []
        self.labelled: list[bool] = []
        self.declared_wh: list[tuple[int, int]] = []
        self.tags: dict[int, tuple[str, ...]] = {}
        self.sources: list[str] = []
        self.promised_splits: dict[str, str] = {}
        self.findings = FindingLog()
        self.notes: list[str] = []
        self._index: dict[str, int] = {}
        self._class_index: dict[str, int] = {}
        self._corners = array("d")
        self._image = array("q")
        self._class = array("q")
        self._crowd = array("b")
        self._source = array("q")
        self._place = array("q")

    def add_source(self, name: str) -> int:
        """Register an annotation file; gives its index."""
        self.sources.append(name)
        return len(self.sources) - 1

    def add_image(
        self, name: str, *, split: str | None = None, labelled: bool = True, declared_wh: tuple[int, int] = (0, 0)
    ) -> int:
        """Register an image, once; gives its index. A later call adds what the earlier ones did not know."""
        index = self._index.get(name)
        if index is None:
            index = self._index[name] = len(self.images)
            self.images.append(name)
            self.splits.append(split)
            self.labelled.append(labelled)
            self.declared_wh.append(declared_wh)
            return index
        self.splits[index] = self.splits[index] or split
        self.labelled[index] = self.labelled[index] or labelled
        if self.declared_wh[index] == (0, 0):
            self.declared_wh[index] = declared_wh
        return index

    def is_among(self, name: str, first: int) -> bool:
        """Whether the image is one of the `first` that were registered: another file has spoken of it then."""
        return self._index.get(name, first) < first

    def class_id_of(self, class_name: str) -> int:
        """The id of a class by its name; a new name gets the next id."""
        found = self._class_index.get(class_name)
        if found is None:
            found = self._class_index[class_name] = len(self.class_names)
            self.class_names.append(class_name)
        return found

    def add_box(
        self, image: int, class_id: int, box_xyxy: Sequence[float], *, source: int, place: int, is_crowd: bool = False
    ) -> None:
        """Add a box as written: corners in pixels, or in fractions where `normalised`."""
        self._corners.extend(box_xyxy)
        self._image.append(image)
        self._class.append(class_id)
        self._crowd.append(is_crowd)
        self._source.append(source)
        self._place.append(place)

    def add_record_box(self, image: int, source: int, box: RecordBox, class_id: int | None = None) -> None:
        """Add a box of the smaller formats, of the class that it names unless `class_id` says it; count what is odd."""
        finding = _RECORD_FINDINGS.get(box.was)
        if box.box_xyxy is None:
            finding = ("annotation_without_box", "skipped", "is no box")
        elif not box.class_name:
            finding = ("annotation_without_class", "skipped", "has no class")
        else:
            known = self.class_id_of(box.class_name) if class_id is None else class_id
            self.add_box(image, known, box.box_xyxy, source=source, place=box.place)
        if finding is not None:
            where = f"{self.sources[source]} {self.place_word} {box.place} on {self.images[image]}"
            self.findings.add(finding[0], finding[1], f"{where} {finding[2]}", image=self.images[image])

    def add_boxes(
        self,
        image: NDArray[np.int64],
        class_id: NDArray[np.int64],
        boxes_xyxy: NDArray[np.float64],
        *,
        source: int,
        place: NDArray[np.int64],
        is_crowd: NDArray[np.bool_],
    ) -> None:
        """Add many boxes of one file at once; all arrays have N rows."""
        self._corners.frombytes(np.ascontiguousarray(boxes_xyxy, np.float64).tobytes())
        self._image.frombytes(np.ascontiguousarray(image, np.int64).tobytes())
        self._class.frombytes(np.ascontiguousarray(class_id, np.int64).tobytes())
        self._crowd.frombytes(np.ascontiguousarray(is_crowd, np.int8).tobytes())
        self._source.extend(array("q", [source]) * len(place))
        self._place.frombytes(np.ascontiguousarray(place, np.int64).tobytes())

    def sort_classes(self) -> None:
        """Put class names into alphabetical order, for formats that give none of their own."""
        order = sorted(range(len(self.class_names)), key=lambda i: self.class_names[i])
        self.reorder_classes(order)

    def reorder_classes(self, order: Sequence[int]) -> None:
        """Keep the classes at these ids, in this order; boxes of others get the id -1, which is no class."""
        new_id = np.full(len(self.class_names) + 1, -1, np.int64)  # the last one is for the id -1
        new_id[list(order)] = np.arange(len(order))
        self.set_class_names([self.class_names[i] for i in order])
        self._class = array("q", new_id[self.class_id].tolist())

    def set_class_names(self, names: Iterable[str]) -> None:
        """Give the classes their names; ids stay."""
        self.class_names = list(names)
        self._class_index = {name: i for i, name in enumerate(self.class_names)}

    def __len__(self) -> int:
        return len(self._image)

    @property
    def corners(self) -> NDArray[np.float64]:
        """(N, 4), as written."""
        return np.array(self._corners, np.float64).reshape(-1, 4)

    @property
    def image_index(self) -> NDArray[np.int64]:
        """(N,), indices into `images`."""
        return np.array(self._image, np.int64)

    @property
    def class_id(self) -> NDArray[np.int64]:
        """(N,), indices into `class_names`, or beyond."""
        return np.array(self._class, np.int64)

    @property
    def is_crowd(self) -> NDArray[np.bool_]:
        """(N,)."""
        return np.array(self._crowd, np.bool_)

    def place_of(self, box: int) -> str:
        """Where a box stands: "labels/a.txt line 3"."""
        return f"{self.sources[self._source[box]]} {self.place_word} {self._place[box]}"

    @property
    def annotated_images(self) -> int:
        """How many images have at least one box; what formats are compared by."""
        return len(set(self._image))
