"""Follow a journal that grows, line by line as written, for whoever passes it on."""

import os
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 1_000_000


@dataclass(frozen=True)
class RawLine:
    """One line of a journal.

    Attributes:
        cursor: position in bytes behind the line; reading from there gives the next one.
        data: the line without its end, UTF-8.
    """

    cursor: int
    data: bytes


def read_raw_lines(path: Path, cursor: int, *, limit_bytes: int = CHUNK_BYTES) -> tuple[list[RawLine], int]:
    """Read whole lines behind a position. A last line without its end is left for the next call.

    Args:
        path: the journal; while there is none, the cursor stays where it is.
        cursor: as given with an earlier line. One that is no start of a line, or beyond the file because it was
            replaced, begins again at 0: a reader that keeps the last line of each epoch is then right again.
        limit_bytes: about how much to read; a longer line is read whole.

    Returns:
        The lines that hold JSON objects, and the cursor behind all that was read.
    """
    try:
        with path.open("rb") as stream:
            if 0 < cursor <= os.fstat(stream.fileno()).st_size:
                stream.seek(cursor - 1)
                if stream.read(1) != b"\n":
                    stream.seek(0)
            position = stream.tell()
            data = stream.read(limit_bytes)
            if b"\n" not in data:
                data += stream.readline()
    except FileNotFoundError:
        return [], cursor
    whole, newline, _ = data.rpartition(b"\n")
    lines = []
    for raw in whole.split(b"\n") if newline else []:
        position += len(raw) + 1
        if raw.startswith(b"{"):
            lines.append(RawLine(position, raw.replace(b"\r", b"")))
    return lines, position


def end_of_journal(path: Path) -> int:
    """Position in bytes behind the last whole line; 0 when there is none.

    Args:
        path: the journal.
    """
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, 2)
            while end > 0:
                begin = max(0, end - 65536)
                stream.seek(begin)
                at = stream.read(end - begin).rfind(b"\n")
                if at >= 0:
                    return begin + at + 1
                end = begin
    except FileNotFoundError:
        pass
    return 0
