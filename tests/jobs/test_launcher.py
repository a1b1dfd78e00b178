"""Real processes, started, stopped and resumed; the trainer is a fake. Run: pytest tests/jobs/test_launcher.py."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.errors import Failed, NotFound, RunFolderError, StorageFull
from epochal.jobs import launcher as launcher_module
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher, TrainingRequest
from epochal.jobs.processes import is_alive
from epochal.jobs.records import Launch, read_launch, read_progress
from epochal.jobs.states import StateOfRun, read_state

WaitUntil = Callable[[Callable[[], bool]], None]


def _state(folder: Path) -> StateOfRun:
    return read_state(folder, now=0.0, stall_after_s=1e12)


def _epochs(folder: Path) -> list[int]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line["epoch"] for line in lines if line["kind"] == "epoch"]


def test_start__runs_to_the_end_in_a_session_of_its_own(launcher: Launcher) -> None:
    folder = launcher.start(TrainingRequest("cells", model="fast-s", epochs=2, image_size=320, seed=7))
    launch = read_launch(folder)
    assert launch is not None
    if is_alive(launch.process):  # Ctrl-C in our terminal goes to our process group, and to nobody else's
        assert os.getpgid(launch.process.pid) != os.getpgrp()
    assert launcher.wait(folder.name, 20) == 0
    assert folder.name == "cells-1"
    assert _state(folder).state == "finished"
    assert _epochs(folder) == [1, 2]
    recipe = json.loads((folder / "recipe.json").read_text())
    assert recipe["recipe"] == {"model": "fast-s", "epochs": 2, "seed": 7}
    assert (launch.dataset, launch.model, launch.epochs) == ("cells", "fast-s", 2)


def test_start__of_what_is_no_dataset_leaves_no_folder(launcher: Launcher, data: DataFolder) -> None:
    with pytest.raises(NotFound):
        launcher.start(TrainingRequest("../cells"))
    assert data.run_folders() == []


def test_start__of_a_trainer_that_refuses_is_failed_with_its_words(launcher: Launcher, data: DataFolder) -> None:
    (data.datasets_folder / "broken").mkdir()
    folder = launcher.start(TrainingRequest("broken"))
    assert launcher.wait(folder.name, 20) == 2
    found = _state(folder)
    assert found.state == "failed"
    assert "no images in the dataset" in found.message
    with pytest.raises(RunFolderError, match="never began"):
        launcher.resume(folder.name)


def test_start__without_a_program_fails_and_leaves_no_folder(data: DataFolder, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="could not be started"):
        Launcher(data, command=[str(tmp_path / "none")]).start(TrainingRequest("cells"))
    assert data.run_folders() == []


def test_start__that_cannot_be_recorded_is_ended(
    data: DataFolder, launcher: Launcher, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    launches: list[Launch] = []

    def full(folder: Path, launch: Launch) -> None:
        launches.append(launch)
        raise StorageFull("No space is left.")

    monkeypatch.setattr(launcher_module, "write_launch", full)
    monkeypatch.setenv("FAKE_EPOCH_S", "30")
    with pytest.raises(StorageFull):
        launcher.start(TrainingRequest("cells"))
    wait_until(lambda: not is_alive(launches[0].process))
    assert data.run_folders() == []


def test_stop_and_resume__train_each_epoch_once(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    monkeypatch.setenv("FAKE_EPOCH_S", "0.2")
    folder = launcher.start(TrainingRequest("cells", epochs=6))
    wait_until(lambda: read_progress(folder) is not None)
    with pytest.raises(RunFolderError, match="Stop it first"):
        launcher.resume(folder.name)
    launcher.stop(folder.name, "epoch")
    assert launcher.wait(folder.name, 20) == 0
    assert _state(folder).state == "stopped"
    assert len(_epochs(folder)) < 6
    with pytest.raises(RunFolderError, match="nothing to stop"):
        launcher.stop(folder.name, "now")

    (folder / "stop").write_text("now")  # a request that nobody has taken away
    monkeypatch.setenv("FAKE_EPOCH_S", "0.01")
    launcher.resume(folder.name)
    assert launcher.wait(folder.name, 20) == 0
    assert _state(folder).state == "finished"
    assert _epochs(folder) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(RunFolderError, match="nothing to resume"):
        launcher.resume(folder.name)


def test_stop__writes_the_request_whole(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_EPOCH_S", "1")
    folder = launcher.start(TrainingRequest("cells", epochs=1))
    launcher.stop(folder.name, "now")
    assert (folder / "stop").read_text() == "now"
    assert [path.name for path in folder.iterdir() if path.name.startswith(".stop")] == []


def test_resume__after_a_kill_goes_on(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> None:
    monkeypatch.setenv("FAKE_EPOCH_S", "0.1")
    folder = launcher.start(TrainingRequest("cells", epochs=4))
    wait_until(lambda: (folder / "metrics.jsonl").exists() and _epochs(folder) != [])
    launch = read_launch(folder)
    assert launch is not None
    os.kill(launch.process.pid, signal.SIGKILL)
    assert launcher.wait(folder.name, 20) == -signal.SIGKILL
    assert _state(folder).state == "dead"
    launcher.resume(folder.name)
    assert launcher.wait(folder.name, 20) == 0
    assert _epochs(folder) == [1, 2, 3, 4]


def test_launcher__that_ends_leaves_its_training_running(
    data: DataFolder, wait_until: WaitUntil, fake_trainer: tuple[str, ...]
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from epochal.jobs.data_folder import DataFolder; from epochal.jobs.launcher import *\n"
        f"l = Launcher(DataFolder(Path({str(data.root)!r})), command={fake_trainer!r})\n"
        "sys.stdout.write(l.start(TrainingRequest('cells', epochs=3)).name)"
    )

    environment = {**os.environ, "FAKE_EPOCH_S": "0.3"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    folder = data.run_folder(done.stdout)
    assert _state(folder).is_alive
    wait_until(lambda: _state(folder).state == "finished")


def test_wait__of_a_run_that_was_not_started_here(launcher: Launcher) -> None:
    assert launcher.wait("cells-9") is None
