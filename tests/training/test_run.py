"""The run folder: its number, its recipe, who has it, what it says. Run: pytest tests/training/test_run.py."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from epochal.datasets import Dataset, open_dataset
from epochal.errors import RunFolderError, StorageFull
from epochal.graphs.journal import Journal
from epochal.training.recipe import Recipe
from epochal.training.run import Progress, RunFolder, describe_dataset, fingerprint, make_run_folder, write_json

RECIPE = Recipe("fast-n", (96, 96), 4, 8, 0, "cpu", "fp32", 1)


@pytest.fixture(scope="module")
def dataset(shapes: Path) -> Dataset:
    return open_dataset(shapes)


@pytest.fixture
def run(tmp_path: Path, dataset: Dataset) -> RunFolder:
    folder = make_run_folder(tmp_path / "run", tmp_path, "d")
    folder.write_recipe(dataset, RECIPE, {"epochs": "4: as given"}, {"torch": "2"})
    return folder


def test_make_run_folder__takes_the_next_free_number(tmp_path: Path) -> None:
    names = [make_run_folder(None, tmp_path, "my cells/2024 (b)").path.name for _ in range(3)]
    assert names == ["my-cells-2024-b-1", "my-cells-2024-b-2", "my-cells-2024-b-3"]
    (tmp_path / "runs" / names[0]).rmdir()
    assert make_run_folder(None, tmp_path, "my cells/2024 (b)").path.name == names[0]


@pytest.mark.parametrize("name", ["", "..", "/", "###"])
def test_make_run_folder__a_name_without_letters(tmp_path: Path, name: str) -> None:
    assert make_run_folder(None, tmp_path, name).path == tmp_path / "runs" / "run-1"


def test_make_run_folder__out_is_the_folder_itself(tmp_path: Path) -> None:
    assert make_run_folder(tmp_path / "a" / "b", tmp_path, "d").path == tmp_path / "a" / "b"
    (tmp_path / "a" / "notes.txt").write_text("mine")  # what is no run may lie there
    assert make_run_folder(tmp_path / "a", tmp_path, "d").path == tmp_path / "a"


@pytest.mark.parametrize("name", ["recipe.json", "metrics.jsonl", "checkpoint.pt"])
def test_make_run_folder__refuses_a_folder_with_a_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(RunFolderError, match=f"holds a run already; continue it with --resume {tmp_path}"):
        make_run_folder(tmp_path, tmp_path, "d")


@pytest.mark.parametrize("below", ["file", "file/run"])
def test_make_run_folder__refuses_a_file(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match=r"cannot be made .* --out or --data-dir"):
        make_run_folder(tmp_path / below, tmp_path, "d")
    with pytest.raises(RunFolderError, match="cannot be made"):
        make_run_folder(None, tmp_path / "file", "d")


def test_name__is_that_of_the_recipe_else_of_the_folder(run: RunFolder, dataset: Dataset) -> None:
    assert run.name == run.path.name
    run.write_recipe(dataset, RECIPE, {}, {}, "Cells, the third try")
    assert run.name == "Cells, the third try"


def test_write_recipe__is_what_read_recipe_gives(run: RunFolder, dataset: Dataset) -> None:
    content = run.read_recipe()
    assert content["schema"] == 1
    assert content["name"] == "run"
    assert Recipe.from_json(content["recipe"]) == RECIPE
    assert content["dataset"] == describe_dataset(dataset)
    assert content["dataset"]["splits"]["val"] == {"images": 6, "annotations": 12}
    assert content["reasons"] == {"epochs": "4: as given"}


def test_describe_dataset__counts_val_images_that_are_also_in_train(dataset: Dataset) -> None:
    copies = tuple(dataclasses.replace(image, split="val") for image in dataset.of_split("train")[:2])
    described = describe_dataset(dataclasses.replace(dataset, images=(*dataset.images, *copies)))
    splits = described["splits"]
    assert isinstance(splits, dict)
    assert splits["val"]["also_in_train"] == 2
    assert "also_in_train" not in splits["train"]


def test_fingerprint__changes_with_whatever_a_training_sees(dataset: Dataset) -> None:
    image = dataset.images[0]
    changes: list[dict[str, object]] = [
        {"sha256": "0"},
        {"split": "other"},
        {"name": "other"},
        {"boxes_xyxy": image.boxes_xyxy + np.float32(1)},
        {"class_id": 1 - image.class_id},
        {"is_crowd": ~image.is_crowd},
        {"labelled": False},
    ]
    changed = [
        dataclasses.replace(dataset, images=(dataclasses.replace(image, **change), *dataset.images[1:]))  # type: ignore[arg-type]
        for change in changes
    ]
    changed.append(dataclasses.replace(dataset, class_names=("disc", "brick")))
    prints = [fingerprint(d) for d in (dataset, *changed)]
    assert len(set(prints)) == len(prints)
    assert fingerprint(dataclasses.replace(dataset, root=Path("/elsewhere"), notes=("x",))) == prints[0]


def test_write_progress__says_who_and_when(run: RunFolder) -> None:
    run.write_progress(Progress("training", 2, 4, 1, 3, 50.0, 12.5, "m"))
    progress = run.read_progress()
    assert abs(progress.pop("updated_at") - time.time()) < 5
    assert progress == {
        "state": "training", "epoch": 2, "epochs": 4, "step": 1, "steps": 3, "images_per_s": 50.0, "eta_s": 12.5,
        "message": "m", "pid": os.getpid(), "process_started_at": psutil.Process().create_time(),
    }  # fmt: skip


def test_write_progress__not_more_than_once_a_second_unless_at_once(run: RunFolder) -> None:
    run.write_progress(Progress("training", 1))
    run.write_progress(Progress("training", 2), at_once=False)
    assert run.read_progress()["epoch"] == 1
    run._progress_written -= 1.01
    run.write_progress(Progress("training", 3), at_once=False)
    assert run.read_progress()["epoch"] == 3


def test_write_progress__a_disk_that_takes_nothing_is_no_reason_to_stop(tmp_path: Path) -> None:
    RunFolder(tmp_path / "gone").write_progress(Progress("training"))


def test_write_json__leaves_the_old_file_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(tmp_path / "a.json", {"a": 1})

    def fail(path: Path, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StorageFull, match="No space left"):
        write_json(tmp_path / "a.json", {"a": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00\x00"])
def test_read_progress__empty_for_what_cannot_be_read(run: RunFolder, content: str) -> None:
    (run.path / "progress.json").write_text(content)
    assert run.read_progress() == {}
    assert not run.is_finished()


@pytest.mark.parametrize(
    ("content", "asked"),
    [(None, None), ("epoch", "epoch"), ("now\n", "now"), ("", "epoch"), ("whatever", "epoch")],
)
def test_stop_requested__by_a_file(run: RunFolder, content: str | None, asked: str | None) -> None:
    if content is not None:
        (run.path / "stop").write_text(content)
    assert run.stop_requested() == asked
    run.clear_stop()
    run.clear_stop()
    assert run.stop_requested() is None


def test_last_epoch__of_the_journal(run: RunFolder) -> None:
    assert run.last_epoch() == 0
    with Journal(run.path) as journal:
        journal.start(name="run", epochs_planned=4, seed=0)
        assert run.last_epoch() == 0
        journal.epoch(1, {"lr": 0.1})
        journal.epoch(2, {"lr": 0.1})
    assert run.last_epoch() == 2


@pytest.fixture
def sleeper() -> subprocess.Popen[bytes]:  # type: ignore[misc]
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def claim(run: RunFolder, process: "subprocess.Popen[bytes]", state: str = "training", drift_s: float = 0.0) -> None:
    """Let progress.json speak of another process."""
    started = psutil.Process(process.pid).create_time() + drift_s
    write_json(run.path / "progress.json", {"state": state, "pid": process.pid, "process_started_at": started})


def test_take__refuses_while_a_live_process_trains(run: RunFolder, sleeper: "subprocess.Popen[bytes]") -> None:
    claim(run, sleeper)
    with pytest.raises(RunFolderError, match=f"is being trained by process {sleeper.pid}; stop that one first"):
        run.take()


def test_take__allows_when_that_one_has_ended(run: RunFolder, sleeper: "subprocess.Popen[bytes]") -> None:
    for state in ("finished", "stopped", "failed"):
        claim(run, sleeper, state)
        run.take()
        run.release()
    claim(run, sleeper, drift_s=-1000.0)  # the number was given out again
    run.take()
    run.release()
    claim(run, sleeper)
    sleeper.kill()
    psutil.Process(sleeper.pid).status()  # not waited for: a zombie
    while psutil.Process(sleeper.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    run.take()


def test_take__one_at_a_time_even_before_the_first_word(run: RunFolder) -> None:
    run.take()
    other = RunFolder(run.path)
    with pytest.raises(RunFolderError, match="another process"):
        other.take()
    run.release()
    run.release()
    other.take()


def test_discard__removes_what_it_wrote_and_no_more(tmp_path: Path, dataset: Dataset) -> None:
    run = make_run_folder(tmp_path / "run", tmp_path, "d")
    run.write_recipe(dataset, RECIPE, {}, {})
    run.write_progress(Progress("preparing"))
    run.discard()
    assert not run.path.exists()
    run = make_run_folder(tmp_path / "run", tmp_path, "d")
    (run.path / "launch.json").write_text("{}")
    run.write_recipe(dataset, RECIPE, {}, {})
    run.discard()
    assert [path.name for path in run.path.iterdir()] == ["launch.json"]
