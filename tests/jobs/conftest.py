"""A data folder, and a launcher whose trainer is `fake_trainer.py`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher

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
