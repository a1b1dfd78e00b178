"""A project as a `Dataset`: what versions, the health check and evaluations are made of."""

import posixpath
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets.classes import list_classes
from epochal.datasets.dataset import Dataset, Image
from epochal.datasets.tables import AnnotationRow, ImageRow, ImageTagRow, ProjectRow
from epochal.errors import NotFound
from epochal.storage.blobs import BlobStore


def load_dataset(
    session: Session,
    blobs: BlobStore,
    project_id: str,
    *,
    only_in_dataset: bool = True,
    image_ids: Sequence[str] | None = None,
) -> Dataset:
    """Read a project.

    Args:
        session: that reads.
        blobs: where the pictures are; each comes to a local file.
        project_id: of the project.
        only_in_dataset: leave out images that are still in their batch.
        image_ids: these images alone.

    Returns:
        The dataset. `Image.path` is a file that must not be changed; `Image.name` is the name that it was uploaded by,
        with its id before the ending where several have the same. Drafts are no boxes.

    Raises:
        NotFound: no such project, or a picture is missing from the store.
    """
    project = session.get(ProjectRow, project_id)
    if project is None:
        raise NotFound(f"There is no project {project_id!r}.")
    query = select(ImageRow).where(ImageRow.project_id == project_id, ImageRow.deleted_at.is_(None))
    if only_in_dataset:
        query = query.where(ImageRow.in_dataset)
    if image_ids is not None:
        query = query.where(ImageRow.id.in_(image_ids))
    rows = session.scalars(query.order_by(ImageRow.created_at, ImageRow.id)).all()
    boxes, tags = _read_boxes(session, project_id, image_ids), _read_tags(session, project_id, image_ids)
    names = _unique_names(list(rows))
    images = []
    for row in rows:
        own = boxes.get(row.id, [])
        images.append(
            Image(
                path=blobs.local_path(row.sha256),
                name=names[row.id],
                image_wh=(row.width_px, row.height_px),
                split=row.split,
                boxes_xyxy=np.array([box[:4] for box in own], np.float32).reshape(-1, 4),
                class_id=np.array([box[4] for box in own], np.int64),
                is_crowd=np.array([box[5] for box in own], np.bool_),
                labelled=row.is_labelled,
                sha256=row.sha256,
                tags=tuple(tags.get(row.id, ())),
            )
        )
    images.sort(key=lambda image: image.name)
    class_names = tuple(one.name for one in list_classes(session, project_id))
    return Dataset(Path(project.slug), project.slug, "project", class_names, tuple(images), (), ())


def _read_boxes(
    session: Session, project_id: str, image_ids: Sequence[str] | None
) -> dict[str, list[tuple[float, float, float, float, int, bool]]]:
    query = (
        select(
            AnnotationRow.image_id,
            AnnotationRow.x_min,
            AnnotationRow.y_min,
            AnnotationRow.x_max,
            AnnotationRow.y_max,
            AnnotationRow.class_id,
            AnnotationRow.is_crowd,
        )
        .where(AnnotationRow.project_id == project_id, AnnotationRow.is_draft.is_(False))
        .order_by(AnnotationRow.image_id, AnnotationRow.number)
    )
    if image_ids is not None:
        query = query.where(AnnotationRow.image_id.in_(image_ids))
    boxes: dict[str, list[tuple[float, float, float, float, int, bool]]] = defaultdict(list)
    for image_id, x_min, y_min, x_max, y_max, class_id, is_crowd in session.execute(query):
        boxes[image_id].append((x_min, y_min, x_max, y_max, class_id, is_crowd))
    return boxes


def _read_tags(session: Session, project_id: str, image_ids: Sequence[str] | None) -> dict[str, list[str]]:
    query = (
        select(ImageTagRow.image_id, ImageTagRow.tag)
        .join(ImageRow, ImageRow.id == ImageTagRow.image_id)
        .where(ImageRow.project_id == project_id)
        .order_by(ImageTagRow.image_id, ImageTagRow.tag)
    )
    if image_ids is not None:
        query = query.where(ImageTagRow.image_id.in_(image_ids))
    tags: dict[str, list[str]] = defaultdict(list)
    for image_id, tag in session.execute(query):
        tags[image_id].append(tag)
    return tags


def _unique_names(rows: list[ImageRow]) -> dict[str, str]:
    """{image id: name}; the oldest keeps its own, so that names do not change when images are added."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for row in rows:
        name = row.name.replace("/", "_")
        if name.casefold() in taken:
            stem, suffix = posixpath.splitext(name)
            name = f"{stem}-{row.id}{suffix}"
        taken.add(name.casefold())
        names[row.id] = name
    return names
