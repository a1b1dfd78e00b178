"""Counts arrive whole, by the minute, on both databases. Run: pytest tests/deploy/test_monitoring.py."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import delete

from deploy.rows import add_model, add_workspace
from epochal.boxes import Detections
from epochal.deploy import monitoring as module
from epochal.deploy.model_stats import read_stats
from epochal.deploy.monitoring import Counts, Monitor, add_counts, count_answer
from epochal.jobs.tables import ModelRow
from epochal.storage.database import Database

NAMES = ("cat", "dog")


def _found(*classes: int, confidence: float = 0.5) -> Detections:
    n = len(classes)
    return Detections(np.ones((n, 4), np.float32), np.full(n, confidence, np.float32), np.array(classes, np.int64))


def _model(database: Database, slug: str = "lab") -> str:
    with database.write() as session:
        return add_model(session, add_workspace(session, slug), None, {})


def test_count_answer__sums_images_and_classes() -> None:
    counts = count_answer([_found(0, 1, 1), _found()], NAMES, 14.0)
    assert counts == Counts(
        requests=1, images=2, detections=3, confidence_sum=1.5, latency_ms_sum=14.0, latency_buckets=Counter(["16"]),
        classes=Counter(dog=2, cat=1),
    )  # fmt: skip


def test_monitor__many_threads_lose_nothing(both_databases: Database) -> None:
    model_id, monitor, begin = _model(both_databases), Monitor(both_databases, write_every_s=0.01), time.time()

    def ask(number: int) -> None:
        monitor.add(model_id, count_answer([_found(number % 2)], NAMES, 10.0 + number % 3))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(400)))
    monitor.add(model_id, Counts(requests=1, errors=1))
    monitor.close()
    with both_databases.read() as session:
        by_model, spans = read_stats(session, [model_id], since=begin, until=time.time())
    stats = by_model[model_id]
    assert (stats.requests, stats.errors, stats.images, stats.detections) == (401, 1, 400, 400)
    assert stats.classes == {"cat": 200, "dog": 200}
    assert stats.confidence == pytest.approx(0.5)
    assert stats.latency_ms == pytest.approx(11, abs=0.02)
    assert 8 < (stats.latency_p50_ms or 0) <= 12
    assert sum(span.stats.requests for span in spans) == 401


def test_monitor__writes_by_itself_within_its_time(database: Database) -> None:
    model_id, monitor = _model(database), Monitor(database, write_every_s=0.02)
    monitor.add(model_id, Counts(requests=3))
    end, pause = time.monotonic() + 20, threading.Event()
    while True:
        with database.read() as session:
            by_model, _ = read_stats(session, [model_id], since=0, until=time.time(), spans=5)
        if by_model:
            break
        assert time.monotonic() < end
        pause.wait(0.01)
    assert by_model[model_id].requests == 3
    monitor.close()


def test_monitor__a_deleted_model_takes_no_other_down(both_databases: Database) -> None:
    gone, kept = _model(both_databases, "a"), _model(both_databases, "b")
    monitor = Monitor(both_databases, write_every_s=100)
    monitor.add(gone, Counts(requests=1))
    monitor.add(kept, Counts(requests=2))
    with both_databases.write() as session:
        session.execute(delete(ModelRow).where(ModelRow.id == gone))
    monitor.close()
    with both_databases.read() as session:
        by_model, _ = read_stats(session, [gone, kept], since=0, until=time.time())
    assert {model_id: stats.requests for model_id, stats in by_model.items()} == {kept: 2}


def test_monitor__what_could_not_be_written_is_written_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_id, monitor = _model(database), Monitor(database, write_every_s=100)
    monitor.add(model_id, Counts(requests=1))
    with monkeypatch.context() as patch:
        patch.setattr(module, "add_counts", _fail)
        monitor.write()
    monitor.add(model_id, Counts(requests=1))
    monitor.close()
    with database.read() as session:
        assert read_stats(session, [model_id], since=0, until=time.time())[0][model_id].requests == 2


def _fail(*_: object) -> None:
    from epochal.errors import Failed

    raise Failed("the disk is full")


def test_read_stats__spans_cover_the_time_and_leave_out_what_is_outside(database: Database) -> None:
    model_id = _model(database)
    with database.write() as session:
        for minute, requests in ((99, 50), (100, 1), (101, 2), (159, 3), (160, 50)):
            add_counts(session, model_id, minute, Counts(requests=requests))
        add_counts(session, model_id, 100, Counts(requests=4))
    with database.read() as session:
        by_model, spans = read_stats(session, [model_id], since=100 * 60, until=159 * 60 + 59, spans=6)
        assert read_stats(session, [], since=0, until=1e9)[0] == {}
    assert by_model[model_id].requests == 10
    assert [(span.start, span.stats.requests) for span in spans] == [
        (6000, 7), (6600, 0), (7200, 0), (7800, 0), (8400, 0), (9000, 3)
    ]  # fmt: skip
