"""Files by the hash of their bytes: each content is stored once, and is whole or not there."""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from epochal.storage.whole_files import disk_error, write_whole

GOES_ON = "Make room and do it again: it goes on with what is done."


class ObjectStore:
    """A folder of files named by their sha256; versions link to them.

    A kill at any instant leaves no file under a final name that is not whole.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies, if it is there."""
        return self.root / sha256[:2] / sha256

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep `sweep` away, in this and in other processes; the lock ends with the process."""
        with self._lock("LOCK_SH"):
            yield

    def sweep(self, find_wanted: Callable[[], Collection[str]]) -> int:
        """Remove every file that no version links to, unless a version is being made, or the system has no flock.

        Args:
            find_wanted: called when the store is ours alone; what it names by sha256 is kept all the same.

        Returns:
            How many were removed.
        """
        removed = 0
        with self._lock("LOCK_EX") as is_ours:
            wanted = find_wanted() if is_ours else ()
            for path in self.root.glob("??/*") if is_ours else ():
                # One with another ending is half written: the process that wrote it was killed.
                if path.stat().st_nlink == 1 and path.name not in wanted:
                    path.unlink()
                    removed += 1
        return removed

    @contextlib.contextmanager
    def _lock(self, kind: str) -> Iterator[bool]:
        """Hold the store with others (LOCK_SH), or alone (LOCK_EX) if nobody else has it just now."""
        try:
            import fcntl
        except ImportError:  # Windows
            yield False
            return
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            held = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise disk_error(self.root, error) from None
        try:
            is_ours = True
            try:
                fcntl.flock(held, fcntl.LOCK_SH if kind == "LOCK_SH" else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                is_ours = False
            yield is_ours
        finally:
            os.close(held)

    def put(self, data: bytes) -> str:
        """Store bytes; gives their sha256. Raises StorageFull, Failed."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(path, error, GOES_ON) from None
        write_whole(path, data, flushes=False, remedy=GOES_ON)
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
            raise disk_error(destination, error, GOES_ON) from None
