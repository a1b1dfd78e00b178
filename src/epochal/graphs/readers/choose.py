"""Which column becomes which series: settles the claims of all columns of a log."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from epochal.graphs.readers.names import Meaning, explain, is_epoch, is_step, tidy
from epochal.graphs.readers.table import Log
from epochal.graphs.series import LR, MAP50, MAP50_95

_OTHER_LIMIT = 200
_ROTATED = re.compile(
    r"(?:^|/)(?:dota|hrsc|rsdd|srsdd)/mAP$"
)  # MMRotate's mean over the overlaps asked for, mostly one
_SHOWN = 30


@dataclass
class Choice:
    """Columns by series key.

    Attributes:
        columns: {series key: raw column names}, in the order of the file; several where each row has one of them.
        metric_keys: keys that are shares of one: mAP, precision, recall, AP of a class.
        notes: sentences: what was mapped, guessed and left aside.
    """

    columns: dict[str, list[str]] = field(default_factory=dict)
    metric_keys: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def choose_columns(log: Log) -> Choice:
    """Give every column of a log a series key, or leave it aside.

    Args:
        log: with its table filled.
    """
    choice = Choice()
    own = {log.epoch, log.step}
    counted = {
        raw for raw in log.table.names if raw in own or (raw not in log.names and (is_epoch(raw) or is_step(raw)))
    }
    meanings = {raw: _explain(raw, log) for raw in log.table.names if raw not in counted}
    _name_bare_map(meanings, log, choice)
    _call_test_val(meanings, choice, log)
    _choose_variant(meanings, choice, lambda raw: _peak(log, raw))
    _choose_lr(meanings)
    _choose_stage(meanings)
    _settle(meanings, choice, log)
    _tell(meanings, choice, log)
    return choice


def _explain(raw: str, log: Log) -> Meaning:
    if raw not in log.names:
        return explain(raw)
    key = log.names[raw]
    if not key:
        return Meaning("aside")
    kind = explain(key).kind
    return Meaning(kind if kind != "aside" else "other", key, key, -10)


def _peak(log: Log, raw: str) -> float:
    values, _ = log.table.column(raw)
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else -np.inf


def _name_bare_map(meanings: dict[str, Meaning], log: Log, choice: Choice) -> None:
    """A bare "mAP" is COCO's mean over ten overlaps when a column for overlap 0.5 stands beside it."""
    bare = [raw for raw, meaning in meanings.items() if meaning.kind == "metric" and not meaning.key]
    has_50 = any(meaning.key == MAP50 for meaning in meanings.values())
    for raw, meaning in meanings.items():
        if meaning.key.endswith(("mask/mAP", "pose/mAP")) and any(
            m.key == meaning.key + "_0.5" for m in meanings.values()
        ):
            meanings[raw] = replace(meaning, key=f"{meaning.key}_0.5:0.95", fallback=f"{meaning.key}_0.5:0.95")
    has_range = any(meaning.key == MAP50_95 for meaning in meanings.values())
    at_50 = [raw for raw, meaning in meanings.items() if meaning.key == MAP50]
    for raw in bare:
        is_voc = "voc" in raw.lower()
        if is_voc:
            key = MAP50
        elif has_range or (_ROTATED.search(raw) and any(_equal(log, raw, other) for other in at_50)):
            key = "metrics/mAP"
        else:
            key = log.bare_map or (MAP50_95 if has_50 else MAP50)
        if not (is_voc or has_50 or has_range or log.bare_map):
            choice.notes.append(f"Guessed: `{tidy(raw)}` is mAP at overlap 0.5; the log does not say at which.")
        meanings[raw] = replace(meanings[raw], key=key, rank=0 if is_voc else meanings[raw].rank)


def _equal(log: Log, first: str, second: str) -> bool:
    """Whether two columns hold the same numbers, and not only zeros."""
    (values, there), (others, others_there) = log.table.column(first), log.table.column(second)
    both = there & others_there
    return bool(both.sum() > 2 and (values[both] == others[both]).all() and values[both].any())


