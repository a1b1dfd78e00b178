"""The small files by which a run tells of itself: `progress.json` by the trainer, `launch.json` by the launcher."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epochal.jobs.processes import ProcessId
from epochal.storage.whole_files import write_whole

PROGRESS_NAME, LAUNCH_NAME, LAUNCH_LOG_NAME, RECIPE_NAME = "progress.json", "launch.json", "launch.log", "recipe.json"
STOP_NAME = "stop"
RUNNING_STATES = ("preparing", "training", "validating", "evaluating")
ENDED_STATES = ("finished", "stopped", "failed")
_JSON_LIMIT_BYTES = 16_000_000
_TAIL_BYTES, _TAIL_LINES = 4096, 12


@dataclass(frozen=True)
class Progress:
    """What the trainer last said; see `progress.json` in ARCHITECTURE.md.

    `lease_expires_at` stands in place of the process when the trainer is elsewhere: it counts as alive until then.
    """

    state: str
    process: ProcessId
    epoch: int | None
    epochs: int | None
    images_per_s: float | None
    eta_s: float | None
    updated_at: float
    message: str
    lease_expires_at: float | None = None


@dataclass(frozen=True)
class Launch:
    """That this server, or one before it, started a process for the run.

    Attributes:
        process: the trainer.
        launched_at: seconds since 1970.
        dataset: name of the dataset, None for a resume.
        model: as asked for, None for a resume.
        epochs: as asked for.
    """

    process: ProcessId
    launched_at: float
    dataset: str | None = None
    model: str | None = None
    epochs: int | None = None


def read_progress(folder: Path) -> Progress | None:
    """What the trainer last said; None when it has said nothing that can be read."""
    fields = read_object(folder / PROGRESS_NAME)
    state = fields.get("state")
    if state not in RUNNING_STATES + ENDED_STATES:
        return None
    return Progress(
        state=state,
        process=_process(fields),
        epoch=_whole(fields.get("epoch")),
        epochs=_whole(fields.get("epochs")),
        images_per_s=_number(fields.get("images_per_s")),
        eta_s=_number(fields.get("eta_s")),
        updated_at=_number(fields.get("updated_at")) or 0.0,
        message=str(fields.get("message") or ""),
        lease_expires_at=_number(fields.get("lease_expires_at")),
    )


def read_launch(folder: Path) -> Launch | None:
    """The last launch of the run; None when it was started by hand."""
    fields = read_object(folder / LAUNCH_NAME)
    launched_at = _number(fields.get("launched_at"))
    if launched_at is None:
        return None
    dataset, model = fields.get("dataset"), fields.get("model")
    return Launch(
        process=_process(fields),
        launched_at=launched_at,
        dataset=dataset if isinstance(dataset, str) else None,
        model=model if isinstance(model, str) else None,
        epochs=_whole(fields.get("epochs")),
    )


def write_launch(folder: Path, launch: Launch) -> None:
    """Record a launch beside the run."""
    fields = {
        "schema": 1,
        "pid": launch.process.pid,
        "process_started_at": launch.process.started_at,
        "launched_at": launch.launched_at,
        "dataset": launch.dataset,
        "model": launch.model,
        "epochs": launch.epochs,
    }
    write_whole(folder / LAUNCH_NAME, json.dumps(fields, indent=1) + "\n")


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty when there is none that can be read."""
    try:
        if path.stat().st_size > _JSON_LIMIT_BYTES:
            return {}
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def read_log_tail(folder: Path) -> str:
    """The last lines of what the launched process printed, fit to be shown: no control characters."""
    try:
        with (folder / LAUNCH_LOG_NAME).open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [plain for line in text.splitlines() if (plain := _printable(line).rstrip())]
    return "\n".join(lines[-_TAIL_LINES:])


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else " " for char in line)


def _process(fields: dict[str, Any]) -> ProcessId:
    return ProcessId(_whole(fields.get("pid")) or 0, _number(fields.get("process_started_at")) or 0.0)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
