"""Small logs in the manner of each framework, written for these tests; the numbers are made up."""

# ruff: noqa: E501  log lines are as long as they are

import json

ULTRALYTICS = """\
epoch,time,train/box_loss,train/cls_loss,train/dfl_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss,val/cls_loss,val/dfl_loss,lr/pg0,lr/pg1,lr/pg2
1,10,1.9,3.0,1.5,0.4,0.3,0.30,0.10,1.8,2.9,1.4,0.0005,0.0003,0.0005
2,21,1.6,2.5,1.3,0.5,0.4,0.45,0.20,1.6,2.4,1.3,0.0010,0.0006,0.0010
3,31,1.4,2.1,1.2,0.6,0.5,0.55,0.30,1.5,2.0,1.2,0.0009,0.0005,0.0009
4,42,1.3,1.9,1.1,0.7,0.6,0.60,0.28,1.5,1.9,1.2,0.0008,0.0004,0.0008
"""

YOLOV5 = """\
               epoch,      train/box_loss,      train/obj_loss,      train/cls_loss,   metrics/precision,      metrics/recall,     metrics/mAP_0.5,metrics/mAP_0.5:0.95,        val/box_loss,        val/obj_loss,        val/cls_loss,               x/lr0,               x/lr1,               x/lr2
                   0,             0.10,             0.03,             0.02,              0.2,              0.1,             0.05,            0.010,             0.09,             0.02,             0.02,             0.1,            0.003,            0.003
                   1,             0.08,             0.03,             0.01,              0.4,              0.3,             0.25,            0.110,             0.07,             0.02,             0.01,             0.05,           0.006,            0.006
                   2,             0.07,             0.02,             0.01,              0.5,              0.4,             0.35,            0.170,             0.06,             0.02,             0.01,             0.01,           0.009,            0.009
"""

YOLOV7 = """\
       0/2     1.27G    0.0676    0.0956    0.0110    0.1742       130       480    0.5665    0.5082    0.5168    0.1922    0.0630    0.0638    0.0100
       1/2     1.22G    0.0637    0.0982    0.0120    0.1739       164       480    0.5876    0.5277    0.5381    0.2045    0.0626    0.0633    0.0110
       2/2     1.22G    0.0600    0.0900    0.0100    0.1600       104       480    0.6000    0.5400    0.5500    0.2001    0.0620    0.0630    0.0100
"""

YOLOV3 = """\
       0/1     1.27G    0.0676    0.0956    0.0110    0.1742       130       480    0.6000    0.3000    0.3168    0.4000    0.0630    0.0638    0.0100
       1/1     1.22G    0.0637    0.0982    0.0120    0.1739       164       480    0.5000    0.5000    0.4381    0.5000    0.0626    0.0633    0.0110
"""

YOLOV10 = """\
epoch,train/box_om,train/cls_om,train/dfl_om,train/box_oo,train/cls_oo,train/dfl_oo,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_om,val/cls_om,val/dfl_om,val/box_oo,val/cls_oo,val/dfl_oo,lr/pg0,lr/pg1,lr/pg2
1,1,2,3,11,12,13,0.1,0.2,0.3,0.2,4,5,6,14,15,16,0.1,0.1,0.1
2,1,2,3,10,11,12,0.1,0.2,0.4,0.1,4,5,6,13,14,15,0.1,0.1,0.1
"""

SEGMENT = """\
epoch,train/box_loss,train/seg_loss,train/cls_loss,train/dfl_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),metrics/precision(M),metrics/recall(M),metrics/mAP50(M),metrics/mAP50-95(M),val/box_loss,val/seg_loss,val/cls_loss,val/dfl_loss,lr/pg0,lr/pg1,lr/pg2
1,1,2,3,4,0.1,0.2,0.3,0.10,0.5,0.6,0.7,0.8,1,2,3,4,0.1,0.1,0.1
2,1,2,3,4,0.1,0.2,0.3,0.20,0.5,0.6,0.7,0.6,1,2,3,4,0.1,0.1,0.1
"""

