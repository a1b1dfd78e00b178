"""A journal that is read in pieces adds up to the same. Run: pytest tests/graphs/test_journal_tally.py."""

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochal.graphs.graph import Graph
from epochal.graphs.journal_tally import Tally
from epochal.graphs.run_folder import RunReader, read_run

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-5, 5),
    st.sampled_from(["NaN", "Infinity", "no", None]),
)
EPOCH_LINES = st.fixed_dictionaries(
    {
        "kind": st.just("epoch"),
        "attempt": st.sampled_from([1, 2, 3]),
        "epoch": st.integers(0, 8),
        "series": st.dictionaries(st.sampled_from(["lr", "train/box_loss", "time/epoch_s"]), NUMBERS),
    }
)
OTHER_LINES = st.sampled_from(
    [
        {"kind": "start", "attempt": 2, "name": "b", "epochs_planned": 9, "seed": 1},
        {"kind": "event", "epoch": 3, "event": "resume", "label": "again", "without": "optimizer"},
        {"kind": "epoch", "epoch": True, "series": 3},
        {"kind": "end", "state": "stopped"},
        "no object",
    ]
)
LINES = st.lists(st.one_of(EPOCH_LINES, EPOCH_LINES, OTHER_LINES), max_size=20)


def told(graph: Graph) -> tuple[Any, ...]:
    """All that a graph says, comparable: NaN by its word, a series without a value left out."""
    columns = {
        key: [str(v) for v in values.tolist()] for key, values in graph.series.items() if graph.present[key].any()
    }
    present = {key: graph.present[key].tolist() for key in columns}
    superseded = [
        (part.attempt, part.epochs.tolist(), {key: [str(v) for v in values] for key, values in part.series.items()})
        for part in graph.superseded
    ]
    return graph.epochs.tolist(), columns, present, superseded, graph.events, graph.settings, graph.name


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, cuts=st.lists(st.integers(0, 20), max_size=4), saves=st.booleans())
def test_run_reader__read_in_pieces_is_as_read_at_once(
    tmp_path: Path, lines: list[Any], cuts: list[int], saves: bool
) -> None:
    journal = tmp_path / "metrics.jsonl"
    start = json.dumps({"kind": "start", "attempt": 1, "name": "a", "epochs_planned": 5, "seed": 0}) + "\n"
    texts = [json.dumps(line) + "\n" for line in lines]
    reader = RunReader(tmp_path)
    for cut in [*sorted(cuts), len(texts)]:
        journal.write_text(start + "".join(texts[:cut]))
        graph = reader.read()
        if saves:
            reader.save(tmp_path / "cache.npz")
            reader = RunReader(tmp_path, tmp_path / "cache.npz")
            assert (reader.cursor, reader.unsaved_bytes) == (journal.stat().st_size, 0)
    assert told(graph) == told(read_run(tmp_path))
    assert reader.cursor == journal.stat().st_size


def test_run_reader__reads_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, taken = tmp_path / "metrics.jsonl", []
    epochs = [
        json.dumps({"kind": "epoch", "attempt": 1, "epoch": n, "series": {"lr": n / 10}}) + "\n" for n in range(1, 9)
    ]
    journal.write_text("".join(epochs[:5]))
    reader = RunReader(tmp_path)
    before = reader.read()
    take = Tally.take
    monkeypatch.setattr(Tally, "take", lambda tally, raws: (taken.extend(filter(None, raws)), take(tally, raws)))
    with journal.open("a") as stream:
        stream.write("".join(epochs[5:]) + '{"kind": "epoch", "att')  # torn: left for the next time
    assert reader.read().series["lr"].tolist() == [n / 10 for n in range(1, 9)]
    assert len(taken) == 3
    assert before.series["lr"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]  # what was given out does not change


@pytest.mark.parametrize("epochs", [2, 40])
def test_run_reader__of_a_journal_that_was_written_anew_starts_again(tmp_path: Path, epochs: int) -> None:
    journal = tmp_path / "metrics.jsonl"

    def write(values: list[float]) -> None:
        lines = [{"kind": "epoch", "attempt": 1, "epoch": n, "series": {"lr": v}} for n, v in enumerate(values)]
        journal.write_text("".join(json.dumps(line) + "\n" for line in lines))

    write([0.1] * 10)
    reader = RunReader(tmp_path)
    reader.read()
    write([0.7] * epochs)  # in place: the inode stays
    assert set(reader.read().series["lr"].tolist()) == {0.7}


def test_run_reader__sees_a_number_that_was_changed_in_the_middle(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    lines = [json.dumps({"kind": "epoch", "attempt": 1, "epoch": n, "series": {"lr": 0.1}}) + "\n" for n in range(9)]
    journal.write_text("".join(lines))
    reader = RunReader(tmp_path)
    reader.read()
    journal.write_text("".join([lines[0].replace("0.1", "0.7"), *lines[1:]]))
    os.utime(journal, ns=(0, 0))
    assert reader.read().series["lr"][:2].tolist() == [0.7, 0.1]


def test_columns__of_several_layouts_keep_what_is_missing_apart_from_nan() -> None:
    tally = Tally()
    tally.take(
        [
            b'{"kind": "epoch", "attempt": 1, "epoch": 1, "series": {"a": 1, "b": "NaN"}}',
            b'{"kind": "epoch", "attempt": 1, "epoch": 2, "series": {"b": 2.5}}',
            b'{"kind": "epoch", "attempt": 1, "epoch": 3, "series": {"a": 1e999, "b": true}}',
            b'{"kind": "epoch", "attempt": 1, "epoch": 4, "series": {"a": NaN, "b": 1%s}}' % (b"0" * 400),
        ]
    )
    epochs, series, present = tally.columns()
    assert epochs.tolist() == [1, 2, 3, 4]
    assert [str(v) for v in series["a"]] == ["1.0", "nan", "inf", "nan"]
    assert present["a"].tolist() == [True, False, True, True]
    assert series["b"][1] == 2.5
    assert math.isinf(series["b"][3])
    assert present["b"].tolist() == [True, True, False, True]
    assert series["a"].dtype == np.float64
