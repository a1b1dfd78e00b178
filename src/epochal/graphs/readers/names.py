"""What a column of a foreign log means: its raw name → one of our series keys, or a sentence why not."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from epochal.graphs.series import EPOCH_S, LR, MAP50, MAP50_95, PRECISION, RECALL

Kind = Literal["loss", "metric", "class", "lr", "time", "other", "aside"]

# Of several columns that could be the box loss, or the class loss, the first of these is; the others keep their name.
BOX_LOSSES = ("box", "bbox", "box_oo", "box_reg", "reg", "loc", "localization", "regression", "regr", "iou", "giou",
              "ciou", "box_om", "giou_l1", "coord", "xywh", "l1")  # fmt: skip
CLS_LOSSES = ("cls", "class", "cls_oo", "ce", "vfl", "mal", "classifier", "classification", "clf", "focal", "label",
              "cls_om", "cate", "category", "qfl", "heatmap")  # fmt: skip
_BARE_LOSSES = {*BOX_LOSSES[:3], "box_om", "cls", "cls_oo", "cls_om", "dfl", "dfl_oo", "dfl_om", "obj", "giou", "theta"}
# Words around a metric that say whose it is and change nothing.
_FILLERS = {
    "coco", "voc", "pascal", "bbox", "box", "boxes", "det", "detection", "detectionboxes", "precision", "metric",
    "metrics", "eval", "hbb", "mean", "overall", "all", "average", "best", "performance", "score", "test", "val", "0",
    "custom", "dataset", "od", "cocoapi", "dota", "hrsc", "visdrone", "lvis", "kitti", "crowdhuman", "objects365",
}  # fmt: skip
_TASKS = {
    "mask": {"mask", "masks", "segm", "seg", "segmentation", "panoptic", "(m)"},
    "pose": {"pose", "keypoint", "keypoints", "kpt", "kpts", "(p)"},
    "proposal": {"proposal", "proposals", "rpn"},
}
_PHASES = {
    "train": "train", "training": "train", "trn": "train", "tr": "train",
    "val": "val", "valid": "val", "validation": "val", "eval": "val", "evaluation": "val", "dev": "val",
    "test": "test", "testing": "test", "metrics": "metrics", "metric": "metrics",
}  # fmt: skip
_LONGEST_NAME, _MOST_WORDS = 120, 8
_STEPS = {"step", "steps", "iter", "iters", "iteration", "iterations", "global_step", "_step", "itr", "global step",
          "trainer/global_step", "train/global_step", "batch"}  # fmt: skip
_KEY = re.compile(
    r"(?:train|val)/[\w.]+_loss|metrics/(?:mAP_0\.5(?::0\.95)?(?:/low|/high)?|precision|recall|confidence|F1)"
    r"|time/epoch_s|class/.+/AP_0\.5(?::0\.95)?",
    re.DOTALL,
)
_VARIANT = re.compile(r"(?:(?<=^)|(?<=[/_. -]))(ema|teacher|student|swa)(?:[/_. -]|$)")
_AUXILIARY = re.compile(r"(?:^|_)(?:aux|dn|enc|pre|unscaled|interm|encoder)(?:_|\d|$)|^d\d+_|_\d+$|^(?:aux|dn|enc)\d*_")
_CONTEXT = re.compile(r"(?<=\w)\W{1,4}subset\W{1,5}(train|val|valid|test)\W{0,4}$")  # `loss {"subset": "val"}` of Aim
# The twelve numbers of COCO's evaluation, in its order; RT-DETR and D-FINE number them in TensorBoard.
COCO_NAMES = ("mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l",
              "AR_1", "AR_10", "AR_100", "AR_s", "AR_m", "AR_l")  # fmt: skip
_COCO_PLACE = re.compile(r"coco_eval_(?P<task>bbox|masks|segm)_(?P<place>\d|1[01])$")
_ABOUT_LOSS = re.compile(r"loss(?:es)?_(?:weight|gain|scale|scaler|coef|ratio|fn|type)s?$")  # settings, AMP's scale
_RUNTIME = re.compile(
    r"(?:^|[/_ ])(?:time|eta|eta_seconds|data_time|iter_time|batch_time|rank_data_time|memory|mem|gpu_mem|max_mem|"
    r"n_parameters|flops|flos|total_flos|momentum|weight_decay|samples_per_second|steps_per_second|runtime|batch_size|img_size|"
    r"images|instances|targets|labels|labels_number|fps|throughput|wall_time|timestamp|walltime|num_samples)$"
)
# MLflow allows no brackets in a name: "mAP50-95(B)" becomes "mAP50-95B".
_BARE_TASK = re.compile(r"^(map50(?:-95)?|precision|recall)([bmp])$")
_MAP = re.compile(
    r"(?P<head>hbbmap|obbmap|cocoap|mean_average_precision|mean_ap|map|ap)(?P<tail>[^a-z].*|[sml]|)", re.DOTALL
)
_SIZES = {"s": "small", "small": "small", "m": "medium", "medium": "medium", "l": "large", "large": "large"}
_RANGE = {"5095", "05095", "595", "050095", "0595", "0500950", "0505095", "0500595", "0500509", "0505", "05005095"}
_LR = re.compile(
    r"(?:train[/_])?(?:(?:x|lr|learning_rate|lrs)/)?(?:lr|learning[_ ]?rate|base_lr|pg)(?P<group>[-/_ ]?[\w./-]*)"
)


@dataclass(frozen=True)
class Meaning:
    """What one column seems to be.

    Attributes:
        kind: of series; "aside" for columns that no graph needs.
        key: the series key that it would like.
        fallback: its key when another column has a better claim to `key`.
        rank: the claim; the smallest has it.
        variant: "ema", "teacher", "student", … where a framework keeps two nets.
    """

    kind: Kind
    key: str = ""
    fallback: str = ""
    rank: int = 0
    variant: str = ""


def tidy(raw: str) -> str:
    """A column name without padding, quotes, the run's name that Weights & Biases puts before it, Aim's context."""
    raw = raw.rpartition(" - ")[2] if " - " in raw else raw
    if "subset" in raw and (context := _CONTEXT.search(raw)):
        raw = f"{context[1]}/{raw[: context.start()]}"
    return raw.strip().strip("\"'").strip().lstrip("\ufeff#").strip()


@lru_cache(4096)  # the rows, runs and readers of one call ask for the same names
def explain(raw: str) -> Meaning:
    """What a column name means by itself; never fails.

    Args:
        raw: such as "   metrics/mAP50-95(B)", "loss_rpn_cls", "val_bbox_mAP_50", "x/lr0".
    """
    name = tidy(raw)
    if _KEY.fullmatch(name):
        return _explain_key(name)
    if coco := _COCO_PLACE.search(name):
        name = f"{name[: coco.start()]}{coco['task']}_{COCO_NAMES[int(coco['place'])]}"
    low = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower()
    if not name or len(name) > _LONGEST_NAME or re.search(r"^unnamed: \d+$|__(?:min|max)$", low):
        return Meaning("aside")
    if match := _LR.fullmatch(low):
        return _explain_lr(low, match["group"])
    if _RUNTIME.search(low.replace("-", "_")) or low == "mode":
        return Meaning("aside")
    if low in ("epoch_time", "time_per_epoch", "epoch_seconds", "epoch_duration", "time/epoch"):
        return Meaning("time", EPOCH_S, EPOCH_S, 0)
    variant = _VARIANT.search(low)
    bare = low if variant is None else low[: variant.start()] + low[variant.end() :]
    phase, body = _split_phase(bare.strip("/_. -"))
    meaning = _explain_metric(phase, body, name) or _explain_loss(phase, body) or _explain_other(phase, body, name)
    if variant is not None and _KEY.fullmatch(own_name := name[len(variant[1]) + 1 :]):
        meaning = _explain_key(own_name)
    if variant is None:
        return meaning
    own = _with_variant(meaning.key or meaning.fallback, variant[1])
    return Meaning(meaning.kind, meaning.key, own, meaning.rank, variant[1])


def _explain_key(name: str) -> Meaning:
    """Of a name that is one of our keys already; `train/giou_loss` may still be the best box loss that there is."""
    head, _, tail = name.partition("/")
    loss = _explain_loss(head, tail) if tail.endswith("_loss") else None
    if loss is not None and loss.kind != "aside":
        return loss
    return Meaning("time" if name == EPOCH_S else "class" if head == "class" else "metric", name, name, -1)


def is_known(raw: str) -> bool:
    """Whether a column is certainly part of a training log: a loss, a detector's metric or a learning rate."""
    return explain(raw).kind in ("loss", "metric", "class", "lr")


