"""What has been in the trash for 30 days goes for good: at a server's start, and once a day.

    rows      in small transactions, so that uploads go on beside it; their folders leave sight by a rename
    folders   of purged versions and runs, of generations that nobody went on with, pictures that no version links to
    blobs     those that no row names any more; what was put within the last day is left, its row may be on the way

A version on which trainings were made that are not purged stays in the trash: their graphs would lose what they show.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from epochal.datasets.tables import ImageRow, ProjectRow, TaskRow
from epochal.deploy.monitoring import COUNTS_KEPT_DAYS
from epochal.deploy.tables import InferenceCountRow
from epochal.errors import EpochalError
from epochal.jobs.tables import ModelRow, ModelUploadRow, TrainingRow
from epochal.jobs.training_states import ENDED
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database, hold_rows
from epochal.storage.ids import new_id
from epochal.storage.tables import Table
from epochal.versions.project_versions import version_folder
from epochal.versions.sweeping import sweep_versions
from epochal.versions.tables import VersionExportRow, VersionRow
from epochal.workspaces.answered import KEPT_S as ANSWERS_KEPT_S
from epochal.workspaces.tables import AnsweredRequestRow

LOG = logging.getLogger("epochal.jobs.trash")
KEPT_DAYS = 30
_DAY_S = 86_400.0
_AT_ONCE = 200
_PURGED = ".purged-"
_NAMING = (ImageRow, ModelRow, TaskRow, VersionRow, VersionExportRow)  # tables whose rows name blobs


@dataclass
class Purged:
    """How much went: rows by their kind, then blobs, and pictures of versions."""

    images: int = 0
    trainings: int = 0
    models: int = 0
    versions: int = 0
    projects: int = 0
    tasks: int = 0
    counts: int = 0
    blobs: int = 0
    pictures: int = 0

    def told(self) -> dict[str, int]:
        """What is not nought, by name."""
        return {field.name: found for field in fields(self) if (found := getattr(self, field.name))}


class Trash:
    """Empties the trash of one server, in a thread of its own."""

    def __init__(self, database: Database, blobs: BlobStore, data_root: Path, *, every_s: float = _DAY_S) -> None:
        """Nothing begins yet; `every_s` is the time between two looks."""
        self._database, self._blobs, self._data_root, self._every_s = database, blobs, data_root, every_s
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now and every day."""
        self._thread = threading.Thread(target=self._run, name="trash", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the transaction that is being made; the next look goes on."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                purged = purge_trash(self._database, self._blobs, self._data_root, is_ending=self._ends.is_set)
                if told := purged.told():
                    LOG.info("purged", extra={"fields": told})
            except EpochalError as error:
                LOG.error("purge failed", extra={"fields": {"error": str(error)}})
            except Exception:
                LOG.exception("purge crashed")
            self._ends.wait(self._every_s)


def purge_trash(
    database: Database,
    blobs: BlobStore,
    data_root: Path,
    *,
    now: float | None = None,
    is_ending: Callable[[], bool] = lambda: False,
) -> Purged:
    """Remove for good what has been in the trash for 30 days, and what nothing needs any more.

    Args:
        database: of the rows.
        blobs: of the files that they name.
        data_root: the data folder.
        now: seconds since 1970; the clock's when None.
        is_ending: asked between two steps; the next call does the rest.
    """
    now = time.time() if now is None else now
    purged = Purged()
    for step in (_purge_rows, _remove_folders, _remove_blobs):
        step(database, blobs, data_root, now, purged, is_ending)
    return purged


def _purge_rows(
    database: Database, _: BlobStore, data_root: Path, now: float, purged: Purged, is_ending: Callable[[], bool]
) -> None:
    before = now - KEPT_DAYS * _DAY_S
    gone = select(ProjectRow.id).where(
        ProjectRow.deleted_at < before,
        ~exists().where(TrainingRow.project_id == ProjectRow.id, TrainingRow.state.not_in(ENDED)),
    )
    used = exists().where(TrainingRow.version_id == VersionRow.id)
    oldest_minute = int(now - COUNTS_KEPT_DAYS * _DAY_S) // 60
    steps: list[tuple[str, type[Table], ColumnElement[bool]]] = [
        ("trainings", TrainingRow, (TrainingRow.deleted_at < before) | TrainingRow.project_id.in_(gone)),
        ("models", ModelRow, (ModelRow.deleted_at < before) | ModelRow.project_id.in_(gone)),
        ("versions", VersionRow, ((VersionRow.deleted_at < before) & ~used) | VersionRow.project_id.in_(gone)),
        ("images", ImageRow, (ImageRow.deleted_at < before) | ImageRow.project_id.in_(gone)),
        ("projects", ProjectRow, ProjectRow.id.in_(gone)),
        ("tasks", TaskRow, TaskRow.updated_at < before),  # nobody asks how they went any more
        ("", ModelUploadRow, ModelUploadRow.created_at < before),
        ("", AnsweredRequestRow, AnsweredRequestRow.made_at < now - ANSWERS_KEPT_S),
        ("counts", InferenceCountRow, InferenceCountRow.minute < oldest_minute),
    ]
    for name, table, is_old in steps:
        while not is_ending() and (count := _purge_some(database, data_root, table, is_old)):
            if name:
                setattr(purged, name, getattr(purged, name) + count)


def _purge_some(database: Database, data_root: Path, table: type[Table], is_old: ColumnElement[bool]) -> int:
    """Remove some rows; in the same transaction their folders leave sight."""
    with database.read() as session:
        if session.scalars(select(table).where(is_old).limit(1)).first() is None:
            return 0
    with database.write() as session:
        rows = session.scalars(select(table).where(is_old).limit(_AT_ONCE)).all()
        for row in rows:
            session.delete(row)
        session.flush()
        for folder in _folders_of(data_root, rows):
            with suppress(FileNotFoundError):
                folder.rename(folder.with_name(f"{_PURGED}{folder.name}-{new_id()}"))
        return len(rows)


def _folders_of(data_root: Path, rows: Iterable[Table]) -> Iterator[Path]:
    for row in rows:
        if isinstance(row, TrainingRow):
            yield data_root / "runs" / row.id
        elif isinstance(row, VersionRow):
            yield version_folder(data_root, row.project_id, row.number)
        elif isinstance(row, ProjectRow):
            yield version_folder(data_root, row.id, 0).parent


def _remove_folders(
    _: Database, __: BlobStore, data_root: Path, now: float, purged: Purged, is_ending: Callable[[], bool]
) -> None:
    versions = data_root / "versions"
    for parent in (data_root / "runs", versions, *versions.glob("*")):
        for folder in parent.glob(f"{_PURGED}*"):
            shutil.rmtree(folder, ignore_errors=True)  # what is held open goes next time
    for part in (data_root / "uploads").glob(".*.part"):  # what a cut connection left of a zip; none takes a day
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < now - _DAY_S:
                part.unlink()
    if not is_ending() and versions.is_dir():
        purged.pictures = sweep_versions(versions, before=now - KEPT_DAYS * _DAY_S)


def _remove_blobs(
    database: Database, blobs: BlobStore, data_root: Path, now: float, purged: Purged, is_ending: Callable[[], bool]
) -> None:
    blobs.forget_copies(now - KEPT_DAYS * _DAY_S)
    # Millions take a minute to list: once a day, not at every start.
    looked = data_root / "cache" / "blobs-looked-at"
    if looked.exists() and 0 <= now - looked.stat().st_mtime < _DAY_S * 0.9:
        return
    for page in blobs.pages(put_before=now - _DAY_S):
        if is_ending():
            return
        with database.read() as session:
            idle = set(page) - _named(session, page)
        if not idle:
            continue
        # Nobody may give one of them a row between the second look and its end.
        with database.write() as session:
            hold_rows(session, *_NAMING)
            idle -= _named(session, sorted(idle))
            blobs.delete_all(sorted(idle))
        purged.blobs += len(idle)
    looked.parent.mkdir(parents=True, exist_ok=True)
    looked.touch()
    os.utime(looked, (now, now))


def _named(session: Session, sha256s: Sequence[str]) -> set[str]:
    """Those that rows name."""
    found: set[str] = set()
    for column in (
        ImageRow.sha256, ImageRow.thumbnail_sha256, VersionRow.archive_sha256, VersionExportRow.sha256,
    ):  # fmt: skip
        found.update(str(name) for name in session.scalars(select(column).where(column.in_(sha256s))))
    for files in session.scalars(select(ModelRow.files)):
        found.update(str(name) for name in files.values())
    for result in session.scalars(select(TaskRow.result).where(TaskRow.kind == "search_export")):
        found.update([str(result["sha256"])] if result is not None else [])
    return found
