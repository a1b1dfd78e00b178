"""Our own run folder becomes a Graph. Run: pytest tests/graphs/test_run_folder.py."""

import json
import math
from pathlib import Path

import pytest

from epochal.errors import LogError, NotFound
from epochal.graphs.graph import Event
from epochal.graphs.journal import Journal
from epochal.graphs.run_folder import is_run_folder, read_json, read_run


def write_attempt(folder: Path, points: dict[int, float], *, epoch_s: float = 1.0) -> None:
    with Journal(folder) as journal:
        journal.start(name="cats-1", epochs_planned=5, seed=3)
        for epoch, loss in points.items():
            journal.epoch(epoch, {"train/box_loss": loss, "time/epoch_s": epoch_s})


def test_read_run__series_and_settings(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(
        '{"name": "x", "recipe": {"lr": 0.1, "augment": {"mosaic": true}},'
        ' "dataset": {"path": "/x", "fingerprint": "ab", "splits": {"val": {"images": 36}}}}'
    )
    with Journal(tmp_path) as journal:
        journal.start(name="cats-1", epochs_planned=5, seed=3)
        journal.event(2, "mosaic_off", "Mosaic is off.")
        journal.epoch(1, {"train/box_loss": 1.5})
        journal.epoch(2, {"train/box_loss": math.nan, "metrics/mAP_0.5": 0.25})
        journal.event(1, "warmup_end", "Warm-up ended.")
    graph = read_run(tmp_path)
    assert (graph.name, graph.format, graph.epochs_planned, graph.first_epoch) == ("cats-1", "epochal", 5, 1)
    assert graph.epochs.tolist() == [1, 2]
    assert graph.series["train/box_loss"][0] == 1.5
    assert math.isnan(graph.series["train/box_loss"][1])
    assert graph.present["train/box_loss"].tolist() == [True, True]
    assert graph.present["metrics/mAP_0.5"].tolist() == [False, True]
    assert graph.events == (Event(1, "warmup_end", "Warm-up ended."), Event(2, "mosaic_off", "Mosaic is off."))
    assert graph.settings == {
        "seed": 3, "lr": 0.1, "augment.mosaic": True, "dataset.fingerprint": "ab", "dataset.splits.val.images": 36,
    }  # fmt: skip


def test_read_run__last_line_of_an_epoch_counts_and_others_are_kept(tmp_path: Path) -> None:
    write_attempt(tmp_path, {1: 3.0, 2: 2.0, 3: 1.5})
    write_attempt(tmp_path, {3: 1.25, 4: 1.0})
    graph = read_run(tmp_path)
    assert graph.series["train/box_loss"].tolist() == [3.0, 2.0, 1.25, 1.0]
    (old,) = graph.superseded
    assert (old.attempt, old.epochs.tolist(), old.series["train/box_loss"].tolist()) == (1, [3], [1.5])


def test_read_run__superseded_points_that_are_equal_are_dropped(tmp_path: Path) -> None:
    write_attempt(tmp_path, {1: 3.0, 2: math.nan}, epoch_s=1.0)
    write_attempt(tmp_path, {2: math.nan, 3: 1.0}, epoch_s=2.0)
    assert read_run(tmp_path).superseded == ()


def test_read_run__an_epoch_written_three_times(tmp_path: Path) -> None:
    for loss in (3.0, 2.0, 1.0):
        write_attempt(tmp_path, {1: loss})
    graph = read_run(tmp_path / "metrics.jsonl")
    assert graph.series["train/box_loss"].tolist() == [1.0]
    assert [(part.attempt, part.series["train/box_loss"].tolist()) for part in graph.superseded] == [
        (1, [3.0]),
        (2, [2.0]),
    ]


def test_read_run__before_the_first_epoch(tmp_path: Path) -> None:
    write_attempt(tmp_path, {})
    graph = read_run(tmp_path)
    assert (graph.epochs.tolist(), graph.series, graph.epochs_planned) == ([], {}, 5)


def test_read_run__lines_with_odd_fields_are_passed_over(tmp_path: Path) -> None:
    lines = [
        {"kind": "start", "attempt": 1, "name": "r", "epochs_planned": "many"},
        {"kind": "epoch", "epoch": "1", "series": {"lr": 1}},
        {"kind": "epoch", "epoch": 1, "series": [1]},
        {"kind": "epoch", "epoch": -1, "series": {"lr": 1}},
        {"kind": "epoch", "epoch": 10**30, "series": {"lr": 1}},
        {"kind": "epoch", "epoch": 1, "series": {"lr": 0.5, "note": "text", "flag": True}},
        {"kind": "event", "epoch": 1, "event": "party", "label": "x"},
        {"kind": "future"},
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    graph = read_run(tmp_path)
    assert (graph.epochs.tolist(), list(graph.series), graph.events) == ([1], ["lr"], ())


def test_read_run__what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_run(tmp_path / "none")
    (tmp_path / "metrics.jsonl").write_text("")
    with pytest.raises(LogError, match="epochal train"):
        read_run(tmp_path)


def test_is_run_folder(tmp_path: Path) -> None:
    assert not is_run_folder(tmp_path)
    (tmp_path / "metrics.jsonl").touch()
    assert is_run_folder(tmp_path)
    assert is_run_folder(tmp_path / "metrics.jsonl")


@pytest.mark.parametrize("text", ["", "[1]", "{", "\xff", "[" * 100_000])
def test_read_json__empty_for_what_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipe.json").write_text(text, "latin-1")
    assert read_json(tmp_path / "recipe.json") == {}
    assert read_json(tmp_path / "none.json") == {}
