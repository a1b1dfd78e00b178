"""What the widespread trainers print, with all that stands between, value by value. Run: pytest tests/graphs/readers."""

# ruff: noqa: E501  log lines are as long as they are

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from epochal.graphs.document import build_document
from epochal.graphs.readers import read_log

MAP, MAP50, BOX, CLS = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5", "train/box_loss", "train/cls_loss"
COUNT = 8
# Of epoch 1, 2, 3 and so on; the best is the seventh.
STRICT = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.42, 0.4]
LOOSE = [0.2, 0.25, 0.3, 0.35, 0.45, 0.5, 0.55, 0.6]
BOXES = [1.9, 1.7, 1.5, 1.3, 1.2, 1.1, 1.0, 0.9]
CLASSES = [2.9, 2.5, 2.1, 1.8, 1.5, 1.3, 1.1, 1.05]


def coco(place: int) -> str:
    """The lines of COCO's summary."""
    line = " Average Precision  (AP) @[ IoU={} | area={} | maxDets=100 ] = {:.3f}\n"
    return (
        "IoU metric: bbox\n"
        + line.format("0.50:0.95", "   all", STRICT[place])
        + line.format("0.50     ", "   all", LOOSE[place])
        + line.format("0.75     ", "   all", 0.1)
        + line.format("0.50:0.95", " small", -1)
        + " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.3\n"
    )


def epochs(write: Callable[[int, int], str], begin: str = "", first: int = 1) -> str:
    """A log: what is written for (place, epoch), one after the other."""
    return begin + "".join(write(place, place + first) for place in range(COUNT))


YOLOX = epochs(
    lambda i, e: (
        f"2024-01-02 10:00:00 | INFO     | yolox.core.trainer:204 - ---> start train epoch{e}\n"
        + "".join(
            f"2024-01-02 10:00:01 | INFO     | yolox.core.trainer:270 - epoch: {e}/{COUNT}, iter: {it}/20, mem: 3000Mb, iter_time: 0.2s, data_time: 0.0s, total_loss: 9.0, iou_loss: {BOXES[i]}, l1_loss: 0.0, conf_loss: 1.0, cls_loss: {CLASSES[i]}, lr: 1.0e-03, size: 640, ETA: 0:10:00\n"
            for it in (10, 20)
        )
        + f"2024-01-02 10:00:02 | INFO     | yolox.core.trainer:358 - Save weights to ./out\n2024-01-02 10:00:03 | INFO     | yolox.core.trainer:343 - \nAverage forward time: 5.1 ms, Average NMS time: 1.0 ms\n{coco(i)}per class AP:\n| class   | AP     | class   | AP     |\n|:--------|:-------|:--------|:-------|\n| cat     | 50.0   | dog     | 40.0   |\n"
    )
)
MMDET2_JSON = epochs(
    lambda i, e: (
        "".join(
            json.dumps(
                {
                    "mode": "train",
                    "epoch": e,
                    "iter": it,
                    "lr": 0.01,
                    "memory": 4000,
                    "loss_cls": CLASSES[i],
                    "loss_bbox": BOXES[i],
                    "loss": 5.0,
                    "grad_norm": 3.0,
                    "time": 0.3,
                }
            )
            + "\n"
            for it in (50, 100)
        )
        + json.dumps(
            {
                "mode": "val",
                "epoch": e,
                "iter": 40,
                "lr": 0.01,
                "bbox_mAP": STRICT[i],
                "bbox_mAP_50": LOOSE[i],
                "bbox_mAP_s": -1.0,
                "bbox_mAP_copypaste": f"{STRICT[i]} {LOOSE[i]} 0.1 -1.0 0.1 0.3",
            }
        )
        + "\n"
    ),
    json.dumps(
        {
            "env_info": "sys.platform: linux",
            "config": "runner = dict(type='EpochBasedRunner', max_epochs=8)\n",
            "seed": 1,
        }
    )
    + "\n",
)
MMDET3_TEXT = epochs(
    lambda i, e: (
        "".join(
            f"2024/01/02 10:00:00 - mmengine - INFO - Epoch(train)  [{e}][{it:>3}/100]  base_lr: 1.0000e-02 lr: 9.0000e-03  eta: 0:10:00  time: 0.3  data_time: 0.1  memory: 3000  grad_norm: 3.0  loss: 5.0  loss_cls: {CLASSES[i]}  loss_bbox: {BOXES[i]}\n"
            for it in (50, 100)
        )
        + f"2024/01/02 10:00:00 - mmengine - INFO - Epoch(val)  [{e}][50/60]    eta: 0:00:01  time: 0.04  data_time: 0.002  memory: 900\n2024/01/02 10:00:00 - mmengine - INFO - bbox_mAP_copypaste: {STRICT[i]} {LOOSE[i]} 0.1 -1.0 0.2 0.3\n2024/01/02 10:00:00 - mmengine - INFO - Epoch(val) [{e}][60/60]    coco/bbox_mAP: {STRICT[i]}  coco/bbox_mAP_50: {LOOSE[i]}  coco/bbox_mAP_s: -1.0000  data_time: 0.002  time: 0.04\n"
    )
)
MMROTATE_TEXT = MMDET3_TEXT.replace("coco/bbox_mAP_50", "dota/AP50")
for strict, loose in zip(STRICT, LOOSE, strict=True):
    MMROTATE_TEXT = MMROTATE_TEXT.replace(f"coco/bbox_mAP: {strict} ", f"dota/mAP: {loose} ")
