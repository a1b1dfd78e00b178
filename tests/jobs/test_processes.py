"""Whether a process is the one that it was. Run: pytest tests/jobs/test_processes.py."""

import subprocess
import sys
from collections.abc import Callable

from epochal.jobs.processes import ProcessId, identify, is_alive, this_process

WaitUntil = Callable[[Callable[[], bool]], None]


def test_is_alive__of_this_process() -> None:
    me = this_process()
    assert is_alive(me)
    assert identify(me.pid) == me


def test_is_alive__of_another_that_had_the_number_before() -> None:
    me = this_process()
    assert not is_alive(ProcessId(me.pid, me.started_at - 31))


def test_is_alive__a_zombie_is_not(wait_until: WaitUntil) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = identify(child.pid)
    assert process is not None
    assert is_alive(process)
    assert child.stdin is not None
    child.stdin.close()  # it ends, and nobody has asked for its exit code yet
    wait_until(lambda: not is_alive(process))
    child.wait()
    assert identify(child.pid) is None


def test_is_alive__of_no_number() -> None:
    assert not is_alive(ProcessId(0, 0.0))
    assert not is_alive(ProcessId(-1, 0.0))
