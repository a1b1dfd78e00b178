"""A resumed run is the run that was never interrupted, to the last bit. Run: pytest tests/training/test_resume.py."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from epochal.errors import RunFolderError
from epochal.graphs.run_folder import read_run
from small_trainings import Recorder, Trainings, assert_same_training, deterministic_lines


def test_train__same_seed_same_journal(trainings: Trainings, shapes: Path, whole_run: Path) -> None:
    session = trainings.begin(shapes)
    trainings.train(session)
    assert deterministic_lines(session.run.path) == deterministic_lines(whole_run)


def test_train__another_seed_is_another_training(trainings: Trainings, shapes: Path, whole_run: Path) -> None:
    def stop(recorder: Recorder) -> None:
        recorder.stop.asked = "epoch"

    recorder = trainings.train(trainings.begin(shapes, seed=4), stop)
    assert recorder.epochs[1]["train/box_loss"] != read_run(whole_run).series["train/box_loss"][0]


def test_resume__after_a_stop_at_the_end_of_an_epoch(trainings: Trainings, shapes: Path, whole_run: Path) -> None:
    def stop(recorder: Recorder) -> None:
        if 2 in recorder.epochs:
            recorder.stop.asked = "epoch"

    session = trainings.begin(shapes)
    run = session.run.path
    assert list(trainings.train(session, stop).epochs) == [1, 2]
    assert session.run.read_progress()["state"] == "stopped"
    assert (run / "evaluation.json").exists()
    assert [e.event for e in read_run(run).events] == ["warmup_end", "stop"]
    recorder = trainings.train(trainings.resume(run))
    assert list(recorder.epochs) == [3, 4]
    assert [(e.epoch, e.event) for e in read_run(run).events if e.event in ("stop", "resume")] == [
        (2, "stop"),
        (3, "resume"),
    ]
    assert_same_training(run, whole_run)


def test_resume__after_a_stop_now_within_an_epoch(trainings: Trainings, shapes: Path, whole_run: Path) -> None:
    session = trainings.begin(shapes)
    run = session.run.path

    def stop(recorder: Recorder) -> None:
        last = recorder.seen[-1]
        if last.state == "training" and (last.epoch, last.step) == (3, 1):
            (run / "stop").write_text("now\n")

    recorder = trainings.train(session, stop)
    assert list(recorder.epochs) == [1, 2]
    assert (recorder.seen[-1].epoch, recorder.seen[-1].step) == (3, 1)
    assert session.run.read_progress()["state"] == "stopped"
    assert session.run.read_progress()["epoch"] == 2
    assert not (run / "stop").exists()
    assert not (run / "evaluation.json").exists()
    trainings.train(trainings.resume(run))
    assert_same_training(run, whole_run)


@pytest.mark.parametrize("state", ["preparing", "validating", "evaluating"])
def test_resume__after_a_stop_now_outside_of_training(
    trainings: Trainings, shapes: Path, whole_run: Path, state: str
) -> None:
    def stop(recorder: Recorder) -> None:
        last = recorder.seen[-1]
        if last.state == state and (state != "validating" or last.epoch == last.epochs):
            recorder.stop.asked = "now"

    if state == "preparing":  # a cache that is there already is not decoded, so there is no moment to stop
        trainings = Trainings(trainings.data_dir / "of_its_own")
    session = trainings.begin(shapes)
    recorder = trainings.train(session, stop)
    assert recorder.seen[-1].state == state
    assert session.run.read_progress()["state"] == "stopped"
    assert not (session.run.path / "evaluation.json").exists()
    trainings.train(trainings.resume(session.run.path))
    assert session.run.read_progress()["state"] == "finished"
    assert_same_training(session.run.path, whole_run)


def test_resume__without_the_optimizer_goes_on_and_says_so(trainings: Trainings, shapes: Path) -> None:
    def stop(recorder: Recorder) -> None:
        recorder.stop.asked = "epoch"

    session = trainings.begin(shapes)
    trainings.train(session, stop)
    content = torch.load(session.run.checkpoint, weights_only=True)
    for saved in content["optimizers"]:
        saved["state"] = {}
    torch.save(content, session.run.checkpoint)
    recorder = trainings.train(trainings.resume(session.run.path), stop)
    assert list(recorder.epochs) == [2]
    graph = read_run(session.run.path)
    assert graph.settings["resumed_without_optimizer"] == 2
    assert "without the optimizer's state" in next(e.label for e in graph.events if e.event == "resume")


def test_train__stop_file_asking_for_the_end_of_the_epoch(trainings: Trainings, shapes: Path) -> None:
    session = trainings.begin(shapes)

    def stop(recorder: Recorder) -> None:
        if recorder.seen[-1].state == "training":
            (session.run.path / "stop").write_text("epoch")

    assert list(trainings.train(session, stop).epochs) == [1]
    assert not (session.run.path / "stop").exists()
    assert session.run.read_progress()["state"] == "stopped"


def test_resume__of_a_finished_run_gives_none(trainings: Trainings, whole_run: Path) -> None:
    assert trainings.resume(whole_run) is None


def copy_run(whole_run: Path, folder: Path) -> Path:
    """A copy of the finished run that looks killed."""
    run = folder / "run"
    shutil.copytree(whole_run, run)
    (run / "progress.json").unlink()
    return run


def test_resume__finished_but_for_the_last_word(trainings: Trainings, whole_run: Path, tmp_path: Path) -> None:
    run = copy_run(whole_run, tmp_path)
    assert trainings.train(trainings.resume(run)).epochs == {}
    assert [e.event for e in read_run(run).events] == [e.event for e in read_run(whole_run).events]
    assert_same_training(run, whole_run)


def test_resume__begins_anew_without_a_checkpoint(trainings: Trainings, whole_run: Path, tmp_path: Path) -> None:
    run = copy_run(whole_run, tmp_path)
    (run / "checkpoint.pt").unlink()
    session = trainings.resume(run)
    assert session is not None
    assert session.remarks[0] == "No epoch is complete: begins anew."
    assert list(trainings.train(session).epochs) == [1, 2, 3, 4]
    assert_same_training(run, whole_run)


def test_resume__cuts_a_torn_journal(trainings: Trainings, whole_run: Path, tmp_path: Path) -> None:
    run = copy_run(whole_run, tmp_path)
    (run / "checkpoint.pt").unlink()
    journal = (run / "metrics.jsonl").read_bytes()
    (run / "metrics.jsonl").write_bytes(journal[: journal.rindex(b'"series"')])
    trainings.train(trainings.resume(run))
    assert_same_training(run, whole_run)


def test_resume__says_when_the_journal_is_shorter_than_the_checkpoint(
    trainings: Trainings, whole_run: Path, tmp_path: Path
) -> None:
    run = copy_run(whole_run, tmp_path)
    lines = (run / "metrics.jsonl").read_bytes().splitlines(keepends=True)
    (run / "metrics.jsonl").write_bytes(b"".join(lines[:3]))
    recorder = trainings.train(trainings.resume(run))
    assert "metrics.jsonl ends at epoch 1, the checkpoint at 4: the graph will lack what lies between." in recorder.said


def test_resume__refuses_a_damaged_checkpoint(trainings: Trainings, whole_run: Path, tmp_path: Path) -> None:
    run = copy_run(whole_run, tmp_path)
    whole = (run / "checkpoint.pt").read_bytes()
    (run / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    before = (run / "metrics.jsonl").read_bytes()
    with pytest.raises(RunFolderError, match=r"checkpoint\.pt cannot be resumed from .* --from .*last\.pt"):
        trainings.train(trainings.resume(run))
    assert (run / "metrics.jsonl").read_bytes() == before
    assert json.loads((run / "progress.json").read_text())["state"] == "failed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no run folder: it has no recipe.json"),
        ("{", "cannot be read"),
        ("[]", "no recipe of this version"),
        ('{"schema": 99}', "no recipe of this version"),
        ('{"schema": 1}', "incomplete or damaged"),
        ('{"schema": 1, "recipe": [], "dataset": {}}', "incomplete or damaged"),
        ('{"schema": 1, "recipe": {"epochs": "many"}, "dataset": {}}', "incomplete or damaged"),
    ],
)
def test_resume__refuses_a_foreign_or_half_written_folder(
    trainings: Trainings, tmp_path: Path, content: str | None, message: str
) -> None:
    (tmp_path / "metrics.jsonl").write_text("")
    if content is not None:
        (tmp_path / "recipe.json").write_text(content)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RunFolderError, match=message):
        trainings.resume(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def change_recipe(run: Path, **changes: object) -> None:
    content = json.loads((run / "recipe.json").read_text())
    content["recipe"] |= changes
    (run / "recipe.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    "changes",
    [{"epochs": "4"}, {"epochs": 0}, {"canvas_wh": [90, 90]}, {"canvas_wh": 96}, {"flip": None}, {"colour": 1}],
    ids=str,
)
def test_resume__refuses_a_recipe_that_cannot_be(
    trainings: Trainings, whole_run: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    run = copy_run(whole_run, tmp_path)
    change_recipe(run, **changes)
    with pytest.raises(RunFolderError, match="incomplete or damaged"):
        trainings.resume(run)


def test_resume__refuses_a_dataset_that_has_changed(
    trainings: Trainings, whole_run: Path, shapes: Path, tmp_path: Path
) -> None:
    run = copy_run(whole_run, tmp_path)
    shutil.copytree(shapes, tmp_path / "shapes")
    file = tmp_path / "shapes" / "val" / "_annotations.coco.json"
    file.write_text(file.read_text().replace('"bbox": [', '"bbox": [1', 1))
    content = json.loads((run / "recipe.json").read_text())
    content["dataset"]["path"] = str(tmp_path / "shapes")
    (run / "recipe.json").write_text(json.dumps(content))
    with pytest.raises(RunFolderError, match="has changed since"):
        trainings.resume(run)


def test_resume__keeps_threads_and_precision_of_the_recipe(
    trainings: Trainings, whole_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_run(whole_run, tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    change_recipe(run, precision="bf16")
    session = trainings.resume(run)
    assert session is not None
    assert (session.recipe.threads, session.recipe.precision) == (1, "bf16")
    assert any("bf16, which this CPU does not compute natively" in remark for remark in session.remarks)
    trainings.train(session)
    assert torch.get_num_threads() == 1


def test_resume__says_that_the_machine_is_another(trainings: Trainings, whole_run: Path, tmp_path: Path) -> None:
    run = copy_run(whole_run, tmp_path)
    content = json.loads((run / "recipe.json").read_text())
    content["machine"]["torch"] = "1.0"
    (run / "recipe.json").write_text(json.dumps(content))
    session = trainings.resume(run)
    assert session is not None
    assert "another machine or installation (torch differ)" in session.remarks[1]


def test_resume__refuses_a_device_that_is_not_here(trainings: Trainings, whole_run: Path, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has the device that is to be missing")
    run = copy_run(whole_run, tmp_path)
    change_recipe(run, device="cuda")
    with pytest.raises(RunFolderError, match=r"cannot go on here.*no CUDA device.*where it began"):
        trainings.resume(run)