RTDETR_ULTRALYTICS = """\
epoch,time,train/giou_loss,train/cls_loss,train/l1_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),val/giou_loss,val/cls_loss,val/l1_loss,lr/pg0,lr/pg1,lr/pg2
1,5,0.9,0.8,0.7,0.1,0.2,0.3,0.2,0.6,0.5,0.4,0.1,0.1,0.1
2,9,0.8,0.7,0.6,0.1,0.2,0.3,0.3,0.5,0.4,0.3,0.1,0.1,0.1
"""

OBB_FORK = """\
epoch,train/box_loss,train/obj_loss,train/cls_loss,train/theta_loss,metrics/precision,metrics/recall,metrics/HBBmAP.5,metrics/HBBmAP.5:.95,val/box_loss,val/obj_loss,val/cls_loss,val/theta_loss,x/lr0,x/lr1,x/lr2
0,1,2,3,4,0.1,0.2,0.3,0.1,5,6,7,8,0.1,0.1,0.1
1,1,2,3,4,0.1,0.2,0.4,0.2,5,6,7,8,0.1,0.1,0.1
"""

CLASSIFIER = """\
epoch,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0,lr/pg1,lr/pg2
1,0.9,0.5,1,0.8,0.1,0.1,0.1
2,0.7,0.6,1,0.7,0.1,0.1,0.1
"""

LIGHTNING = """\
epoch,step,train/loss,val/loss,val/map,val/map_50,lr-AdamW
0,9,2.0,,,,
0,19,1.0,,,,
0,19,,1.5,0.10,0.30,
,20,,,,,0.0001
1,29,1.0,,,,
1,39,0.5,,,,
1,39,,1.2,0.20,0.40,
"""

TORCHVISION_CSV = """\
epoch,train_loss,loss_classifier,loss_box_reg,loss_objectness,loss_rpn_box_reg,mAP,mAP_50
1,1.0,0.4,0.3,0.2,0.1,0.20,0.40
2,0.8,0.3,0.3,0.1,0.1,0.25,0.45
"""

DETR = "".join(
    json.dumps(
        {
            "train_lr": 0.0001,
            "train_loss": 9.0 - epoch,
            "train_loss_ce": 2.0 - epoch / 10,
            "train_loss_bbox": 1.0,
            "train_loss_giou": 0.9,
            "train_loss_ce_0": 2.1,
            "train_loss_ce_unscaled": 2.0,
            "test_loss": 8.0,
            "test_loss_bbox": 1.1,
            "test_coco_eval_bbox": [0.1 + epoch / 10, 0.3, 0.2, 0.0, -1.0, 0.5, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3],
            "test_coco_eval_masks": [0.9] * 12,
            "epoch": epoch,
            "n_parameters": 41000000,
        }
    )
    + "\n"
    for epoch in range(3)
)

RFDETR = "".join(
    json.dumps(
        {
            "train_loss": 5.0,
            "train_loss_bbox": 1.0,
            "test_coco_eval_bbox": [0.1, 0.3, *[0.1] * 10],
            "ema_test_coco_eval_bbox": [best, 0.4, *[0.1] * 10],
            "epoch": epoch,
        }
    )
    + "\n"
    for epoch, best in enumerate((0.05, 0.2))
)

MMDET2 = """\
{"env_info": "Python: 3.8", "config": "runner = dict(type='EpochBasedRunner', max_epochs=12)\\n", "seed": 0}
{"mode": "train", "epoch": 1, "iter": 50, "lr": 0.001, "memory": 3000, "data_time": 0.1, "loss_rpn_cls": 0.2, "loss_cls": 0.6, "loss_bbox": 0.4, "loss": 1.2, "time": 0.5}
{"mode": "train", "epoch": 1, "iter": 100, "lr": 0.002, "memory": 3000, "data_time": 0.1, "loss_rpn_cls": 0.1, "loss_cls": 0.4, "loss_bbox": 0.2, "loss": 0.7, "time": 0.5}
{"mode": "val", "epoch": 1, "iter": 40, "lr": 0.002, "bbox_mAP": 0.2, "bbox_mAP_50": 0.4, "bbox_mAP_copypaste": "0.2 0.4"}
{"mode": "train", "epoch": 2, "iter": 50, "lr": 0.002, "memory": 3000, "data_time": 0.1, "loss_rpn_cls": 0.1, "loss_cls": 0.3, "loss_bbox": 0.2, "loss": 0.6, "time": 0.5}
{"mode": "val", "epoch": 2, "iter": 40, "lr": 0.002, "bbox_mAP": 0.3, "bbox_mAP_50": 0.5, "bbox_mAP_copypaste": "0.3 0.5"}
"""

