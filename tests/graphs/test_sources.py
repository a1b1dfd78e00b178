"""From a path to a Graph, with a sentence for all that is none. Run: pytest tests/graphs/test_sources.py."""

from pathlib import Path

import numpy as np
import pytest

from epochal.errors import LogError, NotFound
from epochal.graphs import readers, sources
from epochal.graphs.graph import Graph
from epochal.graphs.journal import Journal
from epochal.graphs.sources import read_any


def test_read_any__our_own_run_and_a_foreign_log(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.start(name="r", epochs_planned=1, seed=0)
        journal.epoch(1, {"train/box_loss": 1.0})
    log = tmp_path / "results.csv"
    log.write_text("epoch,train/box_loss,metrics/mAP50-95(B)\n1,0.5,0.1\n2,0.4,0.2\n")
    assert read_any(tmp_path).format == "epochal"
    assert read_any(log).series["metrics/mAP_0.5:0.95"].tolist() == [0.1, 0.2]


def test_read_any__nothing_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not there"):
        read_any(tmp_path / "none.csv")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, b"hello\n", b"epoch,train/box_loss\n"])
def test_read_any__no_log(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(content)
    with pytest.raises(LogError, match=r"results\.csv"):
        read_any(path)


def test_read_any__a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(b"epoch,train/box_loss\n1,0.5\n")
    with path.open("r+b") as stream:
        stream.truncate(2_000_000_000)  # sparse: takes no space
    with pytest.raises(LogError):
        read_any(path)


def test_read_any__what_no_reader_foresaw_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path, __: object) -> Graph:
        raise KeyError("epoch")

    monkeypatch.setattr(readers, "read_log", fail)
    path = tmp_path / "x.csv"
    path.write_text("x")
    with pytest.raises(LogError, match="fault of the reader"):
        read_any(path)


def test_read_any__no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sources, "_read_foreign", lambda path, mapping: Graph("r", "f", str(path), np.array([], np.int64), {}, {})
    )
    (tmp_path / "x.csv").write_text("x")
    with pytest.raises(LogError, match="no row of data"):
        read_any(tmp_path / "x.csv")
