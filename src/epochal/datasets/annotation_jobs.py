"""Annotation jobs: a part of a batch, given to somebody to label, then to somebody to review."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from epochal.datasets.batches import ensure_batch, find_batch
from epochal.datasets.images import REVIEWS
from epochal.datasets.labels import clear_annotations, live_image
from epochal.datasets.projects import touch_project
from epochal.datasets.tables import AnnotationJobRow, ImageRow
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.ids import new_id

STATUSES = ("unassigned", "assigned", "review", "complete")
TEXT_LENGTH = 5000


@dataclass(frozen=True)
class AnnotationJob:
    """Work for somebody.

    Attributes:
        status: unassigned, assigned (being labelled), review or complete.
        labeler: who labels, by e-mail; empty: nobody yet.
        reviewer: who reviews.
        images: {review: how many}, of `REVIEWS`.
    """

    id: str
    name: str
    status: str
    batch_id: str | None
    labeler: str
    reviewer: str
    instructions: str
    created_by: str
    created_at: float
    images: dict[str, int]

    @property
    def image_count(self) -> int:
        """All its images."""
        return sum(self.images.values())


def create_job(
    session: Session,
    project_id: str,
    *,
    name: str = "",
    batch_id: str | None = None,
    image_ids: Sequence[str] | None = None,
    image_count: int | None = None,
    labeler: str = "",
    reviewer: str = "",
    instructions: str = "",
    created_by: str = "",
) -> AnnotationJob:
    """Make a job of images of a batch that wait there.

    Args:
        session: that writes.
        project_id: of the images.
        name: for people; the labeler's when empty.
        batch_id: take images of this batch that are in no job and not in the dataset.
        image_ids: take these instead, out of whatever job they are in.
        image_count: take so many of the batch, the oldest first; all when None.
        labeler: who labels; nobody yet when empty.
        reviewer: who reviews.
        instructions: for the labeler.
        created_by: who asks.

    Raises:
        NotFound: no such batch or image.
        Conflict: the batch has no image that waits.
        BadInput: a text is too long.
    """
    for text in (name, labeler, reviewer, instructions):
        if len(text) > TEXT_LENGTH:
            raise BadInput(f"A text of the job has {len(text):,} letters; expected at most {TEXT_LENGTH:,}.")
    chosen = _choose(session, project_id, batch_id, image_ids, image_count)
    row = AnnotationJobRow(
        id=new_id(),
        project_id=project_id,
        batch_id=batch_id,
        name=name or (f"Job for {labeler}" if labeler else "Job"),
        status="assigned" if labeler else "unassigned",
        labeler=labeler,
        reviewer=reviewer,
        instructions=instructions,
        created_by=created_by,
        created_at=time.time(),
    )
    session.add(row)
    session.flush()
    session.execute(update(ImageRow).where(ImageRow.id.in_(chosen)).values(job_id=row.id))
    return find_job(session, project_id, row.id)


def list_jobs(session: Session, project_id: str) -> list[AnnotationJob]:
    """All jobs of a project, the newest first."""
    query = select(AnnotationJobRow).where(AnnotationJobRow.project_id == project_id)
    rows = session.scalars(query.order_by(AnnotationJobRow.created_at.desc(), AnnotationJobRow.id)).all()
    return _read(session, rows)


def find_job(session: Session, project_id: str, job_id: str) -> AnnotationJob:
    """One job. Raises NotFound."""
    return _read(session, [_row(session, project_id, job_id)])[0]


def change_job(
    session: Session,
    project_id: str,
    job_id: str,
    *,
    labeler: str | None = None,
    reviewer: str | None = None,
    instructions: str | None = None,
    status: str | None = None,
) -> AnnotationJob:
    """Change what is given. Raises NotFound, BadInput."""
    row = _row(session, project_id, job_id)
    if status is not None and status not in STATUSES:
        raise BadInput(f"{status[:40]!r} is no status of a job; expected one of {', '.join(STATUSES)}.")
    row.labeler = row.labeler if labeler is None else labeler
    row.reviewer = row.reviewer if reviewer is None else reviewer
    row.instructions = row.instructions if instructions is None else instructions
    row.status = status or ("assigned" if row.status == "unassigned" and row.labeler else row.status)
    session.flush()
    return find_job(session, project_id, job_id)


def add_job_images(session: Session, project_id: str, job_id: str, image_ids: Sequence[str]) -> AnnotationJob:
    """Move images into a job, out of whatever job they are in. Raises NotFound."""
    _row(session, project_id, job_id)
    chosen = _choose(session, project_id, None, image_ids, None)
    session.execute(update(ImageRow).where(ImageRow.id.in_(chosen)).values(job_id=job_id))
    return find_job(session, project_id, job_id)


def review_images(
    session: Session,
    project_id: str,
    job_id: str,
    status: str,
    *,
    image_id: str | None = None,
    current_status: str | None = None,
) -> int:
    """Set the review of one image of a job, or of all that have a certain one now; gives how many.

    Raises:
        NotFound: no such job, or the image is not in it.
        BadInput: an unknown review.
    """
    _row(session, project_id, job_id)
    for word in (status, current_status):
        if word is not None and word not in REVIEWS:
            raise BadInput(f"{word[:40]!r} is no review; expected one of {', '.join(REVIEWS)}.")
    mine = (ImageRow.job_id == job_id) & ImageRow.deleted_at.is_(None)
    if image_id is not None:
        mine &= ImageRow.id == image_id
    if current_status is not None:
        mine &= ImageRow.review == current_status
    found = list(session.scalars(select(ImageRow.id).where(mine)))
    if image_id is not None and not found:
        raise NotFound(f"There is no image {image_id[:60]!r} in this job; list its images to see which there are.")
    session.execute(update(ImageRow).where(mine).values(review=status))
    return len(found)


def accept_images(
    session: Session,
    project_id: str,
    job_id: str,
    *,
    reviews: Sequence[str] = ("approved", "annotated"),
    image_ids: Sequence[str] | None = None,
    splits: Sequence[tuple[str, int]] = (),
) -> int:
    """Let labelled images of a job join the dataset, and leave the job.

    Args:
        session: that writes.
        project_id: of the job.
        job_id: of the job, complete when none of its images is left.
        reviews: which of its images.
        image_ids: of these alone.
        splits: (split, how many) in order, the oldest image first; those beyond keep their split.

    Raises:
        NotFound: no such job.
    """
    row = _row(session, project_id, job_id)
    mine = (ImageRow.job_id == job_id) & ImageRow.deleted_at.is_(None) & ImageRow.is_labelled
    query = select(ImageRow).where(mine & ImageRow.review.in_(reviews)).order_by(ImageRow.created_at, ImageRow.id)
    if image_ids is not None:
        query = query.where(ImageRow.id.in_(list(image_ids)))
    images = session.scalars(query).all()
    assigned = [split for split, count in splits for _ in range(count)]
    for at, image in enumerate(images):
        image.in_dataset, image.job_id, image.review = True, None, "approved"
        image.split = assigned[at] if at < len(assigned) else image.split
    session.flush()
    if session.scalar(select(func.count()).where(ImageRow.job_id == job_id, ImageRow.deleted_at.is_(None))) == 0:
        row.status = "complete"
        session.flush()
    touch_project(session, project_id)
    return len(images)


def dissolve_job(session: Session, project_id: str, job_id: str) -> str:
    """Remove a job; its images wait in a batch again. Gives the id of that batch. Raises NotFound."""
    row = _row(session, project_id, job_id)
    batch_id = row.batch_id or ensure_batch(session, project_id, row.name)
    waits = (ImageRow.job_id == job_id) & ImageRow.in_dataset.is_(False) & ImageRow.batch_id.is_(None)
    session.execute(update(ImageRow).where(waits).values(batch_id=batch_id))
    session.execute(update(ImageRow).where(ImageRow.job_id == job_id).values(job_id=None))
    session.delete(row)
    session.flush()
    return batch_id


def clear_job(session: Session, project_id: str, job_id: str) -> int:
    """Take all boxes off the images of a job. Raises NotFound."""
    _row(session, project_id, job_id)
    mine = (ImageRow.job_id == job_id) & ImageRow.deleted_at.is_(None)
    ids = list(session.scalars(select(ImageRow.id).where(mine)))
    for image_id in ids:
        clear_annotations(session, project_id, image_id)
    return len(ids)


def _row(session: Session, project_id: str, job_id: str) -> AnnotationJobRow:
    row = session.get(AnnotationJobRow, job_id)
    if row is None or row.project_id != project_id:
        raise NotFound(f"There is no annotation job {job_id[:60]!r} in this project; list its jobs to see them.")
    return row


def _choose(
    session: Session, project_id: str, batch_id: str | None, image_ids: Sequence[str] | None, count: int | None
) -> list[str]:
    batch = None if batch_id is None else find_batch(session, project_id, batch_id)
    if image_ids is not None:
        return [live_image(session, project_id, image_id).id for image_id in image_ids]
    if batch is None:
        return []
    waits = (ImageRow.batch_id == batch_id) & ImageRow.job_id.is_(None) & ImageRow.deleted_at.is_(None)
    query = select(ImageRow.id).where(waits, ImageRow.in_dataset.is_(False))
    found = list(session.scalars(query.order_by(ImageRow.created_at, ImageRow.id).limit(count)))
    if not found:
        raise Conflict(f"Batch {batch.name!r} has no image that waits; all are in a job or in the dataset.")
    return found


def _read(session: Session, rows: Sequence[AnnotationJobRow]) -> list[AnnotationJob]:
    ids = [row.id for row in rows]
    query = (
        select(ImageRow.job_id, ImageRow.review, ImageRow.is_labelled, func.count())
        .where(ImageRow.job_id.in_(ids), ImageRow.deleted_at.is_(None))
        .group_by(ImageRow.job_id, ImageRow.review, ImageRow.is_labelled)
    )
    counts: dict[str, dict[str, int]] = {job_id: dict.fromkeys(REVIEWS, 0) for job_id in ids}
    for job_id, review, is_labelled, count in session.execute(query):
        # What was labelled without anybody saying so is annotated.
        word = "annotated" if review == "unannotated" and is_labelled else review
        if job_id is not None:
            counts[job_id][word] += count
    return [
        AnnotationJob(
            id=row.id,
            name=row.name,
            status=row.status,
            batch_id=row.batch_id,
            labeler=row.labeler,
            reviewer=row.reviewer,
            instructions=row.instructions,
            created_by=row.created_by,
            created_at=row.created_at,
            images=counts[row.id],
        )
        for row in rows
    ]
