"""A full disk while a checkpoint is written costs the running epoch. Run: pytest tests/faults/test_full_disk.py."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from epochal.training.checkpoint import load_checkpoint
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
    unshare = shutil.which("unshare")
    can_mount = unshare and not subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode
    if not can_mount:
        pytest.skip("mounting a small disk needs Linux with user namespaces; the other test stands in for it")
    for name in ("disk", "kept"):
        (tmp_path / name).mkdir()
    variables = {"DISK": tmp_path / "disk", "KEPT": tmp_path / "kept", "SHAPES": shapes, "DATA": trainings.data_dir}
    done = subprocess.run(
        [str(unshare), "-rm", "bash", "-c", IN_A_SMALL_DISK],
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


class _Silent:
    def say(self, sentence: str) -> None: ...

    def progress(self, progress: object) -> None: ...

    def epoch(self, epoch: int, series: dict[str, float]) -> None: ...
