"""A full disk costs a training its running epoch and a server what was being written; both go on when there is room.

Run: pytest tests/faults/test_full_disk.py [-m soak].
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epochal.training.checkpoint import load_checkpoint
from faults.full_disk_server import EPOCHS
from small_trainings import Trainings, assert_same_training

# The largest file that the child may write; its weights are 6 MB, its checkpoint 18 MB. The system then refuses the
# write as a full disk does, with EFBIG in the place of ENOSPC.
LIMITED = """
import resource, sys
from epochal.cli.main import main
from epochal.training import loop
save, count = loop.save_checkpoint, [0]
def save_checkpoint(path, state):
    count[0] += 1
    if count[0] == 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000_000, resource.RLIM_INFINITY))
    save(path, state)
loop.save_checkpoint = save_checkpoint
main()
"""

IN_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=64m tmpfs "$DISK"
head -c 23m /dev/zero > "$DISK/filler"   # leaves room for weights and one checkpoint, not for a second beside it
set +e
"$PYTHON" -m epochal train "$SHAPES" --epochs 4 --image-size 96 --seed 3 --out "$DISK/run" --data-dir "$DATA"
echo "exit code $?" >&2
cp "$DISK/run/checkpoint.pt" "$KEPT/checkpoint.pt"
ls -A "$DISK/run" >&2
rm "$DISK/filler"
"$PYTHON" -m epochal train --resume "$DISK/run" --data-dir "$DATA"
echo "exit code $?" >&2
cp -r "$DISK/run" "$KEPT/run"
"""


