"""An annotation file of one image of a project: its text becomes boxes."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from epochal.datasets.headers import parse_header
from epochal.datasets.labels import LabelledBox, live_image, set_annotations
from epochal.datasets.one_image import read_annotation_file
from epochal.storage.blobs import BlobStore

_HEADER_BYTES = 1 << 16


def annotate_image(
    session: Session,
    blobs: BlobStore,
    project_id: str,
    image_id: str,
    text: str,
    *,
    file_name: str,
    labelmap: Mapping[str, str] | None = None,
    is_prediction: bool = False,
    joins_dataset: bool = True,
    overwrite: bool = False,
) -> int:
    """Put the boxes of an annotation file on an image.

    Args:
        session: that writes.
        blobs: with the picture, whose EXIF orientation turns boxes that were drawn on its stored pixels.
        project_id: of the image.
        image_id: of the image.
        text: of the file, in any format of `read_annotation_file`.
        file_name: for messages.
        labelmap: names of class numbers.
        is_prediction: a model's: drafts, and the image stays where it is.
        joins_dataset: False keeps the image out of the dataset, though it is labelled.
        overwrite: put them in the place of what a person has labelled.

    Returns:
        How many boxes it has now.

    Raises:
        NotFound: no such image.
        Conflict: it is already annotated and `overwrite` is False.
        DatasetError: the text is no annotation file.
    """
    row = live_image(session, project_id, image_id)
    found = read_annotation_file(
        text,
        file_name=file_name,
        image_name=row.name,
        image_wh=(row.width_px, row.height_px),
        labelmap=labelmap,
        orientation=_orientation(blobs, row.sha256) if row.media_type == "image/jpeg" else 1,
    )
    boxes = [LabelledBox(class_name, box) for class_name, box in found.boxes]
    return set_annotations(
        session,
        project_id,
        image_id,
        boxes,
        source="model" if is_prediction else "person",
        is_draft=is_prediction,
        joins_dataset=joins_dataset,
        overwrite=overwrite,
    )


def _orientation(blobs: BlobStore, sha256: str) -> int:
    end = min(_HEADER_BYTES, blobs.size_bytes(sha256))
    header = parse_header(b"".join(blobs.stream(sha256, 0, end)), b"\xff\xd9")
    return header.orientation if header is not None else 1
