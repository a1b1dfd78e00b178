"""Images of a project that look like one of them, the nearest first, by the perceptual hash that thumbnails come with.

It finds what shows the same scene: copies in other sizes or qualities, and neighbours of a series or video. What an
image means, such as "another dog", it does not know. The bits are those of `near_duplicates.py`.
"""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from epochal.datasets.image_thumbnails import ensure_thumbnail
from epochal.datasets.images import read_images
from epochal.datasets.searching import FoundImages, ImageFilter
from epochal.datasets.tables import ImageRow, ProjectRow
from epochal.errors import DatasetError, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

BITS_MAX = 40
"""Of 128: images whose hashes differ in more are not alike. Unrelated ones differ in 64, give or take 6."""
_AT_ONCE, _BYTES = 500, 16


def find_alike(
    session: Session, project_id: str, like: str, wanted: ImageFilter, *, limit: int = 50, offset: int = 0
) -> FoundImages:
    """The images that look like one of them, which comes first; those without a hash yet are left out.

    Args:
        session: that reads.
        project_id: whose images.
        like: the id or the name of an image of the project.
        wanted: what the images must be, besides.
        limit: of the page.
        offset: of the page.

    Raises:
        NotFound: there is no such image, or it cannot be decoded.
        BadInput: the filter cannot be read.
    """
    target = _find_row(session, project_id, like)
    if target.perceptual_hash is None:
        raise NotFound(f"Image {like[:60]!r} cannot be compared: it could not be decoded.")
    live = (ImageRow.project_id == project_id) & ImageRow.deleted_at.is_(None) & ImageRow.perceptual_hash.is_not(None)
    query = select(ImageRow.id, ImageRow.perceptual_hash).join(ProjectRow, ProjectRow.id == ImageRow.project_id)
    rows = session.execute(query.where(live & wanted.condition()).order_by(ImageRow.id)).all()
    packed = np.frombuffer(bytes.fromhex("".join(str(row[1]) for row in rows)), np.uint8).reshape(len(rows), _BYTES)
    own = np.frombuffer(bytes.fromhex(target.perceptual_hash), np.uint8)
    differ = np.unpackbits(packed ^ own, axis=1).sum(axis=1, dtype=np.int64)
    differ[[i for i, row in enumerate(rows) if row[0] == target.id]] = -1  # before others of the same hash
    order = [int(i) for i in np.argsort(differ, kind="stable") if differ[i] <= BITS_MAX]
    ids = [rows[i][0] for i in order[offset : offset + limit]]
    found = {row.id: row for row in session.scalars(select(ImageRow).where(ImageRow.id.in_(ids)))}
    return FoundImages(read_images(session, [found[one] for one in ids]), len(order), None)


def hash_images(
    database: Database, blobs: BlobStore, project_id: str, *, first: str | None = None, most: int | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> bool:  # fmt: skip
    """Give images of a project their thumbnail and hash, where they have none.

    Args:
        database: of the rows.
        blobs: of the images.
        project_id: whose images.
        first: the id or name of an image that is done before all others.
        most: stop after so many; None: do all.
        is_cancelled: asked before each.

    Returns:
        Whether all are done.
    """
    after, done = "", 0
    if first is not None:
        with database.read() as session:
            row = _find_row(session, project_id, first)
            one = None if row.perceptual_hash else (row.id, row.sha256)
        if one is not None:
            _hash(database, blobs, *one)
    while True:
        live = (ImageRow.project_id == project_id) & ImageRow.deleted_at.is_(None) & ImageRow.perceptual_hash.is_(None)
        with database.read() as session:
            query = select(ImageRow.id, ImageRow.sha256).where(live, ImageRow.id > after).order_by(ImageRow.id)
            missing = session.execute(query.limit(_AT_ONCE)).all()
        for image_id, sha256 in missing:
            if is_cancelled() or (most is not None and done >= most):
                return False
            _hash(database, blobs, image_id, sha256)
            after, done = image_id, done + 1
        if len(missing) < _AT_ONCE:
            return True


def _hash(database: Database, blobs: BlobStore, image_id: str, sha256: str) -> None:
    with suppress(DatasetError, NotFound):  # damaged, or gone meanwhile: like nothing else
        ensure_thumbnail(database, blobs, image_id, sha256, None)


def _find_row(session: Session, project_id: str, like: str) -> ImageRow:
    """By id, else by name, the newest of that name. Raises NotFound."""
    here = (ImageRow.project_id == project_id) & ImageRow.deleted_at.is_(None)
    query = select(ImageRow).where(here, or_(ImageRow.id == like, ImageRow.name == like))
    row = session.scalar(query.order_by((ImageRow.id == like).desc(), ImageRow.created_at.desc()).limit(1))
    if row is None:
        raise NotFound(f"There is no image {like[:60]!r} in this project; give the id or the name of one.")
    return row
