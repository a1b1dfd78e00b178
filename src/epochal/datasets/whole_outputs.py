"""Folders and files that are there whole or not at all."""

import contextlib
import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """A folder to fill, which takes its final name when the block ends well, and is removed when it does not.

    What killed processes left of the same folder is removed first. When another process was quicker, its folder stays.
    """
    _make_room(final)
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


@contextlib.contextmanager
def whole_file(final: Path) -> Iterator[Path]:
    """A path to write, which replaces the final one when the block ends well, and is removed when it does not."""
    _make_room(final)
    part = final.with_name(f"{_prefix(final)}{secrets.token_hex(4)}")
    try:
        yield part
        os.replace(part, final)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _prefix(final: Path) -> str:
    return f".{final.name}-{os.getpid()}-"


def _make_room(final: Path) -> None:
    """Make the folder above, and remove what killed processes left of the same output."""
    final.parent.mkdir(parents=True, exist_ok=True)
    for path in final.parent.glob(f".{glob.escape(final.name)}-*-*"):
        pid = path.name.removeprefix(f".{final.name}-").partition("-")[0]
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
