"""Epochs that go back, jump or come twice: what is shown, what is grey, and that no row is lost.

Run: pytest tests/graphs/readers/test_resumes.py.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from epochal.graphs.graph import Graph, file_rows
from epochal.graphs.readers import read_log

MAP = "metrics/mAP_0.5:0.95"


def _read(
    folder: Path, rows: list[tuple[float, float]], *, header_again: tuple[int, ...] = (), settings: str = ""
) -> Graph:
    header = "epoch,train/box_loss,metrics/mAP50-95(B),lr/pg0"
    lines = [header]
    for index, (epoch, value) in enumerate(rows):
        if index in header_again:
            lines.append(header)
        lines.append(f"{epoch:g},{2 - value:.3f},{value:.3f},0.01")
    (folder / "results.csv").write_text("\n".join(lines) + "\n", "utf-8")
    if settings:
        (folder / "args.yaml").write_text(settings, "utf-8")
    return read_log(folder / "results.csv")


def test_resume__supersedes_what_it_writes_again(tmp_path: Path) -> None:
    graph = _read(tmp_path, [(1, 0.1), (2, 0.2), (3, 0.9), (4, 0.4), (3, 0.3), (4, 0.35), (5, 0.5)], header_again=(4,))
    assert graph.epochs.tolist() == [1, 2, 3, 4, 5]
    assert graph.series[MAP].tolist() == [0.1, 0.2, 0.3, 0.35, 0.5]
    assert graph.attempts is not None
    assert graph.attempts.tolist() == [1, 1, 2, 2, 2]
    (gone,) = graph.superseded
    assert (gone.attempt, gone.epochs.tolist(), gone.series[MAP].tolist()) == (1, [3, 4], [0.9, 0.4])
    assert [(event.epoch, event.event) for event in graph.events] == [(3, "resume")]
    assert "epochs 3 to 4" in graph.events[0].label


def test_file_rows__are_the_file_s_rows_in_its_order(tmp_path: Path) -> None:
    rows = [(1, 0.1), (2, 0.2), (3, 0.9), (4, 0.4), (3, 0.3), (4, 0.35), (5, 0.5), (1, 0.05), (2, 0.1)]
    found = file_rows(_read(tmp_path, rows))
    assert list(zip(found.epochs.tolist(), found.series[MAP].round(3).tolist(), strict=True)) == rows
    assert found.attempts.tolist() == [1, 1, 1, 1, 2, 2, 2, 3, 3]


def test_second_training__the_longest_is_shown(tmp_path: Path) -> None:
    graph = _read(tmp_path, [(1, 0.5), (2, 0.6), (1, 0.1), (2, 0.2), (3, 0.3)])
    assert graph.epochs.tolist() == [1, 2, 3]
    assert graph.series[MAP].tolist() == [0.1, 0.2, 0.3]
    assert graph.superseded[0].epochs.tolist() == [1, 2]
    assert any("2 trainings" in note for note in graph.notes)
    assert not [event for event in graph.events if event.event == "resume"]


def test_second_training__equally_long_the_better_is_shown(tmp_path: Path) -> None:
    graph = _read(tmp_path, [(1, 0.5), (2, 0.6), (1, 0.1), (2, 0.2)])
    assert graph.series[MAP].tolist() == [0.5, 0.6]
    assert graph.superseded[0].attempt == 2


def test_repeated_epoch__is_a_resume(tmp_path: Path) -> None:
    graph = _read(tmp_path, [(0, 0.1), (1, 0.2), (1, 0.25), (2, 0.3)])
    assert graph.epochs.tolist() == [0, 1, 2]
    assert graph.first_epoch == 0
    assert graph.series[MAP].tolist() == [0.1, 0.25, 0.3]
    assert [(event.epoch, event.event) for event in graph.events] == [(1, "resume")]


@pytest.mark.parametrize(
    ("epochs", "at", "words"),
    [
        ([26, 27, 28], 26, "begins at epoch 26"),
        ([1, 2, 3, 7, 8], 7, "jumps from epoch 3 to 7"),
        ([5, 10, 15], None, ""),
    ],
)
def test_jump__is_a_resume(tmp_path: Path, epochs: list[int], at: int | None, words: str) -> None:
    graph = _read(tmp_path, [(epoch, 0.1) for epoch in epochs])
    resumes = [event for event in graph.events if event.event == "resume"]
    assert [event.epoch for event in resumes] == ([] if at is None else [at])
    assert all(words in event.label for event in resumes)


def test_clock_that_starts_again__is_a_resume(tmp_path: Path) -> None:
    text = "epoch,time,train/box_loss,metrics/mAP50-95(B)\n1,10,1,0.1\n2,20,1,0.2\n3,11,1,0.3\n4,21,1,0.4\n"
    (tmp_path / "results.csv").write_text(text, "utf-8")
    graph = read_log(tmp_path / "results.csv")
    assert [(event.epoch, event.event) for event in graph.events] == [(3, "resume")]
    assert graph.series["time/epoch_s"].tolist() == [10, 10, 11, 10]


def test_steps_that_start_again__are_another_training(tmp_path: Path) -> None:
    lines = [f'{{"iteration": {i}, "total_loss": 1.0, "loss_cls": 0.5, "lr": 0.1}}' for i in (19, 39, 19, 39, 59)]
    (tmp_path / "metrics.json").write_text("\n".join(lines), "utf-8")
    graph = read_log(tmp_path / "metrics.json")
    assert graph.series["step"].tolist() == [19, 39, 59]
    assert len(file_rows(graph).epochs) == 5


def test_file_rows__keeps_nan_and_missing_series(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("epoch,loss,val_loss\n1,1,\n2,nan,\n1,3,4\n2,2,5\n3,1,6\n", "utf-8")
    rows = file_rows(read_log(tmp_path / "a.csv"))
    np.testing.assert_array_equal(rows.series["train/total_loss"], [1, np.nan, 3, 2, 1])
    np.testing.assert_array_equal(rows.series["val/total_loss"], [np.nan, np.nan, 4, 5, 6])


def test_steps_that_go_back_but_not_to_the_start__are_a_resume(tmp_path: Path) -> None:
    """detectron2 counts iterations; what it evaluates after a resume goes on in the count of evaluations."""

    def trained(evaluation: int) -> str:
        rows = [{"iteration": 100 * evaluation + at, "total_loss": 9.0 - evaluation} for at in (19, 59, 99)]
        return "".join(json.dumps(row) + "\n" for row in rows) + json.dumps(
            {"iteration": 100 * evaluation + 99, "bbox/AP": 10.0 * evaluation, "bbox/AP50": 70.0}
        )

    path = tmp_path / "metrics.json"
    path.write_text("\n".join(map(trained, [0, 1, 2, 3, 4, 2, 3, 4, 5, 6])) + "\n")
    graph = read_log(path)
    assert graph.epochs.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert graph.series[MAP].tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert graph.series["train/total_loss"].tolist() == [9, 8, 7, 6, 5, 4, 3]
    assert [event.epoch for event in graph.events if event.event == "resume"] == [3]
