"""What mAP, precision and recall say."""

from collections.abc import Iterator

import numpy as np

from epochal.graphs.reading.facts import Facts
from epochal.graphs.reading.finding import Finding
from epochal.graphs.reading.finding_words import find
from epochal.graphs.reading.forecast import forecast
from epochal.graphs.reading.measure import Curve, find_curve, noise_of, rows_of, slope_of, tail
from epochal.graphs.reading.thresholds import limit
from epochal.graphs.reading.verdict import decline_of, flat_change, stands_out, swing_of
from epochal.graphs.series import CONFIDENCE, MAP50, MAP50_95, PRECISION, RECALL


def map_declining(facts: Facts) -> Iterator[Finding]:
    """MAP falls after its peak: overfitting by the metric, whatever the losses say."""
    curve = facts.map
    if curve is None or len(curve) < limit("short_rows"):
        return
    fall = decline_of(curve)
    if fall < limit("decline") or not stands_out(curve, fall * float(curve.smooth.max())):
        return
    peak = int(curve.smooth.argmax())
    epochs = int(curve.epochs[peak]), int(curve.epochs[-1])
    evidence: dict[str, object] = {
        "fall": fall,
        "peak": float(curve.smooth[peak]),
        "end": curve.end,
        "epoch": epochs[0],
    }
    yield find("map_declining", epochs=epochs, confidence=min(0.95, 0.6 + 2 * fall), evidence=evidence)


def map_zero(facts: Facts) -> Iterator[Finding]:
    """MAP stands at exactly 0."""
    curve = facts.map
    if curve is None or len(curve) < limit("zero_rows"):
        return
    last = np.flatnonzero(curve.values)
    begin = int(last[-1]) + 1 if len(last) else 0
    if len(curve) - begin >= limit("zero_rows"):
        epochs = int(curve.epochs[begin]), int(curve.epochs[-1])
        yield find("map_zero", epochs=epochs, confidence=0.95, evidence={"rows": len(curve) - begin})


def frozen_metrics(facts: Facts) -> Iterator[Finding]:
    """All metrics repeat to the last digit: what is validated no longer changes."""
    curves = [c for key in (MAP50_95, MAP50, PRECISION, RECALL) if (c := facts.curve(key)) is not None]
    if len(curves) < 3 or len({len(c) for c in curves}) != 1 or len(curves[0]) < limit("frozen_rows"):
        return
    table = np.stack([c.values for c in curves])
    same = np.all(table[:, 1:] == table[:, :-1], axis=0) & np.any(table[:, 1:] != 0, axis=0)
    run = best = end = 0
    for at, flag in enumerate(same):
        run = run + 1 if flag else 0
        if run >= best:
            best, end = run, at + 1
    if best + 1 >= limit("frozen_rows"):
        epochs = int(curves[0].epochs[end - best]), int(curves[0].epochs[end])
        yield find("frozen_metrics", epochs=epochs, confidence=0.9, evidence={"rows": best + 1})