DETECTRON2_TEXT = epochs(
    lambda i, _: (
        "".join(
            f"[01/02 10:00:00 d2.utils.events]:  eta: 0:10:00  iter: {40 * i + it}  total_loss: 9.0  loss_cls: {CLASSES[i]}  loss_box_reg: {BOXES[i]}  loss_rpn_cls: 0.1  time: 0.3  data_time: 0.01   lr: 0.001  max_mem: 3000M\n"
            for it in (19, 39)
        )
        + f"[01/02 10:00:00 d2.evaluation.coco_evaluation]: Evaluation results for bbox: \n|   AP   |  AP50  |  AP75  |  APs  |\n|:------:|:------:|:------:|:-----:|\n| {100 * STRICT[i]:.3f} | {100 * LOOSE[i]:.3f} | 10.000 |  nan  |\n[01/02 10:00:00 d2.evaluation.testing]: copypaste: AP,AP50,AP75,APs\n"
    ),
    "[01/02 10:00:00 d2.data.build]: Removed 0 images with no usable annotations. 80 images left.\nSOLVER:\n  IMS_PER_BATCH: 2\n",
)
RTDETR_CONSOLE = epochs(
    lambda i, e: (
        "".join(
            f"Epoch: [{e}]  [{it:>3}/20]  eta: 0:00:20  lr: 0.000010  loss: 9.0000 (9.0000)  loss_vfl: {CLASSES[i]} ({CLASSES[i]})  loss_bbox: {BOXES[i]} ({BOXES[i]})  loss_bbox_aux_0: 7.0 (7.0)  time: 0.9  data: 0.1  max mem: 4000\n"
            for it in (0, 10)
        )
        + f"Epoch: [{e}] Total time: 0:00:20 (0.9 s / it)\nTest:  [ 0/10]  eta: 0:00:05    time: 0.5  data: 0.3  max mem: 4000\nTest: Total time: 0:00:05 (0.5 s / it)\nAccumulating evaluation results...\n{coco(i)}best_stat: {{'epoch': {e}, 'coco_eval_bbox': {max(STRICT[: i + 1])}}}\n"
    ),
    first=0,
)
NANODET = epochs(
    lambda i, e: (
        f"[NanoDet][01-02 10:00:00]INFO: Train|Epoch{e}/8|Iter{20 * i}(1/20)| mem:3.2G| lr:1.00e-03| loss_qfl:{CLASSES[i]}| loss_bbox:{BOXES[i]}| loss_dfl:0.5| aux_loss_bbox:9.0|\n[NanoDet][01-02 10:00:00]INFO: Val|Epoch{e}/8|Iter{20 * i}(1/5)| mem:3.2G| lr:1.00e-03| loss_qfl:8.0| loss_bbox:7.0|\n{coco(i)}[NanoDet][01-02 10:00:00]INFO: Val_metrics: {{'mAP': {STRICT[i]}, 'AP_50': {LOOSE[i]}, 'AP_75': 0.1}}\n"
    )
)
PADDLE = epochs(
    lambda i, e: (
        f"[01/02 10:00:00] ppdet.engine INFO: Epoch: [{e}] [  0/100] learning_rate: 0.001000 loss: 9.000000 loss_cls: {CLASSES[i]} loss_iou: {BOXES[i]} loss_dfl: 1.0 loss_l1: 0.5 eta: 0:10:00 batch_cost: 0.3 ips: 20 images/s\n[01/02 10:00:00] ppdet.engine INFO: Eval iter: 0\n[01/02 10:00:00] ppdet.metrics.metrics INFO: The bbox result is saved to bbox.json.\n{coco(i)}[01/02 10:00:00] ppdet.engine INFO: Best test bbox ap is {max(STRICT[: i + 1]):.3f}.\n"
    ),
    first=0,
)
PADDLEX = epochs(
    lambda i, e: (
        f"2022-01-02 10:00:00 [INFO]\t[TRAIN] Epoch={e}/8, Step=10/20, loss_cls={CLASSES[i]:.6f}, loss_iou={BOXES[i]:.6f}, loss=9.0, lr=0.001, time_each_step=0.3s, eta=0:1:0\n2022-01-02 10:00:00 [INFO]\t[EVAL] Finished, Epoch={e}, bbox_map={100 * LOOSE[i]:.6f} .\n"
    )
)
SUPERGRADIENTS = epochs(
    lambda i, e: (
        f"\rTrain epoch {e}:   0%|          | 0/20 [00:00<?, ?it/s]\rTrain epoch {e}: 100%|██████████| 20/20 [00:05<00:00, PPYoloELoss/loss=9.0, gpu_mem=3.1]\n===========\nSUMMARY OF EPOCH {e}\n├── Train\n│   ├── Ppyoloeloss/loss_cls = {CLASSES[i]}\n│   │   ├── Epoch N-1      = 9.9    (↘ -0.3)\n│   │   └── Best until now = 9.9    (↘ -0.3)\n│   └── Ppyoloeloss/loss_iou = {BOXES[i]}\n└── Validation\n    ├── Ppyoloeloss/loss_cls = 8.0\n    ├── Map@0.50 = {LOOSE[i]}\n    │   └── Best until now = 0.99 (↗ 0.01)\n    └── Map@0.50:0.95 = {STRICT[i]}\n\n"
    ),
    first=0,
)
GLUONCV = epochs(
    lambda i, e: (
        f"INFO:root:[Epoch {e}][Batch 99], Speed: 20.0 samples/sec, BoxCenterLoss={BOXES[i]}, ClassLoss={CLASSES[i]}\nINFO:root:[Epoch {e}] Validation: \ncat=0.99\nmAP={LOOSE[i]}\n"
    ),
    first=0,
)
GLUONCV_SSD = epochs(
    lambda i, e: (
        f"[Epoch {e}][Batch 99], Speed: 20.0 samples/sec, CrossEntropy={CLASSES[i]}, SmoothL1={BOXES[i]}\n"
        f"[Epoch {e}] Training cost: 9.1, CrossEntropy={CLASSES[i]}, SmoothL1={BOXES[i]}\n[Epoch {e}] Validation: \ncat=0.99\nmAP={LOOSE[i]}\n"
    ),
    first=0,
)
TF_CONSOLE = epochs(
    lambda i, e: (
        f"INFO:tensorflow:Step {100 * e} per-step time 0.300s\nI0102 10:00:00.000000 1400 model_lib_v2.py:708] {{'Loss/classification_loss': {CLASSES[i]},\n 'Loss/localization_loss': {BOXES[i]},\n 'Loss/total_loss': 9.0,\n 'learning_rate': 0.01}}\n"
    )
)
RESULTS_TXT = epochs(
    lambda i, e: (
        f"  {e}/7  4.5G  {BOXES[i]}  1.0  {CLASSES[i]}  9.0  78  640  0.5  0.4  {LOOSE[i]}  {STRICT[i]}  1.5  1.0  2.0\n"
    ),
    "  Epoch  gpu_mem  box  obj  cls  total  targets  img_size  P  R  mAP@.5  mAP@.5:.95  val_box  val_obj  val_cls\n",
    first=0,
)