def is_epoch(raw: str) -> bool:
    """Whether a column counts epochs."""
    return tidy(raw).lower() in (
        "epoch",
        "epochs",
        "ep",
        "epoch_num",
        "epoch_id",
        "trainer/epoch",
        "train/epoch",
        "current_epoch",
        "epoch_idx",
    )


def is_step(raw: str) -> bool:
    """Whether a column counts optimizer steps."""
    low = tidy(raw).lower()
    return low in _STEPS


def phase_of(word: str) -> str:
    """Name the phase that a cell or a prefix stands for: "train", "val" or "test"; empty for another word."""
    return _PHASES.get(word.strip().lower(), "")


def _split_phase(low: str) -> tuple[str, str]:
    """("train" | "val" | "test" | "metrics" | "", the rest)."""
    low = re.sub(r"^epoch/(?=(?:train|val|test))", "", low) or low
    low = re.sub(r"[_/](?:epoch|step)$", "", low)
    head = re.match(r"([a-z]+)[/_.: -]+(?=.)", low)
    if head and head[1] in _PHASES:
        return _PHASES[head[1]], low[head.end() :]
    tail = re.search(r"[/_. -]+(train|training|val|valid|validation|test)$", low)
    if tail:
        return _PHASES[tail[1]], low[: tail.start()]
    middle = re.search(r"[/_. -](train|val|validation)[/_. -]", low)
    if middle:
        return _PHASES[middle[1]], low[: middle.start()] + "_" + low[middle.end() :]
    return ("", low) if low not in _PHASES else (_PHASES[low], "")


