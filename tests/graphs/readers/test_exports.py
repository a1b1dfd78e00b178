"""Exports of trackers, numbers without names, documents that are cut off. Run: pytest tests/graphs/readers."""

import json
from pathlib import Path

import pytest

from epochal.errors import LogError
from epochal.graphs.graph import Graph
from epochal.graphs.readers import read_log

EPOCHS = [1, 2, 3, 4, 5, 6]
LOSS = [1.75, 1.5, 1.25, 1.125, 1.0, 0.875]
VALUE = [0.125, 0.25, 0.3125, 0.375, 0.5, 0.4375]
MAP, MAP50 = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5"


def read(folder: Path, name: str, text: str) -> Graph:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_log(path)


def curve(values: list[float]) -> dict[str, object]:
    return {"name": "a curve", "x": EPOCHS, "y": values}


CLEARML = {
    "metrics": {"mAP50-95(B)": curve(VALUE)},
    "train": {"box_loss": curve(LOSS)},
    ":monitor:gpu": {"gpu_0_utilization": {"name": "gpu", "x": [1, 2], "y": [50, 60]}},
}
CLEARML_EVENTS = [
    {"metric": metric, "variant": variant, "iter": epoch, "value": value, "timestamp": 1700}
    for metric, variant, values in (("metrics", "mAP50-95(B)", VALUE), ("train", "box_loss", LOSS))
    for epoch, value in zip(EPOCHS, values, strict=True)
]
TIMES = [f"2024-01-02T10:0{epoch}:00Z" for epoch in EPOCHS]
CLOUDWATCH = {
    "MetricDataResults": [
        {"Id": "m1", "Label": "validation:mAP50-95", "Timestamps": TIMES[::-1], "Values": VALUE[::-1]},
        {"Id": "m2", "Label": "train:box_loss", "Timestamps": TIMES, "Values": LOSS},
    ]
}
SAGEMAKER = "".join(
    f"{60.0 * epoch},train:box_loss,{loss}\n{60.0 * epoch},validation:mAP50-95,{value}\n"
    for epoch, loss, value in zip(EPOCHS, LOSS, VALUE, strict=True)
)
SPLIT = {
    "columns": ["epoch", "train/box_loss", "mAP50-95"],
    "index": EPOCHS,
    "data": [*zip(EPOCHS, LOSS, VALUE, strict=True)],
}

