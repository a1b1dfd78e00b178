"""Darknet's console log: a line per iteration, an evaluation now and then."""

import re

from epochal.errors import LogError
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log

_N = r"\d+\.?\d*"
_ITERATION = re.compile(
    rf"^\s*(?P<it>\d{{1,12}}):\s*(?:loss=)?(?P<loss>-?{_N}|-?nan|-?inf),"
    rf"\s*(?:avg loss=)?(?P<avg>-?{_N}|-?nan|-?inf)(?:\s*avg(?:\s*loss)?)?,"
    rf"\s*(?:rate=)?(?P<rate>{_N}(?:e-?\d+)?)(?:\s*rate)?,"
)
_MAP = re.compile(rf"mean[ _]average[ _]precision\s*\(mAP@(?P<iou>{_N})\)\s*=\s*(?P<value>{_N})(?P<percent>\s*%)?")
_LAST_MAP = re.compile(rf"Last accuracy mAP@(?P<iou>{_N})\s*=\s*(?P<value>{_N})\s*%")
_CLASS = re.compile(rf"class_id\s*=\s*\d+,\s*name\s*=\s*(?P<name>.+?),\s*ap\s*=\s*(?P<value>{_N})\s*%")
_POINT = re.compile(
    rf"for (?:conf_)?thresh\s*=\s*(?P<thresh>{_N}),\s*precision\s*=\s*(?P<p>{_N}|-?nan),"
    rf"\s*recall\s*=\s*(?P<r>{_N}|-?nan),"
    rf"\s*F1-score\s*=\s*(?P<f1>{_N}|-?nan)"
)


def recognise_darknet(source: Source) -> float:
    """Lines such as `1000: 0.52, 0.61 avg loss, 0.001 rate, 3.1 seconds, 64000 images`, or darknet's layer table."""
    head = source.head_lines
    if any(_match_iteration(line) for line in head):
        return 0.95
    text = "\n".join(head[:2000])
    return (
        0.6
        if re.search(
            r"net\.optimized_memory|mini_batch = \d+, batch = \d+|next mAP calculation at|Region \d+ Avg", text
        )
        else 0.0
    )


def read_darknet(source: Source) -> Log:
    """Read it: the running average of the loss, the rate, and each evaluation at the iteration before it.

    Raises:
        LogError: it has no iteration.
    """
    log = Log("darknet_text", step="step", merges_rows=True, is_percent=False)
    step = 0
    pending: dict[str, float] = {}
    seen_map, last_value = False, ""
    for line in source.read_lines():
        if match := _match_iteration(line):
            if pending:
                log.table.add({"step": step, **pending})
                pending = {}
            step = int(match["it"])
            losses = {"train/total_loss": float(match["loss"]), "train/avg_loss": float(match["avg"])}
            log.table.add({"step": step, **losses, "lr": float(match["rate"])})
        elif found := _measured(line):
            seen_map = seen_map or any(key.startswith("metrics/mAP") for key in found)
            pending.update(found)
        elif not seen_map and (last := _LAST_MAP.search(line)) and last["value"] != last_value:
            last_value = last["value"]
            pending[_key(last["iou"])] = float(last_value) / 100
    if pending:
        log.table.add({"step": step, **pending})
    if not log.table.rows:
        raise LogError(
            f"{source.path} is a Darknet log without an iteration; the training ended before its first step."
        )
    log.names = {name: name for name in log.table.names if name != "step"}
    return log


def _match_iteration(line: str) -> re.Match[str] | None:
    """An iteration that says in words what its numbers are, as every Darknet does; else it is some numbered row."""
    match = _ITERATION.match(line)
    return match if match is not None and "avg" in match[0] and "rate" in match[0] else None


def _measured(line: str) -> dict[str, float]:
    if match := _MAP.search(line):
        value = float(match["value"])
        return {_key(match["iou"]): value / 100 if match["percent"] else value}
    if match := _CLASS.search(line):
        return {f"class/{match['name']}/AP_0.5": float(match["value"]) / 100}
    if match := _POINT.search(line):
        return {"metrics/precision": float(match["p"]), "metrics/recall": float(match["r"]),
                "metrics/F1": float(match["f1"]), "metrics/confidence": float(match["thresh"])}  # fmt: skip
    return {}


def _key(overlap: str) -> str:
    return f"metrics/mAP_{float(overlap):g}"
