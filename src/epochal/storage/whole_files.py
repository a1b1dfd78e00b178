"""Files and folders that are there whole or not at all: written beside, flushed to the disk, renamed.

The one place where that is done. A kill at any instant leaves what was there before, or what is there afterwards. This
module imports no database, so that every package above may use it.
"""

import contextlib
import errno
import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from epochal.errors import Failed, StorageFull

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
REMEDY = "Free some space on that disk and try again."


@contextlib.contextmanager
def whole_file(final: Path, *, flushes: bool = True, clears: bool = False, mode: int | None = None) -> Iterator[Path]:
    """A path to write, which replaces the final one when the block ends well, and is removed when it does not.

    Args:
        final: the file; its folder is there.
        flushes: wait until the disk has it, so that a power cut cannot leave an empty file under the final name. False
            for what is made again when it is torn, and for what is replaced every second.
        clears: also remove what killed processes left of the same output; looks through the folder.
        mode: of the file, set before anything is in it, such as 0o600; as the system does it when None.

    Raises:
        OSError: as the system has it; see `disk_error`.
    """
    if clears:
        _clear(final)
    part = final.with_name(f"{_prefix(final)}{secrets.token_hex(4)}.part")
    try:
        if mode is not None:
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        yield part
        if flushes:
            _flush(part)
        part.replace(final)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    if flushes:
        _flush_folder(final.parent)


def write_whole(
    path: Path,
    content: str | bytes | Callable[[BinaryIO], object],
    *,
    flushes: bool = True,
    mode: int | None = None,
    remedy: str = REMEDY,
) -> None:
    """Replace a file in one step: a reader sees the old one or the new one.

    Args:
        path: the file; its folder is there.
        content: a text, bytes, or what writes them into an open file.
        flushes: as in `whole_file`.
        mode: as in `whole_file`.
        remedy: a sentence, what to do when the disk is full.

    Raises:
        StorageFull: no space is left; the old file stays.
        Failed: it cannot be written for another reason; the old file stays.
    """
    try:
        with whole_file(path, flushes=flushes, mode=mode) as part, part.open("wb") as stream:
            if callable(content):
                content(stream)
            else:
                stream.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise disk_error(path, error, remedy) from error


@contextlib.contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """A folder to fill, which takes its final name when the block ends well, and is removed when it does not.

    What killed processes left of the same folder is removed first. When another process was quicker, its folder stays.
    """
    _clear(final)
    part = Path(tempfile.mkdtemp(prefix=_prefix(final), dir=final.parent))
    try:
        yield part
        part.chmod(0o755)
        try:
            part.rename(final)
        except OSError:
            if not final.is_dir():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def disk_error(path: Path, error: OSError, remedy: str = REMEDY) -> Failed:
    """What to raise when a file cannot be written: StorageFull with what to do, or Failed."""
    why = error.strerror or str(error)
    if error.errno in FULL:
        return StorageFull(f"Could not write {path}: {why}. {remedy}")
    return Failed(f"Cannot write {path}: {why}. Check the folder and its permissions, or choose another place.")


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """The new name too: a power cut would else bring the old file back. Not every system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _prefix(final: Path) -> str:
    return f".{final.name[:200]}-{os.getpid()}-"


def _clear(final: Path) -> None:
    """Make the folder above, and remove what killed processes left of the same output."""
    final.parent.mkdir(parents=True, exist_ok=True)
    for path in final.parent.glob(f".{glob.escape(final.name[:200])}-*-*"):
        pid = path.name.removeprefix(f".{final.name[:200]}-").partition("-")[0]
        if pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    if os.name != "posix":  # Trap: signal 0 ends a process on Windows
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