def _explain_lr(low: str, group: str) -> Meaning:
    if any(word in low for word in ("momentum", "weight_decay")):
        return Meaning("aside")
    if low.startswith("base_lr"):
        group = "base"
    label = group.strip("-/_ ") or ("" if "pg" not in low else "0")
    label = f"pg{label}" if label.isdigit() else label.replace("/", "_")
    return Meaning("lr", LR, f"{LR}/{label}" if label else LR, 0 if not label else 1)


def _explain_metric(phase: str, body: str, name: str) -> Meaning | None:
    where = {"train": "train/", "test": "test/"}.get(phase, "metrics/")
    task, plain = _strip_task(body)
    if plain in ("cocometric", "coco_metric"):  # of IceVision, in fastai's tables
        return Meaning("metric", MAP50_95, f"{where}{name}")
    array = re.fullmatch(r"(?:coco/)?(.+)_precision", plain)
    if array and body.startswith("coco/") and array[1] not in _FILLERS | {"bbox_map"}:
        shown = name.rpartition("/")[2].removesuffix("_precision")
        return Meaning("class", f"class/{shown}/AP_0.5:0.95", f"{where}{shown}_precision")
    words = [word for word in re.split(r"[/_ ]+", plain) if word]
    found = None
    while words and found is None:
        found = _explain_map("_".join(words), name) or _explain_ratio("_".join(words))
        if words[0] not in _FILLERS:
            break
        words = words[1:]
    if found is None:
        return None
    if phase == "train" or task:
        tail = (found.key or found.fallback).removeprefix("metrics/")
        key = f"train/{tail}" if not task else f"{where if phase == 'train' else 'metrics/'}{task}/{tail}"
        return Meaning("other" if task or phase == "train" else found.kind, key, key)
    if phase == "test" and found.kind == "class":
        return Meaning("class", found.key, "test/" + found.key, 5)
    return Meaning(
        found.kind, found.key, where + found.fallback.removeprefix("metrics/"), found.rank + 5 * (phase == "test")
    )


def _strip_task(body: str) -> tuple[str, str]:
    """("mask" | "pose" | "proposal" | "", the name without it and without the "(B)" of boxes)."""
    body = _BARE_TASK.sub(r"\1(\2)", body).removesuffix("(b)").strip()
    words = set(re.split(r"[/_. -]+|(?=\()", body))
    for task, marks in _TASKS.items():
        if found := words & marks:
            for mark in sorted(found, key=len, reverse=True):
                body = body.replace(mark, "")
            return task, re.sub(r"^[/_. -]+|[/_. -]+$", "", re.sub(r"[/_]{2,}", "/", body))
    return "", body


