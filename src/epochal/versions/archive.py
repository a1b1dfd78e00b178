"""A whole version as one zip, as it lies on the disk: what a worker elsewhere trains on. Made once, kept as a blob."""

import tempfile
import zipfile
from pathlib import Path

from epochal.errors import Conflict, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.project_versions import version_folder
from epochal.versions.tables import VersionRow

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: equal versions are equal files


def ensure_archive(database: Database, blobs: BlobStore, data_root: Path, version_id: str) -> str:
    """The blob of a version's archive, made when there is none yet.

    Returns:
        Its sha256.

    Raises:
        NotFound: no such version, or its folder is gone.
        Conflict: it is not ready.
    """
    with database.read() as session:
        row = session.get(VersionRow, version_id)
        if row is None:
            raise NotFound(f"There is no version {version_id!r}.")
        if row.archive_sha256 is not None and blobs.has(row.archive_sha256):
            return row.archive_sha256
        if row.state != "ready":
            raise Conflict(f"Version {row.number} is {row.state}; it has an archive when it is ready.")
        folder = version_folder(data_root, row.project_id, row.number)
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "version.zip"
        pack_folder(folder, target)
        sha256 = blobs.put_file(target)
    with database.write() as session:
        row = session.get(VersionRow, version_id)
        if row is not None:
            row.archive_sha256 = sha256
    return sha256


def pack_folder(folder: Path, target: Path) -> None:
    """Write a zip of a folder's files, by name, not compressed: images are already.

    Raises:
        NotFound: there is no such folder.
    """
    if not folder.is_dir():
        raise NotFound(f"The files of the version are gone from {folder}; generate it again.")
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            with path.open("rb") as source, archive.open(entry, "w") as part:
                while piece := source.read(1 << 20):
                    part.write(piece)
