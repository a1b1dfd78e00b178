"""What is kept of runs stays within its limit and is made once. Run: pytest tests/jobs/test_kept_graphs.py."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from epochal.graphs.journal_tally import Tally
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

    def note(reader: RunReader, path: Path, cache: Path) -> None:
        made.append(path.name)
        make(reader, path, cache)

    monkeypatch.setattr(RunReader, "__init__", note)
    monkeypatch.setattr(kept_graphs, "NUMBERS_MAX", 2 * kept_graphs._NUMBERS_LEAST)
    graphs = KeptGraphs(tmp_path / "cache")
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


def test_kept_graphs__of_long_journals_outlive_the_server_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_graphs, "SAVED_FROM_BYTES", 200)
    cache, taken = tmp_path / "cache", []
    run, short, gone = write_run(tmp_path / "run", 9), write_run(tmp_path / "short", 1), write_run(tmp_path / "gone", 9)
    for folder in (gone, short):
        KeptGraphs(cache).get(folder)
    shutil.rmtree(gone)
    before, cursor = KeptGraphs(cache).get(run)
    assert [path.name for path in cache.iterdir()] == ["run.npz"]
    take = Tally.take
    monkeypatch.setattr(Tally, "take", lambda tally, raws: (taken.extend(filter(None, raws)), take(tally, raws)))
    after, again = KeptGraphs(cache).get(run)
    assert (after.series["lr"].tolist(), again, taken) == (before.series["lr"].tolist(), cursor, [])
    (cache / "run.npz").write_bytes((cache / "run.npz").read_bytes()[:-300])  # torn
    assert KeptGraphs(cache).get(run)[0].series["lr"].tolist() == before.series["lr"].tolist()
    assert len(taken) == 9
    write_run(run, 12)
    (cache / "run.npz").unlink()
    cache.rmdir()
    cache.write_text("in the way")
    assert KeptGraphs(cache).get(run)[0].epochs.size == 12
