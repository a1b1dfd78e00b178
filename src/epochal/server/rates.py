"""How often somebody may ask, and a wrong password be tried. Kept in memory, so a limit holds for each server.

Asking: a bucket that fills at the rate and holds ten seconds of it, so that a burst passes and a flood does not.
Passwords: five wrong ones are free, then each doubles the wait, up to a quarter of an hour.
"""

import threading
import time
from collections.abc import Callable

from epochal.errors import TooMany

BURST_S = 10.0
FREE_TRIES, FIRST_WAIT_S, LONGEST_WAIT_S = 5, 1.0, 900.0
_KEPT_MAX = 20_000


class Rates:
    """A bucket for each name. Safe to use from several threads."""

    def __init__(self, per_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Make no bucket yet.

        Args:
            per_s: requests a second, on average; 0 for any number.
            clock: seconds.
        """
        self._per_s = per_s
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> None:
        """Count a request.

        Raises:
            TooMany: the bucket is empty; says when to come again.
        """
        if self._per_s <= 0:
            return
        most, now = self._per_s * BURST_S, self._clock()
        with self._lock:
            left, at = self._buckets.get(name, (most, now))
            left = min(most, left + (now - at) * self._per_s)
            if left >= 1:
                if len(self._buckets) >= _KEPT_MAX:
                    self._buckets.clear()
                self._buckets[name] = (left - 1, now)
                return
        raise TooMany(
            f"More than {self._per_s:g} requests a second; wait, then go on more slowly.", (1 - left) / self._per_s
        )


class Tries:
    """Wrong passwords, by account and by network address."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember nothing yet."""
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}

    def check(self, *names: str) -> None:
        """Refuse to try now.

        Raises:
            TooMany: one of the names has to wait.
        """
        now = self._clock()
        wait_s = max((self._wrong[name][1] - now for name in names if name in self._wrong), default=0.0)
        if wait_s > 0:
            raise TooMany(f"Too many wrong passwords; try again in {wait_s:.0f} s.", wait_s)

    def note_wrong(self, *names: str) -> None:
        """Count a wrong password."""
        with self._lock:
            if len(self._wrong) >= _KEPT_MAX:
                self._wrong.clear()
            for name in names:
                count = self._wrong.get(name, (0, 0.0))[0] + 1
                over = count - FREE_TRIES
                wait_s = 0.0 if over < 0 else min(FIRST_WAIT_S * 2.0 ** min(over, 30), LONGEST_WAIT_S)
                self._wrong[name] = (count, self._clock() + wait_s)

    def note_right(self, *names: str) -> None:
        """Forget the wrong ones."""
        with self._lock:
            for name in names:
                self._wrong.pop(name, None)
