"""The keys that were seen a moment ago, so that a key which asks a hundred times a second is looked up once in two."""

import threading
import time
from collections.abc import Callable

from epochal.storage.database import Database
from epochal.workspaces.keys import KnownKey, check_key, note_use

KEPT_S = 2.0  # a revoked key works at most this much longer, and that only on another server of the same database
USE_NOTED_EVERY_S = 60.0
KEPT_MAX = 10_000


class KeyRing:
    """Checks keys against the database. Safe to use from several threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        """Name the database; nothing is read yet.

        Args:
            database: which has the keys.
            clock: seconds since 1970.
        """
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[KnownKey, float]] = {}
        self._noted: dict[str, float] = {}

    def recall(self, text: str) -> KnownKey | None:
        """The key of a text when it was good a moment ago; never waits."""
        seen = self._seen.get(text)
        if seen is None or self._clock() >= seen[1]:
            return None
        return seen[0]

    def check(self, text: str) -> KnownKey | None:
        """The key of a text, looked up; None when it is no good key. Notes that it was used."""
        now = self._clock()
        with self._database.read() as session:
            known = check_key(session, text, now=now)
        if known is None:
            return None
        until = min(now + KEPT_S, known.expires_at or now + KEPT_S)
        with self._lock:
            if len(self._seen) >= KEPT_MAX:
                self._seen.clear()
            self._seen[text] = (known, until)
            is_due = now - self._noted.get(known.id, 0.0) >= USE_NOTED_EVERY_S
            if is_due:
                self._noted[known.id] = now
        if is_due:
            self._database.write_grouped(lambda session: note_use(session, known.id, now))
        return known

    def forget_all(self) -> None:
        """Look every key up again: one was revoked."""
        with self._lock:
            self._seen.clear()
