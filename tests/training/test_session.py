"""What is refused before a training begins leaves nothing behind. Run: pytest tests/training/test_session.py."""

from pathlib import Path
from typing import Any

import pytest
import torch

from detectors.nets import random_weights, write_weights
from epochal.errors import BadInput, DatasetError, NotFound, RunFolderError, WeightsError
from epochal.training.recipe import Dial
from epochal.training.session import begin
from small_trainings import Trainings


@pytest.mark.parametrize(
    ("dial", "error", "message"),
    [
        (Dial(model="slow"), BadInput, "Model 'slow' is not known"),
        (Dial(device="tpu"), BadInput, "'tpu' is not known"),
        (Dial(epochs=0), BadInput, "--epochs 0 cannot be"),
        (Dial(image_size=16), BadInput, "--image-size 16 cannot be"),
        (Dial(start_from="none.pt"), WeightsError, r"no weights file at none\.pt"),
    ],
)
def test_begin__refuses_a_dial_that_cannot_be(
    shapes: Path, tmp_path: Path, dial: Dial, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        begin(shapes, dial, out=tmp_path / "run", data_dir=tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_begin__refuses_weights_of_another_kind(shapes: Path, tmp_path: Path) -> None:
    torch.save({"kind": "other"}, tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="is no weights file of Epochal"):
        begin(shapes, Dial(start_from=str(tmp_path / "w.pt")), out=tmp_path / "run", data_dir=tmp_path / "data")
    assert [path.name for path in tmp_path.iterdir()] == ["w.pt"]


def test_begin__start_from_is_kept_as_an_absolute_path(
    shapes: Path, whole_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(whole_run)
    session = begin(shapes, Dial(start_from="weights/best.pt", epochs=1), out=tmp_path / "run", data_dir=tmp_path)
    assert session.recipe.start_from == str(whole_run / "weights" / "best.pt")


def test_begin__what_a_start_asks_for_is_recorded(shapes: Path, whole_run: Path, tmp_path: Path) -> None:
    known = whole_run / "weights" / "best.pt"
    other = write_weights(tmp_path / "other.pt", random_weights(class_names=("disc",)))
    recipes = {}
    for name, start in (("known", known), ("other", other)):
        dial = Dial(start_from=str(start), epochs=1, image_size=96)
        session = begin(shapes, dial, out=tmp_path / name, data_dir=tmp_path)
        recipes[name] = session.run.read_recipe()
        assert recipes[name]["recipe"] == session.recipe.to_json() | {"canvas_wh": list(session.recipe.canvas_wh)}
    assert (recipes["known"]["recipe"]["ema_ramp"], recipes["other"]["recipe"]["ema_ramp"]) == (0, 1)
    assert "knows every class" in recipes["known"]["reasons"]["start_from"]
    assert "must be learned from nothing" in recipes["other"]["reasons"]["start_from"]


def test_begin__refuses_a_dataset_without_boxes_or_images(draw_shapes, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    dataset = draw_shapes(tmp_path / "shapes", train=2, val=1, test=0)
    for file in dataset.rglob("*.json"):
        file.write_text(file.read_text().replace('"annotations"', '"annotations_none"').replace('"bbox"', '"no"'))
    with pytest.raises(DatasetError):
        begin(dataset, Dial(), out=tmp_path / "run", data_dir=tmp_path / "data")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="holds no images"):
        begin(tmp_path / "empty", Dial(), out=tmp_path / "run", data_dir=tmp_path / "data")
    with pytest.raises(NotFound, match="does not exist"):
        begin(tmp_path / "none", Dial(), out=tmp_path / "run", data_dir=tmp_path / "data")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "shapes"]


def test_begin__refuses_a_folder_that_holds_a_run(trainings: Trainings, shapes: Path, whole_run: Path) -> None:
    before = sorted(whole_run.rglob("*"))
    with pytest.raises(RunFolderError, match="holds a run already; continue it with --resume"):
        trainings.begin(shapes, whole_run)
    assert sorted(whole_run.rglob("*")) == before


def test_begin__refuses_the_folder_of_the_dataset(trainings: Trainings, draw_shapes: Any, tmp_path: Path) -> None:
    dataset = draw_shapes(tmp_path / "shapes", train=3, val=1, test=1)
    before = sorted(dataset.rglob("*"))
    with pytest.raises(RunFolderError, match="is the folder of the dataset; choose another --out"):
        trainings.begin(dataset, tmp_path / "shapes" / ".")
    assert sorted(dataset.rglob("*")) == before


def test_begin__has_the_folder_until_the_training_ends(trainings: Trainings, shapes: Path) -> None:
    session = trainings.begin(shapes)
    with pytest.raises(RunFolderError, match="is being trained by another process"):
        trainings.resume(session.run.path)


def test_resume__a_refusal_frees_the_folder(trainings: Trainings, draw_shapes, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    dataset = draw_shapes(tmp_path / "shapes", train=3, val=1, test=1)
    session = trainings.begin(dataset)
    session.run.release()
    dataset.rename(tmp_path / "elsewhere")
    with pytest.raises(NotFound, match="does not exist"):
        trainings.resume(session.run.path)
    (tmp_path / "elsewhere").rename(dataset)
    assert trainings.resume(session.run.path) is not None
