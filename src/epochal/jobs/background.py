"""Work that outlives a request: generating a version, packing an export, unpacking an upload.

The row of the work holds its state; this is only where it runs. A server that starts asks each kind for what was left
unfinished and submits it again, so the work must go on from where it was, or begin anew without harm.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from epochal.errors import Conflict, EpochalError, StorageFull

LOG = logging.getLogger("epochal.jobs.background")


class Background:
    """A few threads for work that is waited for. The same work is never run twice at once in one process."""

    def __init__(self, threads: int = 2, *, room_looked_for_every_s: float = 5.0) -> None:
        """Make the threads when they are first needed.

        Args:
            threads: how many pieces of work run at once; the others wait.
            room_looked_for_every_s: after that much work is tried again whose end a full disk did not take.
        """
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._cancelled: set[str] = set()
        self._closing = threading.Event()
        self._room_looked_for_every_s = room_looked_for_every_s

    def submit(self, name: str, work: Callable[[Callable[[], bool]], object]) -> bool:
        """Run work soon.

        Args:
            name: what it is, such as `version:ID`.
            work: gets a function that says whether to stop, and writes its own end, good or bad, into its row.

        Returns:
            False when work of that name waits or runs already.

        Raises:
            Conflict: the server is ending.
        """
        with self._lock:
            if self._closing.is_set():
                raise Conflict("The server is ending; try again when it is back.")
            if name in self._running:
                return False
            self._running.add(name)
        self._pool.submit(self._run, name, work)
        return True

    def is_running(self, name: str) -> bool:
        """Whether work of that name waits or runs."""
        with self._lock:
            return name in self._running

    def cancel(self, name: str) -> bool:
        """Ask work to stop; False when there is none of that name."""
        with self._lock:
            if name not in self._running:
                return False
            self._cancelled.add(name)
            return True

    @property
    def is_closed(self) -> bool:
        """Whether the server is ending."""
        return self._closing.is_set()

    def close(self) -> None:
        """Ask all work to stop, and wait for it; it goes on at the next start."""
        with self._lock:
            self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, name: str, work: Callable[[Callable[[], bool]], object]) -> None:
        try:
            while not self._ends_now(name, work):
                self._closing.wait(self._room_looked_for_every_s)
        except EpochalError as error:
            LOG.error("failed", extra={"fields": {"work": name, "error": str(error)}})
        except Exception:
            LOG.exception("crashed", extra={"fields": {"work": name}})
        finally:
            with self._lock:
                self._running.discard(name)
                self._cancelled.discard(name)

    def _ends_now(self, name: str, work: Callable[[Callable[[], bool]], object]) -> bool:
        """Do it; False when the disk is so full that not even its end could be written: then it is done once more."""
        try:
            work(lambda: self._closing.is_set() or name in self._cancelled)
        except StorageFull as error:
            LOG.error("waits for room", extra={"fields": {"work": name, "error": str(error)}})
            return self._closing.is_set()
        return True
