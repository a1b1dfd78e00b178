"""Batches: images of a project that arrived together, by name."""

import time
from dataclasses import dataclass

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from epochal.datasets.tables import AnnotationJobRow, BatchRow, ImageRow
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.ids import new_id
from epochal.storage.inserting import insert_new

DEFAULT_BATCH, BATCH_NAME_LENGTH = "Uploaded", 300


@dataclass(frozen=True)
class Batch:
    """Images that arrived together.

    Attributes:
        source: "upload", "active_learning" or "clone".
        images: all that are not in the trash.
        unannotated: those of them that nobody has labelled.
        jobs: annotation jobs made of it.
    """

    id: str
    name: str
    source: str
    created_at: float
    images: int
    unannotated: int
    jobs: int


def ensure_batch(session: Session, project_id: str, name: str, *, source: str = "upload") -> str:
    """The id of the batch of that name; it is made when there is none. Raises BadInput when the name is too long."""
    return claim_batch(session, project_id, name, source=source)[0]


def claim_batch(session: Session, project_id: str, name: str, *, source: str = "upload") -> tuple[str, bool]:
    """As `ensure_batch`, and whether this call made it."""
    plain = _checked_name(name) or DEFAULT_BATCH
    query = select(BatchRow.id).where(BatchRow.project_id == project_id, BatchRow.name == plain)
    found, is_new = session.scalar(query), False
    if found is None:
        row = {"id": new_id(), "project_id": project_id, "name": plain, "source": source, "created_at": time.time()}
        is_new = bool(insert_new(session, BatchRow, [row]))
        found = session.scalar(query)  # another transaction's, when it was quicker
    assert found is not None
    return found, is_new


def list_batches(session: Session, project_id: str, *, with_empty: bool = True) -> list[Batch]:
    """The batches of a project, the newest first."""
    return _read(session, project_id, None, with_empty)


def find_batch(session: Session, project_id: str, batch_id: str) -> Batch:
    """One batch. Raises NotFound."""
    found = _read(session, project_id, batch_id, True)
    if not found:
        raise NotFound(f"There is no batch {batch_id!r} in this project; list its batches to see which there are.")
    return found[0]


def rename_batch(session: Session, project_id: str, batch_id: str, name: str) -> Batch:
    """Give a batch another name. Raises NotFound, BadInput, and Conflict when the name is taken."""
    find_batch(session, project_id, batch_id)
    plain = _checked_name(name)
    if not plain:
        raise BadInput("A batch needs a name; got an empty one.")
    query = select(BatchRow.id).where(BatchRow.project_id == project_id, BatchRow.name == plain)
    if session.scalar(query) not in (None, batch_id):
        raise Conflict(f"There is a batch {plain!r} in this project already; merge the two, or take another name.")
    session.execute(update(BatchRow).where(BatchRow.id == batch_id).values(name=plain))
    return find_batch(session, project_id, batch_id)


def merge_batches(session: Session, project_id: str, source_ids: list[str], target_id: str) -> Batch:
    """Move all images and jobs of batches into another, and remove the emptied ones. Raises NotFound."""
    find_batch(session, project_id, target_id)
    sources = [find_batch(session, project_id, one).id for one in source_ids if one != target_id]
    session.execute(update(ImageRow).where(ImageRow.batch_id.in_(sources)).values(batch_id=target_id))
    session.execute(update(AnnotationJobRow).where(AnnotationJobRow.batch_id.in_(sources)).values(batch_id=target_id))
    for row in session.scalars(select(BatchRow).where(BatchRow.id.in_(sources))):
        session.delete(row)
    session.flush()
    return find_batch(session, project_id, target_id)


def split_batch(session: Session, project_id: str, source_id: str, image_ids: list[str], name: str) -> Batch:
    """Move images of a batch into one of another name. Raises NotFound when an image is not in the batch."""
    find_batch(session, project_id, source_id)
    mine = (ImageRow.batch_id == source_id) & ImageRow.id.in_(image_ids) & ImageRow.deleted_at.is_(None)
    if session.scalar(select(func.count()).where(mine)) != len(set(image_ids)):
        raise NotFound(f"Some of the {len(set(image_ids))} images are not in batch {source_id!r}; list its images.")
    target_id = ensure_batch(session, project_id, name)
    session.execute(update(ImageRow).where(mine).values(batch_id=target_id))
    return find_batch(session, project_id, target_id)


def delete_batch(session: Session, project_id: str, batch_id: str) -> None:
    """Remove a batch without images.

    Raises:
        NotFound: no such batch.
        Conflict: it holds images; they would lose where they came from.
    """
    batch = find_batch(session, project_id, batch_id)
    if batch.images:
        raise Conflict(f"Batch {batch.name!r} holds {batch.images} images; move or delete them first.")
    session.delete(session.get_one(BatchRow, batch_id))
    session.flush()


def _read(session: Session, project_id: str, batch_id: str | None, with_empty: bool) -> list[Batch]:
    images = (
        select(ImageRow.batch_id, func.count(), func.sum(case((ImageRow.is_labelled, 0), else_=1)))
        .where(ImageRow.project_id == project_id, ImageRow.deleted_at.is_(None))
        .group_by(ImageRow.batch_id)
    )
    jobs = (
        select(AnnotationJobRow.batch_id, func.count())
        .where(AnnotationJobRow.project_id == project_id)
        .group_by(AnnotationJobRow.batch_id)
    )
    query = select(BatchRow).where(BatchRow.project_id == project_id).order_by(BatchRow.created_at.desc(), BatchRow.id)
    if batch_id is not None:
        query, images = query.where(BatchRow.id == batch_id), images.where(ImageRow.batch_id == batch_id)
    of_batch = {one: (count, int(left)) for one, count, left in session.execute(images)}
    job_counts = {batch: count for batch, count in session.execute(jobs)}  # noqa: C416  # mypy knows no dict of rows
    found = [
        Batch(
            row.id, row.name, row.source, row.created_at, *of_batch.get(row.id, (0, 0)), jobs=job_counts.get(row.id, 0)
        )
        for row in session.scalars(query)
    ]
    return [batch for batch in found if with_empty or batch.images]


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > BATCH_NAME_LENGTH or not plain.isprintable():
        raise BadInput(
            f"The name {plain[:60]!r} has {len(plain)} letters; expected {BATCH_NAME_LENGTH} printable ones at most."
        )
    return plain
