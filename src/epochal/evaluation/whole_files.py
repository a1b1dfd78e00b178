"""Files that are whole or not there."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from epochal.errors import Failed, StorageFull


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path`, then rename it: a kill at any instant leaves the old file or the new one.

    Raises:
        StorageFull: no space is left.
        Failed: the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise StorageFull(f"No space is left to write {path}; make room and run the command again.") from error
        raise Failed(f"Cannot write {path}: {error.strerror}. Choose another place for the file.") from error
