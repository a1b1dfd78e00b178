"""Boxes of one image as people edit them: read with a revision, saved against it, a model's drafts among them.

While a draft is left the image is unlabelled: what a person has drawn or taken beside it is kept, and counts when the
last draft is taken or removed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from epochal.datasets.labels import LabelledBox, clear_annotations, live_image, put_boxes, read_annotations
from epochal.errors import Conflict


@dataclass(frozen=True)
class ImageLabels:
    """What an image is labelled with.

    Attributes:
        boxes: in their order, drafts too.
        is_labelled: a person has looked at it, and no draft is left; without boxes nothing is on it.
        revision: changes when boxes or `is_labelled` do; the same content has the same one.
    """

    boxes: tuple[LabelledBox, ...]
    is_labelled: bool
    revision: str


def read_labels(session: Session, project_id: str, image_id: str) -> ImageLabels:
    """The boxes of an image, and what to save changes against. Raises NotFound."""
    row = live_image(session, project_id, image_id)
    boxes = tuple(read_annotations(session, project_id, [image_id])[image_id])
    told = [row.is_labelled, [[b.class_name, b.box_xyxy, b.confidence, b.is_crowd, b.is_draft] for b in boxes]]
    return ImageLabels(boxes, row.is_labelled, hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16])


def save_labels(
    session: Session,
    project_id: str,
    image_id: str,
    boxes: Sequence[LabelledBox],
    *,
    expects: str | None = None,
    is_unlabelled_when_empty: bool = False,
    joins_dataset: bool = True,
) -> ImageLabels:
    """Put boxes on an image in the place of those that it has.

    Args:
        session: that writes.
        project_id: of the image.
        image_id: of the image.
        boxes: drafts among them stay drafts; a box with a confidence that is none is a model's that was taken.
        expects: the revision that was read before; None: whatever is there now is replaced.
        is_unlabelled_when_empty: no box means that nobody has looked, not that nothing is there.
        joins_dataset: versions are made of the image from now on, as soon as no draft is left.

    Returns:
        What it is labelled with now; a box outside the image or without an area is left out, others are cut at its
        edge.

    Raises:
        NotFound: no such image.
        Conflict: its labels are others than `expects` by now; nothing is changed.
        BadInput: a box that is no box, too many boxes, or a class name that cannot be one.
    """
    live_image(session, project_id, image_id, for_update=True)
    if expects is not None and read_labels(session, project_id, image_id).revision != expects:
        raise Conflict(
            "Somebody else has changed the labels of this image since it was opened; look at theirs, or save without "
            "`expects` to put yours in their place."
        )
    if not boxes and is_unlabelled_when_empty:
        clear_annotations(session, project_id, image_id)
    else:
        put_boxes(session, project_id, image_id, boxes, joins_dataset=joins_dataset)
    return read_labels(session, project_id, image_id)
