"""Chosen images arrive once, within limits, with drafts. Run: pytest tests/deploy/test_collecting.py."""

import datetime
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, update

from deploy.rows import add_project, add_workspace
from epochal.boxes import Detections
from epochal.datasets.labels import read_annotations
from epochal.datasets.tables import BatchRow, ImageRow, ImageTagRow
from epochal.deploy import collecting as module
from epochal.deploy.collecting import Collector
from epochal.deploy.sampling_config import parse_sampling_config
from epochal.deploy.sampling_store import Sample, count_kept, keep_sample, read_rules, save_rules
from epochal.errors import BadInput
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

NAMES = ("cat", "dog")
NOW = datetime.datetime(2026, 11, 25, 21, 7, 30, tzinfo=datetime.UTC)
DOG = Detections(np.float32([[10, 20, 50, 60]]), np.float32([0.45]), np.array([1]))


def picture(seed: int, wh: tuple[int, int] = (80, 64)) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (wh[1], wh[0], 3), np.uint8)).save(out, "PNG")
    return out.getvalue()


def config_of(*limits: tuple[str, int], **more: Any) -> dict[str, object]:
    rule = {"name": "all", "type": "random", "traffic_percentage": 1.0, "tags": ["rule"]}
    rule |= {"limits": [{"type": kind, "value": value} for kind, value in limits]}
    return {"enabled": True, "sampling_strategies": [rule], "tags": ["al"], **more}


@pytest.fixture
def project(both_databases: Database) -> str:
    with both_databases.write() as session:
        return add_project(session, add_workspace(session))


def sample(project: str, seed: int, config: dict[str, object], wh: tuple[int, int] = (80, 64)) -> Sample:
    rules = parse_sampling_config(config).rules
    return Sample(project, picture(seed, wh), wh, DOG, NAMES, rules, "model")


def images(database: Database, project: str) -> list[ImageRow]:
    with database.read() as session:
        return list(session.scalars(select(ImageRow).where(ImageRow.project_id == project)))


