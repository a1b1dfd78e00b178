"""Trainings as the `roboflow` package reads them. Run: pytest tests/server/roboflow/test_training_fields.py."""

import json

import pytest

from epochal.errors import BadInput
from epochal.jobs.training_states import ENDED, STATES
from epochal.server.roboflow.training_fields import LEGACY_STATUS, read_epochs
from epochal.server.roboflow.trainings import STATUS, read_model_type


def line(epoch: int, **series: object) -> str:
    return json.dumps({"kind": "epoch", "epoch": epoch, "series": series})


def test_statuses__name_every_state_and_end_every_loop() -> None:
    assert set(LEGACY_STATUS) == set(STATUS) == set(STATES)
    for state in STATES:
        has_ended = LEGACY_STATUS[state] in {"finished", "failed"}  # all that ends the loop of `version.train`
        assert has_ended == (state in ENDED)


def test_read_epochs__each_once_with_the_same_keys() -> None:
    lines = [
        json.dumps({"kind": "start"}),
        line(1, **{"train/box_loss": 2.0, "train/cls_loss": 1.0}),
        line(2, **{"train/box_loss": 9.0, "metrics/mAP_0.5": 0.1}),
        line(2, **{"train/box_loss": "NaN", "metrics/mAP_0.5": 0.5, "metrics/recall": 0.25}),
    ]
    epochs = read_epochs(lines)
    assert [epoch["epoch"] for epoch in epochs] == ["1", "2"]
    assert {tuple(epoch) for epoch in epochs} == {tuple(epochs[0])}
    assert (epochs[0]["mAP"], epochs[0]["box_loss"]) == ("0", "2")
    assert (epochs[1]["mAP"], epochs[1]["box_loss"], epochs[1]["recall"]) == ("0.5", "nan", "0.25")
    assert all(isinstance(float(value), float) for epoch in epochs for value in epoch.values())


@pytest.mark.parametrize(
    ("name", "net"),
    [
        (None, "fast-n"), ("fast", "fast-n"), ("fast-m", "fast-m"), ("yolov8n", "fast-n"), ("yolov8s", "fast-s"),
        ("yolov11m", "fast-m"), ("yolov8x", "fast-m"), ("rfdetr-nano", "fast-n"), ("rfdetr-small", "fast-s"),
        ("rfdetr-medium", "fast-m"), ("roboflow-3.0", "fast-n"),
    ],
)  # fmt: skip
def test_read_model_type__gives_ours_and_says_when_it_is_another(name: str | None, net: str) -> None:
    wanted, remark = read_model_type(name)
    assert wanted == net
    assert bool(remark) == (name is not None and not name.startswith("fast"))


def test_read_model_type__refuses_what_nobody_knows_and_takes_a_speed() -> None:
    with pytest.raises(BadInput, match="fast-n, fast-s, fast-m"):
        read_model_type("nonsense")
    assert read_model_type(None, "accurate") == ("fast-s", "")
