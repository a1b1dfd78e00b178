"""`epochal demo` as a person runs it; the trainer is a fake but for the proof that is marked soak.

Run: pytest tests/cli/test_demo.py.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from epochal.cli import demo
from epochal.datasets.sample import write_sample_dataset
from epochal.jobs.states import read_state

FAKE_TRAINER = (sys.executable, str(Path(__file__).parents[1] / "jobs" / "fake_trainer.py"))
DEMO = f"""
import sys
from epochal.datasets import sample
from epochal.jobs.launcher import Launcher
Launcher.__init__.__kwdefaults__["command"] = {FAKE_TRAINER!r}
sample.write_sample_dataset.__kwdefaults__["images"] = 20
sys.argv = ["epochal", "demo", *sys.argv[1:]]
from epochal.cli.main import main
main()
"""


def _start(data_dir: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", DEMO, "--data-dir", str(data_dir), *arguments]
    settings = {**os.environ, "EPOCHAL_PORT": "0", "FAKE_EPOCH_S": "0.01", "COLUMNS": "300", **environment}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=settings)


def _run(data_dir: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    with _start(data_dir, *arguments, **environment) as process:
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said, said
    return process.returncode, said


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small sample dataset."""
    folder = tmp_path_factory.mktemp("demo")
    write_sample_dataset(folder / "datasets" / "sample", images=20)
    return folder


def test_demo__draws_trains_tells_and_ends(tmp_path: Path) -> None:
    code, said = _run(tmp_path / "data", "--no-open", "--exit")
    assert code == 0, said
    assert "Drawing the sample dataset" in said
    assert re.search(r"http://127\.0\.0\.1:\d+/#/runs/sample-1", said)
    assert len(re.findall(r"epoch +\d+  mAP_0\.5:0\.95 0\.\d+", said)) == demo.EPOCHS
    assert "Finished" in said
    run = tmp_path / "data" / "runs" / "sample-1"
    assert read_state(run, now=0, stall_after_s=1e12).state == "finished"
    assert (tmp_path / "data" / "datasets" / "sample" / "README.txt").is_file()


def test_demo__again_keeps_the_dataset_and_makes_a_new_run(drawn: Path) -> None:
    before = (drawn / "datasets" / "sample" / "data.yaml").stat().st_mtime_ns
    (drawn / "runs" / "sample-7").mkdir(parents=True)
    code, said = _run(drawn, "--no-open", "--exit")
    assert code == 0, said
    assert "Using the sample dataset" in said
    assert (drawn / "datasets" / "sample" / "data.yaml").stat().st_mtime_ns == before
    assert (drawn / "runs" / "sample-8" / "metrics.jsonl").is_file()


def test_demo__opens_the_browser_at_the_run(drawn: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}\n')
    browser.chmod(0o755)
    code, said = _run(drawn, "--exit", BROWSER=f"{browser} %s")
    assert code == 0, said
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/#/sign-in\?token=[\w-]{43}&then=%2Fruns%2Fsample-\d+", seen.read_text()
    )


def test_demo__ends_with_the_trainers_exit_code(drawn: Path) -> None:
    code, said = _run(drawn, "--no-open", "--exit", FAKE_REFUSES="1")
    assert code == 2
    assert "failed" in said
    assert "no images in the dataset" in said


def test_leave_a_core__keeps_what_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda logical: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    demo._leave_a_core()
    assert os.environ["OMP_NUM_THREADS"] == "8"
    monkeypatch.delenv("OMP_NUM_THREADS")
    demo._leave_a_core()
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_open__leaves_a_terminal_without_a_screen_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    demo._open("http://127.0.0.1:8000/")
    assert opened == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    demo._open("http://127.0.0.1:8000/")
    assert opened == ["http://127.0.0.1:8000/"]


def test_bind__takes_a_free_port_when_the_usual_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("EPOCHAL_PORT", str(port))
        with demo._bind() as listening:
            assert listening.getsockname()[1] not in {0, port}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_demo__stops_the_training_with_ctrl_c(drawn: Path, how: signal.Signals) -> None:
    with _start(drawn, "--no-open", FAKE_EPOCH_S="0.1") as process:
        assert process.stderr is not None
        said = ""
        while "epoch  1" not in said:
            said += process.stderr.readline()
        process.send_signal(how)
        said += process.communicate(timeout=40)[1]
    assert process.returncode == 0, said
    assert "Traceback" not in said
    run = Path(re.findall(r"epochal train --resume (\S+)", said)[0])
    assert read_state(run, now=0, stall_after_s=1e12).state == "stopped"


def test_demo__goes_on_serving_until_ctrl_c(drawn: Path) -> None:
    with _start(drawn, "--no-open") as process:
        assert process.stderr is not None
        said = ""
        while "goes on" not in said:
            said += process.stderr.readline()
        address = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
        assert httpx.get(f"{address}/health", trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        said += process.communicate(timeout=20)[1]
    assert process.returncode == 0, said


@pytest.mark.soak
def test_demo__ends_in_time_with_a_graph_worth_looking_at(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "epochal", "demo", "--data-dir", str(tmp_path), "--no-open", "--exit"]
    begun = time.monotonic()
    environment = {**os.environ, "EPOCHAL_PORT": "0"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            _, said = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.terminate()  # which stops its training too
            raise
    assert process.returncode == 0, said
    assert time.monotonic() - begun < 300
    first_epoch_s = float(re.findall(r"(\d+) s  epoch  1", said)[0])
    assert first_epoch_s < 30
    maps = [float(value) for value in re.findall(r"mAP_0\.5 (\d\.\d+)", said)]
    assert 0.6 < max(maps) < 0.95
    assert maps[2] < 0.5 * max(maps)  # there is something to watch
