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


def test_read_log__scalar_downloaded_from_tensorboard_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "run-train-tag-metrics_mAP50-95(B).csv"
    path.write_text(rows(lambda e, m: f"{1.7e9 + e},{e},{m}\n", "Wall time,Step,Value\n"))
    assert read_log(path).series["metrics/mAP_0.5:0.95"][-1] == 0.16