MMDET3 = """\
{"lr": 0.001, "data_time": 0.1, "loss": 1.0, "loss_cls": 0.6, "loss_bbox": 0.4, "time": 0.5, "epoch": 1, "iter": 50, "memory": 3000, "step": 50}
{"lr": 0.001, "data_time": 0.1, "loss": 0.8, "loss_cls": 0.4, "loss_bbox": 0.4, "time": 0.5, "epoch": 1, "iter": 100, "memory": 3000, "step": 100}
{"coco/bbox_mAP": 0.2, "coco/bbox_mAP_50": 0.4, "coco/cat_precision": 0.1, "coco/dog_precision": 0.3, "data_time": 0.1, "time": 0.2, "step": 1}
{"lr": 0.001, "data_time": 0.1, "loss": 0.6, "loss_cls": 0.3, "loss_bbox": 0.3, "time": 0.5, "epoch": 2, "iter": 150, "memory": 3000, "step": 150}
{"coco/bbox_mAP": 0.3, "coco/bbox_mAP_50": 0.5, "coco/cat_precision": 0.2, "coco/dog_precision": 0.4, "data_time": 0.1, "time": 0.2, "step": 2}
"""

DETECTRON2 = "".join(
    json.dumps({"iteration": i, "total_loss": 2.0 - i / 1000, "loss_cls": 1.0, "loss_box_reg": 0.5, "loss_rpn_loc": 0.1,
                "lr": 0.01, "data_time": 0.1, "eta_seconds": 9.0}) + "\n"
    + (json.dumps({"iteration": i + 1, "bbox/AP": 10.0 + i / 100, "bbox/AP50": 40.0, "bbox/AP-cat": 30.0,
                   "segm/AP": 99.0}) + "\n" if (i + 1) % 200 == 0 else "")
    for i in range(19, 800, 20)
)  # fmt: skip

HUGGINGFACE = json.dumps(
    {
        "best_metric": 0.3,
        "num_train_epochs": 3,
        "global_step": 30,
        "log_history": [
            {"epoch": 0.5, "loss": 3.0, "learning_rate": 5e-5, "grad_norm": 2.0, "step": 5},
            {"epoch": 1.0, "loss": 2.0, "learning_rate": 4e-5, "step": 10},
            {"epoch": 1.0, "eval_loss": 1.5, "eval_map": 0.1, "eval_map_50": 0.2, "eval_map_cat": 0.1, "step": 10},
            {"epoch": 2.0, "loss": 1.0, "learning_rate": 2e-5, "step": 20},
            {"epoch": 2.0, "eval_loss": 1.2, "eval_map": 0.3, "eval_map_50": 0.4, "eval_map_cat": -1, "step": 20},
            {"epoch": 3.0, "loss": 0.8, "learning_rate": 0.0, "step": 30},
            {"epoch": 3.0, "eval_loss": 1.3, "eval_map": 0.2, "eval_map_50": 0.3, "eval_map_cat": 0.2, "step": 30},
            {"epoch": 3.0, "step": 30, "total_flos": 1e15, "train_loss": 1.7, "train_runtime": 60.0},
        ],
    },
    indent=2,
)

KEYED_JSON = json.dumps({f"epoch_{n}": {"train_loss": 2 - n / 2, "mAP": n / 4} for n in (1, 2)})

HISTORY_JSON = json.dumps({"config": {"lr": 0.1}, "history": {"train_loss": [1.0, 0.8], "map_50": [0.25, 0.5]}})

KERAS_JSON = json.dumps({"loss": [1.0, 0.8], "val_loss": [1.1, 0.9], "lr": [0.1, 0.1]})

