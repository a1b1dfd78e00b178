"""Server-sent events of a run: one follower reads its files, any number of listeners take what it found.

    files ──(a look every half second)──► RunFeed ──(a wake-up)──► listener, with a cursor of its own ──► browser

A listener pulls from its own cursor on, so a slow one holds nobody up and fills no queue, and one that comes back
with the last id it saw misses nothing. What many listeners ask for at once is read and encoded once.
"""

import asyncio
import dataclasses
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from epochal.errors import NotFound
from epochal.graphs.journal import JOURNAL_NAME
from epochal.jobs.following import end_of_journal, read_raw_lines
from epochal.jobs.records import ENDED_STATES
from epochal.jobs.runs import RunIndex

LOG = logging.getLogger("epochal.server.feeds")
LOOK_EVERY_S, LOOK_AT_ENDED_EVERY_S = 0.5, 2.0
HEARTBEAT_S = 15.0
RETRY_MS = 2000  # how long a browser waits before it comes back


@dataclasses.dataclass(frozen=True)
class _Look:
    """What a look at a run found: the end of its journal, and two events ready to be sent."""

    end: int
    said: tuple[Any, ...]
    progress: bytes
    reading: bytes
    has_ended: bool


class RunFeed:
    """The follower of one run."""

    def __init__(self, index: RunIndex, run_id: str, *, look_every_s: float, heartbeat_s: float) -> None:
        """Make a follower; `follow` sets it to work."""
        self._index = index
        self._run_id = run_id
        self._journal = index.folder(run_id) / JOURNAL_NAME
        self._look_every_s = look_every_s
        self._heartbeat_s = heartbeat_s
        self._look: _Look | None = None
        self._changed = asyncio.Event()
        self._chunks: dict[int, asyncio.Task[tuple[bytes, int]]] = {}
        self._is_closed = False
        self.listeners = 0

    async def follow(self) -> None:
        """Look at the run again and again, and wake the listeners when something is new."""
        while not self._is_closed:
            try:
                look: _Look | None = await asyncio.to_thread(self._take_look)
            except NotFound:  # somebody deleted the run
                self.close()
                return
            except Exception:
                LOG.exception("look failed", extra={"fields": {"run": self._run_id}})
                look = self._look
            if look is not None and (self._look is None or _is_news(self._look, look)):
                self._look = look
                self._chunks.clear()
                self._wake()
            rests_s = LOOK_AT_ENDED_EVERY_S if look is not None and look.has_ended else 0.0
            await asyncio.sleep(max(self._look_every_s, min(rests_s, 4 * self._look_every_s)))

    async def listen(self, cursor: int) -> AsyncIterator[bytes]:
        """The stream for one listener, from a position in the journal on; it ends when the feed is closed.

        Args:
            cursor: position behind the last line that the listener has; 0 for all.

        Yields:
            Server-sent events, encoded: `journal` with the cursor as id, then `progress` and `reading` when they are
            new, a comment when nothing is said for long.
        """
        yield f"retry: {RETRY_MS}\n\n".encode()
        progress = reading = b""
        while not self._is_closed:
            changed = self._changed
            look = self._look
            if look is not None:
                async for chunk, behind in self._journal_from(cursor):
                    cursor = behind
                    yield chunk
                if look.progress != progress:
                    progress = look.progress
                    yield progress
                if look.reading != reading:
                    reading = look.reading
                    yield reading
            try:
                await asyncio.wait_for(changed.wait(), self._heartbeat_s)
            except TimeoutError:
                yield b": still here\n\n"

    def close(self) -> None:
        """End all streams."""
        self._is_closed = True
        self._wake()

    async def _journal_from(self, cursor: int) -> AsyncIterator[tuple[bytes, int]]:
        may_step_back = True  # once, to the start of a journal that was replaced
        while True:
            if cursor not in self._chunks:
                self._chunks[cursor] = asyncio.create_task(asyncio.to_thread(self._encode_journal, cursor))
            # Shielded: a listener that leaves must not cancel what the others wait for.
            chunk, behind = await asyncio.shield(self._chunks[cursor])
            if behind == cursor or (behind < cursor and not may_step_back):
                return
            may_step_back = may_step_back and behind > cursor
            if chunk:
                yield chunk, behind
            cursor = behind

    def _encode_journal(self, cursor: int) -> tuple[bytes, int]:
        lines, behind = read_raw_lines(self._journal, cursor)
        return b"".join(b"event: journal\nid: %d\ndata: %s\n\n" % (line.cursor, line.data) for line in lines), behind

    def _take_look(self) -> _Look:
        summary = self._index.summary(self._run_id)
        reading = self._index.reading(self._run_id)
        fields = dataclasses.asdict(summary)
        said = {"verdict": reading.verdict, "findings": reading.findings, "best": reading.best}
        return _Look(
            end=end_of_journal(self._journal),
            said=tuple(value for name, value in fields.items() if name != "age_s"),
            progress=encode_event("progress", fields),
            reading=encode_event("reading", said),
            has_ended=summary.state in ENDED_STATES,
        )

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Feeds:
    """The followers of all runs that somebody listens to; one begins with the first listener and ends with the last."""

    def __init__(self, index: RunIndex, *, look_every_s: float = LOOK_EVERY_S, heartbeat_s: float = HEARTBEAT_S):
        """Make the place for followers; none works yet.

        Args:
            index: the runs.
            look_every_s: time between two looks at a run that somebody listens to.
            heartbeat_s: silence after which a comment is sent, so that nobody between takes the line for dead.
        """
        self._index = index
        self._look_every_s = look_every_s
        self._heartbeat_s = heartbeat_s
        self._feeds: dict[str, tuple[RunFeed, asyncio.Task[None]]] = {}
        self._is_closed = False

    @property
    def followed(self) -> int:
        """How many runs are followed now."""
        return len(self._feeds)

    async def listen(self, run_id: str, cursor: int) -> AsyncIterator[bytes]:
        """The stream of a run for one listener; see `RunFeed.listen`.

        Raises:
            NotFound: there is no such run.
        """
        async with self._following(run_id) as feed:
            async for data in feed.listen(cursor):
                yield data

    def close(self) -> None:
        """End all streams; those that come later end at once."""
        self._is_closed = True
        for feed, _ in self._feeds.values():
            feed.close()

    @asynccontextmanager
    async def _following(self, run_id: str) -> AsyncIterator[RunFeed]:
        if run_id not in self._feeds:
            made = RunFeed(self._index, run_id, look_every_s=self._look_every_s, heartbeat_s=self._heartbeat_s)
            self._feeds[run_id] = (made, asyncio.create_task(made.follow()))
        feed, task = self._feeds[run_id]
        if self._is_closed:
            feed.close()
        feed.listeners += 1
        try:
            yield feed
        finally:
            feed.listeners -= 1
            if feed.listeners == 0 and self._feeds.get(run_id, (None,))[0] is feed:
                del self._feeds[run_id]
                task.cancel()


def encode_event(name: str, fields: object) -> bytes:
    """A server-sent event without id. JSON has no line ends of its own, so the data is one line."""
    data = json.dumps(fields, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()


def _is_news(before: _Look, after: _Look) -> bool:
    return (before.end, before.said, before.reading) != (after.end, after.said, after.reading)
