"""What is kept of runs stays within its limit and is made once. Run: pytest tests/jobs/test_kept_graphs.py."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from epochal.graphs.run_folder import RunReader
from epochal.jobs import kept_graphs
from epochal.jobs.kept_graphs import Kept, KeptGraphs


def write_run(folder: Path, epochs: int) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [{"kind": "epoch", "attempt": 1, "epoch": n, "series": {"lr": n / 10}} for n in range(1, epochs + 1)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_kept_graphs__read_on_and_forget_the_ones_used_longest_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = RunReader.__init__
    monkeypatch.setattr(RunReader, "__init__", lambda reader, path: (made.append(path.name), make(reader, path))[1])
    monkeypatch.setattr(kept_graphs, "NUMBERS_MAX", 2 * kept_graphs._NUMBERS_LEAST)
    graphs = KeptGraphs()
    a, b, c = (write_run(tmp_path / name, 3) for name in "abc")
    for folder in (a, b, a, c, a):
        assert graphs.get(folder)[0].epochs.tolist() == [1, 2, 3]
    assert made == ["a", "b", "c"]  # b was used longest ago when c came
    graphs.get(b)
    assert made == ["a", "b", "c", "b"]
    write_run(a, 5)
    graph, cursor = graphs.get(a)
    assert (graph.epochs.tolist(), cursor) == ([1, 2, 3, 4, 5], (a / "metrics.jsonl").stat().st_size)
    assert made == ["a", "b", "c", "b"]


def test_kept__is_made_once_by_several_threads_and_again_when_a_file_changes(tmp_path: Path) -> None:
    made: list[Path] = []
    kept: Kept[str] = Kept()

    def make(folder: Path) -> str:
        made.append(folder)
        time.sleep(0.05)
        return (folder / "a").read_text()

    (tmp_path / "a").write_text("one")
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: kept.get(tmp_path, ("a",), make), range(4))) == {"one"}
    assert len(made) == 1
    (tmp_path / "a").write_text("another")
    assert kept.get(tmp_path, ("a",), make) == "another"
    assert kept.get(tmp_path, ("a",), make, also=1) == "another"
    assert len(made) == 3


def test_kept__within_a_limit_keeps_the_newest_even_when_it_is_larger(tmp_path: Path) -> None:
    kept: Kept[str] = Kept()
    for name, value in (("a", "xx"), ("b", "xxx"), ("c", "x" * 99)):
        kept.get(tmp_path / name, (), lambda _, value=value: value)
        kept.limit(5, len)
    made: list[str] = []
    for name in "cba":
        kept.get(tmp_path / name, (), lambda folder: made.append(folder.name) or folder.name)
    assert made == ["b", "a"]
