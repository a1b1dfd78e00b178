"""The table of series: what each key is called, where it is drawn, and what it means in plain words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Group = Literal["losses", "metrics", "lr", "time", "class", "other"]
Better = Literal["lower", "higher"]

MAP50 = "metrics/mAP_0.5"
MAP50_95 = "metrics/mAP_0.5:0.95"
PRECISION = "metrics/precision"
RECALL = "metrics/recall"
CONFIDENCE = "metrics/confidence"
LR = "lr"
EPOCH_S = "time/epoch_s"


@dataclass(frozen=True)
class Definition:
    """What a page shows beside a series.

    Attributes:
        title: its name for people.
        group: the panel that draws it; losses and metrics never share an axis.
        sentence: what it is, in plain words.
        better: which way is good; None where neither is.
    """

    title: str
    group: Group
    sentence: str
    better: Better | None = None


_LOSSES = {
    "box_loss": "how far the predicted boxes lie from the true ones",
    "cls_loss": "how wrong the predicted classes and their confidences are",
    "obj_loss": "how wrong the model is about whether a place holds an object at all",
    "dfl_loss": "how unsure the model is about where exactly the edges of a box run",
    "giou_loss": "how badly the predicted boxes overlap the true ones",
    "l1_loss": "how many units the edges of the boxes are off",
    "angle_loss": "how far the angles of turned boxes are off",
    "seg_loss": "how badly the predicted outlines cover the true ones",
    "mask_loss": "how badly the predicted outlines cover the true ones",
    "pose_loss": "how far the predicted keypoints lie from the true ones",
    "kobj_loss": "how wrong the model is about which keypoints can be seen",
    "rpn_cls_loss": "how wrong the first stage is about which places hold an object",
    "rpn_box_loss": "how far the first stage's rough boxes lie from the true ones",
    "total_loss": "the sum of all errors that the training pushes down",
    "loss": "the sum of all errors that the training pushes down",
}
_SPLITS = {
    "train": ("train", "on the images that the model learns from; it should fall, quickly at first and then slowly"),
    "val": ("val", "on images that the model does not learn from; if it rises for long while the train loss falls, "
            "the model begins to learn images by heart"),
}  # fmt: skip

TABLE: dict[str, Definition] = {
    MAP50: Definition(
        "mAP_0.5",
        "metrics",
        "How well the model finds objects, from 0 to 1: a box counts as right when it overlaps the true box by at "
        "least half (intersection over union 0.5). The mean over the classes of the area under their precision-recall "
        "curve.",
        "higher",
    ),
    MAP50_95: Definition(
        "mAP_0.5:0.95",
        "metrics",
        "The strict measure, from 0 to 1: the mean of mAP at ten overlaps, 0.50, 0.55 and so on to 0.95, so boxes must "
        "also be tight. The best epoch is the one where this is highest.",
        "higher",
    ),
    PRECISION: Definition(
        "precision",
        "metrics",
        "Of the boxes that the model draws, the share that is right. It holds at one confidence threshold, the one "
        "with the best balance of precision and recall at that epoch.",
        "higher",
    ),
    RECALL: Definition(
        "recall",
        "metrics",
        "Of the objects that are there, the share that the model finds. It holds at one confidence threshold, the one "
        "with the best balance of precision and recall at that epoch.",
        "higher",
    ),
    CONFIDENCE: Definition(
        "confidence",
        "metrics",
        "The confidence threshold at which this epoch's precision and recall hold. It moves from epoch to epoch; no "
        "way is better.",
    ),
    "metrics/F1": Definition(
        "F1", "metrics", "Precision and recall in one number, their harmonic mean, from 0 to 1.", "higher"
    ),
    LR: Definition(
        "learning rate",
        "lr",
        "How large a step the training takes at each update. It follows a plan; no way is better.",
    ),
    EPOCH_S: Definition("seconds per epoch", "time", "How long one pass over the train images took.", "lower"),
    "epoch": Definition("epoch", "time", "One pass over all train images, counted from 1."),
}
_CLASS_KEY = re.compile(r"class/(?P<name>.*)/AP_(?P<iou>0\.5(?::0\.95)?)", re.DOTALL)


def describe(key: str) -> Definition:
    """What a key means; never fails, an unknown key gets its own name as title.

    Args:
        key: such as "train/box_loss" or "class/cat/AP_0.5".
    """
    if key in TABLE:
        return TABLE[key]
    if key.endswith(("/low", "/high")):
        return _describe_bound(key)
    if match := _CLASS_KEY.fullmatch(key):
        sentence = f"How well the model finds this one class: its share of mAP_{match['iou']}, from 0 to 1."
        return Definition(f"{match['name']}: AP_{match['iou']}", "class", sentence, "higher")
    split, _, name = key.partition("/")
    if split in _SPLITS and name:
        return _describe_loss(split, name)
    return _describe_other(key, split, name)


def definitions(keys: Iterable[str]) -> dict[str, dict[str, str | None]]:
    """`describe` for several keys, as the graph document holds it."""
    return {key: dict(vars(describe(key))) for key in keys}


def order(keys: Iterable[str]) -> list[str]:
    """Sort keys as people expect columns: losses of train, of val, metrics, learning rates, time, classes, the rest."""
    first = {"losses": 0, "metrics": 1, "lr": 2, "time": 3, "class": 4, "other": 5}
    known = {key: place for place, key in enumerate([*TABLE, *(f"{s}/{n}" for s in _SPLITS for n in _LOSSES)])}

    def place(key: str) -> tuple[int, int, int, str]:
        stem = key.removesuffix("/low").removesuffix("/high")
        is_val = int(key.startswith("val/"))
        return first[describe(key).group], is_val, known.get(stem, len(known)), key

    return sorted(keys, key=place)


def _describe_bound(key: str) -> Definition:
    stem, _, bound = key.rpartition("/")
    of = describe(stem)
    side = "lower" if bound == "low" else "upper"
    sentence = (
        f"The {side} end of the 95 % interval of {of.title}: with other val images of the same kind, it would have "
        "come out between the two ends."
    )
    return Definition(f"{of.title}, {side} end", of.group, sentence, of.better)


def _describe_loss(split: str, name: str) -> Definition:
    title, where = _SPLITS[split]
    if name not in _LOSSES and "loss" not in name:
        return Definition(f"{title} {name}", "other", f"{name}, measured on the {split} images.")
    what = _LOSSES.get(name, "one part of the error that the training pushes down")
    sentence = f"{what[0].upper()}{what[1:]}, {where}. It is no percentage and can be above 1."
    return Definition(f"{title} {name}", "losses", sentence, "lower")


def _describe_other(key: str, head: str, name: str) -> Definition:
    if head == "metrics":
        return Definition(
            name, "metrics", f"{name}, as the log calls it; from 0 to 1, measured on the val images.", "higher"
        )
    if head == "lr":
        return Definition(f"learning rate of {name}", "lr", f"The learning rate of the parameters called {name}.")
    if head == "time":
        return Definition(name, "time", f"{name}, a time in the log.")
    return Definition(key, "other", f"{key}, as the log calls it.")
