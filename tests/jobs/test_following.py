"""A growing journal, read on from a cursor. Run: pytest tests/jobs/test_following.py."""

from pathlib import Path

from epochal.jobs.following import RawLine, end_of_journal, read_raw_lines


def test_read_raw_lines__gives_each_line_with_the_cursor_behind_it(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    journal.write_bytes(b'{"a":1}\n{"b":2}\n')
    lines, cursor = read_raw_lines(journal, 0)
    assert lines == [RawLine(8, b'{"a":1}'), RawLine(16, b'{"b":2}')]
    assert cursor == 16
    assert read_raw_lines(journal, 8) == ([RawLine(16, b'{"b":2}')], 16)
    assert read_raw_lines(journal, 16) == ([], 16)


def test_read_raw_lines__leaves_a_torn_line_for_later(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    journal.write_bytes(b'{"a":1}\n{"b"')
    assert read_raw_lines(journal, 8) == ([], 8)
    with journal.open("ab") as stream:
        stream.write(b":2}\n")
    assert read_raw_lines(journal, 8) == ([RawLine(16, b'{"b":2}')], 16)


def test_read_raw_lines__begins_anew_where_the_cursor_cannot_be_of_this_file(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    journal.write_bytes(b'{"a":1}\n')
    for cursor in (3, 8000, 2**63 - 1):  # inside a line; behind the end
        assert read_raw_lines(journal, cursor) == ([RawLine(8, b'{"a":1}')], 8)


def test_read_raw_lines__reads_a_large_file_in_parts_and_a_long_line_whole(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    written = [b'{"n":%d,"x":"%s"}' % (n, b"y" * (500 if n == 3 else 10)) for n in range(8)]
    journal.write_bytes(b"".join(line + b"\n" for line in written))
    cursor, read = 0, []
    for _ in range(20):
        lines, cursor = read_raw_lines(journal, cursor, limit_bytes=60)
        read += [line.data for line in lines]
    assert read == written


def test_read_raw_lines__passes_over_what_is_no_object(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    journal.write_bytes(b'\n\0\0\n{"a":\r1}\n')
    assert read_raw_lines(journal, 0) == ([RawLine(13, b'{"a":1}')], 13)


def test_read_raw_lines__of_no_file_are_none(tmp_path: Path) -> None:
    assert read_raw_lines(tmp_path / "metrics.jsonl", 5) == ([], 5)


def test_end_of_journal__is_behind_the_last_whole_line(tmp_path: Path) -> None:
    journal = tmp_path / "metrics.jsonl"
    assert end_of_journal(journal) == 0
    journal.write_bytes(b'{"a"')
    assert end_of_journal(journal) == 0
    journal.write_bytes(b'{"a":1}\n' + b"x" * 200_000)
    assert end_of_journal(journal) == 8
