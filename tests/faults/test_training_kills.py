"""kill -9 of the server, of the worker and of both: the curve is that of a run that nobody killed, and no line is lost.

Run: pytest tests/faults/test_training_kills.py [-m soak].
"""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochal.graphs.run_folder import read_run
from small_trainings import assert_same_training
from training_platform import TrainingPlatform

EPOCHS = 5
Line = dict[str, Any]


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory, draw_shapes: Any) -> Iterator[dict[str, TrainingPlatform]]:
    """A platform for each launcher, servers running, made when it is first asked for."""
    made = Platforms(tmp_path_factory.mktemp("platforms"), draw_shapes)
    yield made
    for platform in made.values():
        platform.stop()


class Platforms(dict[str, TrainingPlatform]):
    """Makes what is not there."""

    def __init__(self, folder: Path, draw_shapes: Any) -> None:
        super().__init__()
        self._folder = folder
        self._shapes = draw_shapes(folder / "shapes", train=16, val=6, test=4, side=64)

    def __missing__(self, launcher: str) -> TrainingPlatform:
        settings = {"training_launcher": launcher, "credits_metered": 0, "worker_lease_s": 3}
        self[launcher] = TrainingPlatform(self._folder / launcher, self._shapes, **settings).start()
        return self[launcher]


@pytest.fixture(scope="module")
def whole_run(platforms: dict[str, TrainingPlatform]) -> Path:
    """The run that nobody killed."""
    platform = platforms["local"]
    training = platform.wait_for_end(platform.begin(epochs=EPOCHS))
    assert training["state"] == "finished", training
    return platform.folder(training["id"])


def lines_of(folder: Path) -> list[Line]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def kept_lines(platform: TrainingPlatform, training_id: str) -> list[Line]:
    """The rows, read from beside the server."""
    from epochal.jobs.attempts import read_lines
    from epochal.jobs.data_folder import DataFolder
    from epochal.server.services import open_database

    database = open_database(DataFolder(platform.data_dir))
    with database.read() as session:
        lines = [json.loads(line) for line in read_lines(session, training_id, 0)]
    database.close()
    return lines


def kill_somebody(platform: TrainingPlatform, who: str) -> None:
    workers = platform.workers()
    if who in ("server", "both"):
        platform.kill()
    if who in ("worker", "both"):
        for worker in workers:
            worker.kill()
    if who in ("server", "both"):
        platform.start()


def check(platform: TrainingPlatform, training_id: str, whole_run: Path) -> None:
    training = platform.wait_for_end(training_id, timeout_s=240)
    assert training["state"] == "finished", (training, platform.log)
    assert (training["epoch"], training["model"]["can_run"]) == (EPOCHS, True)
    assert_same_training(platform.folder(training_id), whole_run)
    assert kept_lines(platform, training_id) == lines_of(platform.folder(training_id))
    check_pictures(platform, training_id)


def check_pictures(platform: TrainingPlatform, training_id: str) -> None:
    """The images behind the confusion matrix are shown, wherever the worker had its copy of the version."""
    there = f"/api/runs/{training_id}/evaluated/test/images"
    with platform.client() as client:
        images = client.get(there, confidence=0.5)["images"]
        assert len(images) == 4
        for image in images:
            answer = client.ask("GET", f"{there}/{image['image']}", query={"side_px": 64})
            assert answer.headers["content-type"] == "image/jpeg"


CASES = [
    pytest.param("local", "server", 0.5, id="local-server"),
    pytest.param("http", "both", 0.6, id="http-both", marks=pytest.mark.soak),
    pytest.param("local", "worker", 0.4, id="local-worker", marks=pytest.mark.soak),
    pytest.param("local", "both", 0.3, id="local-both", marks=pytest.mark.soak),
    pytest.param("http", "server", 0.5, id="http-server"),
    pytest.param("http", "worker", 0.5, id="http-worker", marks=pytest.mark.soak),
]


@pytest.mark.parametrize(("launcher", "who", "share"), CASES)
def test_kill__in_the_middle_leaves_the_curve_as_it_was(
    platforms: dict[str, TrainingPlatform], whole_run: Path, launcher: str, who: str, share: float
) -> None:
    platform = platforms[launcher]
    training_id = platform.begin(epochs=EPOCHS)
    platform.wait(training_id, lambda training: training["epoch"] >= max(1, int(share * EPOCHS)))
    address = platform.address
    kill_somebody(platform, who)
    assert (platform.address == address) == (who == "worker"), "the server comes back at another address"
    check(platform, training_id, whole_run)
    attempts = {line["attempt"] for line in lines_of(platform.folder(training_id))}
    assert attempts == ({1} if who == "server" else {1, 2})  # a worker outlives its server


def test_silence__of_a_paused_worker_is_stalled_and_ends(
    platforms: dict[str, TrainingPlatform], whole_run: Path
) -> None:
    platform = platforms["local"]
    training_id = platform.begin(epochs=EPOCHS)
    platform.wait(training_id, lambda training: training["epoch"] >= 1)
    (worker,) = platform.workers()
    os.kill(worker.pid, signal.SIGSTOP)
    platform.wait(training_id, lambda training: training["state"] == "stalled", timeout_s=30)
    os.kill(worker.pid, signal.SIGCONT)
    check(platform, training_id, whole_run)


def test_stop__keeps_the_weights_and_retry_goes_on(platforms: dict[str, TrainingPlatform]) -> None:
    platform = platforms["http"]
    training_id = platform.begin(epochs=400)
    platform.wait(training_id, lambda training: training["epoch"] >= 1)
    assert platform.ask(training_id, "stop")["state"] == "stopping"
    stopped = platform.wait_for_end(training_id)
    assert (stopped["state"], stopped["model"]["files"]) == ("stopped", ["best.onnx", "best.pt"])
    done = stopped["epoch"]
    platform.ask(training_id, "retry")
    platform.wait(training_id, lambda training: training["epoch"] > done)
    platform.ask(training_id, "cancel")
    ended = platform.wait_for_end(training_id)
    assert ended["state"] == "cancelled"
    assert not list(platform.folder(training_id).glob("weights/*"))
    epochs = read_run(platform.folder(training_id)).epochs
    np.testing.assert_array_equal(epochs, np.arange(1, len(epochs) + 1))  # one curve, without a gap


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_kill__fifty_random_moments(platforms: dict[str, TrainingPlatform], whole_run: Path) -> None:
    number = int(os.environ.get("EPOCHAL_KILLS", "50"))
    chance = random.Random(int(os.environ.get("EPOCHAL_KILL_SEED", "0")))
    for _ in range(number):
        launcher, who = chance.choice(["local", "http"]), chance.choice(["server", "worker", "both"])
        platform = platforms[launcher]
        training_id = platform.begin(epochs=EPOCHS)
        time.sleep(chance.uniform(0, 14))
        kill_somebody(platform, who)
        check(platform, training_id, whole_run)
