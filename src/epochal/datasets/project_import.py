"""A dataset that was read from files becomes images and boxes of a project; begun anew it goes on where it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from epochal.datasets.dataset import Dataset, Image
from epochal.datasets.labels import LabelledBox, live_image, set_annotations
from epochal.datasets.pictures import read_bytes
from epochal.datasets.scanning import Progress
from epochal.datasets.uploads import InspectedImage, inspect_image, keep_image, record_image
from epochal.errors import DatasetError, Failed, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database


@dataclass(frozen=True)
class Imported:
    """What came of it.

    Attributes:
        images: new in the project.
        duplicates: were there before.
        annotated: got the boxes of the dataset, or are background in it.
        kept_existing: had been annotated by a person before, and were left so.
        failed: sentences on files that could not be read, at most 20.
    """

    images: int
    duplicates: int
    annotated: int
    kept_existing: int
    failed: tuple[str, ...]


def import_dataset(
    database: Database,
    blobs: BlobStore,
    project_id: str,
    dataset: Dataset,
    *,
    split: str | None = None,
    batch_name: str = "",
    tags: Sequence[str] = (),
    overwrite: bool = False,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Imported:
    """Add the images and boxes of a dataset to a project, each image in a transaction of its own.

    Args:
        database: of the project.
        blobs: gets the images.
        project_id: of the project.
        dataset: of `open_dataset`.
        split: for every image; None: as the dataset says, else train.
        batch_name: the batch that they come in; the default one when empty.
        tags: for every image, beside the dataset's own.
        overwrite: put the dataset's boxes in the place of those that a person has made.
        progress: called with (images done, images in all).
        is_cancelled: asked before every image.

    Raises:
        Failed: it was cancelled; what was added stays, and the same import adds the rest.
        StorageFull: the disk is full.
    """
    counts = {"images": 0, "duplicates": 0, "annotated": 0, "kept_existing": 0}
    failed: list[str] = []
    for done, image in enumerate(dataset.images):
        if is_cancelled():
            raise Failed(f"Stopped after {done} of {len(dataset.images)} images; import again for the rest.")
        if progress is not None:
            progress(done, len(dataset.images))
        try:
            inspected = inspect_image(read_bytes(image.path), image.name)
        except (DatasetError, NotFound) as error:
            failed.append(str(error).replace(str(dataset.root), dataset.name))
            continue
        is_new = keep_image(blobs, inspected)
        one = _Incoming(project_id, image, inspected, dataset.class_names, split, batch_name, tuple(tags), overwrite)
        for word in database.write_grouped(one.record):
            counts[word] += 1
        if not is_new:
            keep_image(blobs, inspected)
    return Imported(**counts, failed=tuple(failed[:20]))


@dataclass(frozen=True)
class _Incoming:
    """An image that is about to get its row."""

    project_id: str
    image: Image
    inspected: InspectedImage
    class_names: tuple[str, ...]
    split: str | None
    batch_name: str
    tags: tuple[str, ...]
    overwrite: bool

    def record(self, session: Session) -> list[str]:
        """Write it; gives what is to be counted."""
        added = record_image(
            session,
            self.project_id,
            self.inspected,
            name=self.image.name,
            split=self.split or self.image.split or "train",
            batch_name=self.batch_name,
            tags=(*self.tags, *self.image.tags),
        )
        words = ["duplicates" if added.is_duplicate else "images"]
        if not self.image.labelled:
            return words
        if live_image(session, self.project_id, added.id).is_labelled and not self.overwrite:
            return [*words, "kept_existing"]
        set_annotations(session, self.project_id, added.id, boxes_of(self.image, self.class_names))
        return [*words, "annotated"]


def boxes_of(image: Image, class_names: Sequence[str]) -> list[LabelledBox]:
    """The boxes of a dataset's image by the names of their classes."""
    return [
        LabelledBox(class_names[class_id], (x_min, y_min, x_max, y_max), is_crowd=is_crowd)
        for (x_min, y_min, x_max, y_max), class_id, is_crowd in zip(
            image.boxes_xyxy.tolist(), image.class_id.tolist(), image.is_crowd.tolist(), strict=True
        )
    ]