def test_keep_sample__arrives_in_its_batch_with_tags_and_drafts(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of(batching_strategy={"batches_name_prefix": "kept", "recreation_interval": "monthly"})
    one = sample(project, 0, given)
    assert keep_sample(both_databases, blobs, one, parse_sampling_config(given), NOW) == "kept"
    (row,) = images(both_databases, project)
    with both_databases.read() as session:
        assert session.get_one(BatchRow, row.batch_id).name == "kept_2026_11_01"
        assert set(session.scalars(select(ImageTagRow.tag))) == {"al", "rule"}
        (box,) = read_annotations(session, project, [row.id])[row.id]
    assert (box.class_name, box.box_xyxy, box.is_draft, box.source) == ("dog", (10, 20, 50, 60), True, "model")
    assert (row.source, row.in_dataset, row.is_labelled) == ("active_learning", False, False)
    assert row.user_metadata == {"rule": "all", "model_id": "model"}
    assert blobs.get(row.sha256) == one.data


def test_keep_sample__same_bytes_come_once_and_count_in_no_limit(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of(("daily", 2))
    config = parse_sampling_config(given)
    said = [keep_sample(both_databases, blobs, sample(project, seed, given), config, NOW) for seed in (0, 0, 1, 2)]
    assert said == ["kept", "duplicate", "kept", "over_limit"]


def test_keep_sample__every_limit_holds_and_the_next_span_is_free(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of(("minutely", 1), ("hourly", 2))
    config = parse_sampling_config(given)
    minute, hour = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
    times = [NOW, NOW, NOW + minute, NOW + 2 * minute, NOW + hour]
    said = [keep_sample(both_databases, blobs, sample(project, n, given), config, at) for n, at in enumerate(times)]
    assert said == ["kept", "over_limit", "kept", "over_limit", "kept"]
    with both_databases.read() as session:
        assert count_kept(session, project, NOW + hour) == {"all": {"minutely": 1, "hourly": 1}}


def test_keep_sample__limits_hold_when_many_come_at_once(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of(("daily", 5))
    config = parse_sampling_config(given)
    both = [sample(project, seed, given) for seed in range(16)]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda one: keep_sample(both_databases, blobs, one, config, NOW), both))
    assert said.count("kept") == len(images(both_databases, project)) == 5


def test_keep_sample__the_next_rule_keeps_what_the_first_may_not(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of(("daily", 0))
    second = {"name": "spare", "type": "random", "traffic_percentage": 1.0, "tags": ["spare"]}
    given["sampling_strategies"] = [*given["sampling_strategies"], second]  # type: ignore[misc]
    assert keep_sample(both_databases, blobs, sample(project, 0, given), parse_sampling_config(given), NOW) == "kept"
    with both_databases.read() as session:
        assert set(session.scalars(select(ImageTagRow.tag))) == {"al", "spare"}


def test_keep_sample__a_full_batch_takes_no_more(both_databases: Database, blobs: BlobStore, project: str) -> None:
    given = config_of(batching_strategy={"batches_name_prefix": "b", "max_batch_images": 2})
    config = parse_sampling_config(given)
    said = [keep_sample(both_databases, blobs, sample(project, seed, given), config, NOW) for seed in range(3)]
    assert said == ["kept", "kept", "batch_full"]


def test_keep_sample__smaller_images_bring_smaller_boxes(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of(max_image_size=[32, 100], jpeg_compression_level=60)
    config = parse_sampling_config(given)
    assert keep_sample(both_databases, blobs, sample(project, 0, given), config, NOW) == "kept"
    (row,) = images(both_databases, project)
    assert (row.width_px, row.height_px, row.media_type) == (40, 32, "image/jpeg")
    with both_databases.read() as session:
        (box,) = read_annotations(session, project, [row.id])[row.id]
    assert box.box_xyxy == (5, 10, 25, 30)
    without = config_of(persist_predictions=False)
    assert keep_sample(both_databases, blobs, sample(project, 1, without), parse_sampling_config(without), NOW) == (
        "kept"
    )
    with both_databases.read() as session:
        assert sorted(len(boxes) for boxes in read_annotations(
            session, project, [row.id for row in images(both_databases, project)]).values()) == [0, 1]  # fmt: skip


def test_keep_sample__what_is_in_the_trash_stays_there(
    both_databases: Database, blobs: BlobStore, project: str
) -> None:
    given = config_of()
    config = parse_sampling_config(given)
    keep_sample(both_databases, blobs, sample(project, 0, given), config, NOW)
    with both_databases.write() as session:
        session.execute(update(ImageRow).values(deleted_at=1.0))
    assert keep_sample(both_databases, blobs, sample(project, 0, given), config, NOW) == "duplicate"


def test_save_rules__keeps_what_was_given_and_nothing_bad(both_databases: Database, project: str) -> None:
    with both_databases.write() as session:
        assert read_rules(session, project) == {"enabled": False}
        save_rules(session, project, config_of(("daily", 3)))
        save_rules(session, project, {"enabled": True})
    with pytest.raises(BadInput), both_databases.write() as session:
        save_rules(session, project, {"enabled": 3})
    with both_databases.read() as session:
        assert read_rules(session, project) == {"enabled": True}


def _consider(collector: Collector, project: str, seed: int) -> bool:
    return collector.consider(project, picture(seed), (80, 64), DOG, class_names=NAMES, model_id="model")


@pytest.fixture
def one_project(database: Database) -> str:
    with database.write() as session:
        return add_project(session, add_workspace(session))


def _save(database: Database, collector: Collector, project: str, given: dict[str, object]) -> None:
    with database.write() as session:
        save_rules(session, project, given)
    collector.forget_rules(project)


def test_collector__keeps_the_share_that_its_seed_draws(database: Database, blobs: BlobStore, one_project: str) -> None:
    chosen = []
    for _ in range(2):
        collector = Collector(database, blobs, random=Random(3))
        _save(database, collector, one_project, {"enabled": False})
        assert not _consider(collector, one_project, 0)
        rule = {"name": "half", "type": "random", "traffic_percentage": 0.5}
        _save(database, collector, one_project, {"enabled": True, "sampling_strategies": [rule]})
        chosen.append([_consider(collector, one_project, seed) for seed in range(12)])
        collector.wait()
        counts = collector.counts(one_project)
        assert sum(counts.values()) == sum(chosen[-1])
        collector.close()
        assert not _consider(collector, one_project, 99)
    assert chosen[0] == chosen[1]
    assert 0 < sum(chosen[0]) < 12
    assert len(images(database, one_project)) == sum(chosen[0])
    assert counts == {"duplicate": sum(chosen[0])}


def test_collector__a_full_queue_drops_and_counts(
    database: Database, blobs: BlobStore, one_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go, has_begun, real = threading.Event(), threading.Event(), keep_sample

    def slow(*arguments: Any) -> object:
        has_begun.set()
        assert may_go.wait(20)
        return real(*arguments)

    monkeypatch.setattr(module, "keep_sample", slow)
    collector = Collector(database, blobs, queue_images=2)
    _save(database, collector, one_project, config_of())
    assert _consider(collector, one_project, 0)
    assert has_begun.wait(20)
    for seed in range(1, 6):
        _consider(collector, one_project, seed)
    may_go.set()
    collector.wait()
    assert collector.counts(one_project) == {"kept": 3, "dropped": 3}
    monkeypatch.setattr(module, "QUEUE_BYTES", 10)
    _consider(collector, one_project, 9)
    assert collector.counts(one_project)["dropped"] == 4
    collector.close()


def test_collector__a_failure_is_counted_and_the_next_is_kept(
    database: Database, blobs: BlobStore, one_project: str
) -> None:
    collector = Collector(database, blobs)
    _save(database, collector, one_project, config_of())
    collector.consider(one_project, b"broken", (9, 9), DOG, class_names=NAMES, model_id="m")
    _consider(collector, one_project, 1)
    collector.close()
    assert collector.counts(one_project) == {"failed": 1, "kept": 1}
