"""Small logs of each framework must give these numbers. Run: pytest tests/graphs/readers/test_formats.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from epochal.errors import LogError
from epochal.graphs.graph import file_rows
from epochal.graphs.readers import read_log
from graphs.readers import texts

MAP, MAP50 = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5"
NAN = float("nan")

# text, format, epochs, series that must come out
TABLE = [
    ("ULTRALYTICS", "ultralytics_csv", [1, 2, 3, 4], {
        "train/box_loss": [1.9, 1.6, 1.4, 1.3], "val/cls_loss": [2.9, 2.4, 2.0, 1.9], MAP: [0.1, 0.2, 0.3, 0.28],
        "metrics/recall": [0.3, 0.4, 0.5, 0.6], "lr": [0.0003, 0.0006, 0.0005, 0.0004],
        "lr/pg0": [0.0005, 0.001, 0.0009, 0.0008], "time/epoch_s": [10, 11, 10, 11]}),
    ("YOLOV5", "yolov5_csv", [0, 1, 2], {
        "train/obj_loss": [0.03, 0.03, 0.02], MAP50: [0.05, 0.25, 0.35], MAP: [0.01, 0.11, 0.17],
        "lr": [0.003, 0.006, 0.009], "lr/pg0": [0.1, 0.05, 0.01]}),
    ("YOLOV7", "yolo_txt", [0, 1, 2], {
        "train/box_loss": [0.0676, 0.0637, 0.06], "train/total_loss": [0.1742, 0.1739, 0.16],
        MAP: [0.1922, 0.2045, 0.2001], "val/cls_loss": [0.01, 0.011, 0.01]}),
    ("YOLOV3", "yolo_txt", [0, 1], {MAP50: [0.3168, 0.4381], "metrics/F1": [0.4, 0.5]}),
    ("YOLOV10", "ultralytics_csv", [1, 2], {
        "train/box_loss": [11, 10], "train/box_om_loss": [1, 1], "train/dfl_loss": [13, 12], "val/cls_loss": [15, 14],
        MAP: [0.2, 0.1]}),
    ("SEGMENT", "ultralytics_csv", [1, 2], {
        MAP: [0.1, 0.2], "metrics/mask/mAP_0.5:0.95": [0.8, 0.6], "metrics/precision": [0.1, 0.1]}),
    ("RTDETR_ULTRALYTICS", "ultralytics_csv", [1, 2], {
        "train/box_loss": [0.9, 0.8], "train/l1_loss": [0.7, 0.6], "val/box_loss": [0.6, 0.5]}),
    ("OBB_FORK", "yolov5_csv", [0, 1], {MAP50: [0.3, 0.4], MAP: [0.1, 0.2], "train/theta_loss": [4, 4]}),
    ("CLASSIFIER", "ultralytics_csv", [1, 2], {"train/total_loss": [0.9, 0.7], "metrics/accuracy_top1": [0.5, 0.6]}),
    ("LIGHTNING", "lightning_csv", [0, 1], {
        "train/total_loss": [1.5, 0.75], "val/total_loss": [1.5, 1.2], MAP: [0.1, 0.2], MAP50: [0.3, 0.4],
        "lr": [NAN, 0.0001]}),
    ("TORCHVISION_CSV", "torchvision_csv", [1, 2], {
        "train/box_loss": [0.3, 0.3], "train/cls_loss": [0.4, 0.3], MAP: [0.2, 0.25], MAP50: [0.4, 0.45]}),
    ("DETR", "detr_json", [0, 1, 2], {
        "train/total_loss": [9, 8, 7], "train/cls_loss": [2.0, 1.9, 1.8], "train/giou_loss": [0.9] * 3,
        "val/box_loss": [1.1] * 3, MAP: [0.1, 0.2, 0.3], MAP50: [0.3] * 3, "metrics/AR_100": [0.3] * 3,
        "metrics/mask/mAP_0.5:0.95": [0.9] * 3}),
    ("RFDETR", "detr_json", [0, 1], {MAP: [0.05, 0.2], MAP50: [0.4, 0.4], "metrics/plain/mAP_0.5:0.95": [0.1, 0.1]}),
    ("MMDET2", "mmdet2_json", [1, 2], {
        "train/box_loss": [0.3, 0.2], "train/rpn_cls_loss": [0.15, 0.1], "train/total_loss": [0.95, 0.6],
        MAP: [0.2, 0.3], MAP50: [0.4, 0.5], "lr": [0.002, 0.002]}),
    ("MMDET3", "mmdet3_json", [1, 2], {
        "train/cls_loss": [0.5, 0.3], MAP: [0.2, 0.3], "class/dog/AP_0.5:0.95": [0.3, 0.4]}),
    ("DETECTRON2", "detectron2_json", [1, 2, 3, 4], {
        MAP: [0.1199, 0.1399, 0.1599, 0.1799], MAP50: [0.4] * 4, "class/cat/AP_0.5:0.95": [0.3] * 4,
        "train/box_loss": [0.5] * 4, "train/rpn_box_loss": [0.1] * 4, "step": [200, 400, 600, 800],
        "metrics/mask/mAP": [0.99] * 4}),
    ("HUGGINGFACE", "huggingface", [1, 2, 3], {
        "train/total_loss": [2.5, 1.0, 0.8], "val/total_loss": [1.5, 1.2, 1.3], MAP: [0.1, 0.3, 0.2],
        "class/cat/AP_0.5:0.95": [0.1, NAN, 0.2], "lr": [4e-5, 2e-5, 0]}),
    ("PRINTED_DICTS", "huggingface", [1, 2], {"train/total_loss": [3, 2], MAP: [0.1, 0.2], "grad_norm": [NAN, 1]}),
    ("KERAS_JSON", "json_lines", [1, 2], {"train/total_loss": [1.0, 0.8], "val/total_loss": [1.1, 0.9]}),
    ("KEYED_JSON", "json_lines", [1, 2], {"train/total_loss": [1.5, 1.0], MAP50: [0.25, 0.5]}),
    ("HISTORY_JSON", "json_lines", [1, 2], {"train/total_loss": [1.0, 0.8], MAP50: [0.25, 0.5]}),
    ("EPOCH_WORDS", "text", [1, 2], {"train/total_loss": [0.5, 0.4], MAP50: [0.4, 0.5]}),
    ("YOLOX", "yolox_text", [1, 2], {
        "train/box_loss": [3.5, 2.5], "train/total_loss": [14, 11], MAP: [0.1, 0.2], MAP50: [0.3, 0.4],
        "class/cat/AP_0.5:0.95": [0.12, NAN], "lr": [0.002, 0.003]}),
    ("MMDET_TEXT", "mmdet_text", [1, 2], {"train/total_loss": [0.8, 0.5], MAP: [0.2, 0.3], "lr": [0.001, 0.001]}),
    ("MMENGINE_TEXT", "mmdet_text", [1, 2], {"train/box_loss": [0.3, 0.2], MAP50: [0.4, 0.5], "lr": [0.002, 0.002]}),
    ("DETECTRON2_TEXT", "detectron2_text", [1, 2, 3, 4], {
        MAP: [NAN, 0.199, NAN, 0.299], "class/dog/AP_0.5:0.95": [NAN, 0.08, NAN, 0.08],
        "train/total_loss": [1.971, 1.921, 1.871, 1.821]}),
    ("SSD_TEXT", "ssd_text", list(range(1, 21)), {"train/box_loss": [5.0] * 20, "step": list(range(10, 210, 10))}),
    ("SSD_PYTORCH", "ssd_text", [1, 2, 3, 4, 5], {"train/total_loss": [12, 11, 10, 9, 8]}),
    ("TORCHVISION_TEXT", "torchvision_text", [0, 1], {
        "train/cls_loss": [0.4, 0.3], MAP: [0.1, 0.2], "metrics/mask/mAP_0.5:0.95": [0.9, NAN]}),
    ("KERAS_TEXT", "text", [1, 2], {"train/total_loss": [1.5, 0.8], "val/total_loss": [0.9, 0.7]}),
    ("PRINTED", "text", [1, 2], {"train/total_loss": [1.5, 1.2], "val/total_loss": [1.4, 1.1], MAP50: [0.2, 0.3]}),
    ("EFFICIENTDET", "text", [0, 1], {"train/box_loss": [0.2, 0.1], "val/cls_loss": [0.4, 0.3]}),
    ("RETINANET", "text", [0, 1], {"train/cls_loss": [1.1, 0.8], MAP50: [0.25, 0.35]}),
    ("PADDLE", "paddle_text", [0, 1], {"train/box_loss": [0.4, 0.2], MAP: [0.1, 0.2], "lr": [0.0002, 0.0002]}),
    ("TF_CONSOLE", "text", [1, 2], {"train/box_loss": [0.3, 0.2], "lr": [0.04, 0.05], "step": [100, 200]}),
    ("FASTER_RCNN", "text", [1, 2], {"train/total_loss": [3.0, 1.0], "lr": [0.001, 0.0001]}),
    ("SUPERGRADIENTS", "csv", [0, 1], {
        MAP: [0.1, 0.2], "metrics/precision": [0.1, 0.2], "train/box_loss": [0.5, 0.4], "val/total_loss": [2.9, 2.5]}),
    ("DARKNET", "darknet_text", [1, 2, 3, 4], {
        MAP50: [0.1, 0.2, 0.3, 0.4], "train/avg_loss": [5.25, 4.25, 3.25, 2.25], "metrics/recall": [0.7] * 4,
        "class/traffic light/AP_0.5": [0.615] * 4, "metrics/confidence": [0.25] * 4}),
    ("YOLO_CONSOLE", "yolo_text", [1, 2], {"train/box_loss": [1.8, 1.2], MAP: [0.446, 0.456]}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form", "epochs", "series"), TABLE, ids=[row[0] for row in TABLE])
def test_read_log__of_each_framework(tmp_path: Path, name: str, form: str, epochs: list[int], series: dict) -> None:
    path = tmp_path / "some.file"
    path.write_text(getattr(texts, name), "utf-8")
    graph = read_log(path)
    assert graph.format == form
    assert graph.epochs.tolist() == epochs
    assert graph.first_epoch == (0 if epochs[0] == 0 else 1)
    for key, values in series.items():
        np.testing.assert_allclose(graph.series[key], values, atol=1e-6, err_msg=key)
        assert (graph.present[key] | np.isnan(graph.series[key])).all()


def test_read_log__covers_every_text() -> None:
    assert {row[0] for row in TABLE} == {name for name in dir(texts) if name.isupper()}


PLANNED = [
    ("YOLOV7", 3),
    ("YOLOX", 300),
    ("HUGGINGFACE", 3),
    ("MMDET2", 12),
    ("YOLO_CONSOLE", 2),
    ("ULTRALYTICS", None),
]


@pytest.mark.parametrize(("name", "planned"), PLANNED)
def test_read_log__epochs_planned(tmp_path: Path, name: str, planned: int | None) -> None:
    path = tmp_path / "log"
    path.write_text(getattr(texts, name), "utf-8")
    assert read_log(path).epochs_planned == planned


NOTES = [
    ("YOLOV10", "one-to-one head"),
    ("RFDETR", "moving average (EMA)"),
    ("SEGMENT", "4 columns measure masks"),
    ("YOLOV3", "Column 12 is F1"),
    ("DETR", "2 columns of inner decoder layers"),
    ("DETR", "shown as `val`"),
    ("DETECTRON2", "Percentages were turned into shares"),
    ("DETECTRON2", "does not say how many steps are one epoch"),
    ("DETECTRON2_TEXT", "50 steps are one epoch"),
    ("HUGGINGFACE", "fractions"),
    ("KERAS_JSON", "neither epochs nor steps"),
    ("RETINANET", "Guessed: `val/mAP` is mAP at overlap 0.5"),
]


@pytest.mark.parametrize(("name", "words"), NOTES)
def test_read_log__says_what_it_understood(tmp_path: Path, name: str, words: str) -> None:
    path = tmp_path / "log"
    path.write_text(getattr(texts, name), "utf-8")
    assert words in " ".join(read_log(path).notes)


def test_read_log__rfdetr_whose_plain_net_is_better_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text(texts.RFDETR.replace("0.2, 0.4", "0.08, 0.4"), "utf-8")
    graph = read_log(path)
    assert graph.series[MAP].tolist() == [0.1, 0.1]
    assert graph.series["metrics/ema/mAP_0.5:0.95"].tolist() == [0.05, 0.08]


def test_read_log__zeros_of_a_validation_switched_off_are_missing(tmp_path: Path) -> None:
    header, *rows = texts.YOLOV5.strip().splitlines()
    off = [",".join([*row.split(",")[:4], *["0"] * 7, *row.split(",")[11:]]) for row in rows[:2]]
    path = tmp_path / "results.csv"
    path.write_text("\n".join([header, *off, rows[2]]), "utf-8")
    graph = read_log(path)
    assert graph.present[MAP].tolist() == [False, False, True]
    assert any("switched off" in note for note in graph.notes)


def test_read_log__detectron2_takes_steps_per_epoch_from_the_log_beside(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("100 images left.\n  IMS_PER_BATCH: 2\n", "utf-8")
    path = tmp_path / "metrics.json"
    path.write_text(texts.DETECTRON2, "utf-8")
    graph = read_log(path)
    assert graph.epochs.tolist() == list(range(1, 17))
    assert np.isfinite(graph.series[MAP]).sum() == 4


def test_read_log__mapping_names_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("when,a,b,c\n1,0.5,0.2,9\n2,0.4,0.3,9\n", "utf-8")
    with pytest.raises(LogError, match="mapping"):
        read_log(path)
    graph = read_log(path, mapping={"when": "epoch", "a": "train/box_loss", "b": MAP, "c": ""})
    assert graph.epochs.tolist() == [1, 2]
    assert set(graph.series) == {"train/box_loss", MAP}


def test_read_log__mapping_with_an_unknown_column(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("epoch,loss\n1,0.5\n", "utf-8")
    with pytest.raises(LogError, match="no column `x`"):
        read_log(path, mapping={"x": MAP})


def test_read_log__columns_renamed_halfway_are_joined(tmp_path: Path) -> None:
    """An author calls it test_…, then val_…: the metrics of both halves count."""
    half = texts.DETR.splitlines()
    path = tmp_path / "log.txt"
    path.write_text(
        "\n".join([half[0], half[1].replace('"test_', '"val_'), half[2].replace('"test_', '"val_')]), "utf-8"
    )
    graph = read_log(path)
    np.testing.assert_allclose(graph.series[MAP], [0.1, 0.2, 0.3])
    assert graph.series["val/box_loss"].tolist() == [1.1] * 3
    assert any("were joined" in note for note in graph.notes)


def test_read_log__test_beside_val_stays_test(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("epoch,val_loss,test_loss,val/mAP_50,test/mAP_50\n1,1,2,0.5,0.4\n2,1,2,0.6,0.3\n", "utf-8")
    graph = read_log(path)
    assert graph.series[MAP50].tolist() == [0.5, 0.6]
    assert graph.series["test/total_loss"].tolist() == [2, 2]
    assert graph.series["test/mAP_50"].tolist() == [0.4, 0.3]


def test_read_log__several_evaluations_an_epoch_keep_each(tmp_path: Path) -> None:
    rows = [
        f"{step // 100},{step},{1 - step / 1000},,\n{step // 100},{step},,0.{step // 25},0.9"
        for step in range(0, 400, 25)
    ]
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step,train/loss,val/map,val/map_50\n" + "\n".join(rows), "utf-8")
    graph = read_log(path)
    assert np.isfinite(graph.series[MAP]).sum() == 16
    assert graph.series["step"].tolist() == list(range(0, 400, 25))
    assert any("several times an epoch" in note for note in graph.notes)


def test_read_log__one_evaluation_leaves_a_curve_of_losses(tmp_path: Path) -> None:
    lines = texts.DETECTRON2.splitlines()
    path = tmp_path / "metrics.json"
    path.write_text("\n".join([line for line in lines if "bbox" not in line] + [lines[-1]]), "utf-8")
    graph = read_log(path)
    assert len(graph.epochs) > 30
    assert np.isfinite(graph.series[MAP]).sum() == 1


def test_read_log__another_header_halfway(tmp_path: Path) -> None:
    other = "epoch,train/box_loss,metrics/mAP50-95(B)\n1,1.0,0.7\n2,0.9,0.8\n"
    path = tmp_path / "results.csv"
    path.write_text(texts.ULTRALYTICS + other, "utf-8")
    rows = file_rows(read_log(path))
    np.testing.assert_allclose(rows.series[MAP], [0.1, 0.2, 0.3, 0.28, 0.7, 0.8])
    np.testing.assert_allclose(rows.series["train/box_loss"], [1.9, 1.6, 1.4, 1.3, 1.0, 0.9])


LONG = "epoch,phase,loss,mAP50\n1,train,1.0,\n1,val,1.2,0.5\n2,train,0.8,\n2,val,1.1,0.6\n"
HALVES = "".join(f'{{"epoch": {e}, "train_loss": {2 - e}}}\n{{"epoch": {e}, "val_loss": {3 - e}}}\n' for e in (0, 1))


@pytest.mark.parametrize(
    ("text", "train", "val"),
    [(LONG, [1.0, 0.8], [1.2, 1.1]), (HALVES, [2, 1], [3, 2])],
    ids=["phase column", "two lines"],
)
def test_read_log__train_and_val_in_rows_of_their_own(tmp_path: Path, text: str, train: list, val: list) -> None:
    path = tmp_path / "log"
    path.write_text(text, "utf-8")
    graph = read_log(path)
    assert graph.series["train/total_loss"].tolist() == train
    assert graph.series["val/total_loss"].tolist() == val
    assert not graph.superseded


def test_read_log__one_epoch_of_detr_is_a_row(tmp_path: Path) -> None:
    """Its array of twelve numbers makes no document of columns of it."""
    for text in (texts.DETR.splitlines()[0], texts.DETR.replace("\n", "")):
        path = tmp_path / "log.txt"
        path.write_text(text)
        graph = read_log(path)
        assert graph.format == "detr_json"
        assert graph.epochs.tolist() == list(range(text.count('"epoch"')))
        assert graph.series["train/cls_loss"][0] == 2.0
        assert graph.series["metrics/mAP_0.5"][0] == 0.3


def test_read_log__the_summary_of_one_evaluation_is_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "eval.json"
    path.write_text(json.dumps({"bbox": [0.25, 0.5, *[0.1] * 10]}))
    graph = read_log(path)
    assert graph.series["metrics/mAP_0.5:0.95"].tolist() == [0.25]
    assert graph.series["metrics/mAP_0.5"].tolist() == [0.5]
    assert not any(key.startswith("train/") for key in graph.series)
