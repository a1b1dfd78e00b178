"""The list of runs, from real run folders. Run: pytest tests/jobs/test_runs.py."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epochal.errors import NotFound
from epochal.graphs.journal import JOURNAL_NAME, Journal
from epochal.graphs.run_folder import RunReader
from epochal.jobs import runs as runs_module
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.processes import ProcessId, this_process
from epochal.jobs.records import Launch, write_launch
from epochal.jobs.runs import RunIndex

NOW = 1_790_000_100.0
MAP = "metrics/mAP_0.5:0.95"


@pytest.fixture
def index(data: DataFolder) -> RunIndex:
    return RunIndex(data, stall_after_s=60, clock=lambda: NOW)


def _write_run(data: DataFolder, run_id: str, maps: list[float], *, begun_at: float = NOW - 600) -> Path:
    folder = data.runs_folder / run_id
    folder.mkdir(parents=True)
    recipe = {"name": f"the {run_id}", "dataset": {"path": "/data/cells"}, "recipe": {"model": "fast-n", "epochs": 9}}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    os.utime(folder / "recipe.json", (begun_at, begun_at))
    _write_progress(folder, "training", len(maps))
    with Journal(folder) as journal:
        journal.start(name=run_id, epochs_planned=9, seed=0)
        for epoch, value in enumerate(maps, start=1):
            journal.epoch(epoch, {"train/box_loss": 1 / epoch, "val/box_loss": 1.1 / epoch, MAP: value})
    return folder


def _write_progress(folder: Path, state: str, epoch: int, **more: Any) -> None:
    me = this_process()
    fields = {"state": state, "pid": me.pid, "process_started_at": me.started_at, "epoch": epoch, "epochs": 9}
    fields |= {"images_per_s": 21.5, "eta_s": 40.0, "updated_at": NOW - 2, "message": ""}
    (folder / "progress.json").write_text(json.dumps({**fields, **more}))


def test_summary__of_a_running_training(data: DataFolder, index: RunIndex) -> None:
    _write_run(data, "cells-1", [0.1, 0.4, 0.3])
    summary = index.summary("cells-1")
    assert (summary.id, summary.name, summary.dataset, summary.model) == ("cells-1", "the cells-1", "cells", "fast-n")
    assert (summary.state, summary.epoch, summary.epochs) == ("training", 3, 9)
    assert (summary.images_per_s, summary.eta_s, summary.age_s) == (21.5, 40.0, 2.0)
    assert summary.best == {"epoch": 2, "metric": MAP, "value": 0.4}
    assert summary.spark == (0.1, 0.4, 0.3)
    assert summary.verdict == "too_short_to_tell"


def test_summary__follows_the_files(data: DataFolder, index: RunIndex) -> None:
    folder = _write_run(data, "cells-1", [0.1])
    assert index.summary("cells-1").spark == (0.1,)
    with Journal(folder) as journal:
        journal.epoch(2, {MAP: 0.2})
    _write_progress(folder, "finished", 2)
    summary = index.summary("cells-1")
    assert (summary.spark, summary.state, summary.epoch) == ((0.1, 0.2), "finished", 2)
    assert (summary.images_per_s, summary.eta_s) == (None, None)


def test_summary__of_one_that_evaluates_keeps_the_last_epoch(data: DataFolder, index: RunIndex) -> None:
    folder = _write_run(data, "cells-1", [0.1, 0.2])
    _write_progress(folder, "evaluating", 0, epochs=0)
    summary = index.summary("cells-1")
    assert (summary.state, summary.epoch, summary.epochs) == ("evaluating", 2, 9)


def test_summary__of_a_run_that_has_only_been_launched(data: DataFolder, index: RunIndex) -> None:
    folder = data.new_run_folder("cells")
    write_launch(folder, Launch(this_process(), NOW - 3, "cells", "fast-s", 20))
    summary = index.summary("cells-1")
    assert (summary.state, summary.dataset, summary.model, summary.epochs) == ("preparing", "cells", "fast-s", 20)
    assert (summary.best, summary.verdict, summary.spark) == (None, None, ())


def test_summaries__begin_with_the_latest_and_leave_out_what_is_no_run(data: DataFolder, index: RunIndex) -> None:
    _write_run(data, "old-1", [], begun_at=NOW - 900)
    _write_run(data, "new-1", [0.5], begun_at=NOW - 10)
    (data.runs_folder / "empty").mkdir()
    (data.runs_folder / "notes.txt").write_text("")
    assert [summary.id for summary in index.summaries()] == ["new-1", "old-1"]
    with pytest.raises(NotFound, match="is no run"):
        index.summary("empty")


def test_summaries__outlive_files_that_are_no_records(data: DataFolder, index: RunIndex) -> None:
    folder = data.runs_folder / "odd-1"
    folder.mkdir()
    (folder / "metrics.jsonl").write_bytes(b"\0\xff{]\n" * 9)
    (folder / "recipe.json").write_text('{"name": 7, "dataset": [], "recipe": "none"}')
    (folder / "progress.json").write_text("]")
    os.utime(folder / "recipe.json", (NOW - 60, NOW - 60))
    (summary,) = index.summaries()
    assert (summary.id, summary.name, summary.state, summary.verdict) == ("odd-1", "odd-1", "dead", None)


def test_summaries__of_500_runs_read_each_file_once(
    data: DataFolder, index: RunIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = _write_run(data, "cells-0", [0.01 * n for n in range(30)])
    _write_progress(template, "finished", 30)
    for number in range(1, 500):
        shutil.copytree(template, data.runs_folder / f"cells-{number}")
    assert len(index.summaries()) == 500
    reads: list[str] = []
    for name in ("reading_of", "read_progress", "read_launch", "_read_recipe"):
        monkeypatch.setattr(runs_module, name, lambda _, name=name: reads.append(name))
    monkeypatch.setattr(RunReader, "read", lambda _: reads.append("journal"))
    assert len(index.summaries()) == 500
    assert reads == []


def test_long_journals__are_read_before_somebody_asks(
    data: DataFolder, index: RunIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epochal.jobs.runs.SAVED_FROM_BYTES", 2000)
    monkeypatch.setattr("epochal.jobs.runs._LONG_JOURNALS_MAX", 2)
    for number, name in enumerate(("oldest", "older", "newest")):
        folder = _write_run(data, name, [0.1] * 100)
        os.utime(folder / JOURNAL_NAME, (NOW + number, NOW + number))
    _write_run(data, "short", [0.1])
    read: list[str] = []
    monkeypatch.setattr("epochal.jobs.kept_graphs.RunReader", _note_folders(read))
    index.read_long_journals(lambda: len(read) == 1)
    assert read == ["newest"]
    index.read_long_journals()
    assert read == ["newest", "older"]


def _note_folders(read: list[str]) -> Callable[..., RunReader]:
    def make(folder: Path, cached: Path) -> RunReader:
        read.append(folder.name)
        return RunReader(folder, cached)

    return make


def test_document__has_the_numbers_and_a_cursor_that_loses_none(data: DataFolder, index: RunIndex) -> None:
    folder = _write_run(data, "cells-1", [0.1, 0.2])
    document, cursor = index.document("cells-1")
    assert document["series"][MAP] == [0.1, 0.2]
    assert document["recipe"] == {"model": "fast-n", "epochs": 9}
    assert cursor == (folder / "metrics.jsonl").stat().st_size
    (folder / "evaluation.json").write_text('{"split": "val"}')
    assert index.document("cells-1")[0]["evaluation"] == {"split": "val"}


def test_reading__of_a_training_that_was_resumed_does_not_call_it_ended(data: DataFolder, index: RunIndex) -> None:
    folder = _write_run(data, "cells-1", [0.05 * n for n in range(1, 19)])
    with Journal(folder) as journal:
        journal.event(18, "stop", "stopped after epoch 18")
        journal.start(name="cells-1", epochs_planned=90, seed=0)

    def ids() -> list[set[str]]:
        documents = index.document("cells-1")[0]["findings"], index.reading("cells-1").findings
        return [{finding["id"] for finding in findings} for findings in documents]

    assert all(found and "stopped_early" not in found for found in ids())
    _write_progress(folder, "stopped", 18)
    assert all("stopped_early" in found for found in ids())


def test_document__before_the_first_epoch_is_empty_and_whole(data: DataFolder, index: RunIndex) -> None:
    folder = data.new_run_folder("cells")
    (folder / "recipe.json").write_text('{"name": "cells", "recipe": {"epochs": 9}}')
    document, cursor = index.document("cells-1")
    assert (document["epochs"], document["epochs_planned"], cursor) == ([], 9, 0)


def test_recipe__is_none_before_it_is_written(data: DataFolder, index: RunIndex) -> None:
    folder = data.new_run_folder("cells")
    write_launch(folder, Launch(ProcessId(0, 0.0), NOW))
    assert index.recipe("cells-1") is None
    (folder / "recipe.json").write_text('{"schema": 1}')
    assert index.recipe("cells-1") == {"schema": 1}
