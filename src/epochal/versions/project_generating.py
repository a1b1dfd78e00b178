"""Generate a version of a project: what `generating.py` does for a folder, with its progress and end in the row."""

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.scanning import Progress
from epochal.errors import EpochalError, Failed
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.generating import generate_version, plan_version
from epochal.versions.library import Version
from epochal.versions.settings import parse_settings
from epochal.versions.tables import VersionRow

_TELL_EVERY_S = 0.5


def generate_project_version(
    database: Database,
    blobs: BlobStore,
    data_root: Path,
    version_id: str,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
    is_ending: Callable[[], bool] = lambda: False,
) -> None:
    """Make the images and annotations of a version whose row is `generating`; does nothing in any other state.

    A kill at any instant leaves the row `generating`; the next call goes on with the images that are done.

    Args:
        database: with the version's row, which gets its progress and its end, good or bad.
        blobs: of the project's images.
        data_root: the data folder.
        version_id: of the version.
        is_cancelled: somebody wants it no more; the row becomes `cancelled`.
        is_ending: the server ends; the row stays `generating`.
    """
    with database.read() as session:
        row = session.get(VersionRow, version_id)
        if row is None or row.state != "generating":
            return
        project_id, number, name, content = row.project_id, row.number, row.name, dict(row.settings)
    try:
        with database.read() as session:
            dataset = load_dataset(session, blobs, project_id)
        plan = plan_version(dataset, parse_settings(content))
        version = generate_version(
            plan,
            data_root / "versions",
            name=name,
            place=(project_id, number),
            progress=_teller(database, version_id),
            is_cancelled=lambda: is_cancelled() or is_ending(),
        )
    except Exception as error:
        if is_ending():
            return
        _end_badly(database, version_id, error, was_cancelled=is_cancelled())
        if not isinstance(error, EpochalError):
            raise
    else:
        _end_well(database, version_id, version)


def _teller(database: Database, version_id: str) -> Progress:
    """Writes how far it is, twice a second at most."""
    told_at = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < _TELL_EVERY_S:
            return
        told_at = time.monotonic()

        def write(session: Session) -> None:
            row = session.get(VersionRow, version_id)
            if row is not None and row.state == "generating":
                row.progress = done / max(of, 1) * 0.99  # 1 when it is there

        database.write_grouped(write)

    return tell


def _end_well(database: Database, version_id: str, version: Version) -> None:
    with database.write() as session:
        row = session.get(VersionRow, version_id)
        if row is None:
            return
        splits = version.content["splits"]
        row.content_hash = version.content_hash
        row.splits = splits
        row.images = sum(int(counts["images"]) for counts in splits.values())
        row.classes = list(version.content["classes"])
        row.progress, row.state, row.message = 1.0, "ready", " ".join(version.content.get("notes", []))


def _end_badly(database: Database, version_id: str, error: Exception, *, was_cancelled: bool) -> None:
    with database.write() as session:
        row = session.get(VersionRow, version_id)
        if row is None:
            return
        if was_cancelled and isinstance(error, Failed):
            row.state, row.message = "cancelled", "What is done is kept; go on, or delete it."
        else:
            known = isinstance(error, EpochalError)
            row.state, row.message = "failed", str(error) if known else "The server made a mistake; its log says more."
