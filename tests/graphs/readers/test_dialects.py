"""Dialects of other trainers and exports, with what must be understood of each. Run: pytest tests/graphs/readers."""

# ruff: noqa: E501  log lines are as long as they are

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from epochal.graphs.document import build_document
from epochal.graphs.readers import read_log

EPOCHS = range(1, 7)


def rows(line: Callable[[int, float], str], begin: str = "") -> str:
    """Six epochs; the second argument is the mAP of each, 0.11 to 0.16."""
    return begin + "".join(line(epoch, round(0.1 + epoch / 100, 2)) for epoch in EPOCHS)


BAR = "100%|██████████| 10/10 [00:02<00:00,  4.5it/s]"
SUMMARY = " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = {:.3f}\n"

# name → (text, series that must be there, epoch of the best mAP_0.5:0.95 and its value)
DIALECTS: dict[str, tuple[str, list[str], tuple[int, float] | None]] = {
    "yolov6_console": (
        rows(lambda e, m: f"\r     {e}/6  0.01  2.0  1.1  1.5:  50%|#####     | 10/20\r     {e}/6  0.01  1.9  1.0  1.4: {BAR}\n{SUMMARY.format(m)}Epoch: {e} | mAP@0.5: 0.3 | mAP@0.50:0.95: {m}\n",
             "     Epoch        lr  iou_loss  dfl_loss  cls_loss\n"),
        ["train/box_loss", "train/cls_loss", "train/dfl_loss", "lr", "metrics/mAP_0.5"], (6, 0.16)),
    "yolov6_console_whose_summary_is_rounded": (
        rows(lambda e, m: f"     {e}/6  0.01  1.9  1.0  1.4: {BAR}\n{SUMMARY.format(0.2)}Epoch: {e} | mAP@0.5: 0.3 | mAP@0.50:0.95: {m}\n",
             "     Epoch        lr  iou_loss  dfl_loss  cls_loss\n"),
        ["train/cls_loss", "metrics/mAP_0.5"], (6, 0.16)),
    "yolov6_console_without_rate": (
        rows(lambda e, m: f"     {e}/6  1.9  1.0  1.4: {BAR}\nEpoch: {e} | mAP@0.5: 0.3 | mAP@0.50:0.95: {m}\n",
             "     Epoch  iou_loss  dfl_loss  cls_loss\n"),
        ["train/cls_loss"], (6, 0.16)),
    "ultralytics_console_in_colour": (
        rows(lambda e, m: f"\x1b[K      {e}/6      2.5G      1.9      2.9      1.4      20      640: 100% ━━━━━━ 10/10 4.5it/s\n\x1b[K      all      128      929      0.6      0.5      0.6      {m}\n",
             "\x1b[34m\x1b[1mtrain: \x1b[0mScanning\n      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"),
        ["train/box_loss", "train/dfl_loss", "metrics/precision"], (6, 0.16)),
    "centernet": (
        rows(lambda e, _: f"2020-01-01-10-00: epoch: {e} |loss {4 - e / 10} | hm_loss 2.0 | wh_loss 6.0 | off_loss 0.25 | time 1.0 |\n"),
        ["train/total_loss", "train/hm_loss", "train/off_loss"], None),
    "nanodet": (
        rows(lambda e, m: f"[NanoDet][01-01 10:00:01]INFO: Train|Epoch{e}/300|Iter{e}(1/1)| mem:3.2G| lr:1.00e-04| loss_qfl:1.2| loss_bbox:0.9| loss_dfl:0.5|\n"
             f"[NanoDet][01-01 10:00:09]INFO: Val_metrics: {{'mAP': {m}, 'AP_50': 0.3, 'AP_75': 0.1, 'AP_small': 0.0}}\n"),
        ["train/box_loss", "metrics/mAP_0.5"], (6, 0.16)),
    "ssd_of_qfgaohao": (
        rows(lambda e, _: f"2020-01-01 10:00:01,000 - root - INFO - Epoch: {e}, Step: 100, Average Loss: {6 - e / 10}, Average Regression Loss 2.0, Average Classification Loss: 3.0\n"
             f"2020-01-01 10:00:02,000 - root - INFO - Epoch: {e}, Validation Loss: 3.5, Validation Regression Loss 1.5, Validation Classification Loss: 2.0\n"),
        ["train/total_loss", "train/cls_loss", "val/total_loss", "val/cls_loss"], None),
    "nvidia_tao_status": (
        rows(lambda e, _: json.dumps({"date": "1/1/2024", "status": "RUNNING", "epoch": e, "max_epoch": 80, "kpi": {"mAP": 0.3, "validation_loss": 3}, "graphical": {"loss": 2, "learning_rate": 0.001}}) + "\n"),
        ["train/total_loss", "val/total_loss", "metrics/mAP_0.5", "lr"], None),
    "deim": (
        rows(lambda e, m: json.dumps({"train_lr": 1e-4, "train_loss": 9, "train_loss_mal": 1, "train_loss_bbox": 0.5, "train_loss_giou": 0.4, "train_loss_mal_aux_0": 1, "test_coco_eval_bbox": [m] + [0.3] * 11, "epoch": e - 1, "n_parameters": 4}) + "\n"),
        ["train/box_loss", "train/cls_loss", "train/giou_loss"], (5, 0.16)),
    "keras_console": (
        rows(lambda e, _: f"Epoch {e}/6\n\r 50/100 [====>...] - ETA: 5s - loss: 2.0\r100/100 [==========] - 12s 120ms/step - loss: 1.5 - box_loss: 0.5 - val_loss: 1.6 - val_box_loss: 0.6\n"),
        ["train/total_loss", "train/box_loss", "val/total_loss", "val/box_loss"], None),
    "lightning_sparse": (
        rows(lambda e, m: f",0.001,{e * 10},,,,\n{e - 1},,{e * 10 + 4},,1.5,,\n{e - 1},,{e * 10 + 9},,,1.6,{m}\n{e - 1},,{e * 10 + 9},1.4,,,\n",
             "epoch,lr-Adam,step,train_loss_epoch,train_loss_step,val_loss,val_map\n"
             ).replace("val_map\n", "val_map_50_95\n"),
        ["train/total_loss", "val/total_loss", "lr"], (5, 0.16)),
    "weights_and_biases_export": (
        rows(lambda e, m: f'"{e}","{m}","{m}","{m}"\n',
             '"Step","exp1 - metrics/mAP50-95(B)","exp1 - metrics/mAP50-95(B)__MIN","exp1 - metrics/mAP50-95(B)__MAX"\n'),
        [], (6, 0.16)),
    "markdown": (
        rows(lambda e, m: f"| {e} | 2.0 | {m} |\n", "| epoch | train/box_loss | mAP50-95 |\n|---|---|---|\n"),
        ["train/box_loss"], (6, 0.16)),
    "darknet_spelt_with_underscores": (
        rows(lambda e, m: f" {e * 100}: 10.0, 11.0 avg, 0.001 rate, 3.1 seconds, 6400 images\n mean_average_precision (mAP@0.5) = {m} \n"),
        ["train/total_loss", "metrics/mAP_0.5"], None),
    "nanodet_with_val_losses": (
        rows(lambda e, m: f"[NanoDet][01-01 10:00:01]INFO:Train|Epoch{e}/6|Iter{e * 9}(9/9)| lr:1.00e-04| loss_qfl:1.2| loss_bbox:0.9|\n"
             f"[NanoDet][01-01 10:00:09]INFO:Val|Epoch{e}/6|Iter{e * 9}(5/5)| lr:1.00e-04| loss_qfl:1.4| loss_bbox:1.0|\n"
             f"INFO:NanoDet:Val|Epoch:{e}/6|Iter:{e * 9}(5/5)| lr:1.00e-04| loss_qfl:1.4| loss_bbox:1.0|\n{SUMMARY.format(m)}"),
        ["train/box_loss", "val/box_loss", "val/cls_loss"], (6, 0.16)),
    "super_gradients_console": (
        rows(lambda e, m: f"SUMMARY OF EPOCH {e - 1}\n├── Train\n│   ├── Ppyoloeloss/loss_cls = 1.5\n│   │   └── Best until now = 1.5 (= 0.0)\n│   └── Ppyoloeloss/loss = 2.5\n"
             f"└── Validation\n    ├── Ppyoloeloss/loss = 2.4\n    ├── Precision@0.50 = 0.1\n    └── Map@0.50:0.95 = {m}\n"),
        ["train/total_loss", "val/total_loss", "metrics/precision"], (5, 0.16)),
    "efficientdet_of_timm": (
        rows(lambda e, m: f"Train: {e - 1} [   0/10 (  0%)]  Loss:  0.9 (0.9)  Time: 1.0s\nTest: [   5/5]  Time: 0.1 (0.1)  Loss:   0.8 (1.1)\n{SUMMARY.format(m)}"),
        ["train/total_loss", "val/total_loss"], (5, 0.16)),
    "paddle_with_voc": (
        rows(lambda e, m: f"[01/01 10:00:00] ppdet.engine INFO: Epoch: [{e - 1}] [ 0/10] learning_rate: 0.0001 loss_xy: 0.5 loss: 2.0 eta: 0:10:00\n"
             f"[01/01 10:00:20] ppdet.metrics.metrics INFO: mAP(0.50, 11point) = {100 * m:.2f}%\n"),
        ["train/total_loss", "metrics/mAP_0.5"], None),
    "names_without_colons": (
        rows(lambda e, m: f"Epoch {e:03d} | train loss 2.9 | val loss 2.1 | mAP50 31.0% | mAP50-95 {100 * m:.1f}%\n"),
        ["train/total_loss", "val/total_loss", "metrics/mAP_0.5"], (6, 0.16)),
    "darknet_in_pytorch": (
        rows(lambda e, m: f"---- [Epoch {e - 1}/6, Batch 9/10] ----\n| loss | 1.0 | 1.1 | 1.2 |\nTotal loss 2.9\n---- mAP {m:.5f}\n"),
        ["train/total_loss", "metrics/mAP_0.5"], None),
    "yolo_console_with_coco_s_summary": (
        rows(lambda e, m: f"     {e - 1}/5  0.01  1.9  1.0  1.4: {BAR}\n{SUMMARY.format(m)}", "     Epoch        lr  iou_loss  dfl_loss  cls_loss\n"),
        ["train/box_loss"], (5, 0.16)),
    "keras_cv": (
        rows(lambda e, m: f"{e - 1},0.9,1.1,2,{m},0.3,0.1\n", "epoch,box_loss,class_loss,loss,val_MaP,val_MaP@[IoU=50],val_MaP@[area=small]\n"),
        ["train/box_loss", "metrics/mAP_0.5", "metrics/mAP_small"], (5, 0.16)),
    "table_as_pandas_prints_it": (
        rows(lambda e, m: f"{e - 1}      {e}     2.9       0.3      {m}\n", "   epoch  train/box_loss  metrics/mAP50(B)  metrics/mAP50-95(B)\n"),
        ["train/box_loss", "metrics/mAP_0.5"], (6, 0.16)),
    "table_as_pandas_writes_json": (
        json.dumps({"train/loss": {str(e - 1): 2.0 for e in EPOCHS}, "mAP50-95": {str(e - 1): 0.1 + e / 100 for e in EPOCHS}}),
        ["train/total_loss"], (6, 0.16)),
    "mmrotate": (
        rows(lambda e, _: f"2023/01/01 00:00:00 - mmengine - INFO - Epoch(train) [{e}][50/50]  lr: 1e-3  loss: 2.0  loss_bbox: 0.3\n"
             f"2023/01/01 00:00:00 - mmengine - INFO - Epoch(val) [{e}][10/10]    dota/mAP: 0.4  dota/AP50: 0.4\n"),
        ["train/box_loss", "metrics/mAP_0.5"], None),
    "icevision_of_fastai": (
        rows(lambda e, m: f"{e - 1},2.0,2.1,{m},00:12\n", "epoch,train_loss,valid_loss,COCOMetric,time\n"),
        ["train/total_loss", "val/total_loss"], (5, 0.16)),
    "rf_detr_with_classes": (
        rows(lambda e, m: json.dumps({"train_loss": 9, "train_loss_bbox": 0.5, "test_coco_eval_bbox": [m, 0.3] + [0.1] * 10, "epoch": e - 1, "n_parameters": 4,
             "test_results_json": {"class_map": [{"class": "cat", "map@50:95": m, "map@50": 0.5, "precision": 0.8}, {"class": "all", "map@50:95": m}], "map": 0.3, "precision": 0.8, "recall": 0.7}}) + "\n"),
        ["metrics/precision", "metrics/recall", "class/cat/AP_0.5:0.95", "class/cat/AP_0.5"], (5, 0.16)),
    "title_case": (
        rows(lambda e, m: f"{e},2.0,2.1,0.3,{m},1e-3\n", "Epoch,Train Loss,Val Loss,mAP@0.5,mAP@0.5:0.95,Learning Rate\n"),
        ["train/total_loss", "val/total_loss", "metrics/mAP_0.5", "lr"], (6, 0.16)),
    "results_txt_below_a_banner": (
        rows(lambda e, m: f"  {e - 1}/5  1.27G  0.07  0.09  0.01  0.17  130  480  0.5  0.5  0.3  {m}  0.06  0.06  0.01\n", "github: up to date\nStarting training\n\n"),
        ["train/box_loss", "val/cls_loss"], (5, 0.16)),
    "one_whole_line_and_a_cut_one": (
        "  0/9  1.27G  0.0676  0.0956  0.0110  0.1742  130  480  0.5665  0.5082  0.5168  0.1922  0.0630  0.0638  0.0100\n  1/9  1.22G  0.06",
        ["train/box_loss", "val/cls_loss"], (0, 0.1922)),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_read_log__dialect(tmp_path: Path, name: str) -> None:
    text, keys, best = DIALECTS[name]
    path = tmp_path / "log.txt"
    path.write_text(text, encoding="utf-8")
    graph = read_log(path)
    assert set(keys) <= set(graph.series)
    assert all(np.isfinite(graph.series[key]).all() for key in keys)
    assert len(graph.epochs) == (1 if name == "one_whole_line_and_a_cut_one" else len(EPOCHS))
    if best is not None:
        found = build_document(graph)["best"]
        assert (found["metric"], found["epoch"]) == ("metrics/mAP_0.5:0.95", best[0])
        assert found["value"] == pytest.approx(best[1])


@pytest.mark.parametrize("prefix", ["2024-01-01T10:00:00.123456789Z ", "0: ", "trainer-1  | "])
@pytest.mark.parametrize("name", ["nanodet_with_val_losses", "ultralytics_console_in_colour", "deim"])
def test_read_log__what_docker_or_slurm_puts_before_each_line_is_taken_off(
    tmp_path: Path, name: str, prefix: str
) -> None:
    text = DIALECTS[name][0]
    plain, prefixed = tmp_path / "plain", tmp_path / "prefixed"
    plain.write_text(text)
    prefixed.write_text("".join(f"{prefix}{line}\n" for line in text.splitlines()))
    expected = read_log(plain)
    graph = read_log(prefixed)
    assert graph.epochs.tolist() == expected.epochs.tolist()
    assert graph.series.keys() == expected.series.keys()
    for key, values in expected.series.items():
        np.testing.assert_array_equal(graph.series[key], values)


def test_read_log__classes_of_nanodet(tmp_path: Path) -> None:
    table = "| class | AP50 | mAP | class | AP50 | mAP |\n|:---|:---|:---|:---|:---|:---|\n"
    path = tmp_path / "log.txt"
    path.write_text(rows(lambda e, m: f"[NanoDet][01-01 10:00:01]INFO:Train|Epoch{e}/6|Iter{e}(1/1)| loss_bbox:0.9|\n"
                         f"{SUMMARY.format(m)}{table}| cat | 55.9 | {33 + e} | traffic light | 59.7 | 35.8 |\n"))  # fmt: skip
    graph = read_log(path)
    assert graph.series["class/cat/AP_0.5:0.95"].tolist() == pytest.approx([0.33 + e / 100 for e in EPOCHS])
    assert graph.series["class/traffic light/AP_0.5:0.95"].tolist() == pytest.approx([0.358] * 6)


def test_read_log__lines_of_validation_are_no_training(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text(DIALECTS["nanodet_with_val_losses"][0])
    graph = read_log(path)
    assert graph.series["train/box_loss"].tolist() == [0.9] * 6
    assert graph.series["val/box_loss"].tolist() == [1.0] * 6


def test_read_log__scalar_as_tensorboard_s_json_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "run-train-tag-metrics_mAP50-95(B).json"
    path.write_text(json.dumps([[1.7e9 + e, e, 0.1 + e / 100] for e in EPOCHS]))
    assert read_log(path).series["metrics/mAP_0.5:0.95"].tolist() == pytest.approx([0.1 + e / 100 for e in EPOCHS])


def test_read_log__scalar_downloaded_from_tensorboard_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "run-train-tag-metrics_mAP50-95(B).csv"
    path.write_text(rows(lambda e, m: f"{1.7e9 + e},{e},{m}\n", "Wall time,Step,Value\n"))
    assert read_log(path).series["metrics/mAP_0.5:0.95"][-1] == 0.16
