"""Reporting never stops a training. Run: pytest tests/graphs/test_run_files.py."""

import json
from pathlib import Path

import pytest

from epochal.graphs import report, run_files
from epochal.graphs.journal import Journal
from epochal.graphs.run_files import build_run_document, write_run_files


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run folder of one epoch, and a bundle to draw it."""
    static = tmp_path / "static"
    static.mkdir()
    for name in ("report.js", "report.css"):
        (static / name).write_text("/**/")
    monkeypatch.setattr(report, "STATIC", static)
    folder = tmp_path / "run"
    folder.mkdir()
    with Journal(folder) as journal:
        journal.start(name="cats-1", epochs_planned=2, seed=0)
        journal.epoch(1, {"train/box_loss": 1.0})
    (folder / "recipe.json").write_text(json.dumps({"recipe": {"lr": float("nan")}, "reasons": {"lr": "why"}}))
    (folder / "examples").mkdir()
    (folder / "examples" / "0.jpg").write_bytes(b"\xff\xd8")
    (folder / "evaluation.json").write_text(json.dumps({"mAP_0.5": 0.5, "examples": [{"path": "examples/0.jpg"}]}))
    return folder


def test_write_run_files(run: Path) -> None:
    assert write_run_files(run) == ()
    assert (run / "results.csv").read_text() == "epoch,train/box_loss\n1,1.0\n"
    assert "data:image/jpeg;base64," in (run / "graph.html").read_text("utf-8")


def test_write_run_files__without_report(run: Path) -> None:
    assert write_run_files(run, report=False) == ()
    assert not (run / "graph.html").exists()


def test_write_run_files__without_bundle_still_writes_the_numbers(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "STATIC", run / "nothing")
    (problem,) = write_run_files(run)
    assert "npm run build" in problem
    assert (run / "results.csv").exists()


def test_write_run_files__a_fault_in_drawing_is_a_sentence(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(run_files, "write_report", fail)
    (problem,) = write_run_files(run)
    assert problem.endswith("graph.html was not written: ZeroDivisionError: boom")


def test_write_run_files__places_that_cannot_be_written(run: Path) -> None:
    (run / "results.csv").mkdir()
    (run / "graph.html").mkdir()
    assert len(write_run_files(run)) == 2


def test_write_run_files__no_run(tmp_path: Path) -> None:
    (problem,) = write_run_files(tmp_path)
    assert "is not there" in problem


def test_build_run_document__with_recipe_and_evaluation(run: Path) -> None:
    document = build_run_document(run)
    assert document["recipe"] == {"lr": None}
    assert document["reasons"] == {"lr": "why"}
    assert document["evaluation"]["examples"] == [{"path": "examples/0.jpg"}]
    assert document["name"] == "cats-1"
