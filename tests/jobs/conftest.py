"""A data folder, and a launcher whose trainer is `fake_trainer.py`."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher

WaitUntil = Callable[[Callable[[], bool]], None]
FAKE_TRAINER = (sys.executable, str(Path(__file__).with_name("fake_trainer.py")))


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    (tmp_path / "datasets" / "cells").mkdir(parents=True)
    (tmp_path / "runs").mkdir()
    return DataFolder(tmp_path)


@pytest.fixture
def launcher(data: DataFolder) -> Iterator[Launcher]:
    made = Launcher(data, command=FAKE_TRAINER)
    yield made
    for folder in data.run_folders():
        made.wait(folder.name, timeout_s=20)


@pytest.fixture
def fake_trainer() -> tuple[str, ...]:
    """The command in whose place `epochal train` stands outside tests."""
    return FAKE_TRAINER


@pytest.fixture
def wait_until() -> WaitUntil:
    """Return as soon as something is so; fail when it is not within 20 s."""

    def wait(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < end, "not so within 20 s"
            time.sleep(0.01)

    return wait
