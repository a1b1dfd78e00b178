"""Images of projects as values; what may be changed on them; those in the trash."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from epochal.datasets.labels import live_image
from epochal.datasets.projects import touch_project
from epochal.datasets.tables import AnnotationRow, ClassRow, ImageRow, ImageTagRow, ProjectRow
from epochal.datasets.uploads import check_metadata, check_tags, parse_split, shown_name
from epochal.errors import BadInput, NotFound
from epochal.storage.inserting import insert_new

REVIEWS = ("unannotated", "annotated", "approved", "rejected")
_IN_ONE_QUERY = 500


@dataclass(frozen=True)
class ProjectImage:
    """An image of a project.

    Attributes:
        project_slug: of its project.
        image_wh: pixels as displayed.
        in_dataset: versions are made of it; False: it waits in its batch.
        is_labelled: a person has looked at it.
        labels: {class name: boxes} without drafts; empty on a labelled image: background.
        drafts: how many boxes a model proposes.
    """

    id: str
    project_id: str
    project_slug: str
    sha256: str
    name: str
    media_type: str
    image_wh: tuple[int, int]
    size_bytes: int
    split: str | None
    in_dataset: bool
    is_labelled: bool
    review: str
    batch_id: str | None
    job_id: str | None
    tags: tuple[str, ...]
    user_metadata: dict[str, Any]
    source: str
    created_at: float
    updated_at: float
    labels: dict[str, int]
    drafts: int


def find_image(session: Session, project_id: str, image_id: str) -> ProjectImage:
    """One image of a project. Raises NotFound."""
    return read_images(session, [live_image(session, project_id, image_id)])[0]


def find_workspace_image(session: Session, workspace_id: str, image_id: str) -> ProjectImage:
    """One image of any project of a workspace. Raises NotFound."""
    project_id = session.scalar(
        select(ImageRow.project_id)
        .join(ProjectRow, ProjectRow.id == ImageRow.project_id)
        .where(
            ImageRow.id == image_id,
            ProjectRow.workspace_id == workspace_id,
            ProjectRow.deleted_at.is_(None),
        )
    )
    if project_id is None:
        raise NotFound(f"There is no image {image_id[:60]!r} in this workspace; search it to see which there are.")
    return find_image(session, project_id, image_id)


def read_images(session: Session, rows: Sequence[ImageRow]) -> list[ProjectImage]:
    """Rows as values, by three queries for all of them, in their order."""
    ids = [row.id for row in rows]
    tags, labels, drafts = _tags_of(session, ids), _labels_of(session, ids), _drafts_of(session, ids)
    query = select(ProjectRow).where(ProjectRow.id.in_({row.project_id for row in rows}))
    slugs = {project.id: project.slug for project in session.scalars(query)}
    return [
        ProjectImage(
            id=row.id,
            project_id=row.project_id,
            project_slug=slugs[row.project_id],
            sha256=row.sha256,
            name=row.name,
            media_type=row.media_type,
            image_wh=(row.width_px, row.height_px),
            size_bytes=row.size_bytes,
            split=row.split,
            in_dataset=row.in_dataset,
            is_labelled=row.is_labelled,
            review=row.review,
            batch_id=row.batch_id,
            job_id=row.job_id,
            tags=tuple(tags.get(row.id, ())),
            user_metadata=dict(row.user_metadata),
            source=row.source,
            created_at=row.created_at,
            updated_at=row.updated_at,
            labels=labels.get(row.id, {}),
            drafts=drafts.get(row.id, 0),
        )
        for row in rows
    ]


def change_image(
    session: Session,
    project_id: str,
    image_id: str,
    *,
    name: str | None = None,
    split: str | None = None,
    in_dataset: bool | None = None,
    review: str | None = None,
) -> ProjectImage:
    """Change what is given.

    Raises:
        NotFound: no such image.
        BadInput: an unknown split or review, or an image that nobody has labelled should join the dataset.
    """
    row = live_image(session, project_id, image_id)
    if in_dataset and not row.is_labelled:
        raise BadInput(f"Image {image_id} has not been labelled; label it, if only as background, and it can join.")
    if review is not None and review not in REVIEWS:
        raise BadInput(f"{review[:40]!r} is no review; expected one of {', '.join(REVIEWS)}.")
    row.name = shown_name(name) if name is not None else row.name
    row.split = parse_split(split) if split is not None else row.split
    row.in_dataset = row.in_dataset if in_dataset is None else in_dataset
    row.review = review or row.review
    row.updated_at = time.time()
    session.flush()
    touch_project(session, project_id)
    return find_image(session, project_id, image_id)


def change_tags(
    session: Session, project_id: str, image_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> tuple[str, ...]:
    """Take tags off an image, then put others on. Raises NotFound, BadInput."""
    live_image(session, project_id, image_id)
    taken_off = set(check_tags(remove))
    before = _tags_of(session, [image_id]).get(image_id, [])
    wanted = check_tags([tag for tag in before if tag not in taken_off] + list(add))
    for tag in set(before) - set(wanted):
        session.delete(session.get_one(ImageTagRow, (image_id, tag)))
    session.flush()
    insert_new(session, ImageTagRow, [{"image_id": image_id, "tag": tag} for tag in wanted])
    return tuple(sorted(wanted))


def set_tags(session: Session, project_id: str, image_id: str, tags: Sequence[str]) -> tuple[str, ...]:
    """Give an image these tags and no others. Raises NotFound, BadInput."""
    wanted = check_tags(tags)
    before = _tags_of(session, [image_id]).get(image_id, [])
    gone = [tag for tag in before if tag not in wanted]
    return change_tags(session, project_id, image_id, add=wanted, remove=gone)


def change_metadata(
    session: Session,
    project_id: str,
    image_id: str,
    *,
    add: Mapping[str, Any] | None = None,
    remove: Sequence[str] = (),
) -> dict[str, Any]:
    """Take keys out of what is said of an image, then set others. Raises NotFound, BadInput."""
    row = live_image(session, project_id, image_id)
    kept = {key: value for key, value in row.user_metadata.items() if key not in set(remove)}
    row.user_metadata = check_metadata({**kept, **(add or {})})
    row.updated_at = time.time()
    session.flush()
    return dict(row.user_metadata)


def delete_images(session: Session, project_ids: Sequence[str], image_ids: Sequence[str]) -> list[str]:
    """Put images into the trash; gives the ids of those that were there, the others are left out."""
    wanted = list(dict.fromkeys(image_ids))
    mine = ImageRow.project_id.in_(project_ids) & ImageRow.id.in_(wanted) & ImageRow.deleted_at.is_(None)
    found = session.execute(select(ImageRow.id, ImageRow.project_id).where(mine)).all()
    session.execute(update(ImageRow).where(mine).values(deleted_at=time.time()))
    for project_id in {project_id for _, project_id in found}:
        touch_project(session, project_id)
    there = {image_id for image_id, _ in found}
    return [image_id for image_id in wanted if image_id in there]


def restore_images(session: Session, project_id: str, image_ids: Sequence[str]) -> list[str]:
    """Take images out of the trash; gives the ids of those that were in it."""
    mine = (ImageRow.project_id == project_id) & ImageRow.id.in_(list(image_ids)) & ImageRow.deleted_at.is_not(None)
    found = list(session.scalars(select(ImageRow.id).where(mine)))
    session.execute(update(ImageRow).where(mine).values(deleted_at=None))
    touch_project(session, project_id)
    return found


def _tags_of(session: Session, image_ids: Sequence[str]) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for part in _parts(image_ids):
        query = select(ImageTagRow).where(ImageTagRow.image_id.in_(part)).order_by(ImageTagRow.tag)
        for row in session.scalars(query):
            tags.setdefault(row.image_id, []).append(row.tag)
    return tags


def _labels_of(session: Session, image_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    labels: dict[str, dict[str, int]] = {}
    for part in _parts(image_ids):
        query = (
            select(AnnotationRow.image_id, ClassRow.name, func.count())
            .join(
                ClassRow,
                (ClassRow.project_id == AnnotationRow.project_id) & (ClassRow.class_id == AnnotationRow.class_id),
            )
            .where(AnnotationRow.image_id.in_(part), AnnotationRow.is_draft.is_(False))
            .group_by(AnnotationRow.image_id, ClassRow.class_id, ClassRow.name)
            .order_by(AnnotationRow.image_id, ClassRow.class_id)
        )
        for image_id, name, count in session.execute(query):
            labels.setdefault(image_id, {})[name] = count
    return labels


def _drafts_of(session: Session, image_ids: Sequence[str]) -> dict[str, int]:
    drafts: dict[str, int] = {}
    for part in _parts(image_ids):
        query = (
            select(AnnotationRow.image_id, func.count())
            .where(AnnotationRow.image_id.in_(part), AnnotationRow.is_draft)
            .group_by(AnnotationRow.image_id)
        )
        for image_id, count in session.execute(query):
            drafts[image_id] = count
    return drafts


def _parts(image_ids: Sequence[str]) -> list[Sequence[str]]:
    return [image_ids[at : at + _IN_ONE_QUERY] for at in range(0, len(image_ids), _IN_ONE_QUERY)]