YOLOX = """\
2024-01-01 10:00:00 | INFO     | yolox.core.trainer:before_train:130 - args: Namespace(batch_size=8, lr=0.1)
│ max_epoch        │ 300                        │
2024-01-01 10:00:01 | INFO     | yolox.core.trainer:before_epoch:200 - ---> start train epoch1
2024-01-01 10:00:02 | INFO     | yolox.core.trainer:after_iter:250 - epoch: 1/300, iter: 10/20, mem: 3000Mb, iter_time: 0.3s, data_time: 0.0s, total_loss: 15.0, iou_loss: 4.0, l1_loss: 0.0, conf_loss: 9.0, cls_loss: 2.0, lr: 1.000e-03, size: 640, ETA: 1:00:00
2024-01-01 10:00:03 | INFO     | yolox.core.trainer:after_iter:250 - epoch: 1/300, iter: 20/20, mem: 3000Mb, iter_time: 0.3s, data_time: 0.0s, total_loss: 13.0, iou_loss: 3.0, l1_loss: 0.0, conf_loss: 8.0, cls_loss: 2.0, lr: 2.000e-03, size: 640, ETA: 1:00:00
2024-01-01 10:00:04 | INFO     | yolox.core.trainer:evaluate_and_save_model:365 -
Average forward time: 5.00 ms, Average NMS time: 1.00 ms, Average inference time: 6.00 ms
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.100
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.300
 Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = 0.050
 Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.400
per class AP:
| class   | AP     | class   | AP     |
|:--------|:-------|:--------|:-------|
| cat     | 12.000 | dog     | 8.000  |
2024-01-01 10:00:05 | INFO     | yolox.core.trainer:before_epoch:200 - ---> start train epoch2
2024-01-01 10:00:05 | INFO     | yolox.core.trainer:before_epoch:202 - --->No mosaic aug now!
2024-01-01 10:00:06 | INFO     | yolox.core.trainer:after_iter:250 - epoch: 2/300, iter: 10/20, mem: 3000Mb, iter_time: 0.3s, data_time: 0.0s, total_loss: 11.0, iou_loss: 2.5, l1_loss: 0.0, conf_loss: 7.0, cls_loss: 1.5, lr: 3.000e-03, size: 640, ETA: 1:00:00
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.200
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.400
"""

MMDET_TEXT = """\
2023-01-01 10:00:00,000 - mmdet - INFO - Config:
optimizer = dict(type='SGD', lr=0.02, momentum=0.9)
model = dict(loss_cls=dict(type='CrossEntropyLoss', loss_weight=1.0))
2023-01-01 10:00:01,000 - mmdet - INFO - Epoch [1][50/100]\tlr: 1.000e-03, eta: 1:02:03, time: 0.5, data_time: 0.1, memory: 3000, loss_cls: 0.6000, loss_bbox: 0.4000, loss: 1.0000
2023-01-01 10:00:02,000 - mmdet - INFO - Epoch [1][100/100]\tlr: 1.000e-03, eta: 1:02:03, time: 0.5, data_time: 0.1, memory: 3000, loss_cls: 0.4000, loss_bbox: 0.2000, loss: 0.6000
2023-01-01 10:00:03,000 - mmdet - INFO - Epoch(val) [1][40]\tbbox_mAP: 0.2000, bbox_mAP_50: 0.4000, bbox_mAP_copypaste: 0.2 0.4
2023-01-01 10:00:04,000 - mmdet - INFO - Epoch [2][50/100]\tlr: 1.000e-03, eta: 1:02:03, time: 0.5, data_time: 0.1, memory: 3000, loss_cls: 0.3000, loss_bbox: 0.2000, loss: 0.5000
2023-01-01 10:00:05,000 - mmdet - INFO - Epoch(val) [2][40]\tbbox_mAP: 0.3000, bbox_mAP_50: 0.5000, bbox_mAP_copypaste: 0.3 0.5
"""

