"""The run folder of a training whose worker is elsewhere, written by the server from what the worker sends.

With it, every page, stream and file of a run works the same wherever the run was trained. The rows of the journal are
the truth here: what is missing of metrics.jsonl, after a kill between commit and file, is written from them.
"""

import json
import os
import re
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from epochal.errors import BadInput, NotFound
from epochal.graphs.journal import JOURNAL_NAME
from epochal.jobs.records import PROGRESS_NAME
from epochal.storage.whole_files import disk_error, whole_file, write_whole

FILES = (
    "recipe.json", "results.csv", "graph.html", "evaluation.json", "evaluation-val.json", "matches.npz",
    "boxes-test.npz", "boxes-val.npz", "log.txt", "checkpoint.pt",
    "weights/best.pt", "weights/last.pt", "weights/best.onnx",
)  # fmt: skip
_EXAMPLE = re.compile(r"examples/[A-Za-z0-9_-]{1,64}\.jpg")
_lines_in: dict[Path, int] = {}
_lock = threading.Lock()
ReadRows = Callable[[int, int], Sequence[str]]


def file_in(folder: Path, name: str) -> Path:
    """The path of a file of a run, by the closed list of names that a worker may write and read. Raises BadInput."""
    if name not in FILES and not _EXAMPLE.fullmatch(name):
        raise BadInput(f"{name[:100]!r} is no file of a run; there are {', '.join(FILES)} and examples/NAME.jpg.")
    return folder / name


def existing_file(folder: Path, name: str) -> Path:
    """As `file_in`; raises NotFound when it is not there."""
    path = file_in(folder, name)
    if not path.is_file():
        raise NotFound(f"The run has no {name} yet.")
    return path


def append_lines(folder: Path, first: int, lines: Sequence[str], read_rows: ReadRows) -> None:
    """Bring metrics.jsonl up to the rows.

    Args:
        folder: of the run; made when it is not there.
        first: number of the first of `lines`.
        lines: that were just committed.
        read_rows: gives committed lines [from, to) for a gap, such as after a kill or on another machine's folder.
    """
    path = folder / JOURNAL_NAME
    with _lock:
        folder.mkdir(parents=True, exist_ok=True)
        known = _count_lines(path)
        if known > first + len(lines):
            return
        missing = list(read_rows(known, first)) if known < first else []
        missing += lines[max(0, known - first) :]
        if not missing:
            return
        with path.open("ab") as stream:
            stream.write("".join(line + "\n" for line in missing).encode())
        _lines_in[path] = known + len(missing)


def write_progress(folder: Path, fields: Mapping[str, Any], *, lease_expires_at: float, now: float) -> None:
    """Replace progress.json: the process is elsewhere, so the lease says how long it counts as alive."""
    kept = {
        name: fields.get(name)
        for name in ("state", "epoch", "epochs", "step", "steps", "images_per_s", "eta_s", "message")
    }
    text = json.dumps({**kept, "updated_at": now, "lease_expires_at": lease_expires_at})
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / PROGRESS_NAME, text)


def append_log(folder: Path, offset: int, data: bytes) -> int:
    """Write a piece of log.txt at its place; a piece that comes twice changes nothing.

    Returns:
        How many bytes the log has: where the next piece belongs. A piece behind a gap is not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "log.txt"
    with _lock, path.open("ab") as stream:
        size = stream.tell()
        if offset <= size < offset + len(data):
            stream.write(data[size - offset :])
            size = offset + len(data)
    return size


async def receive_file(folder: Path, name: str, pieces: AsyncIterator[bytes], may_keep: Callable[[], None]) -> int:
    """Take a file of the run, written beside and renamed.

    Args:
        folder: of the run.
        name: in the closed list.
        pieces: its bytes.
        may_keep: raises when the sender may no longer write by the time that all has come.

    Returns:
        Its size in bytes.

    Raises:
        BadInput: no such file.
        StorageFull, Failed: it could not be written.
    """
    path = file_in(folder, name)
    size = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            with part.open("wb") as stream:
                async for piece in pieces:
                    stream.write(piece)
                    size += len(piece)
            may_keep()
    except OSError as error:
        raise disk_error(path, error) from error
    return size


def drop_weights(folder: Path) -> None:
    """Remove what a cancelled training has learned; its graph stays."""
    for name in ("checkpoint.pt", "weights/best.pt", "weights/last.pt", "weights/best.onnx"):
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _count_lines(path: Path) -> int:
    """Whole lines of the file, and a torn one cut off; remembered, because the server alone writes it."""
    known = _lines_in.get(path)
    if known is not None and path.exists():
        return known
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return 0
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
    _lines_in[path] = data.count(b"\n")
    return _lines_in[path]
