"""Files of a run, by a closed list: what a client sends is looked up in it and never becomes part of a path."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from epochal.errors import NotFound
from epochal.server.callers import NEEDS_READ
from epochal.server.services import Served

router = APIRouter(prefix="/api/runs/{run_id}/files", tags=["runs"], dependencies=[NEEDS_READ])
TEXT, JSON_TYPE, BINARY = "text/plain; charset=utf-8", "application/json", "application/octet-stream"
CONTENT_TYPES = {
    "results.csv": "text/csv; charset=utf-8",
    "graph.html": "text/html; charset=utf-8",
    "log.txt": TEXT,
    "launch.log": TEXT,
    "metrics.jsonl": TEXT,
    "recipe.json": JSON_TYPE,
    "evaluation.json": JSON_TYPE,
    "evaluation-val.json": JSON_TYPE,
    "weights/best.pt": BINARY,
    "weights/last.pt": BINARY,
    "weights/best.onnx": BINARY,
}
EXAMPLE_NAME = re.compile(r"examples/[A-Za-z0-9_-]{1,64}\.jpg")
SHOWN_IN_BROWSER = {TEXT, JSON_TYPE, "text/html; charset=utf-8", "image/jpeg"}
# A report brings its script with it. Sandboxed, it runs without our origin: it can neither ask the API nor see our
# cookies, whoever wrote it.
REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads allow-modals; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'none'"
)
CHUNK_BYTES = 1 << 18


@router.get("/{name:path}", response_class=Response)
def get_file(run_id: str, name: str, served: Served) -> Response:
    """One file of a run, such as results.csv, graph.html, log.txt, weights/best.onnx or examples/0.jpg."""
    content_type = "image/jpeg" if EXAMPLE_NAME.fullmatch(name) else CONTENT_TYPES.get(name)
    if content_type is None:
        raise NotFound(f"{name!r} is no file of a run; there are {', '.join(CONTENT_TYPES)} and examples/NUMBER.jpg.")
    folder = served.index.folder(run_id)
    stream = _open_inside(folder, name)
    size = os.fstat(stream.fileno()).st_size
    shown = "inline" if content_type in SHOWN_IN_BROWSER else "attachment"
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(size),
        "Content-Disposition": f'{shown}; filename="{folder.name}-{name.rpartition("/")[2]}"',
    }
    if name == "graph.html":
        headers["Content-Security-Policy"] = REPORT_POLICY
    return StreamingResponse(_read(stream, size), headers=headers)


def _open_inside(folder: Path, name: str) -> BinaryIO:
    """Open a file of the run; a link that leads out of its folder counts as none."""
    path = folder / name
    try:
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path.open("rb")
    except OSError:
        pass
    raise NotFound(f"Run {folder.name} has no {name} (yet); it may be written at the end of the training.")


def _read(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Exactly as many bytes as were promised, though the file may grow meanwhile."""
    with stream:
        while size > 0 and (chunk := stream.read(min(CHUNK_BYTES, size))):
            size -= len(chunk)
            yield chunk
