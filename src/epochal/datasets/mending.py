"""Mend boxes where that is safe, leave out those that mean nothing, and count both."""

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.annotations import Annotations
from epochal.datasets.dataset import Place
from epochal.datasets.scanning import Picture

# Corners this far outside are rounding of the file format, not a mistake: six decimals of a fraction are 0.02 px
# of a 20,000 px image.
ROUNDING_PX = 0.05
_FAR = 1e30  # a number beyond it overflows in what is counted with it, and stands for none

Corners = NDArray[np.float64]


class BoxTable:
    """The boxes of a dataset while they are checked; columns of equal length.

    Attributes:
        corners: (N, 4) float64, pixels of the displayed image.
        image: (N,) int64, index into the pictures.
        class_id: (N,) int64.
        is_crowd: (N,) bool.
    """

    def __init__(self, annotations: Annotations, pictures: list[Picture | None]) -> None:
        self._annotations = annotations
        self._findings = annotations.findings
        self._kept = np.arange(len(annotations))
        self._is_fraction = annotations.normalised
        self.image = annotations.image_index
        self.class_id = annotations.class_id
        self.is_crowd = annotations.is_crowd
        self.corners = annotations.corners
        self._wh = np.array([p.image_wh if p else (0, 0) for p in pictures], np.float64).reshape(-1, 2)
        self._orientation = np.array([p.orientation if p else 1 for p in pictures], np.int64)
        self._declared = np.array(annotations.declared_wh, np.float64).reshape(-1, 2)

    def mend(self) -> None:
        """Run all checks, in the order in which they depend on each other."""
        self._keep_where(_all(self._wh[self.image] > 0), "box_on_unreadable_image")
        self._drop_unknown_classes()
        self._drop_nan()
        if self._annotations.normalised:
            self.corners = self.corners * np.tile(self._wh[self.image], 2)
            self._is_fraction = False
        self._swap_inverted()
        if not self._annotations.normalised:
            self._turn_with_image()
            self._scale_to_image()
        self._drop_without_area("zero_area_box")
        self._clip()
        self._note_repeated()

    def _keep_where(self, keep: NDArray[np.bool_], finding_id: str | None, action: str = "skipped") -> None:
        if finding_id is not None:
            self._count(~keep, finding_id, action)
        if not keep.all():
            for name in ("corners", "image", "class_id", "is_crowd", "_kept"):
                setattr(self, name, getattr(self, name)[keep])

    def _count(self, where: NDArray[np.bool_], finding_id: str, action: str) -> None:
        rows = np.flatnonzero(where)
        examples = (self._describe(int(row)) for row in rows)
        self._findings.add_many(finding_id, action, len(rows), examples, (self._place(int(row)) for row in rows))

    def _place(self, row: int) -> Place:
        x0, y0, x1, y1 = self.corners[row].tolist()
        is_box = not self._is_fraction and np.isfinite(self.corners[row]).all()  # fractions are no corners yet
        return self._annotations.images[int(self.image[row])], (x0, y0, x1, y1) if is_box else None

    def _describe(self, row: int) -> str:
        box = ", ".join(f"{value:g}" for value in self.corners[row])
        name = self._annotations.images[int(self.image[row])]
        return f"{self._annotations.place_of(int(self._kept[row]))}: ({box}) on {name}"

    def _drop_unknown_classes(self) -> None:
        count = len(self._annotations.class_names)
        bad = (self.class_id < 0) | (self.class_id >= count)
        rows = np.flatnonzero(bad)
        examples = (
            f"{self._annotations.place_of(int(self._kept[row]))}: class id {self.class_id[row]}, "
            f"but there are {count} classes, 0 to {count - 1}"
            for row in rows
        )
        places = (self._place(int(row)) for row in rows)
        self._findings.add_many("class_id_out_of_range", "skipped", len(rows), examples, places)
        self._keep_where(~bad, None)

    def _drop_nan(self) -> None:
        self._keep_where(_all(np.abs(self.corners) < _FAR), "nan_box")  # NaN is not less than anything

    def _swap_inverted(self) -> None:
        low = np.minimum(self.corners[:, :2], self.corners[:, 2:])
        high = np.maximum(self.corners[:, :2], self.corners[:, 2:])
        self._count(~_all(low == self.corners[:, :2]), "inverted_box", "mended")
        self.corners = np.concatenate([low, high], axis=1)

    def _turn_with_image(self) -> None:
        """Boxes drawn on the stored pixels of a picture that EXIF turns: turn them too.

        They were drawn so when the format declares the stored size, or when they fit the stored frame alone.
        """
        turned = self._orientation >= 5
        if not turned.any() or not len(self.image):
            return
        stored = self._wh[:, ::-1]
        says_stored = (self._declared == stored).all(axis=1) & (self._declared != self._wh).any(axis=1)
        fits_stored, fits_shown = self._fits(stored), self._fits(self._wh)
        images = turned & fits_stored & (says_stored | ~fits_shown)
        rows = images[self.image]
        self._count(rows, "box_in_stored_frame", "mended")
        for orientation in (5, 6, 7, 8):
            chosen = rows & (self._orientation[self.image] == orientation)
            if chosen.any():
                self.corners[chosen] = turn_boxes(self.corners[chosen], stored[self.image[chosen]], orientation)

    def _scale_to_image(self) -> None:
        """Boxes drawn on a picture of another size, which was resized since: scale them.

        Only when the declared size has the picture's shape and the boxes fit there but not here; else the declared
        size is more likely wrong than the boxes.
        """
        if not len(self.image):
            return
        declared, wh = self._declared, self._wh
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = wh / declared
            same_shape = np.abs(factor[:, 0] / factor[:, 1] - 1) < 0.02
        differs = (declared > 0).all(axis=1) & (declared != wh).any(axis=1) & (declared != wh[:, ::-1]).any(axis=1)
        images = differs & same_shape & ~self._fits(wh) & self._fits(declared)
        rows = images[self.image]
        self._count(rows, "box_of_resized_image", "mended")
        self.corners[rows] *= np.tile(factor[self.image[rows]], 2)
        names = np.flatnonzero(differs & ~images & (wh > 0).all(axis=1))
        examples = (
            f"{self._annotations.images[i]} is {wh[i, 0]:g} × {wh[i, 1]:g}, "
            f"its annotation says {declared[i, 0]:g} × {declared[i, 1]:g}"
            for i in names
        )
        places = ((self._annotations.images[i], None) for i in names)
        self._findings.add_many("size_differs", "note", len(names), examples, places)

    def _fits(self, wh: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each image, whether all its boxes lie inside a frame of this size, up to a pixel."""
        outside = (self.corners[:, 2:] > wh[self.image] + 1).any(axis=1)
        fits = np.ones(len(wh), np.bool_)
        fits[self.image[outside]] = False
        return fits

    def _drop_without_area(self, finding_id: str) -> None:
        sides = self.corners[:, 2:] - self.corners[:, :2]
        self._keep_where(_all(sides > 0), finding_id)

    def _clip(self) -> None:
        limit = np.tile(self._wh[self.image], 2)
        inside = np.clip(self.corners, 0, limit)
        moved = np.abs(inside - self.corners).max(axis=1, initial=0) > ROUNDING_PX
        gone = ~_all(inside[:, 2:] > inside[:, :2])
        self._count(moved & ~gone, "box_outside_image", "mended")
        self._count(gone, "box_outside_image", "skipped")
        self.corners = inside
        self._keep_where(~gone, None)
        # float32 may round two different corners into one, far out on a large picture
        self.corners = self.corners.astype(np.float32).astype(np.float64)
        self._drop_without_area("zero_area_box")

    def _note_repeated(self) -> None:
        """Boxes that stand twice, equal in image, class and corners; they are kept, as no one knows which is meant."""
        if not len(self.image):
            return
        rows = np.column_stack([self.image, self.class_id, self.corners])
        self._count(find_repeated(rows), "repeated_box", "note")


def find_repeated(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N, K) to (N,): rows that stand a second time, and a third."""
    rows = rows + 0.0  # makes -0.0 to 0.0
    again = np.zeros(len(rows), np.bool_)
    # Sorted by one number made of a whole row, which is many times faster than sorting by columns.
    odd = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, *range(3, 99, 2)], np.uint64)
    mixed = np.ascontiguousarray(rows).view(np.uint64) * odd[: rows.shape[1]]
    order = np.argsort((mixed ^ (mixed >> np.uint64(31))).sum(axis=1, dtype=np.uint64), kind="stable")
    again[order[1:]] = _all(rows[order[1:]] == rows[order[:-1]])
    return again


def turn_boxes(corners: Corners, stored_wh: NDArray[np.float64], orientation: int) -> Corners:
    """Carry boxes from the stored frame into the displayed one.

    Args:
        corners: (N, 4), pixels of the stored picture.
        stored_wh: (N, 2), its size.
        orientation: EXIF's, 1–8.

    Returns:
        (N, 4), pixels of the displayed picture. Source: Exif 2.32, table of orientations.
    """
    x, y = corners[:, [0, 2]], corners[:, [1, 3]]
    width, height = stored_wh[:, :1], stored_wh[:, 1:]
    if orientation in (2, 3, 7, 8):
        x = (width - x)[:, ::-1]
    if orientation in (3, 4, 6, 7):
        y = (height - y)[:, ::-1]
    if orientation >= 5:
        x, y = y, x
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)


def _all(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N, K) to (N,): whether a whole row is true."""
    return np.asarray(rows.all(axis=1), np.bool_)
