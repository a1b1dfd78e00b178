"""Keys and sessions that were seen a moment ago: one that asks a hundred times a second is looked up once in two.

What was revoked or signed out works for at most that much longer, and that only on another server of the same database:
this one forgets at once.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from epochal.errors import StorageFull
from epochal.storage.database import Database
from epochal.workspaces.keys import KnownKey, check_key, note_use
from epochal.workspaces.signing_in import SignedIn, find_session

KEPT_S = 2.0
USE_NOTED_EVERY_S = 60.0
KEPT_MAX = 10_000
Found = TypeVar("Found")


class _Recent(Generic[Found]):
    """What was found under a secret text, for two seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[Found, float]] = {}

    def recall(self, text: str) -> Found | None:
        seen = self._seen.get(text)
        return None if seen is None or self._clock() >= seen[1] else seen[0]

    def keep(self, text: str, found: Found, ends_at: float | None) -> None:
        until = self._clock() + KEPT_S
        with self._lock:
            if len(self._seen) >= KEPT_MAX:
                self._seen.clear()
            self._seen[text] = (found, until if ends_at is None else min(until, ends_at))

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()


class KeyRing:
    """Checks keys and sessions against the database. Safe to use from several threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        """Name the database; nothing is read yet.

        Args:
            database: which has the keys and sessions.
            clock: seconds since 1970.
        """
        self._database = database
        self._clock = clock
        self._keys: _Recent[KnownKey] = _Recent(clock)
        self._sessions: _Recent[SignedIn] = _Recent(clock)
        self._lock = threading.Lock()
        self._noted: dict[str, float] = {}

    def recall(self, text: str) -> KnownKey | None:
        """The key of a text when it was good a moment ago; never waits."""
        return self._keys.recall(text)

    def check(self, text: str) -> KnownKey | None:
        """The key of a text, looked up; None when it is no good key. Notes that it was used."""
        now = self._clock()
        with self._database.read() as session:
            known = check_key(session, text, now=now)
        if known is None:
            return None
        self._keys.keep(text, known, known.expires_at)
        with self._lock:
            is_due = now - self._noted.get(known.id, 0.0) >= USE_NOTED_EVERY_S
            if is_due:
                self._noted[known.id] = now
        if is_due:
            with suppress(StorageFull):  # who reads, or makes room, is answered though it cannot be noted
                self._database.write_grouped(lambda session: note_use(session, known.id, now))
        return known

    def recall_session(self, token: str) -> SignedIn | None:
        """The session of a cookie when it was good a moment ago; never waits."""
        return self._sessions.recall(token)

    def check_session(self, token: str) -> SignedIn | None:
        """The session of a cookie, looked up; None when it has ended or never was."""
        with self._database.read() as session:
            found = find_session(session, token, now=self._clock())
        if found is not None:
            self._sessions.keep(token, found, found.expires_at)
        return found

    def forget_all(self) -> None:
        """Look everything up again: somebody's rights have changed."""
        self._keys.forget()
        self._sessions.forget()
