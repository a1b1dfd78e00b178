"""Events from learning rates and settings. Run: pytest tests/graphs/readers/test_log_events.py."""

from pathlib import Path

import numpy as np
import pytest

from epochal.graphs.graph import Graph
from epochal.graphs.readers import read_log
from epochal.graphs.readers.events import find_events
from epochal.graphs.readers.settings import read_settings


def _events(
    lr: list[float] | None, *, first: int = 1, planned: int | None = None, **settings: object
) -> list[tuple[int, str]]:
    count = 20 if lr is None else len(lr)
    epoch = np.arange(first, first + count)
    values = None if lr is None else np.array(lr, float)
    return [(event.epoch, event.event) for event in find_events(epoch, first, values, settings, planned)]


def test_warmup__ends_at_the_peak() -> None:
    assert _events([0.003, 0.006, 0.0099, 0.0098, 0.0097, 0.0096, 0.005, 0.004, 0.003, 0.002]) == [(3, "warmup_end")]


@pytest.mark.parametrize(
    "lr",
    [[0.01] * 10, list(np.linspace(0.01, 0.0001, 30)), list(np.linspace(0, 0.01, 30)), [0.1, 0.05, 0.06, 0.07, 0.08]],
)
def test_warmup__none(lr: list[float]) -> None:
    assert not [event for event in _events(lr) if event[1] == "warmup_end"]


def test_warmup__by_settings_without_rates() -> None:
    assert _events(None, warmup_epochs=3.0) == [(3, "warmup_end")]
    assert _events(None, first=0, warmup_epochs=3.0) == [(2, "warmup_end")]


def test_drops__of_a_stair() -> None:
    assert _events([0.1] * 5 + [0.01] * 5 + [0.001] * 5) == [(6, "lr_drop"), (11, "lr_drop")]


def test_drops__none_in_a_cosine() -> None:
    cosine = 0.005 * (1 + np.cos(np.linspace(0, np.pi, 40))) + 1e-6
    assert _events(list(cosine)) == []


@pytest.mark.parametrize(
    ("first", "planned", "last", "at"),
    [(1, 20, 5, 16), (0, 20, 5, 15), (1, 20, 0, None), (1, 5, 10, None), (1, 300, 10, None)],
)
def test_mosaic_off__counts_from_the_end_of_the_plan(first: int, planned: int, last: int, at: int | None) -> None:
    found = [
        epoch for epoch, kind in _events(None, first=first, planned=planned, close_mosaic=last) if kind == "mosaic_off"
    ]
    assert found == ([] if at is None else [at])


def test_mosaic_off__not_without_mosaic() -> None:
    assert _events(None, planned=20, close_mosaic=5, mosaic=0.0) == []


def test_stop__when_the_log_is_shorter_than_planned() -> None:
    assert _events(None, planned=50) == [(20, "stop")]
    assert _events(None, planned=20) == []


def _read_with(folder: Path, **files: str) -> Graph:
    lines = ["epoch,train/box_loss,metrics/mAP50(B)", *(f"{epoch},1.0,0.5" for epoch in range(1, 31))]
    (folder / "results.csv").write_text("\n".join(lines), "utf-8")
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return read_log(folder / "results.csv")


def test_settings__of_ultralytics(tmp_path: Path) -> None:
    graph = _read_with(tmp_path, args="task: detect\nepochs: 30\nclose_mosaic: 10\nwarmup_epochs: 3.0\nproject: null\n")
    assert graph.epochs_planned == 30
    assert graph.settings["task"] == "detect"
    assert [(event.epoch, event.event) for event in graph.events] == [(3, "warmup_end"), (21, "mosaic_off")]


def test_settings__of_yolov5_with_nested_and_python_values(tmp_path: Path) -> None:
    text = "hyp:\n  lr0: 0.01\nepochs: 30\nfreeze:\n- 0\nsave_dir: !!python/object/apply:pathlib.PosixPath\n- runs\n"
    graph = _read_with(tmp_path, opt=text)
    assert graph.settings == {"lr0": 0.01, "epochs": 30, "save_dir": None}


@pytest.mark.parametrize("text", ["a: [1\n", "\x00\x01", "- 1\n- 2\n", "a: &a [*a]\n", "&a [*a]"])
def test_settings__that_cannot_be_read_are_left_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "args.yaml").write_text(text, "utf-8")
    settings, _ = read_settings(tmp_path)
    assert all(isinstance(value, str | int | float | bool | None) for value in settings.values())


def test_settings__never_run_what_they_hold(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "args.yaml").write_text(f"a: !!python/object/apply:os.mkdir ['{mark}']\nepochs: 3\n", "utf-8")
    settings, _ = read_settings(tmp_path)
    assert not mark.exists()
    assert settings["epochs"] == 3


def test_nan__of_a_train_loss_is_an_event(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("epoch,train/box_loss,val/box_loss\n1,1,1\n2,1,nan\n3,inf,1\n4,nan,1\n", "utf-8")
    graph = read_log(tmp_path / "a.csv")
    assert [(event.epoch, event.event) for event in graph.events] == [(3, "nan")]
    assert graph.present["train/box_loss"].all()