def sure_of_nothing(facts: Facts) -> Iterator[Finding]:
    """Scores so low that labels seem to have nothing to do with the images; a mAP above 0 may hide it."""
    curve = facts.curve(CONFIDENCE)
    if curve is None or facts.map is None or len(curve) < limit("short_rows"):
        return
    last = curve.values[-len(curve) // 3 :]
    if last.max() < limit("unsure"):
        evidence: dict[str, object] = {
            "confidence": float(np.median(last)),
            "rows": len(last),
            "best": float(facts.map.values.max()),
        }
        yield find("sure_of_nothing", epochs=curve.span(2 / 3), confidence=0.8, evidence=evidence)


def noisy_validation(facts: Facts) -> Iterator[Finding]:
    """How far mAP moves by chance, when that is much."""
    curve = facts.map
    if curve is None or len(curve) < limit("short_rows"):
        return
    swing, collapses, _ = swing_of(curve)
    half = curve.values[len(curve) // 2 :]
    noise, gain = noise_of(half), float(curve.smooth.max() - curve.smooth.min())
    if swing < limit("noisy_swing") and not (gain > 0 and noise > limit("noisy_share") * gain and swing > 0.01):
        return
    evidence: dict[str, object] = {"noise": noise, "points": noise * 100, "swing": swing, "collapses": collapses}
    yield find("noisy_validation", epochs=curve.span(0.5), confidence=min(0.9, 0.5 + 4 * swing), evidence=evidence)


def small_validation(facts: Facts) -> Iterator[Finding]:
    """The interval that resampling val images gives, when it is wide."""
    low, high = (facts.curve(f"{MAP50_95}/{bound}") for bound in ("low", "high"))
    if low is None or high is None or len(low) != len(high):
        return
    half = float(np.median((high.values - low.values)[-tail(len(low)) :])) / 2
    if half >= limit("wide_interval"):
        yield find("small_validation", epochs=low.span(0.9), confidence=0.9, evidence={"half": half})


def few_images(facts: Facts) -> Iterator[Finding]:
    """Splits of so few images that nothing can be learned from them, or no number of them trusted."""
    for split in ("train", "val"):
        images = facts.graph.settings.get(f"dataset.splits.{split}.images")
        if isinstance(images, int) and facts.map is not None and 0 < images < limit("few_images"):
            yield find(f"few_{split}_images", epochs=facts.map.span(0), confidence=0.9, evidence={"images": images})


def val_in_train(facts: Facts) -> Iterator[Finding]:
    """Val images that the model has learned from; only where the run counted them."""
    of, images = (facts.graph.settings.get(f"dataset.splits.val.{key}") for key in ("images", "also_in_train"))
    if isinstance(images, int) and isinstance(of, int) and images > 0 and facts.map is not None:
        yield find("val_in_train", epochs=facts.map.span(0), confidence=0.97, evidence={"images": images, "of": of})


def plateau(facts: Facts) -> Iterator[Finding]:
    """MAP no longer rises, with the epoch since when."""
    curve = facts.map
    if curve is None or len(curve) < limit("short_rows") or curve.end <= limit("dead_map") or not flat_change(curve)[1]:
        return
    off = np.flatnonzero(np.abs(curve.smooth / curve.end - 1) > max(0.02, 2 * noise_of(curve.values) / curve.end))
    begin = int(off[-1]) + 1 if len(off) else 0
    if begin < len(curve) - 2:
        epochs = int(curve.epochs[begin]), int(curve.epochs[-1])
        evidence: dict[str, object] = {"since": epochs[0], "change": flat_change(curve)[0], "level": curve.end}
        yield find("plateau", epochs=epochs, confidence=0.75, evidence=evidence)


def still_improving(facts: Facts) -> Iterator[Finding]:
    """MAP rises at the end; with the odds that more epochs bring more."""
    curve = facts.map
    if curve is None or len(curve) < limit("short_rows"):
        return
    part = curve.values[-max(6, len(curve) // 5) :]
    if slope_of(part)[0] <= 0 or not limit("dead_map") < curve.values.max() <= 1:
        return
    more = max(5, len(curve) // 2)
    seen = forecast(curve.values, more=more, margin=noise_of(curve.values))
    evidence: dict[str, object] = {
        "more": more,
        "odds": seen.odds,
        "low": seen.low,
        "middle": seen.middle,
        "high": seen.high,
    }
    yield find("still_improving", epochs=curve.span(0.8), confidence=0.75, evidence=evidence)


def too_good(facts: Facts) -> Iterator[Finding]:
    """Values that detectors rarely reach, or reach at once: a leak, a tiny val split, or a trivial task."""
    curve, loose = facts.map, facts.curve(MAP50)
    if curve is None:
        return
    early = max(1, len(curve) // 10)
    at_once = loose is not None and len(curve) >= 5 and float(np.median(loose.values[:early])) >= limit("good_at_once")
    best = float(curve.values.max())
    if at_once or best >= limit("good_map"):
        evidence: dict[str, object] = {"best": best, "at_once": at_once}
        yield find("too_good", epochs=curve.span(0), confidence=0.6, evidence=evidence)


def best_epoch(facts: Facts) -> Iterator[Finding]:
    """The best epoch, how sure its place is, and how far the best of many overstates."""
    rows = rows_of(facts.graph)  # the best is looked for in all rows of a log
    curve = find_curve(rows, MAP50_95) or find_curve(rows, MAP50)
    if curve is None or len(curve) < limit("short_rows") or curve.values.max() < limit("dead_map"):
        return
    at, noise = int(curve.values.argmax()), noise_of(curve.values[len(curve) // 2 :])
    value = float(curve.values[at])
    near = np.flatnonzero(curve.values >= value - 2 * noise)
    bias = noise * float(np.sqrt(2 * np.log(max(2, len(near))))) if len(near) > 1 else 0.0
    evidence: dict[str, object] = {
        "epoch": int(curve.epochs[at]), "value": value, "noise": noise, "as_good": len(near), "bias": bias,
        "first": int(curve.epochs[near[0]]), "last": int(curve.epochs[near[-1]]),
    }  # fmt: skip
    yield find(
        "best_epoch",
        epochs=(int(curve.epochs[near[0]]), int(curve.epochs[near[-1]])),
        confidence=0.9,
        evidence=evidence,
    )


def precision_recall_imbalance(facts: Facts) -> Iterator[Finding]:
    """Precision and recall far apart at the end, and whether another confidence can mend it."""
    precision, recall, loose = (facts.curve(key) for key in (PRECISION, RECALL, MAP50))
    if precision is None or recall is None or len(precision) < 3 or len(precision) != len(recall):
        return
    gap = precision.end - recall.end
    if abs(gap) < limit("imbalance"):
        return
    lower, higher = sorted((precision.end, recall.end))
    mends = loose is not None and loose.end >= lower + limit("threshold_room") * (higher - lower)
    evidence: dict[str, object] = {"precision": precision.end, "recall": recall.end, "threshold_may_mend": mends}
    kind = "recall_low" if gap > 0 else "precision_low"
    yield find(
        "precision_recall_imbalance", epochs=precision.span(0.9), confidence=0.85, evidence=evidence, variant=kind
    )


def loose_boxes(facts: Facts) -> Iterator[Finding]:
    """Objects are found, but the boxes sit loosely: mAP_0.5 high, mAP_0.5:0.95 low."""
    loose, strict = facts.curve(MAP50), facts.curve(MAP50_95)
    if loose is None or strict is None or len(loose) < 3 or loose.end < limit("loose_map50"):
        return
    ratio = strict.end / loose.end
    if ratio < limit("loose_ratio"):
        evidence: dict[str, object] = {"map50": loose.end, "map50_95": strict.end, "ratio": ratio}
        yield find("loose_boxes", epochs=loose.span(0.9), confidence=0.6, evidence=evidence)


def classes(facts: Facts) -> Iterator[Finding]:
    """One class that drags the mean, and one class behind most of a fall of the mean."""
    suffix = "/AP_0.5:0.95" if any(key.endswith("/AP_0.5:0.95") for key in facts.rows.series) else "/AP_0.5"
    curves = {key[6 : -len(suffix)]: c for key in facts.rows.series if key.startswith("class/") and key.endswith(suffix)
              and (c := facts.curve(key)) is not None}  # fmt: skip
    if len(curves) < 2 or min(len(c) for c in curves.values()) < 3:
        return
    yield from _dragging(curves)
    if facts.map is not None and decline_of(facts.map) >= limit("decline"):
        yield from _driving(curves, facts.map)


def _dragging(curves: dict[str, Curve]) -> Iterator[Finding]:
    ends = {name: curve.end for name, curve in curves.items()}
    worst = min(ends, key=lambda name: ends[name])
    others = [value for name, value in ends.items() if name != worst]
    middle = float(np.median(others))
    if max(others) < limit("dead_map") or ends[worst] > limit("dragging") * middle:
        return
    evidence: dict[str, object] = {
        "class_name": worst, "value": ends[worst], "others": middle,
        "mean": float(np.mean(list(ends.values()))), "mean_without": float(np.mean(others)),
    }  # fmt: skip
    is_dead = curves[worst].values.max() < limit("dead_map") and middle >= limit("class_found")
    kind = "class_never_found" if is_dead else "class_dragging"
    epochs = curves[worst].span(0 if is_dead else 0.9)
    yield find(kind, epochs=epochs, confidence=0.85, evidence=evidence)


def _driving(curves: dict[str, Curve], mean: Curve) -> Iterator[Finding]:
    peak = int(mean.smooth.argmax())
    falls = {name: float(c.smooth[min(len(c) - 1, peak)]) - c.end for name, c in curves.items()}
    total = sum(falls.values())
    worst = max(falls, key=lambda name: falls[name])
    if total > 0 and falls[worst] > limit("driving") * total:
        evidence: dict[str, object] = {"class_name": worst, "share": falls[worst] / total, "fall": falls[worst]}
        epochs = int(mean.epochs[peak]), int(mean.epochs[-1])
        yield find("class_driven", epochs=epochs, confidence=0.75, evidence=evidence)


RULES = (
    map_declining, map_zero, frozen_metrics, sure_of_nothing, noisy_validation, small_validation, few_images,
    val_in_train, plateau, still_improving, too_good, best_epoch, precision_recall_imbalance, loose_boxes, classes,
)  # fmt: skip
