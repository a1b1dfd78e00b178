"""What the losses say."""

from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.reading.facts import Facts
from epochal.graphs.reading.finding import Finding, Severity
from epochal.graphs.reading.finding_words import find
from epochal.graphs.reading.measure import Curve, noise_of, slope_of, tail
from epochal.graphs.reading.thresholds import limit
from epochal.graphs.reading.verdict import decline_of, gain_since, is_main_loss, loss_rises, lowest
from epochal.graphs.series import LR, MAP50, MAP50_95, PRECISION, RECALL

_NUMBERS = (MAP50, MAP50_95, PRECISION, RECALL)


def val_loss_rising(facts: Facts) -> Iterator[Finding]:
    """Val losses that turned up for good, the clearest of each kind; told apart by what mAP did meanwhile."""
    said: set[str] = set()
    for rise in (r for r in loss_rises(facts) if r.counts):
        key = rise.curve.key
        kind = "val_cls_loss_rising" if "cls" in key or "class" in key else "val_box_loss_rising"
        if kind in said:
            continue
        said.add(kind)
        epochs = int(rise.curve.epochs[rise.turn]), int(rise.curve.epochs[-1])
        evidence: dict[str, object] = {"series": key, "rise": rise.rise, "turn_epoch": epochs[0]}
        evidence["noise"] = noise_of(rise.curve.values)
        sure = min(0.95, 0.6 + rise.rise)
        yield find(kind, epochs=epochs, confidence=sure, evidence=evidence)
        gain = gain_since(facts.map, rise) if facts.map is not None else 0.0
        if facts.map is not None and gain >= limit("map_up") and not decline_of(facts.map) >= limit("decline"):
            yield find("val_loss_up_map_up", epochs=epochs, confidence=sure, evidence={**evidence, "gain": gain})


def train_val_gap(facts: Facts) -> Iterator[Finding]:
    """Val losses far above their train losses at the end, though not at the start; or below them throughout.

    One finding of each kind, on the loss where it is clearest.
    """
    above: dict[str, dict[str, object]] = {}
    below: dict[str, dict[str, object]] = {}
    for key, train in facts.train.items():
        val = facts.val.get(key.replace("train/", "val/"))
        if val is None or min(len(train), len(val)) < limit("short_rows"):
            continue
        ends, starts = _ratio(train, val, at_end=True), _ratio(train, val, at_end=False)
        evidence: dict[str, object] = {"train": train.end, "val": val.end, "ratio": ends, "ratio_at_start": starts}
        if ends >= limit("gap") and starts < limit("gap") and ends >= starts * limit("gap_growth"):
            above[val.key] = evidence
        elif 0 < ends <= limit("below_train") and starts <= 1 and is_main_loss(key):
            below[val.key] = evidence
    for kind, found in (("train_val_gap", above), ("val_below_train", below)):
        if found:
            key = max(found, key=lambda name: abs(cast("float", found[name]["ratio"]) - 1))
            evidence = {"series": key, **found[key], "all_series": sorted(found)}
            yield find(kind, epochs=facts.val[key].span(0), confidence=0.7, evidence=evidence)


def not_finite(facts: Facts) -> Iterator[Finding]:
    """NaN and infinities: in a train loss they end a run, elsewhere they are marks. One finding of each kind."""
    rows = facts.rows
    found: dict[str, dict[str, NDArray[np.intp]]] = {"nan": {}, "spike": {}}
    for key in rows.series:
        is_loss = key.startswith(("train/", "val/")) and "loss" in key
        bad = np.flatnonzero(rows.present[key] & ~np.isfinite(rows.series[key]))
        if not len(bad) or not (is_loss or key in _NUMBERS):
            continue
        stays = bad[-1] == len(rows) - 1 or len(bad) >= limit("nan_rows")
        found["spike" if key.startswith("val/") or (is_loss and not stays) else "nan"][key] = bad
    for kind, keys in found.items():
        if keys:
            key = min(keys, key=lambda name: int(keys[name][0]))
            bad = keys[key]
            epochs = int(rows.epochs[bad[0]]), int(rows.epochs[bad[-1]])
            evidence = {
                "series": key,
                "rows_not_finite": len(bad),
                "first_epoch": epochs[0],
                "all_series": sorted(keys),
            }
            is_train = any(name.startswith("train/") for name in keys)
            severity: Severity | None = "warning" if kind == "nan" and not is_train else None
            evidence["what"] = "NaN or infinite"
            yield find(kind, epochs=epochs, confidence=0.95, evidence=evidence, severity=severity)


def diverging(facts: Facts) -> Iterator[Finding]:
    """A train loss that rose and stayed up, or that never fell: the learning rate is the first suspect."""
    for curve in facts.train.values():
        if len(curve) < 5:
            continue
        at = lowest(facts, curve)
        low = float(curve.smooth[at])
        last = curve.values[-3:]
        if low > 0 and np.all(last >= limit("diverging") * low) and curve.end >= limit("diverging") * low:
            evidence: dict[str, object] = {"series": curve.key, "end": curve.end, "minimum": low}
            epochs = int(curve.epochs[at]), int(curve.epochs[-1])
            yield find("diverging", epochs=epochs, confidence=0.8, evidence=evidence)
            return


def learning_rate(facts: Facts) -> Iterator[Finding]:
    """Signs of a learning rate that is too high (train losses jump or do not fall) or too low (they crawl)."""
    long_enough = [curve for curve in facts.train.values() if len(curve) >= limit("short_rows")]
    if not long_enough:
        return
    rough = sorted(map(_roughness, long_enough))[(len(long_enough) - 1) // 2]  # of two the calmer one
    if rough >= limit("rough_train"):
        worst = max(long_enough, key=_roughness)
        evidence: dict[str, object] = {"series": worst.key, "roughness": _roughness(worst), "median": rough}
        yield find("lr_too_high", epochs=worst.span(0.5), confidence=0.55, evidence=evidence)
        return
    drops = {curve.key: _drop(curve) for curve in long_enough if slope_of(curve.values)[2] < 0}
    key = max(drops, key=lambda name: drops[name], default="")
    has_room = facts.map is None or facts.map.end < limit("crawl_map")
    if drops and 0 < drops[key] < limit("crawl") and has_room:
        evidence = {"series": key, "drop": drops[key]}
        yield find("lr_too_low", epochs=long_enough[0].span(0), confidence=0.5, evidence=evidence)


def unusual_rate(facts: Facts) -> Iterator[Finding]:
    """A learning rate that is far above what detectors are trained with, whatever the losses do."""
    rate = facts.curve(LR)
    if rate is not None and rate.values.max() >= limit("lr_beyond"):
        evidence: dict[str, object] = {"peak": float(rate.values.max())}
        yield find("lr_beyond_use", epochs=rate.span(0), confidence=0.7, evidence=evidence)


def _ratio(train: Curve, val: Curve, *, at_end: bool) -> float:
    part = slice(-tail(len(train)), None) if at_end else slice(0, tail(len(train)))
    below = float(np.median(train.values[part]))
    return float(np.median(val.values[part])) / below if below > 0 else 0.0


def _drop(curve: Curve) -> float:
    """Relative fall over the whole run; 0 when it began at 0."""
    begin = float(curve.values[: tail(len(curve))].mean())
    return 1 - curve.end / begin if begin > 0 else 0.0


def _roughness(curve: Curve) -> float:
    """Noise of the second half relative to its level."""
    half = curve.values[len(curve) // 2 :]
    level = float(np.median(half))
    return noise_of(half) / level if level > 0 else 0.0


RULES = (val_loss_rising, train_val_gap, not_finite, diverging, learning_rate, unusual_rate)
