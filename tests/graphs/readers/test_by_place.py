"""YOLACT, and rows whose numbers are known by their place. Run: pytest tests/graphs/readers/test_by_place.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from epochal.errors import LogError
from epochal.graphs.graph import Graph
from epochal.graphs.readers import read_log

EPOCHS = [0, 1, 2, 3]
BOX = [5.125, 4.25, 3.125, 2.75]
CLS = [9.5, 7.25, 5.125, 4.625]
STRICT = [0.125, 0.2525, 0.3125, 0.2975]
LOOSE = [0.325, 0.4525, 0.5125, 0.5975]
P = [0.512, 0.434, 0.613, 0.715]
R = [0.321, 0.423, 0.537, 0.647]
MAP, MAP50 = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5"


def read(folder: Path, name: str, text: str) -> Graph:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_log(path)


def check(graph: Graph, expected: dict[str, list[float]]) -> None:
    assert graph.epochs.tolist() == EPOCHS
    for key, values in expected.items():
        np.testing.assert_allclose(graph.series[key], values, atol=1e-9, err_msg=key)


def trained(epoch: int) -> str:
    """Two lines of losses, whose mean is the epoch's."""
    return "".join(
        f"[{epoch:3d}] {epoch * 117 + 10 * place:7d} || B: {BOX[epoch] + off:.3f} | C: {CLS[epoch] + off:.3f} | "
        f"M: 6.000 | S: 3.500 | T: {BOX[epoch] + CLS[epoch] + 9.5:.3f} || ETA: 1 day, 2:03:04 || timer: 0.512\n"
        for place, off in enumerate((-0.25, 0.25))
    )


def measured(epoch: int) -> str:
    rule = "-------+-------+-------+-------+\n"
    return (
        "\nComputing validation mAP (this may take a while)...\n\n       |  all  |  .50  |  .75  |\n"
        f"{rule}   box | {100 * STRICT[epoch]:5.2f} | {100 * LOOSE[epoch]:5.2f} | 30.00 |\n"
        f"  mask | 99.00 | 98.00 | 97.00 |\n{rule}\n"
    )


def logged(epoch: int) -> list[dict[str, object]]:
    """Of its logger."""
    losses = {"B": BOX[epoch], "C": CLS[epoch], "T": BOX[epoch] + CLS[epoch] + 9.5}
    box = {"all": 100 * STRICT[epoch], "50": 100 * LOOSE[epoch], "55": 9.0}
    return [
        {"type": "train", "session": 0, "data": {"loss": losses, "epoch": epoch, "iter": 10, "lr": 0.001}, "time": 1.0},
        {
            "type": "val",
            "session": 0,
            "data": {"epoch": epoch, "iter": 20, "box": box, "mask": {"all": 99.0}},
            "time": 2.0,
        },
    ]


YOLACT = {
    "printed": "Begin training!\n\n" + "".join(trained(epoch) + measured(epoch) for epoch in EPOCHS),
    "logged": json.dumps({"type": "session", "session": 0, "data": {"cuda": []}, "time": 0.0})
    + "\n"
    + "".join(json.dumps(record) + "\n" for epoch in EPOCHS for record in logged(epoch)),
}


@pytest.mark.parametrize("name", YOLACT)
@pytest.mark.parametrize(
    "end", ["", '{"type": "train", "session": 0, "data": {"loss": {"B": 1', "[  4]     468 || B: 1.0 |"]
)
def test_yolact(tmp_path: Path, name: str, end: str) -> None:
    graph = read(tmp_path, "train.log", YOLACT[name] + end)
    total = [box + cls + 9.5 for box, cls in zip(BOX, CLS, strict=True)]
    check(graph, {"train/box_loss": BOX, "train/cls_loss": CLS, "train/total_loss": total, MAP: STRICT, MAP50: LOOSE})
    assert graph.series["metrics/mask/mAP_0.5:0.95"].tolist() == [0.99] * 4


def test_yolact__of_odd_records_is_refused_or_read(tmp_path: Path) -> None:
    odd = [{"loss": {"B": "x"}}, {"loss": [1]}, {"epoch": None, "loss": {"B": 2.5}}, {"epoch": 0, "box": 3}]
    text = "".join(json.dumps({"type": "train", "session": 0, "data": data}) + "\n" for data in odd)
    assert read(tmp_path, "a.log", text).series["train/box_loss"].tolist() == [2.5]


def row(epoch: int, decimals: int = 4) -> str:
    """COCO's twelve numbers, the loss and the rate."""
    numbers = [STRICT[epoch], LOOSE[epoch], 0.25, -1, 0.1, 0.2, 0.3, 0.35, 0.4, -1, 0.2, 0.3, BOX[epoch]]
    return f"epoch:{epoch} " + "  ".join(f"{number:.{decimals}f}" for number in numbers) + "  0.005000\n"


def test_results_with_coco_s_numbers(tmp_path: Path) -> None:
    graph = read(tmp_path, "results20240102-100000.txt", "".join(map(row, EPOCHS)))
    check(graph, {MAP: STRICT, MAP50: LOOSE, "train/total_loss": BOX, "lr": [0.005] * 4})
    assert "metrics/mAP_small" not in graph.series


def test_results_with_coco_s_numbers__cut_or_of_other_length(tmp_path: Path) -> None:
    graph = read(tmp_path, "results.txt", "".join(map(row, EPOCHS)) + row(3)[:40])
    check(graph, {MAP: STRICT})
    assert any("cut off" in note for note in graph.notes)
    with pytest.raises(LogError):
        read(tmp_path, "other.txt", "".join(f"epoch:{epoch} 0.1  0.2  0.3\n" for epoch in EPOCHS))


# name → (losses before their total, what was measured of epoch e behind mAP, more series)
YOLOV3 = {
    "mean_of_f1": ((BOX, P, CLS), lambda e: [0.457 + e / 100, 1.23, 2.34, 3.45], {"val/box_loss": [1.23] * 4}),
    "one_val_loss": ((BOX, P, CLS), lambda e: [2 * P[e] * R[e] / (P[e] + R[e]), 6.54], {"val/total_loss": [6.54] * 4}),
    "xy_and_wh": (
        (R, P, P, CLS),
        lambda e: [0.457 + e / 100, 6.54],
        {"train/xy_loss": R, "val/total_loss": [6.54] * 4},
    ),
}


@pytest.mark.parametrize("size", [416, 1024])
@pytest.mark.parametrize("name", YOLOV3)
def test_yolov3__of_three_places(tmp_path: Path, name: str, size: int) -> None:
    losses, behind, more = YOLOV3[name]
    text = "".join(
        f"{epoch}/272".rjust(10)
        + "     5.29G"
        + "".join(f"{value:10.3g}" for value in [*(part[epoch] for part in losses), 12.3, 121, size])
        + "".join(f"{value:10.3g}" for value in [P[epoch], R[epoch], LOOSE[epoch], *behind(epoch)])
        + "\n"
        for epoch in EPOCHS
    )
    graph = read(tmp_path, "results.txt", text)
    three = [float(f"{value:.3g}") for value in LOOSE]
    check(
        graph, {"train/cls_loss": [float(f"{value:.3g}") for value in CLS], MAP50: three, "metrics/recall": R, **more}
    )
    assert MAP not in graph.series
    assert "val/box_loss" in more or "val/box_loss" not in graph.series