def _call_test_val(meanings: dict[str, Meaning], choice: Choice, log: Log) -> None:
    """DETR and its kin call validation "test"; where both are in the same rows, test stays what it is."""
    split = {phase: [raw for raw, m in meanings.items() if m.kind == "loss" and m.key.startswith(phase)]
             for phase in ("val/", "test/")}  # fmt: skip
    if split["val/"] and not all(_fills_gaps(split["val/"], raw, meanings[raw], log) for raw in split["test/"]):
        return
    renamed = False
    for raw, meaning in meanings.items():
        if meaning.kind in ("loss", "other") and meaning.key.startswith("test/"):
            key, fallback = "val/" + meaning.key[5:], "val/" + meaning.fallback[5:]
            meanings[raw] = replace(meaning, key=key, fallback=fallback)
            renamed = renamed or meaning.kind == "loss"
    if renamed:
        choice.notes.append("The log's `test` is what is measured during training, so it is shown as `val`.")


def _choose_variant(meanings: dict[str, Meaning], choice: Choice, peak: Callable[[str], float]) -> None:
    """Between two nets (the trained one and its EMA; student and teacher) take the one that the framework keeps.

    Source: RF-DETR keeps the EMA's weights when their best mAP_0.5:0.95 is higher than the plain net's, else the
    plain net's; mean-teacher frameworks keep the teacher.
    """
    variants = {meaning.variant for meaning in meanings.values() if meaning.kind == "metric"}
    if not variants - {""}:
        return
    judge = MAP50_95 if any(meaning.key == MAP50_95 for meaning in meanings.values()) else MAP50
    best = dict.fromkeys(variants, -np.inf)
    for raw, meaning in meanings.items():
        if meaning.key == judge and meaning.kind == "metric":
            best[meaning.variant] = max(best[meaning.variant], peak(raw))
    taken = "teacher" if "teacher" in variants else max(sorted(variants), key=lambda variant: best[variant])
    for raw, meaning in meanings.items():
        if meaning.variant != taken and (meaning.kind == "metric" or meaning.variant):
            own = f"metrics/{meaning.variant or 'plain'}/{meaning.key.removeprefix('metrics/')}"
            fallback = own if meaning.kind == "metric" else meaning.fallback
            meanings[raw] = replace(meaning, rank=meaning.rank + 20, fallback=fallback)
    if len(variants) > 1:
        names = {"": "the trained net itself", "ema": "its moving average (EMA)"}
        others = ", ".join(names.get(v, f"the {v}") for v in sorted(variants - {taken}))
        choice.notes.append(
            f"The log measures several nets; the metrics shown are of {names.get(taken, f'the {taken}')}, whose "
            f"weights the framework keeps as best; those of {others} are kept under keys of their own."
        )


def _choose_lr(meanings: dict[str, Meaning]) -> None:
    """`lr` is the largest group's: of three groups (biases, weights, norms) the second holds the weights."""
    groups = sorted((m.fallback, raw) for raw, m in meanings.items() if m.kind == "lr" and m.rank > 0)
    if any(m.kind == "lr" and m.rank <= 0 for m in meanings.values()) or not groups:
        return
    _, main = groups[1 if len(groups) == 3 else 0]
    meanings[main] = replace(meanings[main], rank=0)


def _choose_stage(meanings: dict[str, Meaning]) -> None:
    """A cascade has a box loss per stage (s0, s1, s2): the last stage's stands for the box loss where no other does."""
    for target, part in (("train/box_loss", "bbox"), ("train/cls_loss", "cls")):
        if any(meaning.key == target for meaning in meanings.values()):
            continue
        stages = sorted(raw for raw, m in meanings.items() if re.fullmatch(rf"train/s\d+_{part}_loss", m.key))
        if stages:
            meanings[stages[-1]] = replace(meanings[stages[-1]], key=target)


