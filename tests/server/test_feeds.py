"""Server-sent events: nothing is lost, nothing comes twice, many listeners cost little.

Run: pytest tests/server/test_feeds.py.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from epochal.graphs.journal import Journal
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.runs import RunIndex
from epochal.server import feeds as feeds_module
from epochal.server.answers import ReadingEvent, RunSummary
from epochal.server.feeds import Feeds, RunFeed

MAP = "metrics/mAP_0.5:0.95"
EVENTS = "/api/runs/cells-1/events"
Event = tuple[str, str | None, object]  # name, id, data


def _parse(block: str) -> Event | None:
    fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != ":")
    return (fields["event"], fields.get("id"), json.loads(fields["data"])) if "event" in fields else None


@contextmanager
def _stream(keyed: httpx.Client, address: str, **headers: str) -> Iterator[Iterator[Event]]:
    """The events of a stream, as they come."""

    def events(answer: httpx.Response) -> Iterator[Event]:
        block = ""
        for line in answer.iter_lines():
            block += line + "\n"
            if line == "":
                if (event := _parse(block)) is not None:
                    yield event
                block = ""

    with keyed.stream("GET", address, headers={name.replace("_", "-"): value for name, value in headers.items()}) as it:
        assert it.status_code == 200, it.read()
        yield events(it)


def _take_journal(events: Iterator[Event], count: int) -> list[tuple[str | None, object]]:
    taken: list[tuple[str | None, object]] = []
    while len(taken) < count:
        name, id_, data = next(events)
        if name == "journal":
            taken.append((id_, data))
    return taken


def test_follow_run__tells_all_then_what_is_new(keyed: httpx.Client, run: Path) -> None:
    with _stream(keyed, EVENTS) as events:
        lines = _take_journal(events, 3)
        assert [data["kind"] for _, data in lines] == ["start", "epoch", "epoch"]  # type: ignore[index]
        assert lines[2][0] == str((run / "metrics.jsonl").stat().st_size)
        assert lines[2][1]["series"]["train/box_loss"] == "NaN"  # type: ignore[index]
        name, _, progress = next(events)
        assert name == "progress"
        assert RunSummary.model_validate(progress).state == "training"
        name, _, reading = next(events)
        assert name == "reading"
        assert ReadingEvent.model_validate(reading).best is not None

        with Journal(run) as journal:
            journal.epoch(3, {MAP: 0.3})
        ((id_, line),) = _take_journal(events, 1)
        assert line["series"] == {MAP: 0.3}  # type: ignore[index]
        assert id_ == str((run / "metrics.jsonl").stat().st_size)


def test_follow_run__goes_on_behind_the_last_id_and_before_it_the_cursor(keyed: httpx.Client, run: Path) -> None:
    with _stream(keyed, EVENTS) as events:
        (_, _), (second, _), (third, line) = _take_journal(events, 3)
    assert second is not None
    assert third is not None
    with _stream(keyed, EVENTS + "?cursor=0", Last_Event_ID=second) as events:
        assert _take_journal(events, 1) == [(third, line)]
    with _stream(keyed, f"{EVENTS}?cursor={second}") as events:
        assert _take_journal(events, 1) == [(third, line)]
    with _stream(keyed, f"{EVENTS}?cursor={third}") as events:
        assert next(events)[0] == "progress"  # no journal line is behind


def test_follow_run__misses_nothing_over_many_broken_lines(keyed: httpx.Client, run: Path) -> None:
    cursor, seen = "0", []
    for epoch in range(3, 12):
        with Journal(run) as journal:
            journal.epoch(epoch, {MAP: 0.1})
        with _stream(keyed, EVENTS, Last_Event_ID=cursor) as events:
            for _ in range(4 if epoch == 3 else 1):
                ((id_, line),) = _take_journal(events, 1)
                seen.append(line["epoch"] if line["kind"] == "epoch" else 0)  # type: ignore[index]
        assert id_ is not None
        cursor = id_
    assert seen == list(range(12))


@pytest.mark.parametrize("cursor", ["5", "999999999"])
def test_follow_run__with_a_cursor_of_another_file_begins_anew(keyed: httpx.Client, run: Path, cursor: str) -> None:
    with _stream(keyed, f"{EVENTS}?cursor={cursor}") as events:
        assert len(_take_journal(events, 3)) == 3


@pytest.mark.parametrize("last_id", ["-1", "x", "9" * 400])
def test_follow_run__outlives_an_odd_last_id(keyed: httpx.Client, run: Path, last_id: str) -> None:
    with _stream(keyed, EVENTS, Last_Event_ID=last_id) as events:
        assert len(_take_journal(events, 3)) == 3


def test_follow_run__sends_headers_that_keep_proxies_from_waiting(keyed: httpx.Client, run: Path) -> None:
    with keyed.stream("GET", EVENTS) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["Cache-Control"] == "no-store"


def test_follow_run__breaks_silence_with_a_comment(keyed: httpx.Client, run: Path) -> None:
    with keyed.stream("GET", EVENTS) as answer:
        assert any(line.startswith(":") for line in answer.iter_lines())


def test_follow_run__ends_when_the_run_is_deleted(keyed: httpx.Client, run: Path) -> None:
    with _stream(keyed, EVENTS) as events:
        _take_journal(events, 3)
        shutil.rmtree(run)
        assert all(name != "journal" for name, _, _ in events)  # and comes to an end
    assert keyed.get(EVENTS).status_code == 404


async def _collect(stream: AsyncIterator[bytes], until: str) -> bytes:
    data = b""
    async for chunk in stream:
        data += chunk
        if until.encode() in data:
            break
    return data


def test_feeds__read_once_for_a_thousand_listeners(
    data: DataFolder, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = feeds_module.read_raw_lines
    monkeypatch.setattr(feeds_module, "read_raw_lines", lambda path, cursor: reads.append(cursor) or read(path, cursor))

    async def listen_together() -> None:
        feeds = Feeds(RunIndex(data), look_every_s=0.02)
        streams = [feeds.listen("cells-1", 0) for _ in range(1000)]
        first = await asyncio.gather(*(_collect(stream, "event: reading") for stream in streams))
        assert set(first) == {first[0]}
        assert feeds.followed == 1
        assert len(reads) <= 4  # the journal, and behind it; once more where a look came between
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        assert feeds.followed == 0

    asyncio.run(listen_together())


def test_feeds__one_that_leaves_holds_up_nobody(data: DataFolder, run: Path) -> None:
    async def listen() -> None:
        feeds = Feeds(RunIndex(data), look_every_s=0.02)
        leaving = asyncio.create_task(_collect(feeds.listen("cells-1", 0), "never said"))
        staying = asyncio.create_task(_collect(feeds.listen("cells-1", 0), '"epoch": 3'))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        with Journal(run) as journal:
            journal.epoch(3, {MAP: 0.3})
        assert b'"epoch": 3' in await asyncio.wait_for(staying, 10)

    asyncio.run(listen())


def test_feeds__end_their_streams_when_the_server_ends(data: DataFolder, run: Path) -> None:
    async def listen() -> None:
        feeds = Feeds(RunIndex(data), look_every_s=0.02)
        stream = asyncio.create_task(_collect(feeds.listen("cells-1", 0), "never said"))
        while feeds.followed == 0:
            await asyncio.sleep(0.01)
        feeds.close()
        await asyncio.wait_for(stream, 10)
        assert feeds.followed == 0
        await asyncio.wait_for(_collect(feeds.listen("cells-1", 0), "never said"), 10)  # one that comes too late

    asyncio.run(listen())


def test_feeds__come_to_rest_when_the_journal_is_taken_away_between_two_looks(data: DataFolder, run: Path) -> None:
    async def listen() -> None:
        feed = RunFeed(RunIndex(data), "cells-1", look_every_s=60, heartbeat_s=0.01)  # one look, at its beginning
        following = asyncio.create_task(feed.follow())
        stream = feed.listen(0)
        await _collect(stream, "event: journal")
        shutil.rmtree(run)  # when it has read to the end and not yet looked behind it
        assert b"event: journal" not in await asyncio.wait_for(_collect(stream, "still here"), 10)
        following.cancel()

    asyncio.run(listen())


def test_feeds__go_on_after_a_look_that_failed(
    data: DataFolder, run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index = RunIndex(data)
    summary = RunIndex.summary
    failures = iter([OSError("the disk is away")])

    def fail_once(self: RunIndex, run_id: str) -> object:
        for failure in failures:
            raise failure
        return summary(self, run_id)

    monkeypatch.setattr(RunIndex, "summary", fail_once)
    feeds = Feeds(index, look_every_s=0.02)
    data_read = asyncio.run(_collect(feeds.listen("cells-1", 0), "event: reading"))
    assert b"event: progress" in data_read
    assert "look failed" in caplog.text


def test_follow_run__leaves_no_follower_behind(
    keyed: httpx.Client, run: Path, server_feeds: Feeds, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    with _stream(keyed, EVENTS) as events:
        _take_journal(events, 3)
        assert server_feeds.followed == 1
    wait_until(lambda: server_feeds.followed == 0)
