"""What was deleted more than 30 days ago goes for good: its rows, then the files that nothing names any more."""

import time
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from epochal.datasets.tables import ImageRow, ProjectRow, TaskRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

KEPT_DAYS = 30
_AT_ONCE = 200


@dataclass(frozen=True)
class Purged:
    """How much went."""

    projects: int
    images: int
    blobs: int


def purge_trash(database: Database, blobs: BlobStore, *, now: float | None = None) -> Purged:
    """Remove for good what has been in the trash for 30 days; in small transactions, so that uploads go on beside it.

    Args:
        database: of the rows.
        blobs: of the files.
        now: seconds since 1970; the clock's when None.
    """
    before = (time.time() if now is None else now) - KEPT_DAYS * 86_400
    images = files = 0
    while hashes := _purge_images(database, before):
        images += len(hashes)
        for group in hashes:
            for sha256 in group:
                files += _remove_blob(database, blobs, sha256)
    with database.write() as session:
        old = list(session.scalars(select(ProjectRow.id).where(ProjectRow.deleted_at < before)))
        session.execute(delete(ProjectRow).where(ProjectRow.id.in_(old)))
        session.execute(delete(TaskRow).where(TaskRow.updated_at < before))  # nobody asks how they went any more
    return Purged(len(old), images, files)


def _purge_images(database: Database, before: float) -> list[list[str]]:
    """Remove the rows of some images; gives the hashes of each one's files."""
    gone = select(ProjectRow.id).where(ProjectRow.deleted_at < before)
    with database.write() as session:
        query = select(ImageRow).where((ImageRow.deleted_at < before) | ImageRow.project_id.in_(gone)).limit(_AT_ONCE)
        rows = session.scalars(query).all()
        session.execute(delete(ImageRow).where(ImageRow.id.in_([row.id for row in rows])))
        return [[sha for sha in (row.sha256, row.thumbnail_sha256) if sha] for row in rows]


def _remove_blob(database: Database, blobs: BlobStore, sha256: str) -> bool:
    # Within a transaction that writes: nobody gives the file a row again meanwhile.
    with database.write() as session:
        if is_named(session, sha256):
            return False
        blobs.delete(sha256)
        return True


def is_named(session: Session, sha256: str) -> bool:
    """Whether an image of any project has these bytes, as itself or as its thumbnail."""
    named = (ImageRow.sha256 == sha256) | (ImageRow.thumbnail_sha256 == sha256)
    return session.scalar(select(ImageRow.id).where(named).limit(1)) is not None