# name → (text, {key: values}, the first epoch)
LOGS: dict[str, tuple[str, dict[str, list[float]], int]] = {
    "yolox": (YOLOX, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 1),
    "mmdetection_2_json": (MMDET2_JSON, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 1),
    "mmdetection_3_text": (MMDET3_TEXT, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 1),
    "mmrotate_text": (MMROTATE_TEXT, {MAP50: LOOSE, "metrics/mAP": LOOSE, BOX: BOXES}, 1),
    "detectron2_text": (DETECTRON2_TEXT, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 1),
    "rt_detr_console": (RTDETR_CONSOLE, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 0),
    "nanodet": (NANODET, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 1),
    "paddledetection": (PADDLE, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 0),
    "paddlex_in_percent": (PADDLEX, {MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 1),
    "supergradients": (SUPERGRADIENTS, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 0),
    "gluoncv": (GLUONCV, {MAP50: LOOSE, CLS: CLASSES}, 0),
    "gluoncv_ssd": (GLUONCV_SSD, {MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 0),
    "tensorflow_console": (TF_CONSOLE, {BOX: BOXES, CLS: CLASSES}, 1),
    "results_txt_with_names_above": (RESULTS_TXT, {MAP: STRICT, MAP50: LOOSE, BOX: BOXES, CLS: CLASSES}, 0),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", LOGS)
def test_read_log__value_by_value(tmp_path: Path, name: str, ending: str) -> None:
    text, expected, first = LOGS[name]
    path = tmp_path / "train.log"
    path.write_bytes(text.replace("\n", ending).encode())
    graph = read_log(path)
    assert graph.epochs.tolist() == [first + place for place in range(COUNT)]
    for key, values in expected.items():
        np.testing.assert_allclose(graph.series[key], values, atol=1e-9, err_msg=key)
    if MAP in expected:
        assert build_document(graph)["best"] == {"epoch": 6 + first, "metric": MAP, "value": pytest.approx(0.42)}


@pytest.mark.parametrize("name", ["yolox", "mmdetection_3_text", "paddledetection", "nanodet"])
def test_read_log__cut_anywhere_keeps_its_whole_epochs(tmp_path: Path, name: str) -> None:
    text, expected, _ = LOGS[name]
    path = tmp_path / "train.log"
    for share in (0.4, 0.55, 0.7, 0.85):
        path.write_text(text[: int(share * len(text))], "utf-8")
        graph = read_log(path)
        whole = len(graph.epochs) - 1
        assert whole >= 2
        for key, values in expected.items():
            np.testing.assert_allclose(graph.series[key][:whole], values[:whole], atol=1e-9, err_msg=key)
