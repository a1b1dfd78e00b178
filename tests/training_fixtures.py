"""A place for small trainings, and one that nothing interrupted; for the `conftest.py` of a folder that trains."""

from pathlib import Path

import pytest

from small_trainings import Trainings


@pytest.fixture(scope="session")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> Trainings:
    """Begin, train and resume; see `Trainings`."""
    return Trainings(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def whole_run(trainings: Trainings, shapes: Path) -> Path:
    """An uninterrupted run of 4 epochs, seed 3: what interrupted ones are held against. To be read only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        session = trainings.begin(shapes)
        trainings.train(session)
    return session.run.path
