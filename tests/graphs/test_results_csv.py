"""results.csv holds every digit and is never half-written. Run: pytest tests/graphs/test_results_csv.py."""

import csv
from pathlib import Path

import numpy as np
import pytest

from epochal.graphs.graph import Graph
from epochal.graphs.results_csv import format_csv, write_beside, write_results_csv


def small_graph() -> Graph:
    return Graph(
        name="r",
        format="epochal",
        path="r",
        epochs=np.array([1, 2, 3]),
        series={
            "lr": np.array([0.1, 0.2, np.nan]),
            "train/box_loss": np.array([np.nan, -np.inf, 1 / 3]),
            'class/=cmd, "x"\n/AP_0.5': np.array([0.0, 0.0, 0.0]),
        },
        present={
            "lr": np.array([True, True, False]),
            "train/box_loss": np.array([True, True, True]),
            'class/=cmd, "x"\n/AP_0.5': np.array([True, False, False]),
        },
    )


def test_format_csv__missing_is_empty_and_nan_is_written() -> None:
    rows = list(csv.reader(format_csv(small_graph()).splitlines(keepends=True)))
    assert rows == [
        ["epoch", "train/box_loss", "lr", 'class/=cmd, "x"\n/AP_0.5'],
        ["1", "nan", "0.1", "0.0"],
        ["2", "-inf", "0.2", ""],
        ["3", "0.3333333333333333", "", ""],
    ]


def test_format_csv__no_title_is_a_formula() -> None:
    graph = Graph("r", "f", "p", np.array([1]), {"=1+1": np.array([1.0])}, {"=1+1": np.array([True])})
    assert format_csv(graph).splitlines()[0] == "epoch,'=1+1"


def test_write_results_csv__replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("old")
    write_results_csv(small_graph(), path)
    assert path.read_text("utf-8") == format_csv(small_graph())
    assert path.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in tmp_path.iterdir()] == ["results.csv"]


def test_write_beside__leaves_nothing_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / "results.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_beside(tmp_path / "results.csv", "text")
    assert [p.name for p in tmp_path.iterdir()] == ["results.csv"]


def test_write_beside__what_utf8_cannot_hold(tmp_path: Path) -> None:
    write_beside(tmp_path / "a", "x\ud800y")
    assert (tmp_path / "a").read_text() == "x?y"
