"""What a run said last, held against whether its process lives. Run: pytest tests/jobs/test_states.py."""

import json
import time
from pathlib import Path

import pytest

from epochal.jobs.processes import ProcessId, this_process
from epochal.jobs.records import Launch, write_launch
from epochal.jobs.states import read_state

NOW = 1000.0
ME = this_process()
GONE = ProcessId(2**22 + 7, 5.0)  # above the largest process number that Linux gives out
REUSED = ProcessId(ME.pid, ME.started_at - 3600)


def _say(folder: Path, state: str, process: ProcessId = ME, updated_at: float = NOW - 1, **more: object) -> None:
    fields = {"state": state, "pid": process.pid, "process_started_at": process.started_at, "updated_at": updated_at}
    (folder / "progress.json").write_text(json.dumps({**fields, **more}))


@pytest.mark.parametrize(
    ("said", "process", "silent_s", "state", "is_alive"),
    [
        ("training", ME, 1, "training", True),
        ("validating", ME, 59, "validating", True),
        ("training", ME, 61, "stalled", True),
        ("training", GONE, 1, "dead", False),
        ("training", REUSED, 1, "dead", False),  # the number was given to another process
        ("preparing", GONE, 999, "dead", False),
        ("finished", GONE, 999, "finished", False),
        ("stopped", ME, 999, "stopped", False),  # the process may take a moment to leave
        ("failed", GONE, 1, "failed", False),
    ],
)
def test_read_state__of_what_was_said(
    tmp_path: Path, said: str, process: ProcessId, silent_s: float, state: str, is_alive: bool
) -> None:
    _say(tmp_path, said, process, NOW - silent_s)
    found = read_state(tmp_path, now=NOW, stall_after_s=60)
    assert (found.state, found.is_alive) == (state, is_alive)
    assert found.updated_at == NOW - silent_s


def test_read_state__keeps_the_trainers_message_and_explains_dead(tmp_path: Path) -> None:
    _say(tmp_path, "failed", GONE, message="The loss became NaN.")
    assert read_state(tmp_path, now=NOW, stall_after_s=60).message == "The loss became NaN."
    _say(tmp_path, "training", GONE)
    assert str(GONE.pid) in read_state(tmp_path, now=NOW, stall_after_s=60).message


def test_read_state__of_a_launch_without_a_word(tmp_path: Path) -> None:
    write_launch(tmp_path, Launch(ME, NOW - 5, dataset="cells"))
    found = read_state(tmp_path, now=NOW, stall_after_s=60)
    assert (found.state, found.is_alive) == ("preparing", True)
    assert read_state(tmp_path, now=NOW + 100, stall_after_s=60).state == "stalled"


def test_read_state__of_a_launch_that_ended_without_a_word_shows_its_log(tmp_path: Path) -> None:
    write_launch(tmp_path, Launch(GONE, NOW - 5))
    (tmp_path / "launch.log").write_text("line\n" * 5000 + "\x1b[31mno module named torch\x1b[0m\n")
    found = read_state(tmp_path, now=NOW, stall_after_s=60)
    assert found.state == "failed"
    assert "no module named torch" in found.message
    assert "\x1b" not in found.message
    assert len(found.message) < 5000


def test_read_state__of_a_resume_is_not_that_of_the_attempt_before(tmp_path: Path) -> None:
    _say(tmp_path, "stopped", GONE, NOW - 100)
    write_launch(tmp_path, Launch(ME, NOW - 1))
    assert read_state(tmp_path, now=NOW, stall_after_s=60).state == "preparing"
    write_launch(tmp_path, Launch(ProcessId(GONE.pid + 1, 5.0), NOW - 1))
    assert read_state(tmp_path, now=NOW, stall_after_s=60).state == "failed"
    _say(tmp_path, "training", ME, NOW)  # a later attempt by hand
    assert read_state(tmp_path, now=NOW, stall_after_s=60).state == "training"


def test_read_state__finished_stays_finished_when_somebody_resumes_it(tmp_path: Path) -> None:
    _say(tmp_path, "finished", GONE, NOW - 100)
    write_launch(tmp_path, Launch(ProcessId(GONE.pid + 1, 5.0), NOW - 1))
    assert read_state(tmp_path, now=NOW, stall_after_s=60).state == "finished"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"state": "flying"}', '{"state": ["training"]}', "\0" * 20])
def test_read_state__of_progress_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "progress.json").write_text(text)
    found = read_state(tmp_path, now=time.time(), stall_after_s=60)
    assert (found.state, found.is_alive) == ("preparing", False)  # the folder is new, its trainer may be about to speak
    found = read_state(tmp_path, now=time.time() + 11, stall_after_s=60)
    assert (found.state, found.is_alive) == ("dead", False)
    assert "progress.json" in found.message


def test_read_state__of_numbers_that_are_none(tmp_path: Path) -> None:
    _say(tmp_path, "training", epoch=True, epochs="many", eta_s=float("nan"), images_per_s="fast")
    progress = read_state(tmp_path, now=NOW, stall_after_s=60).progress
    assert progress is not None
    assert (progress.epoch, progress.epochs, progress.eta_s, progress.images_per_s) == (None, None, None, None)
