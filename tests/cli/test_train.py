"""`epochal train` as a person and a script meet it. Run: pytest tests/cli/test_train.py."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.cli import training_display
from epochal.cli.main import main
from epochal.cli.training_display import format_duration
from epochal.graphs.run_folder import read_run

RunCli = Callable[..., tuple[int, str, str]]
SMALL = ("--image-size", 96, "--seed", 3)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> RunCli:
    """`epochal train …` in this process, in an empty data folder; gives exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        words = ["epochal", "train", *map(str, arguments), "--data-dir", str(tmp_path / "data")]
        monkeypatch.setattr(sys, "argv", words)
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return run


def test_train__stdout_is_the_run_folder_and_the_log_has_the_rest(cli: RunCli, shapes: Path, tmp_path: Path) -> None:
    code, out, err = cli(shapes, "--epochs", 2, *SMALL)
    run = tmp_path / "data" / "runs" / "shapes-1"
    assert (code, out) == (0, f"{run}\n")
    log = (run / "log.txt").read_text()
    for sentence in (
        "shapes: coco, 26 images, 52 boxes, 2 classes (disc, block)",
        "Read as COCO",
        "canvas_wh = 96×96: long side as given",
        "epochs = 2: as given",
        f"Run folder: {run}",
        "1/2  train box ",
        "2/2  train box ",
        "On test (4 images): mAP_0.5 ",
        f"Training graph: {run / 'graph.html'} · weights: {run / 'weights' / 'best.pt'}",
    ):
        assert sentence in err
        assert sentence in log
    assert "train: 16 images, 32 boxes" in log
    assert [len(line) <= 80 for line in err.splitlines() if "/2  train box " in line] == [True, True]
    code, out, err = cli("--resume", run)
    assert (code, out) == (0, f"{run}\n")
    assert "is finished already; its graph is" in err
    code, out, err = cli(shapes, "--out", run)
    assert (code, out) == (2, "")
    assert f"epochal: {run} holds a run already; continue it with --resume {run}" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name a dataset to train on, or a run to go on with"),
        (("{shapes}", "--resume", "x"), "Name a dataset to train on, or a run to go on with"),
        (("none",), "none does not exist"),
        (("--resume", "none"), "none is no run folder: it has no recipe.json"),
        (("--resume", "x", "--epochs", "9", "--from", "w.pt"), "leave out --epochs, --from, or start a new run"),
        (("{shapes}", "--epochs", "0"), "--epochs 0 cannot be"),
        (("{shapes}", "--image-size", "7"), "--image-size 7 cannot be"),
        (("{shapes}", "--minutes", "0"), "--minutes 0 cannot be"),
        (("{shapes}", "--model", "slow"), "Model 'slow' is not known"),
        (("{shapes}", "--device", "tpu"), "'tpu' is not known"),
        (("{shapes}", "--from", "w.pt"), "no weights file at w.pt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_train__bad_usage_is_one_sentence_and_leaves_nothing(
    cli: RunCli, shapes: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    code, out, err = cli(*(word.format(shapes=shapes) for word in arguments))
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def empty_boxes(folder: Path) -> None:
    for file in folder.rglob("*.json"):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"annotations": []}))


def remove_images(folder: Path) -> None:
    for file in folder.rglob("*.png"):
        file.unlink()


def truncate_images(folder: Path) -> None:
    for file in folder.rglob("*.png"):
        file.write_bytes(file.read_bytes()[:60])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (empty_boxes, "2 images in train but not one box, so nothing can be learned"),
        (remove_images, "holds no images"),
        (truncate_images, "holds 3 image files, none of which can be decoded"),
    ],
)
def test_train__a_dataset_that_teaches_nothing_is_refused(
    cli: RunCli,
    draw_shapes,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    sentence: str,  # type: ignore[no-untyped-def]
) -> None:
    dataset = draw_shapes(tmp_path / "shapes", train=2, val=1, test=0)
    spoil(dataset)
    code, out, err = cli(dataset)
    assert (code, out) == (2, "")
    assert sentence in err
    assert [path.name for path in tmp_path.iterdir()] == ["shapes"]


