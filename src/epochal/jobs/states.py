"""What state a run is in: what it said last, held against whether its process lives.

preparing → training ⇄ validating → evaluating → finished     said by the trainer
                │                                stopped
                │                                failed        … or seen: its process ended before its first word
                └─► stalled    its process lives and has been silent for too long
                    dead       its process is gone and it had not ended
"""

from dataclasses import dataclass
from pathlib import Path

from epochal.jobs.processes import ProcessId, is_alive
from epochal.jobs.records import (
    ENDED_STATES,
    RECIPE_NAME,
    Launch,
    Progress,
    read_launch,
    read_log_tail,
    read_progress,
)

NO_PROCESS = ProcessId(0, 0.0)
FIRST_WORD_WITHIN_S = 10.0  # between a trainer's recipe.json and its first progress.json


@dataclass(frozen=True)
class StateOfRun:
    """What a run folder and the process table say together.

    Attributes:
        state: one of the words drawn above.
        is_alive: whether its process runs.
        process: the trainer's; number 0 when none is known.
        updated_at: its last sign, seconds since 1970.
        message: a sentence, or the end of the log of a process that failed to start; empty when all is well.
        progress: what the trainer last said.
        launch: the last start by a server.
    """

    state: str
    is_alive: bool
    process: ProcessId
    updated_at: float
    message: str
    progress: Progress | None
    launch: Launch | None


def read_state(folder: Path, *, now: float, stall_after_s: float) -> StateOfRun:
    """Read the state of a run.

    Args:
        folder: the run folder.
        now: seconds since 1970.
        stall_after_s: a live process that is silent for longer is `stalled`.
    """
    return derive_state(folder, read_progress(folder), read_launch(folder), now=now, stall_after_s=stall_after_s)


def derive_state(
    folder: Path, progress: Progress | None, launch: Launch | None, *, now: float, stall_after_s: float
) -> StateOfRun:
    """The state that two records and the process table add up to; arguments as in `read_state`."""
    if launch is not None and _is_news(launch, progress):
        return _state_of_launch(folder, progress, launch, now=now, stall_after_s=stall_after_s)
    if progress is None:
        return _state_of_silence(folder, launch, now)
    ended = progress.state in ENDED_STATES
    lease = progress.lease_expires_at
    alive = is_alive(progress.process) if lease is None else now < lease
    state, message = progress.state, progress.message
    if not ended and not alive:
        state = "dead"
        who = f"Its process ({progress.process.pid})" if lease is None else "Its worker, elsewhere,"
        message = f"{who} is gone and it had not ended; it can be resumed."
    elif not ended and now - progress.updated_at > stall_after_s:
        state = "stalled"
        message = f"Its process ({progress.process.pid}) lives, but has been silent for over {stall_after_s:.0f} s."
    return StateOfRun(state, alive and not ended, progress.process, progress.updated_at, message, progress, launch)


def _is_news(launch: Launch, progress: Progress | None) -> bool:
    """Whether the launched process has not spoken yet, so that `progress.json` is of an attempt before it."""
    return progress is None or (progress.process.pid != launch.process.pid and progress.updated_at < launch.launched_at)


def _state_of_launch(
    folder: Path, progress: Progress | None, launch: Launch, *, now: float, stall_after_s: float
) -> StateOfRun:
    if progress is not None and progress.state == "finished":
        return StateOfRun("finished", False, progress.process, progress.updated_at, progress.message, progress, launch)
    alive = is_alive(launch.process)
    if not alive:
        tail = read_log_tail(folder)
        message = f"The training ended before its first word.\n{tail}" if tail else "The training ended without a word."
        return StateOfRun("failed", False, launch.process, launch.launched_at, message, progress, launch)
    silent = now - launch.launched_at > stall_after_s
    state = "stalled" if silent else "preparing"
    message = f"Started {now - launch.launched_at:.0f} s ago and silent since." if silent else "Starting."
    return StateOfRun(state, True, launch.process, launch.launched_at, message, progress, launch)


def _state_of_silence(folder: Path, launch: Launch | None, now: float) -> StateOfRun:
    """A run folder without progress: begun this moment by hand, copied without it, or of a process killed at once."""
    try:
        updated_at = (folder / RECIPE_NAME).stat().st_mtime
    except OSError:
        updated_at = folder.stat().st_mtime
    if now - updated_at < FIRST_WORD_WITHIN_S:
        return StateOfRun("preparing", False, NO_PROCESS, updated_at, "Starting.", None, launch)
    message = "It has no progress.json that can be read; resume it, or look at its log."
    return StateOfRun("dead", False, NO_PROCESS, updated_at, message, None, launch)
