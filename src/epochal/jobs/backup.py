"""Everything of a data folder in one folder or zip, and back: each file with its sha256 in a manifest.

    manifest.json      {"format": 1, "epochal", "created_at", "files": {"epochal.sqlite": sha256, "blobs/…": sha256, …}}
    epochal.sqlite     one state of the database (VACUUM INTO), taken first: blobs are kept before rows name them
    blobs/ab/abcd…     those that its rows name, from the folder or from S3
    versions/ runs/ datasets/ checkpoints/     as they are; links are left out

A backup and a restored folder are written beside and renamed, so a kill leaves none that is half.
"""

import hashlib
import json
import os
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from epochal import __version__
from epochal.errors import BadInput, Conflict, Failed, NotFound
from epochal.jobs.doctor import named_blobs
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.migrating import copy_sqlite
from epochal.storage.whole_files import whole_file, whole_folder

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "epochal.sqlite"
FOLDERS = ("versions", "runs", "datasets", "checkpoints")
_PIECE_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
Write = Callable[[str, Iterable[bytes]], str]


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes:
        files: how many, the database among them.
        blobs: how many of them are blobs.
        created_at: seconds since 1970.
    """

    files: int
    blobs: int
    created_at: float


def back_up(database: Database, blobs: BlobStore, data_root: Path, target: Path) -> Backup:
    """Write a backup; a server may be running.

    Args:
        database: SQLite.
        blobs: the store that its rows name blobs of.
        data_root: the data folder.
        target: a zip when its name ends in `.zip`, else a folder; nothing may be there.

    Raises:
        BadInput: the database is PostgreSQL, or the target lies in the data folder.
        Conflict: the target is there already.
        Failed: a blob that a row names is missing or altered.
    """
    if not database.is_sqlite:
        raise BadInput(
            "The database is PostgreSQL, which has its own tool: back it up with `pg_dump`, then copy the data folder "
            "and the blobs, in this order."
        )
    if target.exists():
        raise Conflict(f"{target} is there already; name another file or folder for the backup.")
    if target.absolute().resolve().is_relative_to(data_root.resolve()):
        raise BadInput(f"{target} lies in the data folder {data_root}; expected a place outside it.")
    files: dict[str, str] = {}
    created_at = time.time()
    with _writing(target) as write, tempfile.TemporaryDirectory(prefix="epochal-backup-") as folder:
        copy = Path(folder) / DATABASE
        copy_sqlite(database, copy)
        files[DATABASE] = write(DATABASE, _pieces(copy.open("rb")))
        for sha256 in sorted(_blobs_of(copy)):
            name = f"blobs/{sha256[:2]}/{sha256}"
            files[name] = _write_blob(write, name, blobs, sha256)
        for path in _other_files(data_root):
            name = path.relative_to(data_root).as_posix()
            with suppress(FileNotFoundError):  # a running server removed it meanwhile
                files[name] = write(name, _pieces(path.open("rb")))
        manifest = {"format": FORMAT, "epochal": __version__, "created_at": created_at, "files": files}
        write(MANIFEST, [json.dumps(manifest, indent=1).encode()])
    return _described(files, created_at)


def restore(source: Path, data_root: Path) -> Backup:
    """Make a data folder of a backup.

    Args:
        source: of `back_up`, a zip or a folder.
        data_root: a folder that is empty or not there.

    Raises:
        NotFound: the backup is not there.
        BadInput: it is no backup, or one of a newer form.
        Conflict: the data folder holds something.
        Failed: a file of the backup is missing or altered; nothing was restored.
    """
    _require_empty(data_root)
    with _reading(source) as open_file, whole_folder(data_root.absolute()) as part:
        files, created_at = _read_manifest(source, open_file)
        for name, sha256 in files.items():
            path = part.joinpath(*name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            if _copy(source, open_file, name, path) != sha256:
                raise Failed(f"{name} in {source} is altered: its bytes do not have the sha256 of the manifest. "
                             "Nothing was restored; take another backup.")  # fmt: skip
        _require_empty(data_root)
    return _described(files, created_at)


def _write_blob(write: Write, name: str, blobs: BlobStore, sha256: str) -> str:
    try:
        found = write(name, blobs.stream(sha256))
    except NotFound as error:
        raise Failed(f"The blob {sha256} is missing, so no backup was made; `epochal doctor` says whose.") from error
    if found != sha256:
        raise Failed(f"The blob {sha256} is altered, so no backup was made; `epochal doctor` says whose.")
    return found


def _described(files: dict[str, str], created_at: float) -> Backup:
    return Backup(len(files), sum(name.startswith("blobs/") for name in files), created_at)


def _blobs_of(copy: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    try:
        with Session(engine) as session:
            return {sha256 for sha256, _ in named_blobs(session)}
    except DatabaseError as error:
        raise Failed(
            f"The tables of the database are not those of this Epochal ({error.orig}); start the server once, then "
            "back up again."
        ) from error
    finally:
        engine.dispose()


def _other_files(data_root: Path) -> Iterator[Path]:
    for name in FOLDERS:
        for path in sorted((data_root / name).rglob("*")):
            is_left_out = any(part.startswith(".") for part in path.relative_to(data_root).parts)
            if not is_left_out and not path.is_symlink() and path.is_file():
                yield path


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece


@contextmanager
def _writing(target: Path) -> Iterator[Write]:
    """A function that writes one file of the backup and gives its sha256; the backup is there when the block ends."""
    with ExitStack() as stack:
        if target.suffix == ".zip":
            part = stack.enter_context(whole_file(target.absolute(), clears=True))
            archive = stack.enter_context(zipfile.ZipFile(part, "w"))  # images and weights hardly shrink
            yield lambda name, pieces: _write_to(archive.open(name, "w", force_zip64=True), pieces)
        else:
            folder = stack.enter_context(whole_folder(target.absolute()))
            yield lambda name, pieces: _write_to(_made(folder.joinpath(*name.split("/"))).open("wb"), pieces)


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_to(stream: IO[bytes], pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    with stream:
        for piece in pieces:
            digest.update(piece)
            stream.write(piece)
    return digest.hexdigest()


@contextmanager
def _reading(source: Path) -> Iterator[Callable[[str], IO[bytes]]]:
    if source.is_dir():
        yield lambda name: source.joinpath(*name.split("/")).open("rb")
        return
    if not source.is_file():
        raise NotFound(f"{source} is not there; expected a folder or zip of `epochal backup`.")
    try:
        archive = zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise BadInput(f"{source} is no zip that can be read ({error}); expected one of `epochal backup`.") from error
    with archive:
        yield archive.open


def _copy(source: Path, open_file: Callable[[str], IO[bytes]], name: str, path: Path) -> str:
    try:
        with path.open("wb") as stream:
            return _write_to(stream, _pieces(open_file(name)))
    except (FileNotFoundError, KeyError) as error:
        raise Failed(f"{name} is missing in {source}. Nothing was restored; take another backup.") from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise Failed(f"{name} in {source} is altered ({error}). Nothing was restored; take another backup.") from error


def _read_manifest(source: Path, open_file: Callable[[str], IO[bytes]]) -> tuple[dict[str, str], float]:
    try:
        manifest: Any = json.loads(b"".join(_pieces(open_file(MANIFEST))))
        form, files, created_at = manifest["format"], dict(manifest["files"]), float(manifest["created_at"])
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise BadInput(f"{source} is no backup: its {MANIFEST} cannot be read ({error!r}).") from error
    if form != FORMAT:
        raise BadInput(f"{source} is a backup of form {form!r}; expected {FORMAT}. Install the Epochal that made it.")
    for name, sha256 in files.items():
        if not _is_of_a_backup(name) or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise BadInput(f"{source} is no backup: its {MANIFEST} names {name[:80]!r}, which none has.")
    if DATABASE not in files:
        raise BadInput(f"{source} is no backup: its {MANIFEST} names no {DATABASE}.")
    return files, created_at


def _is_of_a_backup(name: str) -> bool:
    parts = name.split("/")
    is_plain = all(part not in {"", ".", ".."} and not re.search(r"[\\\0]", part) for part in parts)
    drive = os.name == "nt" and ":" in name
    return is_plain and not drive and (name == DATABASE or (len(parts) > 1 and parts[0] in {"blobs", *FOLDERS}))


def _require_empty(data_root: Path) -> None:
    if data_root.exists() and (not data_root.is_dir() or any(data_root.iterdir())):
        raise Conflict(f"{data_root} holds something; expected a new or empty folder. Name another with --data-dir.")
