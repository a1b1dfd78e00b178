"""Trainings in processes of their own, to be killed, and one that was not."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from small_trainings import Trainings
from training_fixtures import one_thread, trainings, whole_run

__all__ = ["one_thread", "trainings", "whole_run"]
StartTraining = Callable[..., "subprocess.Popen[str]"]


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