MMENGINE_TEXT = """\
2024/01/01 10:00:00 - mmengine - INFO - Epoch(train)  [1][ 50/100]  base_lr: 2.0e-02 lr: 2.0e-03  eta: 0:10:00  time: 0.3  data_time: 0.1  memory: 3000  grad_norm: 8.0  loss: 1.0000  loss_cls: 0.6000  loss_bbox: 0.4000
2024/01/01 10:00:01 - mmengine - INFO - Epoch(train)  [1][100/100]  base_lr: 2.0e-02 lr: 2.0e-03  eta: 0:10:00  time: 0.3  data_time: 0.1  memory: 3000  grad_norm: 8.0  loss: 0.6000  loss_cls: 0.4000  loss_bbox: 0.2000
2024/01/01 10:00:02 - mmengine - INFO - Epoch(val)  [1][20/20]    coco/bbox_mAP: 0.2000  coco/bbox_mAP_50: 0.4000  coco/bbox_mAP_s: -1.0000  data_time: 0.1  time: 0.2
2024/01/01 10:00:03 - mmengine - INFO - Epoch(train)  [2][ 50/100]  base_lr: 2.0e-02 lr: 2.0e-03  eta: 0:10:00  time: 0.3  data_time: 0.1  memory: 3000  grad_norm: 8.0  loss: 0.5000  loss_cls: 0.3000  loss_bbox: 0.2000
2024/01/01 10:00:04 - mmengine - INFO - Epoch(val)  [2][20/20]    coco/bbox_mAP: 0.3000  coco/bbox_mAP_50: 0.5000  coco/bbox_mAP_s: -1.0000  data_time: 0.1  time: 0.2
"""

DETECTRON2_TEXT = "[01/01 10:00:00 d2.data.build]: Removed 0 images with no usable annotations. 100 images left.\n" \
    "  IMS_PER_BATCH: 2\n" + "".join(
    f"[01/01 10:00:{i // 20:02d} d2.utils.events]:  eta: 0:01:00  iter: {i}  total_loss: {2 - i / 1000:.3f}  loss_cls: 1.0  "
    f"loss_box_reg: 0.5  time: 0.1  data_time: 0.01  lr: 0.001  max_mem: 2000M\n"
    + (
        "[01/01 10:01:00 d2.evaluation.coco_evaluation]: Evaluation results for bbox:\n"
        "|   AP   |  AP50  |  AP75  |  APs  |  APm  |  APl  |\n"
        "|:------:|:------:|:------:|:-----:|:-----:|:-----:|\n"
        f"| {10 + i / 10:.3f} | 40.000 | 20.000 |  nan  | 5.000 | 6.000 |\n"
        "[01/01 10:01:00 d2.evaluation.coco_evaluation]: Per-category bbox AP:\n"
        "| category   | AP     | category   | AP     |\n"
        "|:-----------|:-------|:-----------|:-------|\n"
        "| cat        | 12.000 | dog        | 8.000  |\n"
        if i % 100 == 99
        else ""
    )
    for i in range(19, 200, 20)
)  # fmt: skip

SSD_TEXT = "2025-01-01 10:00:00,000 SSD.trainer INFO: Start training ...\n" + "".join(
    f"2025-01-01 10:00:{i // 10:02d},000 SSD.trainer INFO: iter: {i:06d}, lr: 0.00500, total_loss: {9 - i / 100:.3f} (9.000), "
    "reg_loss: 5.0 (5.0), cls_loss: 2.9 (2.9), time: 0.8 (0.7), eta: 1:17:00\n"
    for i in range(10, 210, 10)
)

SSD_PYTORCH = "Loading the dataset...\nTraining SSD on: VOC0712\n" + "".join(
    f"timer: 0.1 sec.\niter {i} || Loss: {12 - i / 10:.4f} || " for i in range(0, 50, 10)
)

