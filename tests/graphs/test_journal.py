"""The journal of a run survives kills and full disks. Run: pytest tests/graphs/test_journal.py."""

import errno
import json
import math
import os
from pathlib import Path

import pytest

from epochal.errors import LogError, NotFound, RunFolderError, StorageFull
from epochal.graphs.journal import Journal, decode_number, read_all, read_journal


def write_run(folder: Path, epochs: int = 2) -> None:
    with Journal(folder, clock=lambda: 5.0) as journal:
        journal.start(name="r", epochs_planned=3, seed=0)
        for epoch in range(1, epochs + 1):
            journal.epoch(epoch, {"lr": epoch / 10})


def test_journal__writes_the_lines_of_the_contract(tmp_path: Path) -> None:
    with Journal(tmp_path, clock=lambda: 5.0) as journal:
        journal.start(name="bäm", epochs_planned=3, seed=7)
        journal.epoch(1, {"train/box_loss": 1.25})
        journal.event(1, "warmup_end", "Warm-up ended.")
        journal.end("stopped", "asked to")
    assert (tmp_path / "metrics.jsonl").read_text("utf-8").splitlines() == [
        '{"kind": "start", "attempt": 1, "time": 5.0, "name": "bäm", "epochs_planned": 3, "seed": 7}',
        '{"kind": "epoch", "attempt": 1, "time": 5.0, "epoch": 1, "series": {"train/box_loss": 1.25}}',
        '{"kind": "event", "attempt": 1, "time": 5.0, "epoch": 1, "event": "warmup_end", "label": "Warm-up ended."}',
        '{"kind": "end", "attempt": 1, "time": 5.0, "state": "stopped", "message": "asked to"}',
    ]


def test_journal__keeps_numbers_that_are_not_finite_as_strings(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.epoch(1, {"a": math.nan, "b": math.inf, "c": -math.inf})
    (line,) = read_journal(tmp_path)[0]
    assert line["series"] == {"a": "NaN", "b": "Infinity", "c": "-Infinity"}
    assert math.isnan(decode_number(line["series"]["a"]) or 0.0)
    assert decode_number(line["series"]["c"]) == -math.inf


@pytest.mark.parametrize("value", [None, True, "12", [], "nan"])
def test_decode_number__none_for_what_is_no_number(value: object) -> None:
    assert decode_number(value) is None


def test_journal__counts_attempts_and_cuts_a_torn_line(tmp_path: Path) -> None:
    write_run(tmp_path)
    file = tmp_path / "metrics.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"kind": "epoch", "attempt": 1, "epo')
    with Journal(tmp_path) as journal:
        assert journal.attempt == 2
        assert file.read_bytes() == whole
        journal.epoch(3, {"lr": 0.3})
    assert [line["attempt"] for line in read_all(tmp_path)] == [1, 1, 1, 2]


def test_journal__cuts_a_torn_line_longer_than_one_block(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    file.write_bytes(b'{"kind": "start", "attempt": 4}\n{"kind": "' + b"x" * 200_000)
    with Journal(tmp_path) as journal:
        assert journal.attempt == 5
    assert file.read_bytes() == b'{"kind": "start", "attempt": 4}\n'


def test_journal__is_empty_when_only_a_torn_line_was_there(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(b'{"kind": "sta')
    with Journal(tmp_path) as journal:
        assert journal.attempt == 1
    assert (tmp_path / "metrics.jsonl").read_bytes() == b""


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_read_journal__after_any_cut_shows_whole_lines_only(tmp_path: Path, cut: int) -> None:
    write_run(tmp_path)
    file = tmp_path / "metrics.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) - cut])
    lines, cursor = read_journal(file)
    assert cursor == file.read_bytes().rfind(b"\n") + 1
    assert len(lines) == file.read_bytes().count(b"\n")


def test_read_journal__follows_a_file_that_grows(tmp_path: Path) -> None:
    write_run(tmp_path, epochs=1)
    lines, cursor = read_journal(tmp_path)
    assert [line["kind"] for line in lines] == ["start", "epoch"]
    assert read_journal(tmp_path, cursor) == ([], cursor)
    with (tmp_path / "metrics.jsonl").open("ab") as stream:
        stream.write(b'{"kind": "end", "sta')
        stream.flush()
        assert read_journal(tmp_path, cursor) == ([], cursor)
        stream.write(b'te": "finished"}\n')
    lines, cursor = read_journal(tmp_path, cursor)
    assert lines == [{"kind": "end", "state": "finished"}]
    assert cursor == (tmp_path / "metrics.jsonl").stat().st_size


def test_read_journal__starts_again_when_the_file_was_replaced_by_a_shorter_one(tmp_path: Path) -> None:
    write_run(tmp_path)
    _, cursor = read_journal(tmp_path)
    (tmp_path / "metrics.jsonl").write_bytes(b'{"kind": "start"}\n')
    assert read_journal(tmp_path, cursor) == ([{"kind": "start"}], 18)


def test_read_journal__passes_over_lines_that_are_no_objects(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    nested = b'{"kind":' + b"[" * 100_000 + b"\n"
    file.write_bytes(b'\x00\x00\n[1]\n{"a": 1}\n{"kind": 3}\n\xff\xfe\n' + nested + b'{"kind": "end"}\r\n')
    assert read_journal(file)[0] == [{"kind": "end"}]


def test_read_journal__reads_a_long_file_in_parts(tmp_path: Path) -> None:
    write_run(tmp_path)
    first, cursor = read_journal(tmp_path, limit_bytes=150)
    second, _ = read_journal(tmp_path, cursor)
    assert first
    assert first + second == list(read_all(tmp_path))
    with pytest.raises(LogError, match="over 20 bytes at byte 0"):
        read_journal(tmp_path, limit_bytes=20)


def test_read_journal__without_a_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"metrics\.jsonl is not there"):
        read_journal(tmp_path)


def test_journal__full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.start(name="r", epochs_planned=1, seed=0)
    real_write = os.write

    def write_half(file: int, data: bytes) -> int:
        if len(data) < 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(file, data[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_half)
        with pytest.raises(StorageFull, match="free some, then resume"):
            journal.epoch(1, {"lr": 0.1})
    journal.epoch(1, {"lr": 0.1})
    journal.close()
    assert [json.loads(line)["kind"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()] == [
        "start",
        "epoch",
    ]


def test_journal__folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be written"):
        Journal(tmp_path / "none")