RECORDS = [
    {"mAP50-95": value, "epoch": epoch, "train/box_loss": loss}
    for epoch, loss, value in zip(EPOCHS, LOSS, VALUE, strict=True)
]
BY_EPOCH = {
    str(epoch): json.dumps({"train/box_loss": loss, "metrics/mAP50-95(B)": value})
    for epoch, loss, value in zip(EPOCHS, LOSS, VALUE, strict=True)
}
# name → (file name, text)
EXPORTS = {
    "hub_texts_by_epoch": ("metrics.json", json.dumps({"metrics": BY_EPOCH, "type": "metrics"})),
    "hub_texts_inside": ("model.json", json.dumps({"data": {"results": BY_EPOCH}, "success": True}, indent=1)),
    "hub_objects_by_epoch": (
        "m.json",
        json.dumps({"metrics": {epoch: json.loads(text) for epoch, text in BY_EPOCH.items()}}),
    ),
    "clearml_scalars": ("scalars.json", json.dumps(CLEARML)),
    "clearml_scalars_indented": ("scalars.json", json.dumps(CLEARML, indent=2)),
    "clearml_events": ("events.json", json.dumps(CLEARML_EVENTS)),
    "clearml_events_in_lines": ("events.jsonl", "\n".join(map(json.dumps, CLEARML_EVENTS))),
    "cloudwatch": ("metrics.json", json.dumps(CLOUDWATCH)),
    "sagemaker_analytics": ("metrics.csv", "timestamp,metric_name,value\n" + SAGEMAKER),
    "sagemaker_analytics_with_index": (
        "metrics.csv",
        ",timestamp,metric_name,value\n" + "".join(f"{n},{line}\n" for n, line in enumerate(SAGEMAKER.splitlines())),
    ),
    "nested_columns": (
        "h.json",
        json.dumps({"train": {"box_loss": LOSS}, "val": {"mAP50-95": VALUE}, "epoch": 6}),
    ),
    "table_of_rich": (
        "t.txt",
        "┏━━━━━━━┳━━━━━━━━━━┓\n┃ epoch ┃ box_loss ┃ mAP50-95 ┃\n┡━━━━━━━╇━━━━━━━━━━┩\n"
        + "".join(f"│ {e} │ {loss} │ {value} │\n" for e, loss, value in zip(EPOCHS, LOSS, VALUE, strict=True))
        + "└───────┴──────────┘\n",
    ),
    "table_with_a_grid": (
        "t.txt",
        "+---+---+---+\n| epoch | box_loss | mAP50-95 |\n+===+===+===+\n"
        + "".join(f"| {e} | {a} | {b} |\n+---+---+---+\n" for e, a, b in zip(EPOCHS, LOSS, VALUE, strict=True)),
    ),
    "pandas_split": ("results.json", json.dumps(SPLIT)),
    "history_beside_the_best": (
        "history.json",
        json.dumps({"args": {"lr": 0.1}, "history": RECORDS, "best_mAP50-95": 0.5, "best_epoch": 5}),
    ),
    "newest_first": ("results.json", json.dumps(RECORDS[::-1])),
    "sorted_by_map": (
        "results.csv",
        "epoch,train/box_loss,mAP50-95\n"
        + "".join(f"{r['epoch']},{r['train/box_loss']},{r['mAP50-95']}\n" for r in sorted(RECORDS, key=str)[::-1]),
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_export__becomes_one_row_per_epoch(tmp_path: Path, name: str) -> None:
    graph = read(tmp_path, *EXPORTS[name])
    assert graph.epochs.tolist() == EPOCHS
    assert graph.series[MAP].tolist() == VALUE
    assert graph.series["train/box_loss"].tolist() == LOSS
    assert not any("gpu" in key for key in graph.series)
    assert not any("without an epoch" in note for note in graph.notes)


def test_statistics_of_one_metric__are_put_in_order(tmp_path: Path) -> None:
    points = [{"Timestamp": time, "Average": value} for time, value in zip(TIMES, VALUE, strict=True)]
    graph = read(tmp_path, "cw.json", json.dumps({"Label": "validation:mAP", "Datapoints": points[::-1]}))
    assert graph.series[MAP50].tolist() == VALUE


def test_described_job__holds_its_last_numbers(tmp_path: Path) -> None:
    metrics = [{"MetricName": "validation:mAP", "Value": 0.5, "Timestamp": 1.7e9}]
    graph = read(tmp_path, "job.json", json.dumps({"TrainingJobName": "a", "FinalMetricDataList": metrics}))
    assert graph.series[MAP50].tolist() == [0.5]


def test_sagemaker_s_own_detector__as_it_prints(tmp_path: Path) -> None:
    line = "[01/02/2024 10:00:00 INFO 140] #quality_metric: host=algo-1, epoch={}, {}\n"
    text = "".join(
        line.format(epoch - 1, f"train smooth_l1 <loss>={loss}")
        + line.format(epoch - 1, f"validation mAP <score>=({value})")
        for epoch, loss, value in zip(EPOCHS, LOSS, VALUE, strict=True)
    )
    graph = read(tmp_path, "algo-1.log", text)
    assert graph.epochs.tolist() == [0, 1, 2, 3, 4, 5]
    assert graph.series[MAP50].tolist() == VALUE
    assert graph.series["train/smooth_l1_loss"].tolist() == LOSS


# name → (file name, text, key)
BARE = {
    "column": ("train_loss.txt", "\n".join(map(str, LOSS)), "train/total_loss"),
    "column_that_is_cut": ("val_loss.csv", "\n".join(map(str, LOSS)) + "\n0.", "val/total_loss"),
    "column_of_map": ("mAP50-95.txt", "\n".join(map(str, VALUE)), MAP),
    "list": ("val_loss.json", str(LOSS), "val/total_loss"),
    "list_over_lines": ("losses.txt", "[\n" + ",\n".join(map(str, LOSS)) + "\n]\n", "train/total_loss"),
    "unnamed_but_falling": ("output.txt", "\n".join(map(str, LOSS)), "train/total_loss"),
    "steps": ("mAP50-95.dat", "\n".join(f"{e} {v}" for e, v in zip(EPOCHS, VALUE, strict=True)), MAP),
    "neptune": ("mAP50-95.csv", "\n".join(f"{e},{1.7e12 + e},{v}" for e, v in zip(EPOCHS, VALUE, strict=True)), MAP),
    "one_curve": (
        "mAP50-95.csv",
        "step,value\n" + "\n".join(f"{e},{v}" for e, v in zip(EPOCHS, VALUE, strict=True)),
        MAP,
    ),
}


@pytest.mark.parametrize("name", BARE)
def test_numbers_without_names__are_told_by_the_file_s(tmp_path: Path, name: str) -> None:
    file_name, text, key = BARE[name]
    graph = read(tmp_path, file_name, text)
    expected = VALUE if key == MAP else LOSS
    assert graph.series[key].tolist()[: len(expected)] == expected
    assert graph.epochs.tolist()[: len(expected)] == EPOCHS


@pytest.mark.parametrize("numbers", [VALUE, [1, 2, 3, 4, 5, 6], [3.5, 3.4, 3.5, 3.6, 3.4, 3.5], [9.5, 0.5]])
def test_numbers_that_nothing_tells__are_refused(tmp_path: Path, numbers: list[float]) -> None:
    with pytest.raises(LogError, match="no training log"):
        read(tmp_path, "output.txt", "\n".join(map(str, numbers)))


@pytest.mark.parametrize("text", ["[]", "[\n]\n", "[", "[,"])
def test_list_without_a_number__is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LogError, match="no training log"):
        read(tmp_path, "val_loss.json", text)


COLUMNS = json.dumps({"epoch": EPOCHS, "train_loss": LOSS, "mAP50-95": VALUE})
NESTED = json.dumps({"params": {"epochs": 9}, "history": {"loss": LOSS, "val_map": VALUE}}, indent=1)


@pytest.mark.parametrize("text", [COLUMNS, NESTED])
def test_columns__cut_off_keep_their_whole_numbers(tmp_path: Path, text: str) -> None:
    for end in range(text.index("1.25") + 5, len(text)):
        graph = read(tmp_path, "history.json", text[:end])
        got = [value for value in graph.series["train/total_loss"].tolist() if value == value]
        assert got == LOSS[: len(got)]
        assert len(got) >= 2
        assert any("no whole JSON document" in note for note in graph.notes)


def test_lines_that_never_say_where__are_rows(tmp_path: Path) -> None:
    text = "".join(
        f"lr:0.001, map:{value},loss:{{'total_loss': {loss}}}\n" for loss, value in zip(LOSS, VALUE, strict=True)
    )
    graph = read(tmp_path, "log.txt", text)
    assert graph.epochs.tolist() == EPOCHS
    assert graph.series[MAP50].tolist() == VALUE
    assert graph.series["train/total_loss"].tolist() == LOSS


def test_notebook__is_what_its_cells_printed(tmp_path: Path) -> None:
    printed = "".join(f"Epoch {e}: box_loss: {a}, mAP50-95: {b}\n" for e, a, b in zip(EPOCHS, LOSS, VALUE, strict=True))
    middle = printed.index("Epoch 3")
    cells = [
        {"cell_type": "markdown", "source": ["Epoch 99: box_loss: 99\n"]},
        {"cell_type": "code", "outputs": [{"output_type": "stream", "text": printed[:middle]}]},
        {
            "cell_type": "code",
            "outputs": [{"output_type": "stream", "text": printed[middle:].splitlines(keepends=True)}],
        },
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    graph = read(tmp_path, "train.ipynb", json.dumps(notebook, indent=1))
    assert graph.epochs.tolist() == EPOCHS
    assert graph.series[MAP].tolist() == VALUE
    assert graph.series["train/box_loss"].tolist() == LOSS


def test_notebook__that_trained_nothing_is_refused(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": ["loss = 3"], "outputs": []}]
    with pytest.raises(LogError, match="no line that a program printed"):
        read(tmp_path, "plot.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))


def test_val_losses_in_the_rows_of_training__are_no_evaluations(tmp_path: Path) -> None:
    """detectron2 with a hook that measures a val loss as often as the train loss is written."""
    lines = []
    for place, value in enumerate(VALUE):
        for at in (19, 39):
            row = {"iteration": 40 * place + at, "total_loss": LOSS[place], "validation_loss": 1.5, "lr": 0.01}
            lines.append(json.dumps(row))
        lines.append(json.dumps({"iteration": 40 * place + 39, "bbox/AP": 100 * value, "bbox/AP50": 60.0}))
    graph = read(tmp_path, "metrics.json", "\n".join(lines))
    assert graph.epochs.tolist() == EPOCHS
    assert graph.series[MAP].tolist() == pytest.approx(VALUE)
    assert graph.series["train/total_loss"].tolist() == LOSS
