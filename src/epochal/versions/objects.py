"""Files by the hash of their bytes: each content is stored once, and is whole or not there."""

import contextlib
import errno
import hashlib
import os
import shutil
import threading
from pathlib import Path

from epochal.errors import Failed, StorageFull


class ObjectStore:
    """A folder of files named by their sha256; versions link to them.

    A kill at any instant leaves no file under a final name that is not whole.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies, if it is there."""
        return self.root / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        """Store bytes; gives their sha256. Raises StorageFull, Failed."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        beside = path.with_name(f".{sha256}.{os.getpid()}.{threading.get_ident()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(data)
            beside.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise disk_error(path, error) from None
        return sha256

    def link(self, sha256: str, destination: Path) -> None:
        """Give a content a name; a copy where the disk has no hard links. Raises StorageFull, Failed."""
        try:
            try:
                os.link(self.path(sha256), destination)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOENT):
                    raise
                destination.unlink(missing_ok=True)
                shutil.copyfile(self.path(sha256), destination)
        except OSError as error:
            raise disk_error(destination, error) from None


def disk_error(path: Path, error: OSError) -> Failed:
    """What to raise when a file cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"No space is left to write {path}; make room and run the command again: it goes on.")
    return Failed(f"{path} cannot be written ({error.strerror or error}); nothing half-written is left in view.")