TORCHVISION_TEXT = """\
Namespace(lr=0.02, epochs=2)
Start training
Epoch: [0]  [ 0/10]  eta: 0:00:10  lr: 0.000010  loss: 1.0000 (1.0000)  loss_classifier: 0.5000 (0.5000)  loss_box_reg: 0.3000 (0.3000)  time: 0.1  data: 0.1  max mem: 3000
Epoch: [0]  [ 9/10]  eta: 0:00:01  lr: 0.000020  loss: 0.6000 (0.8000)  loss_classifier: 0.3000 (0.4000)  loss_box_reg: 0.1000 (0.2000)  time: 0.1  data: 0.1  max mem: 3000
Epoch: [0] Total time: 0:00:05 (0.5 s / it)
Test:  [0/5]  eta: 0:00:01  model_time: 0.1 (0.1)  evaluator_time: 0.1 (0.1)  time: 0.1  data: 0.1  max mem: 3000
IoU metric: bbox
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.100
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.300
IoU metric: segm
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.900
Epoch: [1]  [ 0/10]  eta: 0:00:10  lr: 0.000020  loss: 0.5000 (0.5000)  loss_classifier: 0.3000 (0.3000)  loss_box_reg: 0.1000 (0.1000)  time: 0.1  data: 0.1  max mem: 3000
IoU metric: bbox
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.200
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.400
"""

KERAS_TEXT = """\
Epoch 1/2
 5/10 [====>.....] - ETA: 1s - loss: 2.0000
10/10 [==========] - 5s 500ms/step - loss: 1.0000 - val_loss: 0.9000
Epoch 2/2
10/10 [==========] - 5s 500ms/step - loss: 0.8000 - val_loss: 0.7000
"""

PRINTED = """\
[Epoch 1] train_loss=1.50 val_loss=1.40 mAP@0.5=0.20 lr=0.001
[Epoch 2] train_loss=1.20 val_loss=1.10 mAP@0.5=0.30 lr=0.001
"""

DARKNET = " yolo-obj\nmini_batch = 4, batch = 64, time_steps = 1, train = 1 \n" + "".join(
    f"\n (next mAP calculation at {i + 100} iterations) \n {i}: {5 - i / 100:.6f}, {6 - i / 100:.6f} avg loss, 0.001000 rate, "
    f"3.1 seconds, {i * 64} images, 2.0 hours left\n"
    + (
        f"\n calculation mAP (mean average precision)...\nclass_id = 0, name = traffic light, ap = 61.50%   \t (TP = 7, FP = 2) \n"
        "\n for conf_thresh = 0.25, precision = 0.80, recall = 0.70, F1-score = 0.75 \n"
        f" mean average precision (mAP@0.50) = {i / 1000:.6f}, or {i / 10:.2f} % \n"
        if i % 100 == 0
        else ""
    )
    for i in range(50, 450, 50)
)

YOLO_CONSOLE = """\
Starting training for 2 epochs...

      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
        1/2       2.3G        1.9        3.1        1.5         16        640:  50%|█████     | 5/10 [00:01<00:01]\r        1/2       2.3G        1.8        3.0        1.4         16        640: 100%|██████████| 10/10 [00:02<00:00]
                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 4/4
                   all        128        929       0.64      0.537      0.605      0.446

      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
        2/2       2.3G        1.2        2.0        1.2         16        640: 100%|██████████| 10/10 [00:02<00:00]
                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 4/4
                   all        128        929       0.66      0.557      0.625      0.456
                person        128        254       0.80      0.700      0.800      0.600
                   all        128        929       0.67      0.567      0.635      0.466
"""


EFFICIENTDET = """\
[Info] loaded weights
Step: 9. Epoch: 0/2. Iteration: 10/10. Cls loss: 0.30. Reg loss: 0.20. Total loss: 0.50
Val. Epoch: 0/2. Classification loss: 0.40. Regression loss: 0.30. Total loss: 0.70
Step: 19. Epoch: 1/2. Iteration: 10/10. Cls loss: 0.20. Reg loss: 0.10. Total loss: 0.30
Val. Epoch: 1/2. Classification loss: 0.30. Regression loss: 0.20. Total loss: 0.50
"""

RETINANET = """\
Num training images: 100
Epoch: 0 | Iteration: 0 | Classification loss: 1.20000 | Regression loss: 0.80000 | Running loss: 2.00000
Epoch: 0 | Iteration: 1 | Classification loss: 1.00000 | Regression loss: 0.60000 | Running loss: 1.80000
mAP: 0.25
Epoch: 1 | Iteration: 0 | Classification loss: 0.80000 | Regression loss: 0.40000 | Running loss: 1.20000
mAP: 0.35
"""