def _settle(meanings: dict[str, Meaning], choice: Choice, log: Log) -> None:
    """Give each key to the best claim; the others fill its gaps or get the key of their own."""
    winners: dict[str, str] = {}
    for raw, meaning in meanings.items():
        if meaning.kind != "aside":
            held = winners.get(meaning.key)
            if held is None or meaning.rank < meanings[held].rank:
                winners[meaning.key] = raw
    choice.columns.update({meanings[raw].key: [raw] for raw in meanings if raw in winners.values()})
    others = 0
    for raw, meaning in meanings.items():
        if meaning.kind == "aside":
            continue
        key = meaning.key
        if winners[key] != raw:
            if _fills_gaps(choice.columns[key], raw, meaning, log):
                choice.columns[key].append(raw)
                continue
            key = meaning.fallback if meaning.fallback not in choice.columns else f"{meaning.fallback} ({tidy(raw)})"
            choice.columns[key] = [raw]
        others += meaning.kind == "other"
        if meaning.kind == "other" and others > _OTHER_LIMIT:
            del choice.columns[key]
        elif meaning.kind in ("metric", "class") or key.startswith(("metrics/mask/", "metrics/pose/")):
            choice.metric_keys.add(key)


def _fills_gaps(held: list[str], raw: str, meaning: Meaning, log: Log) -> bool:
    """Whether a column is in other rows than those that have its key, as when a name changed during a training."""
    if log.merges_rows or meaning.variant or meaning.kind not in ("loss", "metric", "class", "lr"):
        return False
    there = np.any([log.table.column(name)[1] for name in held], axis=0)
    return not (there & log.table.column(raw)[1]).any()


def _tell(meanings: dict[str, Meaning], choice: Choice, log: Log) -> None:
    renamed = [
        f"`{tidy(raw)}` → {key}"
        for key, raws in choice.columns.items()
        for raw in raws
        if tidy(raw) != key and not key.endswith("elapsed_s")
    ]
    joined = [key for key, raws in choice.columns.items() if len(raws) > 1]
    if joined:
        names = " and ".join(f"`{tidy(raw)}`" for raw in choice.columns[joined[0]])
        choice.notes.append(
            f"{len(joined)} series change their column's name during the log (such as {names}); they were joined."
        )
    if renamed:
        more = f" and {len(renamed) - _SHOWN} more" if len(renamed) > _SHOWN else ""
        choice.notes.append(f"Columns read as: {', '.join(renamed[:_SHOWN])}{more}.")
    auxiliary = [raw for raw, meaning in meanings.items() if meaning.kind == "aside" and meaning.rank]
    if auxiliary:
        examples = ", ".join(f"`{tidy(raw)}`" for raw in auxiliary[:3])
        choice.notes.append(f"{len(auxiliary)} columns of inner decoder layers were left aside, such as {examples}.")
    aside = [tidy(raw) for raw, m in meanings.items() if m.kind == "aside" and not m.rank and tidy(raw) != "time"]
    if aside:
        choice.notes.append(f"Left aside, not about learning: {', '.join(f'`{name}`' for name in aside[:12])}.")
    if any(key.endswith("_om_loss") for key in choice.columns):
        choice.notes.append(
            "The net has two heads: the losses shown are of the one-to-one head, which predicts; those of the "
            "one-to-many head are kept as …_om_loss."
        )
    tasks = Counter(key.split("/")[1] for key in choice.columns if key.startswith(("metrics/mask/", "metrics/pose/")))
    for task, count in tasks.items():
        choice.notes.append(f"{count} columns measure {task}s, not boxes; they are kept as metrics/{task}/… .")
    if LR not in choice.columns and any(key.startswith("lr/") for key in choice.columns):
        choice.columns[LR] = choice.columns.pop(next(key for key in choice.columns if key.startswith("lr/")))
