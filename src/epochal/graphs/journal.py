"""The journal of a run, `metrics.jsonl`: the truth about its graph. One JSON object a line, appended and fsynced.

    with Journal(run_folder) as journal:
        journal.start(name="bccd-1", epochs_planned=50, seed=0)
        journal.epoch(1, {"train/box_loss": 1.2, "lr": 0.01})
        journal.end("finished")

Opening a journal that exists begins the next attempt: a torn last line, left by a kill, is cut off first.
"""

import errno
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from epochal.errors import LogError, NotFound, RunFolderError, StorageFull
from epochal.graphs.graph import EventKind

JOURNAL_NAME = "metrics.jsonl"
READ_LIMIT_BYTES = 32_000_000  # of one call to read_journal; a longer file is read in several
Line = dict[str, Any]
EndState = Literal["finished", "stopped", "failed"]
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Journal:
    """Writer of one attempt. Not shared between processes; every call is on disk when it returns.

    Attributes:
        path: the file.
        attempt: number of this attempt, from 1: one more than the last that the file tells of.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Open the journal of a run folder for appending.

        Args:
            folder: the run folder; it exists.
            clock: seconds since 1970, for the field `time`.

        Raises:
            StorageFull: no space is left.
            RunFolderError: the file cannot be opened.
        """
        self.path = folder / JOURNAL_NAME
        self._clock = clock
        is_new = not self.path.exists()
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise _storage_error(self.path, error) from error
        self._cut_torn_line()
        self.attempt = 1 + max((_attempt_of(line) for line in read_all(self.path)), default=0)
        if is_new:
            _sync_folder(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def start(self, *, name: str, epochs_planned: int, seed: int) -> None:
        """Say that this attempt begins; the first line of an attempt."""
        self._append("start", {"name": name, "epochs_planned": epochs_planned, "seed": seed})

    def epoch(self, epoch: int, series: Mapping[str, float]) -> None:
        """Write the numbers of an epoch, counted from 1. NaN and infinities are kept as such."""
        self._append("epoch", {"epoch": epoch, "series": {key: _encode(float(v)) for key, v in series.items()}})

    def event(self, epoch: int, event: EventKind, label: str, *, without: str | None = None) -> None:
        """Write that something happened at an epoch.

        Args:
            epoch: from 1.
            event: its kind.
            label: a sentence for people.
            without: of a resume, the part of the state that was not there to be restored, such as "optimizer".
        """
        more = {} if without is None else {"without": without}
        self._append("event", {"epoch": epoch, "event": event, "label": label, **more})

    def end(self, state: EndState, message: str = "") -> None:
        """Say how the attempt ended; its last line."""
        self._append("end", {"state": state, "message": message})

    def _append(self, kind: str, fields: Mapping[str, Any]) -> None:
        line = {"kind": kind, "attempt": self.attempt, "time": self._clock(), **fields}
        data = json.dumps(line, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        before = os.fstat(self._file).st_size
        try:
            _write_whole(self._file, data)
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, before)  # what was written of the line would be read as torn
            raise _storage_error(self.path, error) from error

    def _cut_torn_line(self) -> None:
        size = end = os.fstat(self._file).st_size
        while end > 0:
            begin = max(0, end - 65536)
            at = os.pread(self._file, end - begin, begin).rfind(b"\n")
            if at >= 0:
                end = begin + at + 1
                break
            end = begin
        if end < size:
            os.ftruncate(self._file, end)


def read_raw(path: Path, cursor: int = 0, *, limit_bytes: int = READ_LIMIT_BYTES) -> tuple[list[bytes], int]:
    """Read whole lines from a position on, as they stand; made for following a file that grows.

    A last line without its line end is left for the next call.

    Args:
        path: `metrics.jsonl`, or the run folder that holds it.
        cursor: position in bytes behind a whole line, as returned by an earlier call; one beyond the end of the file
            starts at 0 again.
        limit_bytes: read at most so much; call again with the new cursor for the rest.

    Returns:
        The lines without their ends, empty ones too, and the new cursor.

    Raises:
        NotFound: there is no such file.
        LogError: one line is longer than `limit_bytes`.
    """
    file = journal_of(path)
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            start = cursor if 0 <= cursor <= size else 0
            stream.seek(start)
            data = stream.read(limit_bytes)
    except FileNotFoundError:
        raise NotFound(f"{file} is not there; expected the journal of a run.") from None
    end = data.rfind(b"\n") + 1
    if end == 0 and len(data) == limit_bytes:
        raise LogError(f"{file} has a line of over {limit_bytes:,} bytes at byte {start}; it is no journal of a run.")
    return data[:end].split(b"\n"), start + end


def read_journal(path: Path, cursor: int = 0, *, limit_bytes: int = READ_LIMIT_BYTES) -> tuple[list[Line], int]:
    """As `read_raw`, parsed. A line that is no JSON object with a `kind` is passed over.

    Returns:
        The lines, with numbers that are not finite still as strings (see `decode_number`), and the new cursor.
    """
    raws, behind = read_raw(path, cursor, limit_bytes=limit_bytes)
    return [line for raw in raws if (line := parse_line(raw)) is not None], behind


def read_all(path: Path) -> Iterator[Line]:
    """Every line of a journal, part by part; raises as `read_journal`."""
    cursor = -1
    behind = 0
    while behind != cursor:
        cursor = behind
        lines, behind = read_journal(path, cursor)
        yield from lines


def journal_of(path: Path) -> Path:
    """The journal that a path means: of a run folder the one in it."""
    return path / JOURNAL_NAME if path.is_dir() else path


def parse_line(raw: bytes) -> Line | None:
    """One line of a journal; None when it is no JSON object with a `kind`."""
    if not raw.startswith(b"{"):
        return None
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("kind"), str) else None


def decode_number(value: object) -> float | None:
    """The number that a field of `series` stands for; None when it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:  # an integer of over 308 digits
            return math.inf if value > 0 else -math.inf
    return _NOT_FINITE.get(value) if isinstance(value, str) else None


def _encode(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _attempt_of(line: Line) -> int:
    attempt = line.get("attempt")
    return attempt if isinstance(attempt, int) else 0


def _write_whole(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable; a system that cannot open folders (Windows) does so by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _storage_error(path: Path, error: OSError) -> StorageFull | RunFolderError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"No space is left to write {path}; free some, then resume the run.")
    return RunFolderError(f"{path} cannot be written: {error.strerror}; check the folder and its permissions.")
