"""A version of a project as a zip, in every format that trainers and clients ask for; made once, kept as a blob."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets import open_dataset
from epochal.datasets.ready_zip import Source, find_layout, write_export
from epochal.errors import Conflict, EpochalError, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.project_versions import ProjectVersion, version_folder
from epochal.versions.tables import VersionExportRow

_TELL_EVERY_S = 0.5


@dataclass(frozen=True)
class VersionExport:
    """A zip of a version.

    Attributes:
        format: as it was asked for.
        state: `running`, `ready` or `failed`.
        progress: 0 to 1.
        message: why it failed, else empty.
        sha256: of the zip: its blob; None until it is ready.
        size_bytes: of the zip.
        server_url: the server's address as who asked knows it; it stands in the zip.
    """

    version_id: str
    format: str
    state: str
    progress: float
    message: str
    sha256: str | None
    size_bytes: int | None
    server_url: str


def start_export(session: Session, version: ProjectVersion, format_name: str, *, server_url: str = "") -> VersionExport:
    """Ask for a zip; one that is there or being made is given back, one that failed is tried again.

    Args:
        session: that writes.
        version: that is ready.
        format_name: as clients name it.
        server_url: the server's address as who asks knows it, without a last slash; a zip that is begun says so.

    Raises:
        BadInput: no such format; the message lists those there are.
        Conflict: the version is not ready.
    """
    find_layout(format_name)
    if version.state != "ready":
        raise Conflict(f"Version {version.number} is {version.state}; it can be exported when it is ready.")
    row = session.get(VersionExportRow, (version.id, format_name))
    if row is None:
        row = VersionExportRow(version_id=version.id, format=format_name, created_at=time.time(), state="failed")
        session.add(row)
    if row.state == "failed":
        row.state, row.progress, row.message, row.server_url = "running", 0.0, "", server_url
    session.flush()
    return _value(row)


def list_exports(session: Session, version_id: str) -> list[VersionExport]:
    """The zips of a version, by format."""
    query = select(VersionExportRow).where(VersionExportRow.version_id == version_id).order_by(VersionExportRow.format)
    return [_value(row) for row in session.scalars(query)]


def find_export(session: Session, version_id: str, format_name: str) -> VersionExport:
    """The zip of a version in a format. Raises NotFound."""
    row = session.get(VersionExportRow, (version_id, format_name))
    if row is None:
        raise NotFound(f"This version has no export {format_name!r}; ask for one first.")
    return _value(row)


def unfinished_exports(session: Session) -> list[tuple[str, str]]:
    """(version id, format) of those that were cut off."""
    query = select(VersionExportRow.version_id, VersionExportRow.format).where(VersionExportRow.state == "running")
    return [(version_id, name) for version_id, name in session.execute(query)]


def make_export(
    database: Database,
    blobs: BlobStore,
    data_root: Path,
    version: ProjectVersion,
    format_name: str,
    source: Source,
    *,
    is_ending: Callable[[], bool] = lambda: False,
) -> None:
    """Write the zip of a row that is `running`, and its end, good or bad, into the row.

    Args:
        database: with the row.
        blobs: gets the zip.
        data_root: the data folder.
        version: that is ready.
        format_name: of the row.
        source: whose data it is.
        is_ending: the server ends; the row stays `running`, and the next start begins it anew.
    """
    scratch = data_root / "cache" / "exports"
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        dataset = open_dataset(version_folder(data_root, version.project_id, version.number))
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            file = write_export(
                dataset,
                format_name,
                Path(folder) / "export.zip",
                source=source,
                progress=_teller(database, version.id, format_name),
                is_cancelled=is_ending,
            )
            sha256, size_bytes = blobs.put_file(file), file.stat().st_size
    except Exception as error:
        if is_ending():
            return
        known = isinstance(error, EpochalError)
        message = str(error) if known else "The server made a mistake; its log says more."
        _write(database, version.id, format_name, state="failed", message=message)
        if not known:
            raise
    else:
        _write(database, version.id, format_name, state="ready", progress=1.0, sha256=sha256, size_bytes=size_bytes)


def _teller(database: Database, version_id: str, format_name: str) -> Callable[[int, int], None]:
    told_at = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            _write(database, version_id, format_name, progress=done / max(of, 1) * 0.99)

    return tell


def _write(database: Database, version_id: str, format_name: str, **values: object) -> None:
    def write(session: Session) -> None:
        row = session.get(VersionExportRow, (version_id, format_name))
        if row is not None:
            for name, value in values.items():
                setattr(row, name, value)

    database.write_grouped(write)


def _value(row: VersionExportRow) -> VersionExport:
    return VersionExport(
        version_id=row.version_id,
        format=row.format,
        state=row.state,
        progress=row.progress or 0.0,
        message=row.message or "",
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        server_url=row.server_url or "",
    )
