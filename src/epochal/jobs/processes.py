"""Is the process of a run still alive? A process number alone does not say: numbers are given out again."""

import os
from dataclasses import dataclass

import psutil

# A process's start time is reckoned from the machine's boot time, which moves when the clock is set. A number that
# comes round again within this time would need the system to start millions of processes meanwhile.
SAME_START_WITHIN_S = 30.0


@dataclass(frozen=True)
class ProcessId:
    """One process of this machine, ever.

    Attributes:
        pid: its number.
        started_at: when it began, seconds since 1970.
    """

    pid: int
    started_at: float


def this_process() -> ProcessId:
    """The running process."""
    return ProcessId(os.getpid(), psutil.Process().create_time())


def identify(pid: int) -> ProcessId | None:
    """The process that has this number now; None when it has ended."""
    try:
        return ProcessId(pid, psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def is_alive(process: ProcessId) -> bool:
    """Whether a process still runs. One that ended and was not yet collected by its parent (a zombie) does not."""
    if process.pid <= 0:
        return False
    try:
        found = psutil.Process(process.pid)
        if abs(found.create_time() - process.started_at) > SAME_START_WITHIN_S:
            return False
        return found.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.Error:  # gone, or somebody else's
        return False
