"""What a column name means by itself. Run: pytest tests/graphs/readers/test_column_names.py."""

import pytest

from epochal.graphs.readers.names import explain, is_epoch, is_known, is_step

MAP, MAP50 = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5"

KEYS = [
    # Ultralytics, YOLOv5 and their forks
    ("   metrics/mAP50-95(B)", MAP), ("metrics/mAP50(B)", MAP50), ("metrics/mAP_0.5:0.95", MAP),
    ("metrics/HBBmAP.5:.95", MAP), ("metrics/HBBmAP.5", MAP50), ("metrics/precision(B)", "metrics/precision"),
    ("metrics/mAP50(M)", "metrics/mask/mAP_0.5"), ("metrics/mAP50-95(P)", "metrics/pose/mAP_0.5:0.95"),
    ("metrics/cells_mAP", "metrics/cells_mAP"), ("train/box_oo", "train/box_loss"), ("val/giou_loss", "val/box_loss"),
    ("train/kobj_loss", "train/kobj_loss"), ("lr/pg1", "lr"), ("x/lr2", "lr"), ("lr0", "lr"),
    # COCO's names as other frameworks write them
    ("coco/bbox_mAP_50", MAP50), ("bbox/AP50", MAP50), ("eval_map_50", MAP50), ("val/mAP_50_95", MAP),
    ("DetectionBoxes_Precision/mAP@.50IOU", MAP50), ("val/COCOAP50_95", MAP), ("mAP@[0.5:0.95]", MAP),
    ("mAP@.5:.95", MAP), ("mAP 50-95", MAP), ("AP50", MAP50), ("bbox/APl", "metrics/mAP_large"),
    ("segm/AP50", "metrics/mask/mAP_0.5"), ("DetectionBoxes_Recall/AR@100", "metrics/AR_100"),
    ("run 3 - metrics/mAP50(B)", MAP50),
    # classes
    ("bbox/AP-traffic light", "class/traffic light/AP_0.5:0.95"), ("val/AP/Cat", "class/Cat/AP_0.5:0.95"),
    ("coco/person_precision", "class/person/AP_0.5:0.95"), ("class/a/b/AP_0.5", "class/a/b/AP_0.5"),
    # losses
    ("train_loss_bbox", "train/box_loss"), ("train_loss_ce", "train/cls_loss"), ("loss_rpn_cls", "train/rpn_cls_loss"),
    ("loss_rpn_loc", "train/rpn_box_loss"), ("loss", "train/total_loss"), ("val_loss", "val/total_loss"),
    ("validation_loss", "val/total_loss"), ("Loss/train", "train/total_loss"), ("loss_val", "val/total_loss"),
    ("trainLoss", "train/total_loss"), ("Loss/classification_loss", "train/cls_loss"),
    ("epoch_loss", "train/total_loss"),
    ("Train_PPYoloELoss/loss_iou", "train/box_loss"), ("test_loss_ce", "test/cls_loss"),
    # rates
    ("lr-AdamW", "lr"), ("learning_rate", "lr"), ("train_lr", "lr"), ("base_lr", "lr"),
    # what is no box metric keeps its name
    ("accuracy/top1", "metrics/accuracy_top1"), ("val_acc", "metrics/acc"), ("class", "class"), ("xmin", "xmin"),
    ("train/mAP_0.5", "train/mAP_0.5"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "key"), KEYS, ids=[raw for raw, _ in KEYS])
def test_explain__gives_the_key(raw: str, key: str) -> None:
    assert explain(raw).key == key


ASIDE = ["train_loss_ce_3", "train_loss_bbox_dn_0",
         "train_loss_ce_unscaled", "d0.loss_cls", "loss_vfl_aux_1", "data_time",
         "eta_seconds", "n_parameters", "mAP_copypaste", "map_per_class", "lr-Adam-momentum", "", "Unnamed: 0",
         "run - metrics/mAP50(B)__MAX"]  # fmt: skip


@pytest.mark.parametrize("raw", ASIDE)
def test_explain__leaves_aside(raw: str) -> None:
    assert explain(raw).kind == "aside"


def test_explain__bare_map_waits_for_its_company() -> None:
    assert (explain("mAP").kind, explain("mAP").key) == ("metric", "")
    assert explain("mean_average_precision").kind == "metric"


def test_explain__tells_two_nets_apart() -> None:
    plain, ema = explain("val/mAP_50_95"), explain("val/ema_mAP_50_95")
    assert plain.key == ema.key == MAP
    assert (plain.variant, ema.variant) == ("", "ema")
    assert ema.fallback == "metrics/ema/mAP_0.5:0.95"


@pytest.mark.parametrize("raw", ["filename", "width", "class", "species", "Value", "name", "score", "step"])
def test_is_known__not_of_other_tables(raw: str) -> None:
    assert not is_known(raw)


def test_is_epoch_and_is_step() -> None:
    assert is_epoch(" Epoch ")
    assert is_step("global_step")
    assert not is_epoch("epoch_loss")