def test_train__one_class_and_an_empty_val_train_and_say_so(
    cli: RunCli,
    draw_shapes,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    dataset = draw_shapes(tmp_path / "shapes", train=4, val=0, test=0)
    file = dataset / "train" / "_annotations.coco.json"
    content = json.loads(file.read_text())
    content["annotations"] = [box | {"category_id": 1} for box in content["annotations"]]
    content["categories"] = content["categories"][:1]
    file.write_text(json.dumps(content))
    code, _, err = cli(dataset, "--epochs", 1, *SMALL)
    assert code == 0
    assert "1 classes (disc)" in err
    assert "No val split is published: 20 % of train are val" in err
    assert "There is no test split: this evaluation is on val" in err


# ── Ctrl-C ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def interrupt_from(monkeypatch: pytest.MonkeyPatch, *times: tuple[str, int, int]) -> None:
    """Send SIGINT to ourselves when the progress is (state, epoch, step)."""
    real = training_display.TrainingDisplay.progress

    def progress(self: training_display.TrainingDisplay, now: training_display.Progress) -> None:
        if (now.state, now.epoch, now.step) in times:
            os.kill(os.getpid(), signal.SIGINT)
        real(self, now)

    monkeypatch.setattr(training_display.TrainingDisplay, "progress", progress)


def test_interrupt__twice_stops_now_and_can_be_resumed(
    cli: RunCli, shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        interrupt_from(patch, ("training", 2, 1), ("training", 2, 2))
        code, out, err = cli(shapes, "--epochs", 3, *SMALL)
    run = tmp_path / "data" / "runs" / "shapes-1"
    assert (code, out) == (0, f"{run}\n")
    assert "Stopping after this epoch (Ctrl-C again: now); the run can be resumed." in err
    assert "Stopping now; the run can be resumed." in err
    assert f"Stopped after epoch 1. Go on with: epochal train --resume {run}" in err
    assert not (run / "evaluation.json").exists()
    assert signal.getsignal(signal.SIGINT) is before
    code, _, err = cli("--resume", run)
    assert code == 0
    assert "Resumes after epoch 1 of 3." in err
    assert read_run(run).epochs.tolist() == [1, 2, 3]


def test_interrupt__once_finishes_the_epoch_without_a_terminal(shapes: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = [sys.executable, "-m", "epochal", "train", shapes, "--epochs", 60, *SMALL, "--out", run]
    process = subprocess.Popen(
        [str(word) for word in (*words, "--data-dir", tmp_path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while '"kind": "epoch"' not in (run / "metrics.jsonl").read_text() if (run / "metrics.jsonl").exists() else True:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, f"{run}\n")
    epochs = read_run(run).epochs.tolist()
    assert 1 <= len(epochs) < 60
    assert f"Stopped after epoch {epochs[-1]}. Go on with: epochal train --resume {run}" in err
    assert (run / "evaluation.json").exists()
    assert (run / "weights" / "best.onnx").exists()
    assert json.loads((run / "progress.json").read_text())["state"] == "stopped"


# ── a terminal or a disk that is gone ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("error", [BrokenPipeError(), SystemExit(1)], ids=["pipe", "rich"])
def test_display__goes_on_when_nobody_reads(
    cli: RunCli, shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(training_display.Console, "print", fail)
    code, out, err = cli(shapes, "--epochs", 1, *SMALL)
    assert (code, err) == (0, "")
    assert "Training graph: " in (Path(out.strip()) / "log.txt").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, the disk without room that Linux has")
def test_display__goes_on_when_the_log_cannot_be_written(cli: RunCli, shapes: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.txt").symlink_to("/dev/full")
    code, _, err = cli(shapes, "--epochs", 1, *SMALL, "--out", tmp_path / "run")
    assert code == 0
    assert "Training graph: " in err
    assert json.loads((tmp_path / "run" / "progress.json").read_text())["state"] == "finished"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (9.97, "9 s"), (42, "42 s"), (185, "3 min 05 s"), (4800, "1 h 20 min"), (90_000, "25 h 00 min")],
)
def test_format_duration(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
