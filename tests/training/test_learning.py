"""It learns, and the published sets train as they come. Run: pytest tests/training/test_learning.py."""

from pathlib import Path

import pytest

from epochal.graphs.run_folder import read_run
from small_trainings import Trainings

RUN_FILES = (
    "recipe.json", "metrics.jsonl", "results.csv", "graph.html", "weights/best.pt", "weights/last.pt",
    "weights/best.onnx", "evaluation.json",
)  # fmt: skip


def test_train__learns_drawn_shapes(trainings: Trainings, draw_shapes, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    session = trainings.begin(draw_shapes(tmp_path / "shapes", train=48, val=12, test=4), epochs=16)
    trainings.train(session)
    series = read_run(session.run.path).series
    assert series["train/box_loss"][-1] < 0.5 * series["train/box_loss"][0]
    assert series["val/cls_loss"][-1] < 0.7 * series["val/cls_loss"][0]
    assert series["metrics/mAP_0.5"].max() > 0.4


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