def _explain_map(rest: str, name: str) -> Meaning | None:
    match = _MAP.fullmatch(rest)
    if match is None:
        return None
    tail = match["tail"].strip()
    plain = re.sub(r"iou|area|[^0-9a-z]", "", tail)
    digits = re.sub(r"\D", "", plain)
    if not plain:
        return Meaning("metric", "", "metrics/mAP", 1)  # bare: the caller knows what it means
    if plain == digits or plain in (f"{digits}all", f"{digits}mean"):
        for keys, key in ((_RANGE, MAP50_95), ({"50", "05", "5", "050"}, MAP50), ({"75", "075"}, "metrics/mAP_0.75")):
            if digits in keys:
                return Meaning("metric", key, f"metrics/{name.rpartition('/')[2]}")
        return Meaning("other", f"metrics/mAP_{tail.strip('_@ ')}", f"metrics/mAP_{tail.strip('_@ ')}")
    if plain in _SIZES:
        key = f"metrics/mAP_{_SIZES[plain]}"
        return Meaning("metric", key, key)
    if "perclass" in plain or "copypaste" in plain:
        return Meaning("aside")
    if re.match(r"[-/_:. ]\s*\S", tail) and len(tail) < len(name):
        shown = name[len(name) - len(tail) + 1 :].strip() or tail
        return Meaning("class", f"class/{shown}/AP_0.5:0.95", f"metrics/AP/{shown}")
    return None


def _explain_ratio(rest: str) -> Meaning | None:
    """Precision, recall and their kin."""
    rest = re.sub(r"[@_]*0?\.50?$|@50$", "", rest)
    if rest in ("precision", "prec", "p", "mp", "mprecision", "precision_mean", "box_p"):
        return Meaning("metric", PRECISION, "metrics/precision_other", int(rest != "precision"))
    if rest in ("recall", "rec", "r", "mr", "mrecall", "recall_mean", "box_r"):
        return Meaning("metric", RECALL, "metrics/recall_other", int(rest != "recall"))
    if rest in ("f1", "f1_score", "f1score", "f1-score", "mf1"):
        return Meaning("metric", "metrics/F1", "metrics/F1_other")
    if re.fullmatch(r"(?:detectionboxes_)?(?:recall_)?m?ar[_@ ]?(?:\d+|[sml]|small|medium|large|max.*|\(.*)?", rest):
        limit = re.sub(r"^.*?m?ar[_@ ]*", "", rest)
        key = f"metrics/AR_{_SIZES.get(limit, limit)}".rstrip("_")
        return Meaning("metric", key, key)
    return None


def _explain_loss(phase: str, body: str) -> Meaning | None:
    head, _, last = body.rpartition("/")
    if "loss" in head and "loss" in last:
        body = last  # the name of a loss class before the name of its part
    words = [word for word in re.split(r"[/_. -]+", body) if word]
    if (
        _ABOUT_LOSS.search(body)
        or len(words) > _MOST_WORDS
        or (not any("loss" in word for word in words) and "_".join(words) not in _BARE_LOSSES)
    ):
        return None
    part = "_".join(word for word in words if word not in ("loss", "losses"))
    part = re.sub(r"^(?:loss|losses)(?=[a-z0-9])|(?<=[a-z0-9])loss(?:es)?$", "", part)
    part = re.sub(r"^(?:rpn_)(?:bbox|loc|box_reg|reg)$", "rpn_box", part)
    if part.endswith("_oo") and part not in (*BOX_LOSSES, *CLS_LOSSES):
        part = part.removesuffix("_oo")
    if _AUXILIARY.search(part):
        return Meaning("aside", rank=1)
    where = {"val": "val/", "test": "test/", "metrics": "val/"}.get(phase, "train/")
    if part in ("", "total", "all", "sum", "avg", "average", "mean", "overall", "epoch", "running"):
        return Meaning(
            "loss", f"{where}total_loss", f"{where}{part or 'other'}_loss", int(part != "" and part != "total")
        )
    own = f"{where}{part}_loss"
    for target, names in (("box_loss", BOX_LOSSES), ("cls_loss", CLS_LOSSES)):
        if part in names:
            return Meaning("loss", where + target, own, names.index(part))
    return Meaning("loss", own, own)


def _explain_other(phase: str, body: str, name: str) -> Meaning:
    if re.search(r"cardinality_error.+|class_error_.+|_unscaled$", body):
        return Meaning("aside", rank=1)
    shown = name[len(name) - len(body) :] if name.lower().endswith(body) else body
    is_accuracy = "accuracy" in body or (phase and re.search(r"(?:^|[/_])acc(?:$|[/_])", body))
    if is_accuracy and phase != "train" and "/" not in body.partition("acc")[0]:
        key = f"metrics/{shown.replace('/', '_')}"
        return Meaning("other", key, key)
    key = f"{phase}/{shown}" if phase in ("train", "val", "test", "metrics") and body else name
    return Meaning("other", key, key)


def _with_variant(key: str, variant: str) -> str:
    head, slash, tail = key.partition("/")
    return f"{head}/{variant}/{tail}" if slash else f"{variant}/{key}"
