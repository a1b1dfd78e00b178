"""Logs behind what Docker, Kubernetes and loggers put around each line. Run: pytest tests/graphs/readers."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from epochal.errors import LogError
from epochal.graphs.readers import read_log
from graphs.readers import texts

Wrap = Callable[[str], str]

# name → what becomes of a line
AROUND: dict[str, Wrap] = {
    "docker_logs_t": lambda line: f"2024-01-02T10:00:00.123456789Z {line}",
    "kubernetes_file": lambda line: f"2024-01-02T10:00:00.123456789Z stdout F {line}",
    "cloudwatch": lambda line: f"2024-01-02T10:00:00.000Z\t{line}",
    "docker_json_file": lambda line: json.dumps(
        {"log": line + "\n", "stream": "stdout", "time": "2024-01-02T10:00:00Z"}
    ),
    "python_logging": lambda line: f"INFO:root:{line}",
    "ts": lambda line: f"Jan 02 10:00:00 {line}",
    "ts_in_brackets": lambda line: f"[2024-01-02 10:00:00] {line}",
    "journald": lambda line: f"Jan  2 10:00:00 gpu-01 python3[1234]: {line}",
    "torchrun": lambda line: f"[rank0]:{line}",
    "torchrun_in_docker": lambda line: f"2024-01-02T10:00:00.5Z [default0]:{line}",
}
LOGS = {
    "table": texts.ULTRALYTICS,
    "json_lines": texts.DETR,
    "console": texts.PRINTED,
    "yolo_console": texts.YOLO_CONSOLE,
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("log", LOGS)
def test_around_each_line__changes_nothing(tmp_path: Path, log: str, around: str) -> None:
    plain, wrapped = tmp_path / "plain.log", tmp_path / "wrapped.log"
    plain.write_text(LOGS[log], "utf-8")
    lines = LOGS[log].replace("\r", "\n").splitlines()
    wrapped.write_text("".join(AROUND[around](line) + "\n" for line in lines), "utf-8")
    expected, graph = read_log(plain), read_log(wrapped)
    assert graph.epochs.tolist() == expected.epochs.tolist()
    assert graph.series.keys() == expected.series.keys()
    for key, values in expected.series.items():
        np.testing.assert_array_equal(graph.series[key], values, err_msg=key)


@pytest.mark.parametrize(
    "before",
    ["2024-01-02 10:00:00,123 - train - INFO - ", "[INFO] ", "[rank0]: ", "train | ", "metrics = "],
)
@pytest.mark.parametrize("between", ["", "Saving a checkpoint\n"])
def test_objects_behind_words__are_read(tmp_path: Path, before: str, between: str) -> None:
    path = tmp_path / "train.log"
    records = [json.dumps({"epoch": e, "loss": 2 - e / 4, "val_mAP50-95": e / 10}) for e in range(1, 6)]
    path.write_text("Starting\n" + "".join(f"{before}{record}\n{between}" for record in records))
    graph = read_log(path)
    assert graph.epochs.tolist() == [1, 2, 3, 4, 5]
    assert graph.series["metrics/mAP_0.5:0.95"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert graph.series["train/total_loss"].tolist() == [1.75, 1.5, 1.25, 1.0, 0.75]


def test_objects_beside_telling_words__do_not_hide_them(tmp_path: Path) -> None:
    """The losses stand before the braces; only together with them is it the log."""
    path = tmp_path / "train.log"
    path.write_text("".join(f"Epoch {e}: loss: {2 - e / 4} eval {{'mAP50': {e / 10}}}\n" for e in range(1, 6)))
    graph = read_log(path)
    assert graph.epochs.tolist() == [1, 2, 3, 4, 5]
    assert graph.series["train/total_loss"].tolist() == [1.75, 1.5, 1.25, 1.0, 0.75]


def test_tensors_in_printed_dicts__are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    line = "Eval: {{'epoch': {}, 'map': tensor({}), 'map_50': tensor(0.5, device='cuda:0'), 'loss': np.float64(1.5)}}\n"
    path.write_text("".join(line.format(e, e / 10) for e in range(1, 6)))
    graph = read_log(path)
    assert graph.series["metrics/mAP_0.5:0.95"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert graph.series["metrics/mAP_0.5"].tolist() == [0.5] * 5
    assert graph.series["train/total_loss"].tolist() == [1.5] * 5


@pytest.mark.parametrize("log", ["YOLOX", "TORCHVISION_TEXT", "YOLOV7", "ULTRALYTICS", "DETR"])
def test_lines_of_weights_and_biases__say_nothing_of_their_own(tmp_path: Path, log: str) -> None:
    """The summary at the end repeats names and numbers, which belong to no epoch."""
    text = getattr(texts, log)
    begin = "wandb: Currently logged in as: someone\nwandb: Tracking run with wandb version 0.16\n"
    end = "wandb: Run summary:\nwandb:   train/box_loss 9.99\nwandb:   metrics/mAP_0.5 0.001\nwandb: Synced 5 files\n"
    plain, mixed = tmp_path / "plain.log", tmp_path / "mixed.log"
    plain.write_text(text, "utf-8")
    mixed.write_text(begin + text + end, "utf-8")
    expected, graph = read_log(plain), read_log(mixed)
    assert graph.epochs.tolist() == expected.epochs.tolist()
    assert graph.series.keys() == expected.series.keys()
    for key, values in expected.series.items():
        np.testing.assert_array_equal(graph.series[key], values, err_msg=key)


TABLES = {
    "table": texts.ULTRALYTICS,
    "padded_table": texts.YOLOV5,
    "results_txt": texts.YOLOV7,
    "darknet": texts.DARKNET,
}
# name → what becomes of a line and its number
NUMBERED: dict[str, Callable[[int, str], str]] = {
    "grep_n": lambda n, line: f"{n}:{line}",
    "grep_n_of_some_lines": lambda n, line: f"{3 * n + 4}:{line}",
    "grep_with_the_file": lambda n, line: f"runs/train-2/results.csv:{line}",
    "grep_with_file_and_number": lambda n, line: f"results.csv:{n}:{line}",
    "cat_n": lambda n, line: f"{n:6d}\t{line}",
    "editor": lambda n, line: f"{n:4d} {line}",
}


@pytest.mark.parametrize(
    ("log", "around"),
    [(log, around) for log in TABLES for around in NUMBERED if around != "editor" or "table" in log],
)
def test_line_numbers__are_taken_off(tmp_path: Path, log: str, around: str) -> None:
    plain, numbered = tmp_path / "plain.csv", tmp_path / "numbered.csv"
    plain.write_text(TABLES[log], "utf-8")
    lines = TABLES[log].splitlines()
    numbered.write_text("".join(NUMBERED[around](n, line) + "\n" for n, line in enumerate(lines, 1)), "utf-8")
    expected, graph = read_log(plain), read_log(numbered)
    assert graph.epochs.tolist() == expected.epochs.tolist()
    assert graph.series.keys() == expected.series.keys()
    for key, values in expected.series.items():
        np.testing.assert_array_equal(graph.series[key], values, err_msg=key)


def test_line_numbers__of_rows_without_names_are_no_iterations(tmp_path: Path) -> None:
    """`12:3,0.5,0.4,0.3` looks like Darknet's iteration 12, but says nowhere what its numbers are."""
    path = tmp_path / "rows.csv"
    path.write_text("".join(f"{n}:{line}\n" for n, line in enumerate(texts.ULTRALYTICS.splitlines()[1:], 2)), "utf-8")
    with pytest.raises(LogError, match="without a line of column names"):
        read_log(path)


def test_line_numbers__are_none_where_a_log_counts_its_steps(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text("".join(f" {100 * n}: 5.0, 6.0 avg loss, 0.001 rate, 3.1 seconds, 9 images\n" for n in range(1, 7)))
    assert read_log(path).series["step"].tolist() == [100, 200, 300, 400, 500, 600]


def test_docker_s_json_file__of_no_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a-json.log"
    path.write_text("".join(AROUND["docker_json_file"](line) + "\n" for line in ("listening", "GET /", "GET /")))
    with pytest.raises(LogError, match="no training log"):
        read_log(path)
