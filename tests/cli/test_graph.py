"""`epochal graph` from outside. Run: pytest tests/cli/test_graph.py."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from epochal.cli import graph as command
from epochal.errors import EpochalError
from epochal.graphs import report
from epochal.graphs.journal import Journal
from graphs.runs import healthy

runner = CliRunner()


def call(*args: str | Path) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    return runner.invoke(app, ["graph", *map(str, args)])


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "cats-1"
    folder.mkdir()
    series = healthy(30)
    with Journal(folder) as journal:
        journal.start(name="cats-1", epochs_planned=30, seed=0)
        for at in range(30):
            journal.epoch(at + 1, {key: float(values[at]) for key, values in series.items()})
    return folder


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static = tmp_path / "static"
    static.mkdir()
    for name in ("report.js", "report.css"):
        (static / name).write_text("/**/")
    monkeypatch.setattr(report, "STATIC", static)


def test_graph__json_is_the_contract(run: Path) -> None:
    result = call(run, "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert {"source", "first_epoch", "epochs", "series", "events", "best", "verdict", "findings"} <= set(document)
    assert "definitions" not in document
    assert document["source"] == {"format": "epochal", "path": str(run)}
    assert document["best"] == {"epoch": 30, "metric": "metrics/mAP_0.5:0.95", "value": pytest.approx(0.498, abs=1e-3)}


def test_graph__columns_that_say_nothing_are_named_by_hand(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("n;verlust;guete;rest\n1;2,5;0,1;7\n2;2,0;0,2;7\n")
    given = ["n=epoch", "verlust=train/total_loss", "guete=metrics/mAP_0.5:0.95", "rest="]
    result = call(table, "--json", *(part for text in given for part in ("--map", text)))
    document = json.loads(result.stdout)
    assert document["series"] == {"train/total_loss": [2.5, 2.0], "metrics/mAP_0.5:0.95": [0.1, 0.2]}
    assert isinstance(call(table, "--map", "other=epoch").exception, EpochalError)
    assert "expected COLUMN=SERIES" in call(table, "--map", "other").output


def test_graph__several_paths(run: Path) -> None:
    document = json.loads(call(run, run / "metrics.jsonl", "--json").stdout)
    assert [one["name"] for one in document["runs"]] == ["cats-1", "cats-1 (2)"]
    assert document["comparison"]["pairs"][0]["difference"] == 0


def test_graph__several_runs_of_one_log_are_compared(tmp_path: Path) -> None:
    """What a script reads of a log stands where it stood; the other runs stand beside it."""
    table = tmp_path / "export.csv"
    rows = (
        f"{name},{epoch},mAP50-95,{epoch / size}\n" for name, size in (("a", 20), ("b", 40)) for epoch in range(1, 7)
    )
    table.write_text("run,epoch,metric,value\n" + "".join(rows))
    document = json.loads(call(table, "--json").stdout)
    assert (document["name"], document["best"]["value"]) == ("a", 0.3)
    assert [one["name"] for one in document["runs"]] == ["a", "b"]
    assert document["comparison"]["pairs"][0]["difference"] == pytest.approx(-0.15)
    drawn = call(table).stdout
    assert drawn.count("Verdict: ") == 2
    assert "Comparison" in drawn
    assert call(table, "--csv", tmp_path / "o.csv").exit_code == 2


def test_graph__several_paths_are_drawn_and_compared(run: Path) -> None:
    result = call(run, run / "metrics.jsonl")
    assert result.stdout.count("Verdict: ") == 2
    assert "Comparison" in result.stdout


def test_graph__draws_when_no_file_is_asked_for(run: Path) -> None:
    result = call(run)
    assert result.exit_code == 0
    assert "Verdict: " in result.stdout


def test_graph__many_paths_have_a_line_or_two_and_a_small_panel_each(run: Path) -> None:
    result = call(run, run, run)
    for name in ("cats-1", "cats-1 (2)", "cats-1 (3)"):
        assert f"{name} · epochal" in result.stdout
    assert result.stdout.count("Verdict: ") == 0
    assert result.stdout.count("metrics/mAP_0.5:0.95") == 1
    assert "Comparison" in result.stdout


@pytest.mark.usefixtures("bundle")
def test_graph__files(run: Path, tmp_path: Path) -> None:
    result = call(run, "--out", tmp_path / "g.html", "--csv", tmp_path / "g.csv", "--svg", tmp_path / "g.svg")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "cats-1" in (tmp_path / "g.html").read_text("utf-8")
    assert (tmp_path / "g.svg").read_text("utf-8").startswith("<svg ")
    with (tmp_path / "g.csv").open() as stream:
        assert len(list(csv.reader(stream))) == 31


def test_graph__csv_of_several_runs_is_a_usage_error(run: Path, tmp_path: Path) -> None:
    assert call(run, run, "--csv", tmp_path / "g.csv").exit_code == 2


@pytest.mark.usefixtures("bundle")
def test_graph__a_place_that_cannot_be_written(run: Path, tmp_path: Path) -> None:
    result = call(run, "--out", tmp_path / "none" / "g.html")
    assert isinstance(result.exception, EpochalError)
    assert result.exception.exit_code == 1


def make_photo(path: Path) -> None:
    Image.new("RGB", (64, 48), (200, 30, 30)).save(path, "JPEG")


def make_sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(b"epoch,train/box_loss\n1,0.5\n")
        stream.truncate(2 << 30)


def make_folder_of_photos(path: Path) -> None:
    path.mkdir()
    make_photo(path / "a.jpg")


BAD = {
    "a photo": (make_photo, "JPEG picture"),
    "an empty file": (Path.touch, "is empty"),
    "2 GB": (make_sparse, "2.1 GB"),
    "a directory": (make_folder_of_photos, "no training log"),
    "a binary": (lambda path: path.write_bytes(bytes(range(256)) * 40), "binary data"),
    "one column": (lambda path: path.write_text("7\n8\n9\n"), "no training log"),
}


@pytest.mark.parametrize("name", BAD)
def test_graph__bad_input_is_one_sentence(tmp_path: Path, name: str) -> None:
    make, words = BAD[name]
    path = tmp_path / "results.csv"
    make(path)
    done = subprocess.run(
        [sys.executable, "-m", "epochal", "graph", str(path), "--out", str(tmp_path / "g.html")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("epochal: ")
    assert not (tmp_path / "g.html").exists()


@pytest.mark.usefixtures("bundle")
def test_graph__a_million_epochs_are_read_and_drawn(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    rows = "".join(f"{epoch},{1 + epoch % 7 / 10}\n" for epoch in range(1, 1_000_001))
    path.write_text("epoch,train/box_loss\n" + rows)
    result = call(path, "--out", tmp_path / "g.html")
    assert result.exit_code == 0, result.output
    assert "of 1,000,000 epochs" in (tmp_path / "g.html").read_text("utf-8")
    assert (tmp_path / "g.html").stat().st_size < 8_000_000


@pytest.mark.parametrize("content", [None, b"", b'{"kind": "start", "name": "r"}\n'])
def test_graph__no_data_is_exit_2_and_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "metrics.jsonl"
    if content is not None:
        path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "epochal", "graph", str(path), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("epochal: ")
    assert done.stderr.count("\n") == 1
