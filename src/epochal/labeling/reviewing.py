"""What becomes of drafts: taken for good, or refused; of many images at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets.labels import (
    LabelledBox,
    accept_drafts,
    clear_annotations,
    put_boxes,
    read_annotations,
    set_annotations,
)
from epochal.datasets.tables import AnnotationRow, ImageRow
from epochal.errors import NotFound


@dataclass(frozen=True)
class Reviewed:
    """How many images had drafts, and how many boxes were taken and refused on them."""

    images: int
    accepted: int
    rejected: int


def images_with_drafts(session: Session, project_id: str, batch_id: str | None = None) -> list[str]:
    """The ids of the images on which a model proposes something, of a batch or of the whole project."""
    query = (
        select(ImageRow.id)
        .join(AnnotationRow, AnnotationRow.image_id == ImageRow.id)
        .where(ImageRow.project_id == project_id, ImageRow.deleted_at.is_(None), AnnotationRow.is_draft)
    )
    if batch_id is not None:
        query = query.where(ImageRow.batch_id == batch_id)
    return list(session.scalars(query.distinct().order_by(ImageRow.id)))


def review_drafts(
    session: Session, project_id: str, image_ids: Sequence[str], *, accept: bool, least_confidence: float = 0.0,
    joins_dataset: bool = True,
) -> Reviewed:  # fmt: skip
    """Take the drafts of images for good, or refuse them.

    Args:
        session: that writes.
        project_id: of the images.
        image_ids: those without drafts are left as they are.
        accept: the drafts become annotations; False: they are removed and the image stays unlabelled.
        least_confidence: when accepting, less sure drafts are refused; an image of which none is sure enough stays
            unlabelled.
        joins_dataset: when accepting, versions are made of the images from now on.

    Raises:
        NotFound: an image is not in the project.
    """
    known = set(
        session.scalars(
            select(ImageRow.id).where(ImageRow.project_id == project_id, ImageRow.deleted_at.is_(None))
            .where(ImageRow.id.in_(image_ids))
        )
    )  # fmt: skip
    missing = [image_id for image_id in image_ids if image_id not in known]
    if missing:
        raise NotFound(f"There is no image {missing[0][:60]!r} in this project; search it to see which there are.")
    images = accepted = rejected = 0
    for image_id, boxes in read_annotations(session, project_id, image_ids).items():
        drafts = [box for box in boxes if box.is_draft]
        if not drafts:
            continue
        images += 1
        kept = [box for box in drafts if (box.confidence or 0) >= least_confidence] if accept else []
        accepted, rejected = accepted + len(kept), rejected + len(drafts) - len(kept)
        if not kept:  # also when accepting: that no draft is sure enough does not say that nothing is there
            _refuse(session, project_id, image_id, [box for box in boxes if not box.is_draft], joins_dataset)
            continue
        if len(kept) < len(drafts):
            set_annotations(session, project_id, image_id, kept, source="model", is_draft=True, joins_dataset=False)
        accept_drafts(session, project_id, image_id, joins_dataset=joins_dataset)
    return Reviewed(images, accepted, rejected)


def _refuse(session: Session, project_id: str, image_id: str, own: list[LabelledBox], joins_dataset: bool) -> None:
    """Take the drafts off an image; what a person has put beside them labels it now."""
    if own:
        put_boxes(session, project_id, image_id, own, joins_dataset=joins_dataset)
    else:
        clear_annotations(session, project_id, image_id)
