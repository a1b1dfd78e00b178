"""The verdict: what an expert would say first. Questions are asked in a fixed order; the first yes ends."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from epochal.graphs.reading.facts import Facts
from epochal.graphs.reading.finding import Verdict
from epochal.graphs.reading.measure import Curve, Rows, noise_of, slope_of, tail, window_of
from epochal.graphs.reading.thresholds import limit


@dataclass(frozen=True)
class Judgement:
    """A verdict with what it rests on.

    Attributes:
        verdict: the word.
        epochs: first and last epoch looked at, as the log numbers them.
        confidence: how sure, 0–1.
        evidence: the numbers that decided.
    """

    verdict: Verdict
    epochs: tuple[int, int]
    confidence: float
    evidence: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Rise:
    """A loss that turned up.

    Attributes:
        curve: of the loss.
        at: index of its smoothed minimum.
        rise: relative height of its end above that minimum.
        limit: the rise from which on it counts.
    """

    curve: Curve
    at: int
    rise: float
    limit: float

    @property
    def turn(self) -> int:
        """Index of the last row at which the loss was still near its minimum; from there on it rises."""
        near = self.curve.smooth <= self.curve.smooth[self.at] * (1 + self.limit / 3)
        return int(np.flatnonzero(near)[-1])

    @property
    def counts(self) -> bool:
        """Whether the rise is large, began early enough and lasted."""
        last = self.curve.smooth[-max(3, len(self.curve) // 5) :]
        stays = float(np.mean(last > self.curve.smooth[self.at] * (1 + self.limit / 2)))
        is_early = self.at < limit("rise_before") * len(self.curve)
        above_noise = stands_out(self.curve, self.rise * float(self.curve.smooth[self.at]))
        return self.rise >= self.limit and is_early and stays >= 0.8 and above_noise


def judge(facts: Facts) -> Judgement:
    """Give a graph its verdict.

    The order and the meaning of the verdicts: `docs/reading-a-training-graph.md`.
    """
    if (found := find_divergence(facts)) is not None:
        return found
    curve = facts.map
    if curve is None or (len(curve) < 3 <= len(facts.rows) and len(curve) * 10 < len(facts.rows)):
        measured = 0 if curve is None else len(curve)
        return Judgement("cannot_tell", _all_epochs(facts.rows), 0.95, {"rows": len(facts.rows), "measured": measured})
    questions: tuple[Callable[[Facts, Curve], Judgement | None], ...] = (
        _not_learning, _too_short, _overfitting, _unstable, _improving, _plateaued,
    )  # fmt: skip
    for question in questions:
        if (found := question(facts, curve)) is not None:
            return found
    return _settled(facts, curve)


def find_divergence(facts: Facts) -> Judgement | None:
    """Train losses that became NaN or infinite, or losses that blew up while mAP collapsed."""
    rows = facts.rows
    for key in (k for k in rows.series if k.startswith("train/") and "loss" in k):
        bad = np.flatnonzero(rows.present[key] & ~np.isfinite(rows.series[key]))
        if len(bad) and (bad[-1] == len(rows) - 1 or len(bad) >= limit("nan_rows")):
            epochs = int(rows.epochs[bad[0]]), int(rows.epochs[bad[-1]])
            return Judgement("diverged_or_nan", epochs, 0.97, {"series": key, "rows_not_finite": len(bad)})
    curve = facts.map
    if curve is None or len(curve) < 5 or curve.smooth.max() < limit("dead_map"):
        return None
    peak = int(curve.smooth.argmax())
    left = curve.end / float(curve.smooth[peak])
    if left >= limit("collapse"):
        return None
    for losses, height in ((facts.train, limit("blow_up")), (facts.val, limit("blow_up_val"))):
        for key, loss in losses.items():
            low = float(loss.smooth[lowest(facts, loss)])
            if 0 < low * height <= loss.end or (losses is facts.val and not loss.is_whole):
                evidence = {"series": key, "end": loss.end, "minimum": low, "map_left": left}
                return Judgement("diverged_or_nan", (int(curve.epochs[peak]), int(curve.epochs[-1])), 0.85, evidence)
    return None


def loss_rises(facts: Facts) -> list[Rise]:
    """The val losses for boxes and classes with how far each rose above its minimum, the largest excess first."""
    rises = []
    for key, curve in facts.val.items():
        if len(curve) < limit("short_rows") or not is_main_loss(key):
            continue
        height = limit("cls_rise") if "cls" in key else limit("box_rise")
        at = lowest(facts, curve)
        low = float(curve.smooth[at])
        if low > 0:
            rises.append(Rise(curve, at, curve.end / low - 1, height))
    return sorted(rises, key=lambda rise: rise.limit - rise.rise)


def lowest(facts: Facts, curve: Curve) -> int:
    """Index of a loss's smoothed minimum since the model finds anything.

    While it finds nothing, some nets have next to no box to be wrong about: a loss that is low then says nothing.
    """
    begin = 0
    if facts.map is not None and len(found := np.flatnonzero(facts.map.values >= limit("dead_map"))):
        begin = min(len(curve) - 1, int(found[0]) * len(curve) // len(facts.map))
    return begin + int(curve.smooth[begin:].argmin())


def is_main_loss(key: str) -> bool:
    """Whether a loss is for boxes, for classes, or the sum of all."""
    name = key.partition("/")[2]
    return any(word in name for word in ("box", "iou", "cls", "class")) or name in ("loss", "total_loss")


def decline_of(curve: Curve) -> float:
    """Relative fall of the end below the smoothed peak; 0 when the peak lies too late to tell."""
    peak, count = int(curve.smooth.argmax()), len(curve)
    latest = min(
        limit("decline_before") * count, count - tail(count)
    )  # in a short run the end begins earlier than that
    if peak >= latest or curve.smooth[peak] <= 0:
        return 0.0
    return max(0.0, 1 - curve.end / float(curve.smooth[peak]))


def stands_out(curve: Curve, difference: float) -> bool:
    """Whether a difference of smoothed values is more than noise: 3 standard errors of the running mean."""
    return bool(difference > 3 * noise_of(curve.values) / window_of(len(curve)) ** 0.5)


def gain_at_end(curve: Curve) -> float:
    """Relative height of the end above the rows before it (15 % of the run, 3 or more)."""
    count, last = len(curve), tail(len(curve))
    before = curve.values[max(0, count - last - max(3, round(limit("still_before") * count))) : count - last]
    level = float(np.median(before)) if len(before) else 0.0  # not the mean: one collapse is no lower level
    return curve.end / level - 1 if level > 0 else 0.0


def flat_change(curve: Curve) -> tuple[float, bool]:
    """Relative change of mAP over the last part of the run, and whether it counts as flat.

    Theil–Sen slope times length, over the level: robust against single rows. A change that the noise alone could make
    counts as flat up to a larger limit.
    """
    part = curve.values[int((1 - limit("flat_part")) * len(curve)) :]
    level = float(np.median(part))
    if level <= 0:
        return 0.0, False
    low, slope, high = slope_of(part)
    change = slope * len(part) / level
    within_noise = low <= 0 <= high and abs(change) <= limit("flat_noisy")
    return change, (abs(change) <= limit("flat_gain") or within_noise) and _was_there_before(curve)


def _was_there_before(curve: Curve) -> bool:
    """Whether mAP had come near its last level before the flat part began; else it levelled only towards the end."""
    before = curve.smooth[: max(1, int((1 - limit("flat_part")) * len(curve)))]
    return float(before.max()) >= (1 - limit("near_best")) * curve.end


def swing_of(curve: Curve) -> tuple[float, int, float]:
    """How mAP moves from row to row in the second half.

    Returns:
        The median change relative to the level; how often it fell to under half the level; and the trend of the half in
        units of that median change.
    """
    half = curve.values[len(curve) // 2 :]
    level, steps = float(np.median(half)), np.abs(np.diff(half))
    if level <= 0 or len(steps) < 2:
        return 0.0, 0, 0.0
    typical = float(np.median(steps))
    low = half < limit("collapse") * level
    collapses = int(np.count_nonzero(low[1:] & ~low[:-1]))
    trend = abs(float(half[-3:].mean() - half[:3].mean())) / typical if typical > 0 else 0.0
    return typical / level, collapses, trend


def _not_learning(_: Facts, curve: Curve) -> Judgement | None:
    best, count = float(curve.values.max()), len(curve)
    all_zero = best == 0 and count >= limit("dead_rows_all_zero")
    beside = np.maximum(np.append(curve.values[1:], 0), np.append(0, curve.values[:-1]))
    found = (curve.values >= limit("dead_map")) & (limit("odd_row") * beside >= curve.values)
    if not all_zero and (found.any() or count < limit("dead_rows")):
        return None
    dead = int(np.count_nonzero(curve.values < limit("dead_map")))
    half = float(curve.values[: count // 2].mean())
    is_late = int(curve.values.argmax()) >= 0.8 * count
    is_calm = swing_of(curve)[0] < limit("swing")
    if best > 0 and is_late and is_calm and curve.end >= limit("dead_trend") * half and slope_of(curve.values)[0] > 0:
        return None
    evidence: dict[str, object] = {"best": best, "rows": count, "dead": dead}
    return Judgement("not_learning", curve.span(0), 0.95 if all_zero else 0.85, evidence)


def _too_short(_: Facts, curve: Curve) -> Judgement | None:
    count = len(curve)
    if count < limit("short_rows"):
        return Judgement("too_short_to_tell", curve.span(0), 0.95, {"rows": count})
    if count > limit("short_rows_climbing") or int(curve.values.argmax()) < count - 3:
        return None
    before = float(curve.values[-6:-3].mean())
    climb = float(curve.values[-3:].mean()) / before - 1 if before > 0 else np.inf
    if climb < limit("short_climb"):
        return None
    return Judgement("too_short_to_tell", curve.span(0), 0.7, {"rows": count, "climb": climb})


def _overfitting(facts: Facts, curve: Curve) -> Judgement | None:
    fall = decline_of(curve)
    has_fallen = fall >= limit("decline") and stands_out(curve, fall * float(curve.smooth.max()))
    if not facts.val:
        alone = fall >= limit("decline_alone") and fall * curve.smooth.max() > 3 * noise_of(curve.values)
        return _overfit(curve, fall, None, 0.6) if alone and _train_falls(facts, int(curve.smooth.argmax())) else None
    for rise in (r for r in loss_rises(facts) if r.counts):
        is_flat = (
            rise.rise >= limit("strong_rise") * rise.limit and flat_change(curve)[1] and gain_since(curve, rise) < 0.01
        )
        if ((has_fallen and _rises_past_peak(curve, rise)) or is_flat) and _train_falls(facts, rise.at):
            return _overfit(curve, fall, rise, 0.9 if has_fallen else 0.65)
    return None


def _overfit(curve: Curve, fall: float, rise: Rise | None, confidence: float) -> Judgement:
    evidence: dict[str, object] = {"map_fall": fall, "map_end": curve.end, "map_peak": float(curve.smooth.max())}
    begin = int(curve.epochs[curve.smooth.argmax()])
    if rise is not None:
        begin = int(rise.curve.epochs[rise.turn])
        evidence |= {"series": rise.curve.key, "rise": rise.rise, "turn_epoch": begin}
    return Judgement("overfitting", (begin, int(curve.epochs[-1])), confidence, evidence)


def gain_since(curve: Curve, rise: Rise) -> float:
    """Relative gain of mAP since the loss turned up."""
    then = float(curve.smooth[min(len(curve) - 1, rise.turn)])
    return curve.end / then - 1 if then > 0 else np.inf


def _rises_past_peak(curve: Curve, rise: Rise) -> bool:
    """Whether the loss went on rising after mAP peaked; else it rose while mAP climbed, which is no overfitting."""
    peak = min(len(rise.curve) - 1, int(curve.smooth.argmax()))
    return rise.curve.end > float(rise.curve.smooth[peak]) * (1 + rise.limit / 2)


def _train_falls(facts: Facts, since: int) -> bool:
    """Whether a train loss is lower at the end than it was at an index."""
    return not facts.train or any(c.end < float(c.smooth[min(len(c) - 1, since)]) for c in facts.train.values())


def _unstable(_: Facts, curve: Curve) -> Judgement | None:
    swing, collapses, trend = swing_of(curve)
    is_lost = swing >= limit("swing") and trend < limit("swing_trend") and not _climbs_through(curve)
    if not is_lost and collapses < limit("collapses"):
        return None
    evidence: dict[str, object] = {"swing": swing, "collapses": collapses}
    return Judgement("unstable_noisy", curve.span(0.5), 0.8, evidence)


def _climbs_through(curve: Curve) -> bool:
    """Whether the second half rises beyond what its swings could make, and ends near its best."""
    half = curve.values[len(curve) // 2 :]
    return slope_of(half)[0] > 0 and curve.end >= (1 - limit("far_from_best")) * float(curve.smooth.max())


def _improving(_: Facts, curve: Curve) -> Judgement | None:
    gain = gain_at_end(curve)
    is_late = int(curve.values.argmax()) >= len(curve) - tail(len(curve))
    if not is_late or gain < limit("still_gain") or not _rises(curve):
        return None
    return Judgement("improving_still", curve.span(0.7), 0.9 if gain > 0.02 else 0.7, {"gain": gain})


def _rises(curve: Curve) -> bool:
    """Whether the last part of the run has a trend upwards; of few rows the interval of a slope says nothing.

    A run that takes off in its last rows has none yet, but its end is above all that was before.
    """
    if curve.end > curve.values[: -tail(len(curve))].max(initial=0.0):
        return True
    part = curve.values[int((1 - limit("flat_part")) * len(curve)) :]
    low, slope, _ = slope_of(part)
    return low > 0 if len(part) >= limit("short_rows") else slope > 0


def _plateaued(_: Facts, curve: Curve) -> Judgement | None:
    change, is_flat = flat_change(curve)
    if not is_flat:
        return None
    return Judgement("plateaued", curve.span(1 - limit("flat_part")), 0.75, {"change": change})


def _settled(facts: Facts, curve: Curve) -> Judgement:
    """What is left: near the best is healthy; far from it, no trend can be trusted."""
    distance = 1 - curve.end / float(curve.smooth.max()) if curve.smooth.max() > 0 else 0.0
    change, gain = flat_change(curve)[0], gain_at_end(curve)
    evidence: dict[str, object] = {"distance": distance, "change": change, "gain": gain}
    began_at_best = curve.end <= (1 + limit("climbed")) * float(curve.values[: tail(len(curve))].mean())
    if began_at_best and gain < limit("climbed"):
        return Judgement("plateaued", curve.span(0), 0.5, evidence)  # as fine-tunes do
    if _rises(curve) and (gain >= limit("steep_gain") or change > limit("climbed")):
        return Judgement("improving_still", curve.span(0.7), 0.5, evidence)  # the best row is not the last by chance
    if distance <= limit("near_best"):
        return Judgement("healthy_converged", curve.span(0), 0.75, evidence)
    if distance <= limit("near_best") + 2 * noise_of(curve.values) / float(curve.smooth.max()):
        if distance > limit("far_from_best"):  # as far below its best as chance can make it: the best tells nothing
            return Judgement("unstable_noisy", curve.span(0.5), 0.4, {"swing": swing_of(curve)[0], **evidence})
        return Judgement("healthy_converged", curve.span(0), 0.55, evidence)
    if (rise := next((r for r in loss_rises(facts) if r.counts), None)) is not None and _train_falls(facts, rise.at):
        return _overfit(curve, distance, rise, 0.5)  # mAP fell late, after a loss had turned up long before
    return Judgement("plateaued", curve.span(0.5), 0.4, evidence)


def _all_epochs(rows: Rows) -> tuple[int, int]:
    return (int(rows.epochs[0]), int(rows.epochs[-1])) if len(rows) else (0, 0)
