"""Trainings in processes of their own, to be killed, and one that was not."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from small_trainings import Trainings

StartTraining = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> Trainings:
    """Begin, train and resume in this process; see `Trainings`."""
    return Trainings(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def whole_run(trainings: Trainings, shapes: Path) -> Path:
    """An uninterrupted run of 4 epochs, seed 3: what killed ones are held against."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        session = trainings.begin(shapes)
        trainings.train(session)
    return session.run.path


@pytest.fixture
def start_training(trainings: Trainings) -> StartTraining:
    """Start `epochal train …` as a child; `command` may stand in for `python -m epochal`."""

    def start(*arguments: object, command: tuple[object, ...] = ("-m", "epochal")) -> "subprocess.Popen[str]":
        words = [sys.executable, *command, "train", *arguments, "--data-dir", trainings.data_dir]
        return subprocess.Popen(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    return start