SERVER_IN_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=96m tmpfs "$DISK"
"$PYTHON" "$PROGRAM" "$DISK" "$SHAPES" "$CASE"
"""


def test_full_disk__while_a_checkpoint_is_written(
    trainings: Trainings, shapes: Path, whole_run: Path, tmp_path: Path, start_training
) -> None:  # type: ignore[no-untyped-def]
    run = tmp_path / "run"
    arguments = (shapes, "--epochs", 4, "--image-size", 96, "--seed", 3, "--out", run)
    process = start_training(*arguments, command=("-c", LIMITED))
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert out == ""
    last = errors.strip().splitlines()[-1]
    sentence = f"epochal: Could not write {run / 'checkpoint.pt'}: File too large. Free some space on that disk, then "
    assert last == sentence + "continue with --resume."
    assert "Traceback" not in errors
    assert not list(run.rglob("*.part"))
    assert trainings_state(run)["state"] == "failed"
    assert "Could not write" in (run / "log.txt").read_text()
    recorder = trainings.train(trainings.resume(run))
    assert list(recorder.epochs) == [2, 3, 4]
    assert_same_training(run, whole_run)


def trainings_state(run: Path) -> dict[str, object]:
    from epochal.training.run import RunFolder

    return RunFolder(run).read_progress()


@pytest.mark.soak
def test_full_disk__on_a_disk_that_is_really_full(
    trainings: Trainings, shapes: Path, whole_run: Path, tmp_path: Path
) -> None:
    unshare = find_unshare("the other test stands in for it")
    for name in ("disk", "kept"):
        (tmp_path / name).mkdir()
    variables = {"DISK": tmp_path / "disk", "KEPT": tmp_path / "kept", "SHAPES": shapes, "DATA": trainings.data_dir}
    done = subprocess.run(
        [unshare, "-rm", "bash", "-c", IN_A_SMALL_DISK],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
        | {key: str(value) for key, value in variables.items()},
    )
    assert "exit code 1" in done.stderr, done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith("exit code 0"), done.stderr
    session = trainings.begin(shapes)
    from epochal.training.loop import Training

    training = Training(session.dataset, session.recipe, session.run, trainings.data_dir / "cache", _Silent(), 10**9)
    training._prepare()
    load_checkpoint(tmp_path / "kept" / "checkpoint.pt", training.state)  # whole
    assert training.state.epoch >= 1
    assert_same_training(tmp_path / "kept" / "run", whole_run)


def find_unshare(otherwise: str) -> str:
    """The program that lets a test mount a disk of its own; skips where the system does not allow it."""
    unshare = shutil.which("unshare")
    tried = ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if not unshare or subprocess.run([unshare, *tried], capture_output=True).returncode:
        pytest.skip(f"mounting a small disk needs Linux with user namespaces; {otherwise}")
    return unshare


@pytest.fixture
def serve_on_a_small_disk(tmp_path: Path, shapes: Path) -> Callable[[str], dict[str, Any]]:
    """What a server on a file system of 96 MB answered in a case of `full_disk_server.py`."""
    unshare = find_unshare("tests/server/test_error_answers.py has how such an error is answered")

    def serve(case: str) -> dict[str, Any]:
        (tmp_path / "disk").mkdir()
        tests = Path(__file__).parents[1]
        variables = {"DISK": tmp_path / "disk", "SHAPES": shapes, "CASE": case, "PYTHON": sys.executable}
        variables |= {"PROGRAM": Path(__file__).with_name("full_disk_server.py"), "PYTHONPATH": tests}
        done = subprocess.run(
            [unshare, "-rm", "bash", "-c", SERVER_IN_A_SMALL_DISK],
            capture_output=True, text=True, timeout=250, check=False,
            env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return dict(json.loads(done.stdout))

    return serve


ServeOnASmallDisk = Callable[[str], dict[str, Any]]


def test_upload__is_refused_whole_and_kept_when_there_is_room(serve_on_a_small_disk: ServeOnASmallDisk) -> None:
    told = serve_on_a_small_disk("upload")
    for when in ("nothing free", "not enough free", "enough for the image alone"):
        status, code, message = told[when]
        assert (status, code) == (507, "storage_full"), when
        assert message.startswith("No space is left")
        assert message.endswith("free some and try again.")
    assert told["reading"] == [200, []], "nothing of a refused image is in sight, and reading goes on"
    assert told["half written"] == []
    assert told["afterwards"][0] == 200
    there, sent = told["images afterwards"]
    assert there == [sent]


def test_import__ends_with_a_sentence_and_again_brings_every_image_once(
    serve_on_a_small_disk: ServeOnASmallDisk,
) -> None:
    told = serve_on_a_small_disk("dataset")
    message = "The zip could not be kept (No space left on device); nothing of it was."
    assert told["sending"] == [507, "storage_full", message]
    assert told["half written"] == []
    state, message = told["unpacking"]
    assert state == "failed"
    assert "bytes unpacked" in message
    assert "free some" in message
    assert "uploads/" not in message, "where the server keeps a zip is its own affair"
    assert (told["unpacking, left"], told["unpacking, whole"]) == ([], 0)
    state, message = told["keeping"]
    assert state == "failed"
    assert message.startswith("No space is left to keep")
    assert told["keeping, left"] == []
    assert 0 < told["keeping, whole"] < 12, "what was kept is whole: each is given out"
    assert told["afterwards"] == ["completed", ""]
    assert told["images afterwards"] == [12, 12]


def test_version__fails_with_a_sentence_and_goes_on_when_there_is_room(
    serve_on_a_small_disk: ServeOnASmallDisk,
) -> None:
    told = serve_on_a_small_disk("version")
    state, message = told["full"]
    assert state == "failed"
    assert message.endswith("No space left on device. Make room and do it again: it goes on with what is done.")
    assert told["half written"] == told["versions in sight"] == []
    assert told["afterwards"] == ["ready", 12]


@pytest.mark.parametrize("launcher", ["local", pytest.param("http", marks=pytest.mark.soak)])
def test_training__keeps_every_epoch_that_ended_and_goes_on_when_there_is_room(
    serve_on_a_small_disk: ServeOnASmallDisk, launcher: str
) -> None:
    told = serve_on_a_small_disk(f"training-{launcher}")
    assert told["full"][:2] == [200, 200], "reading goes on"
    state, message = told["told"]
    # A worker that could still say why it ended has failed, and is tried again by hand; one that could not was lost,
    # and is taken up again when there is room. One elsewhere has room, and sends again what the server could not take.
    assert state in ({"failed", "finished"} if launcher == "local" else {"finished"})
    if state == "failed":
        assert "No space left on device. Free some space on that disk" in message
        assert told["retry"] == [200, None]
    assert told["afterwards"] == ["finished", EPOCHS, ""]
    epochs = {line[1] for line in told["lines"] if line[0] == "epoch"}
    assert epochs == set(range(1, EPOCHS + 1))
    assert told["half written"] == []


class _Silent:
    def say(self, sentence: str) -> None: ...

    def progress(self, progress: object) -> None: ...

    def epoch(self, epoch: int, series: dict[str, float]) -> None: ...
