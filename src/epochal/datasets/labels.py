"""Boxes on an image of a project: a person's, or a model's proposals (drafts)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from epochal.datasets.classes import ensure_classes, list_classes
from epochal.datasets.projects import touch_project
from epochal.datasets.tables import AnnotationRow, ImageRow
from epochal.errors import BadInput, Conflict, NotFound

BOXES_MAX = 20_000


@dataclass(frozen=True)
class LabelledBox:
    """A box by the name of its class; corners in pixels of the displayed image.

    Attributes:
        confidence: of a model's box, 0–1.
        is_draft: a model's proposal that nobody has looked at.
    """

    class_name: str
    box_xyxy: tuple[float, float, float, float]
    confidence: float | None = None
    is_crowd: bool = False
    is_draft: bool = False
    source: str = "person"


def set_annotations(
    session: Session,
    project_id: str,
    image_id: str,
    boxes: Sequence[LabelledBox],
    *,
    source: str = "person",
    is_draft: bool = False,
    joins_dataset: bool = True,
    overwrite: bool = True,
) -> int:
    """Put boxes on an image in the place of those that it has; classes come into being when they are first used.

    Args:
        session: that writes.
        project_id: of the image.
        image_id: of the image.
        boxes: none: it was looked at and nothing is there (not for drafts).
        source: "person" or "model".
        is_draft: a model's proposals, in the place of earlier ones: the image stays unlabelled and out of the dataset
            until a person looks, and what a person has drawn on it already stays.
        joins_dataset: versions are made of it from now on; not for drafts. False leaves it where it is.
        overwrite: False refuses an image that a person has labelled.

    Returns:
        How many boxes it has now; a box outside the image or without an area is left out, others are cut at its edge.

    Raises:
        NotFound: no such image.
        Conflict: it is already annotated and `overwrite` is False.
        BadInput: a box that is no box, too many boxes, or a class name that cannot be one.
    """
    row = live_image(session, project_id, image_id)
    if row.is_labelled and not overwrite:
        raise Conflict(f"Image {image_id} is already annotated; send overwrite=true to put these in their place.")
    if row.is_labelled and is_draft:
        raise Conflict(f"Image {image_id} is already annotated by a person; a model's proposals do not replace that.")
    given = [replace(box, source=source, is_draft=is_draft) for box in boxes]
    own = [one for one in read_annotations(session, project_id, [image_id])[image_id] if not one.is_draft]
    if not is_draft:
        return put_boxes(session, project_id, image_id, given, joins_dataset=joins_dataset)
    # Also where the model proposes nothing: that it found nothing does not say that nothing is there.
    return put_boxes(session, project_id, image_id, [*own, *given], is_looked_at=False) - len(own)


def put_boxes(
    session: Session,
    project_id: str,
    image_id: str,
    boxes: Sequence[LabelledBox],
    *,
    joins_dataset: bool = True,
    is_looked_at: bool = True,
) -> int:
    """As `set_annotations`, of boxes that say themselves what is a draft and whose it is.

    The image is labelled, and in the dataset if it joins it, when a person has looked at it and none of them is a
    draft; else it is unlabelled.
    """
    row = live_image(session, project_id, image_id)
    if len(boxes) > BOXES_MAX:
        raise BadInput(f"Expected at most {BOXES_MAX:,} boxes on an image; got {len(boxes):,}.")
    kept = [(box, cut) for box in boxes if (cut := _cut(box.box_xyxy, row.width_px, row.height_px)) is not None]
    ids = ensure_classes(session, project_id, [box.class_name for box, _ in kept])
    session.execute(delete(AnnotationRow).where(AnnotationRow.image_id == image_id))
    rows = [
        {
            "image_id": image_id,
            "number": number,
            "project_id": project_id,
            "class_id": ids[" ".join(box.class_name.split())],
            **dict(zip(("x_min", "y_min", "x_max", "y_max"), cut, strict=True)),
            "is_crowd": box.is_crowd,
            "source": box.source,
            "is_draft": box.is_draft,
            "confidence": box.confidence,
        }
        for number, (box, cut) in enumerate(kept)
    ]
    if rows:
        session.execute(insert(AnnotationRow), rows)
    if not is_looked_at or any(box.is_draft for box in boxes):
        row.is_labelled, row.review, row.in_dataset = False, "unannotated", False
    else:
        row.is_labelled, row.review = True, "annotated"
        row.in_dataset = row.in_dataset or joins_dataset
    row.updated_at = time.time()
    session.flush()
    touch_project(session, project_id)
    return len(rows)


def clear_annotations(session: Session, project_id: str, image_id: str) -> None:
    """Take all boxes off an image; it is unlabelled then, and out of the dataset. Raises NotFound."""
    row = live_image(session, project_id, image_id)
    session.execute(delete(AnnotationRow).where(AnnotationRow.image_id == image_id))
    row.is_labelled, row.in_dataset, row.review = False, False, "unannotated"
    row.updated_at = time.time()
    session.flush()
    touch_project(session, project_id)


def accept_drafts(session: Session, project_id: str, image_id: str, *, joins_dataset: bool = True) -> int:
    """Take a model's proposals on an image for good, as they are. Raises NotFound."""
    row = live_image(session, project_id, image_id)
    drafts = session.scalars(select(AnnotationRow).where(AnnotationRow.image_id == image_id)).all()
    for draft in drafts:
        draft.is_draft = False
    row.is_labelled, row.review = True, "annotated"
    row.in_dataset = row.in_dataset or joins_dataset
    row.updated_at = time.time()
    session.flush()
    touch_project(session, project_id)
    return len(drafts)


def read_annotations(session: Session, project_id: str, image_ids: Sequence[str]) -> dict[str, list[LabelledBox]]:
    """{image id: its boxes in their order}, drafts included; every id is a key."""
    names = {one.class_id: one.name for one in list_classes(session, project_id)}
    query = (
        select(AnnotationRow)
        .where(AnnotationRow.project_id == project_id, AnnotationRow.image_id.in_(image_ids))
        .order_by(AnnotationRow.image_id, AnnotationRow.number)
    )
    boxes: dict[str, list[LabelledBox]] = {image_id: [] for image_id in image_ids}
    for row in session.scalars(query):
        corners = (row.x_min, row.y_min, row.x_max, row.y_max)
        boxes[row.image_id].append(
            LabelledBox(names[row.class_id], corners, row.confidence, row.is_crowd, row.is_draft, row.source)
        )
    return boxes


def live_image(session: Session, project_id: str, image_id: str, *, for_update: bool = False) -> ImageRow:
    """The row of an image that is not in the trash, held for this transaction if wanted. Raises NotFound."""
    row = session.get(ImageRow, image_id, with_for_update=True if for_update else None)
    if row is None or row.project_id != project_id or row.deleted_at is not None:
        raise NotFound(f"There is no image {image_id[:60]!r} in this project; search it to see which there are.")
    return row


def _cut(box: tuple[float, float, float, float], width: int, height: int) -> tuple[float, float, float, float] | None:
    """A box cut at the edges of its image; None when nothing is left of it."""
    x_min, y_min, x_max, y_max = (float(value) for value in box)
    if not all(abs(value) < 1e9 for value in (x_min, y_min, x_max, y_max)):  # NaN too
        raise BadInput(f"{box} is no box; expected four numbers x_min, y_min, x_max, y_max in pixels.")
    cut = (max(x_min, 0.0), max(y_min, 0.0), min(x_max, float(width)), min(y_max, float(height)))
    return cut if cut[2] > cut[0] and cut[3] > cut[1] else None
