"""The picture of a training may fail, the training may not. Run: pytest tests/training/test_reporting.py."""

from pathlib import Path

import pytest

from epochal.graphs.journal import Journal
from epochal.training import reporting
from epochal.training.reporting import write_graph
from small_trainings import Recorder, Trainings


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("a bug"), RecursionError()])
def test_write_graph__failure_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(run: Path, final: bool) -> None:
        raise error

    monkeypatch.setattr(reporting, "_write", fail)
    said: list[str] = []
    for final in (False, False, True):
        write_graph(tmp_path, said.append, final=final)
    assert len(said) == 1
    assert type(error).__name__ in said[0]
    assert "the training goes on" in said[0]


def test_write_graph__rows_after_each_epoch(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.start(name="r", epochs_planned=2, seed=0)
        for epoch in (1, 2):
            journal.epoch(epoch, {"train/box_loss": 1.0})
            write_graph(tmp_path, lambda sentence: None, final=False)
            assert (tmp_path / "results.csv").read_text().count("\n") == 1 + epoch


def test_train__goes_on_without_its_graph(
    trainings: Trainings, shapes: Path, whole_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reporting, "write_results_csv", fail)

    def stop(recorder: Recorder) -> None:
        recorder.stop.asked = "epoch"

    session = trainings.begin(shapes)
    recorder = trainings.train(session, stop)
    assert sum("graph could not be drawn" in sentence for sentence in recorder.said) == 1
    ours = (session.run.path / "weights" / "last.pt").stat().st_size
    assert ours == (whole_run / "weights" / "last.pt").stat().st_size
    assert session.run.read_progress()["state"] == "stopped"
