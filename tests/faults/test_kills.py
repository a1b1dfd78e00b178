"""kill -9 at any moment loses at most the running epoch. Run: pytest tests/faults/test_kills.py [-m soak]."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from epochal.graphs.run_folder import read_run
from epochal.training.run import RunFolder
from small_trainings import EPOCHS, Trainings, assert_same_training

RECIPE = ("--epochs", EPOCHS, "--image-size", 96, "--seed", 3)
KILLED = -9


def resume_and_compare(trainings: Trainings, run: Path, whole_run: Path) -> None:
    session = trainings.resume(run)
    if session is not None:
        trainings.train(session)
    assert RunFolder(run).is_finished()
    assert_same_training(run, whole_run)


@pytest.mark.parametrize(
    ("when", "number", "complete"),
    [
        ("journal-written", 3, 2),  # the journal is one epoch ahead of the checkpoint
        pytest.param("checkpoint-beside", 2, 1, marks=pytest.mark.soak),
        pytest.param("checkpoint-renamed", 2, 2, marks=pytest.mark.soak),
        pytest.param("journal-torn", 2, 1, marks=pytest.mark.soak),
        pytest.param("journal-written", 1, 0, marks=pytest.mark.soak),
        pytest.param("journal-written", 4, 3, marks=pytest.mark.soak),
    ],
)
def test_kill__while_an_epoch_is_saved(
    trainings: Trainings, shapes: Path, whole_run: Path, tmp_path: Path, start_training, when: str, number: int,
    complete: int,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    child = Path(__file__).with_name("killed_training.py")
    run = tmp_path / "run"
    process = start_training(shapes, *RECIPE, "--out", run, command=(child, when, number))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == KILLED, errors
    before = read_run(run).epochs.tolist()
    is_ahead = when in ("journal-written", "checkpoint-beside")  # the journal, of the checkpoint, by one epoch
    assert before == list(range(1, 1 + complete + is_ahead))
    session = trainings.resume(run)
    assert session is not None
    recorder = trainings.train(session)
    assert list(recorder.epochs) == list(range(complete + 1, EPOCHS + 1))
    assert_same_training(run, whole_run)


def kill_at(process: "subprocess.Popen[str]", run: Path, after_s: float) -> None:
    """Kill a training so many seconds after its run folder is there; one that ends before is left alone."""
    while not (run / "recipe.json").exists() and process.poll() is None:
        time.sleep(0.01)
    deadline = time.monotonic() + after_s
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=60)


def test_kill__at_a_random_moment(
    trainings: Trainings, shapes: Path, whole_run: Path, tmp_path: Path, start_training
) -> None:  # type: ignore[no-untyped-def]
    run = tmp_path / "run"
    kill_at(start_training(shapes, *RECIPE, "--out", run), run, random.uniform(0, 3))
    resume_and_compare(trainings, run, whole_run)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_kill__ten_times_in_one_run_and_ten_runs_once(
    trainings: Trainings, shapes: Path, whole_run: Path, tmp_path: Path, start_training
) -> None:  # type: ignore[no-untyped-def]
    for number in range(10):
        run = tmp_path / f"run-{number}"
        kill_at(start_training(shapes, *RECIPE, "--out", run), run, random.uniform(0, 4))
        resume_and_compare(trainings, run, whole_run)
    run = tmp_path / "often"
    kill_at(start_training(shapes, *RECIPE, "--out", run), run, random.uniform(0, 2))
    for _ in range(10):
        if RunFolder(run).is_finished():
            break
        process = start_training("--resume", run)
        time.sleep(random.uniform(3, 6))  # the start of Python and torch is a part of it
        process.kill()
        process.communicate(timeout=60)
    resume_and_compare(trainings, run, whole_run)