PADDLE = """\
[01/01 10:00:00] ppdet.engine INFO: Epoch: [0] [ 0/20] learning_rate: 0.000100 loss_cls: 2.0 loss_iou: 0.5 loss_dfl: 1.0 loss_l1: 0.4 loss: 4.0 eta: 0:10:00 batch_cost: 0.5 data_cost: 0.1 ips: 8 images/s
[01/01 10:00:10] ppdet.engine INFO: Epoch: [0] [10/20] learning_rate: 0.000200 loss_cls: 1.0 loss_iou: 0.3 loss_dfl: 0.8 loss_l1: 0.3 loss: 3.0 eta: 0:10:00 batch_cost: 0.5 data_cost: 0.1 ips: 8 images/s
[01/01 10:00:20] ppdet.engine INFO: Eval iter: 0
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.100
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.300
[01/01 10:00:21] ppdet.engine INFO: Best test bbox ap is 0.100.
[01/01 10:00:22] ppdet.engine INFO: Epoch: [1] [ 0/20] learning_rate: 0.000200 loss_cls: 0.8 loss_iou: 0.2 loss_dfl: 0.6 loss_l1: 0.2 loss: 2.0 eta: 0:10:00 batch_cost: 0.5 data_cost: 0.1 ips: 8 images/s
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.200
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.400
"""

PRINTED_DICTS = """\
Some words of a notebook
{'loss': 3.0, 'grad_norm': nan, 'learning_rate': 5e-05, 'epoch': 0.5}
{'eval_loss': 1.5, 'eval_map': 0.1, 'eval_map_50': 0.2, 'eval_runtime': 3.0, 'epoch': 1.0}
{'loss': 2.0, 'grad_norm': 1.0, 'learning_rate': 4e-05, 'epoch': 1.5}
{'eval_loss': 1.2, 'eval_map': 0.2, 'eval_map_50': 0.4, 'eval_runtime': 3.0, 'epoch': 2.0}
"""

EPOCH_WORDS = """\
EPOCH 1 of 2
Epoch #1 train loss: 0.50
Epoch #1 mAP: 0.40
Took 0.5 minutes for epoch 0
EPOCH 2 of 2
Epoch #2 train loss: 0.40
Epoch #2 mAP: 0.50
"""

TF_CONSOLE = """\
INFO:tensorflow:Step 100 per-step time 0.500s
INFO:tensorflow:{'Loss/classification_loss': 0.5,
 'Loss/localization_loss': 0.3,
 'Loss/total_loss': 0.9,
 'learning_rate': 0.04}
INFO:tensorflow:Step 200 per-step time 0.500s
INFO:tensorflow:{'Loss/classification_loss': 0.4,
 'Loss/localization_loss': 0.2,
 'Loss/total_loss': 0.7,
 'learning_rate': 0.05}
"""

SUPERGRADIENTS = """\
epoch,Train_PPYoloELoss/loss,Train_PPYoloELoss/loss_cls,Train_PPYoloELoss/loss_iou,Valid_PPYoloELoss/loss,Valid_Precision@0.50,Valid_Recall@0.50,Valid_mAP@0.50,Valid_mAP@0.50:0.95
0,3.0,1.5,0.5,2.9,0.1,0.8,0.30,0.10
1,2.5,1.2,0.4,2.5,0.2,0.9,0.40,0.20
"""

FASTER_RCNN = """\
[session 1][epoch  1][iter    0/100] loss: 4.0, lr: 1.00e-03
\t\t\tfg/bg=(10/246), time cost: 1.0
\t\t\trpn_cls: 0.7, rpn_box: 0.1, rcnn_cls: 3.0, rcnn_box 0.1
[session 1][epoch  1][iter  100/100] loss: 2.0, lr: 1.00e-03
[session 1][epoch  2][iter    0/100] loss: 1.0, lr: 1.00e-04
"""
