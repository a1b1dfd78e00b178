"""Is what is stored whole? Every blob against its name, every blob and folder that a row names, the database itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from epochal.datasets.tables import ImageRow, TaskRow
from epochal.errors import Failed
from epochal.jobs.tables import ModelRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.project_versions import version_folder
from epochal.versions.tables import VersionExportRow, VersionRow

_FROM_BACKUP = "put it back from a backup (`epochal restore` into an empty folder, then copy it)"
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: `database`, `blob_altered`, `blob_missing` or `version_missing`.
        what: a sentence for people.
        advice: what to do.
    """

    kind: str
    what: str
    advice: str


@dataclass
class Examination:
    """What was looked at, and what is wrong.

    Attributes:
        blobs: how many were read whole.
        blob_bytes: of them together.
        named_blobs: how many different ones rows name.
        versions: how many are ready.
    """

    blobs: int = 0
    blob_bytes: int = 0
    named_blobs: int = 0
    versions: int = 0
    problems: list[Problem] = field(default_factory=list)


def examine(database: Database, blobs: BlobStore, data_root: Path) -> Examination:
    """Read everything that is stored; nothing is changed. A server may be running.

    Args:
        database: with its tables.
        blobs: the store that its rows name blobs of.
        data_root: the data folder, which holds the folders of versions.

    Raises:
        Failed: the blob store does not answer.
    """
    found = Examination()
    try:
        with database.read() as session:
            found.problems += _examine_database(session, database.is_sqlite)
            named = dict(named_blobs(session))
            folders = list(_version_folders(session, data_root))
    except (Failed, DatabaseError) as error:
        told = str(error.orig) if isinstance(error, DatabaseError) else str(error)
        advice = "start the server once when its tables are of an older Epochal; else restore a backup"
        found.problems.append(Problem("database", f"The database cannot be read: {told}", advice))
        named, folders = {}, []
    # Blobs are kept before the rows that name them, so those of rows that were read are there already.
    found.named_blobs, found.versions = len(named), len(folders)
    for sha256, user in named.items():
        if not blobs.has(sha256):
            found.problems.append(Problem("blob_missing", f"The blob {sha256} of {user} is missing.", _FROM_BACKUP))
    for folder, user in folders:
        if not folder.is_dir():
            advice = f"{_FROM_BACKUP}, or delete the version and make it again with the same settings"
            found.problems.append(Problem("version_missing", f"The folder {folder} of {user} is missing.", advice))
    for sha256 in blobs.names():
        _examine_blob(blobs, sha256, named.get(sha256, "no row"), found)
    return found


def named_blobs(session: Session) -> Iterator[tuple[str, str]]:
    """Every blob that a row names, with a word on whose it is; one may come several times."""
    images = select(ImageRow.id, ImageRow.name, ImageRow.sha256, ImageRow.thumbnail_sha256)
    for image_id, name, sha256, thumbnail in session.execute(images.execution_options(yield_per=5000)):
        yield sha256, f"the image {image_id} ({name!r})"
        if thumbnail is not None:
            yield thumbnail, f"the thumbnail of the image {image_id} ({name!r})"
    archives = select(VersionRow.project_id, VersionRow.number, VersionRow.archive_sha256)
    for project_id, number, archive in session.execute(archives.where(VersionRow.archive_sha256.is_not(None))):
        yield str(archive), f"the archive of version {number} of the project {project_id}"
    exports = select(VersionExportRow.version_id, VersionExportRow.format, VersionExportRow.sha256)
    for version_id, form, export in session.execute(exports.where(VersionExportRow.sha256.is_not(None))):
        yield str(export), f"the {form} export of the version {version_id}"
    for model_id, files in session.execute(select(ModelRow.id, ModelRow.files)):
        yield from ((str(sha256), f"the file {name!r} of the model {model_id}") for name, sha256 in files.items())
    for task_id, result in session.execute(select(TaskRow.id, TaskRow.result).where(TaskRow.kind == "search_export")):
        if result is not None:
            yield str(result["sha256"]), f"the search export {task_id}"


def _version_folders(session: Session, data_root: Path) -> Iterator[tuple[Path, str]]:
    ready = select(VersionRow.project_id, VersionRow.number)
    for project_id, number in session.execute(
        ready.where(VersionRow.state == "ready", VersionRow.deleted_at.is_(None))
    ):
        yield version_folder(data_root, project_id, number), f"version {number} of the project {project_id}"


def _examine_database(session: Session, is_sqlite: bool) -> Iterator[Problem]:
    if not is_sqlite:  # PostgreSQL checks its own pages, and constraints cannot be broken behind its back
        return
    for line in session.scalars(text(f"PRAGMA integrity_check({_SHOWN_ROWS})")):
        if line != "ok":
            yield Problem("database", f"SQLite finds the database damaged: {line}", "restore a backup")
    for row in session.execute(text("PRAGMA foreign_key_check")).fetchmany(_SHOWN_ROWS):
        what = f"Row {row[1]} of {row[0]} names a row of {row[2]} that is not there."
        yield Problem("database", what, "restore a backup")


def _examine_blob(blobs: BlobStore, sha256: str, user: str, found: Examination) -> None:
    digest = hashlib.sha256()
    for piece in blobs.stream(sha256):
        digest.update(piece)
        found.blob_bytes += len(piece)
    found.blobs += 1
    if digest.hexdigest() != sha256:
        what = f"The blob {sha256} of {user} is altered: its bytes have the sha256 {digest.hexdigest()}."
        advice = "remove it; no row needs it" if user == "no row" else f"remove it and {_FROM_BACKUP}"
        found.problems.append(Problem("blob_altered", what, advice))
