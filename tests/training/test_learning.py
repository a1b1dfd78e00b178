"""It learns, and the published sets train as they come. Run: pytest tests/training/test_learning.py."""

from pathlib import Path
from typing import Any

import pytest

from epochal.graphs.run_folder import read_run
from epochal.training.recipe import GOING_ON, Dial
from epochal.training.session import Session, begin
from small_trainings import Trainings

RUN_FILES = (
    "recipe.json", "metrics.jsonl", "results.csv", "graph.html", "weights/best.pt", "weights/last.pt",
    "weights/best.onnx", "evaluation.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def learned(trainings: Trainings, draw_shapes: Any, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A training of 16 epochs that has ended."""
    folder = draw_shapes(tmp_path_factory.mktemp("learned") / "shapes", train=48, val=12, test=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        session = trainings.begin(folder, epochs=16)
        trainings.train(session)
    return session


def test_train__learns_drawn_shapes(learned: Session) -> None:
    series = read_run(learned.run.path).series
    assert series["train/box_loss"][-1] < 0.5 * series["train/box_loss"][0]
    assert series["val/cls_loss"][-1] < 0.7 * series["val/cls_loss"][0]
    assert series["metrics/mAP_0.5"].max() > 0.4


def test_train__forgets_less_of_the_weights_that_it_starts_from_than_at_the_rates_of_random_ones(
    trainings: Trainings, learned: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dial = Dial(epochs=5, image_size=96, seed=4, start_from=str(learned.run.weights / "best.pt"))
    runs = [learned.run]
    for going_on in (GOING_ON, {}):
        monkeypatch.setattr("epochal.training.recipe.GOING_ON", going_on)
        session = begin(learned.dataset.root, dial, out=None, data_dir=trainings.data_dir)
        trainings.train(session)
        runs.append(session.run)
    before, after, at_old_rates = (read_run(run.path).series["metrics/mAP_0.5"] for run in runs)
    # Twelve images judge: a processor that rounds otherwise moves each value by some hundredths, so no fixed floor.
    assert after.min() > at_old_rates.min()
    assert after[-1] > before.max() - 0.05


@pytest.mark.parametrize(("name", "classes"), [("raccoon_voc_csv", 1), ("coco33", 0)])
def test_train__published_sets_without_a_file_made_by_hand(
    trainings: Trainings, shared_data: Path, name: str, classes: int
) -> None:
    session = trainings.begin(shared_data / "datasets" / name, epochs=1, canvas_wh=(96, 96))
    assert len(session.dataset.class_names) >= max(1, classes)
    trainings.train(session)
    run = session.run.path
    assert all((run / file).is_file() for file in RUN_FILES)
    assert read_run(run).epochs.tolist() == [1]
