"""What single rows and the order of rows say: spikes, jumps at events, resumes, a run that ended early."""

from collections.abc import Iterator

import numpy as np

from epochal.graphs.reading.facts import Facts
from epochal.graphs.reading.finding import Finding
from epochal.graphs.reading.finding_words import find
from epochal.graphs.reading.measure import Curve, noise_of, slope_of, tail
from epochal.graphs.reading.thresholds import limit

_EVENTS_MAX = 20
_EXPECTED = ("mosaic_off", "lr_drop", "warmup_end")


def spikes(facts: Facts) -> Iterator[Finding]:
    """A loss that doubles, or an mAP that halves, for a row, and recovers; not beside a known event.

    One finding, on the series where it happens most often.
    """
    known = [event.epoch for event in facts.graph.events]
    found: dict[str, list[int]] = {}
    for curve in _curves(facts):
        at = [i for i in find_spikes(curve, is_dip=curve is facts.map)
              if all(abs(int(curve.epochs[i]) - epoch) > 1 for epoch in known)]  # fmt: skip
        if at:
            found[curve.key] = [int(curve.epochs[i]) for i in at]
    if found:
        key = max(found, key=lambda name: len(found[name]))
        epochs = found[key][0], found[key][-1]
        what = "half of its neighbours" if key.startswith("metrics/") else "double its neighbours"
        evidence: dict[str, object] = {"series": key, "count": len(found[key]), "first_epoch": epochs[0], "what": what}
        evidence["all_series"] = found
        yield find("spike", epochs=epochs, confidence=0.8, evidence=evidence)


def _curves(facts: Facts) -> list[Curve]:
    return [*facts.train.values(), *facts.val.values(), *([facts.map] if facts.map is not None else [])]


def find_spikes(curve: Curve, *, is_dip: bool) -> list[int]:
    """Rows at 2 times (a dip: under half) the median of the 3 rows before and of the 3 rows after.

    The first rows of a run, where everything moves, and the last, which cannot have recovered, are left out.
    """
    values, begin = curve.values, max(3, len(curve) // 20)
    if len(values) < begin + 2:
        return []
    padded = np.concatenate([values, values[-1:], values[-1:]])
    after = np.sort([padded[begin + step : len(values) - 1 + step] for step in (1, 2, 3)], axis=0)[1]
    before = np.sort([values[begin - step : len(values) - 1 - step] for step in (1, 2, 3)], axis=0)[1]
    here = values[begin:-1]
    if is_dip:
        is_spike = np.minimum(before, after) >= limit("spike") * np.maximum(here, 1e-9)
    else:
        is_spike = here >= limit("spike") * np.maximum(before, after)
    return [int(at) + begin for at in np.flatnonzero(is_spike & (before > 0) & (after > 0))]


def jumps_at_events(facts: Facts) -> Iterator[Finding]:
    """A step of a loss or of mAP where something was switched: expected, and said so."""
    events = [event for event in facts.graph.events if event.event in (*_EXPECTED, "resume")]
    for event in events if len(events) <= _EVENTS_MAX else ():  # more are no events but a rate that always moves
        steps = {c.key: step for c in _curves(facts) if (step := _step_at(c, event.epoch)) is not None}
        if event.event == "warmup_end":  # all moves then; only an mAP that falls surprises
            steps = {key: step for key, step in steps.items() if key.startswith("metrics/") and step < 0}
        if not steps:
            continue
        key = max(steps, key=lambda name: abs(steps[name]))
        evidence: dict[str, object] = {"event": event.event, "label": event.label, "series": key, "step": steps[key]}
        kind = "jump_at_event" if event.event in _EXPECTED else "jump_at_resume"
        yield find(kind, epochs=(event.epoch, event.epoch), confidence=0.8, evidence={**evidence, "epoch": event.epoch})


def _step_at(curve: Curve, epoch: int) -> float | None:
    """Relative step of a curve between the rows before an epoch and those from it on; None within the noise.

    It must be one with the drift of the rows before as well as without: a steep climb that slackens is no step down.
    """
    at = int(np.searchsorted(curve.epochs, epoch))
    before, after = curve.values[max(0, at - 4) : at], curve.values[at : at + 4]
    if len(before) < 3 or len(after) < 2:
        return None
    level, noise = float(np.median(before)), noise_of(curve.values[max(0, at - 20) : at])
    drift = slope_of(before)[1] * (len(before) + len(after)) / 2
    plain = float(np.median(after)) - level
    step = min(plain, plain - drift, key=abs)
    # A metric takes off from about 0 by itself, and as a share of what it was its rise is no number to read.
    is_take_off = curve.key.startswith("metrics/") and step > 0 and level < limit("jump_level")
    if (
        level <= 0
        or is_take_off
        or plain * (plain - drift) <= 0
        or abs(step) < max(limit("jump") * level, limit("jump_noise") * noise)
    ):
        return None
    return step / level


def resume_discontinuity(facts: Facts) -> Iterator[Finding]:
    """An epoch column that repeats, goes back, jumps, or does not begin at the first; or a state that was lost."""
    graph, epochs = facts.graph, facts.graph.epochs
    if not len(epochs):
        return
    faults: list[str] = []
    place = (int(epochs[0]), int(epochs[-1]))
    repeated = sum(len(part.epochs) for part in graph.superseded)
    if repeated:
        faults.append(f"{repeated} epochs were written again")
        first = next(part for part in graph.superseded if len(part.epochs))
        place = int(first.epochs[0]), int(first.epochs[-1])
    steps = np.diff(epochs)
    if len(steps) and steps.max() > max(1, int(np.median(steps))):
        at = int(steps.argmax())
        faults.append(f"epochs jump from {epochs[at]} to {epochs[at + 1]}")
        place = int(epochs[at]), int(epochs[at + 1])
    if epochs[0] > max(graph.first_epoch, int(np.median(steps)) if len(steps) else graph.first_epoch):
        faults.append(f"the first epoch is {epochs[0]}")
        place = int(epochs[0]), int(epochs[0])
    at_epoch = graph.settings.get("resumed_without_optimizer")
    if isinstance(at_epoch, int):
        faults.append(f"at epoch {at_epoch} it was resumed without the optimizer's state")
        place = at_epoch, at_epoch
    if faults:
        evidence: dict[str, object] = {"what": ", ".join(faults), "repeated": repeated}
        yield find("resume_discontinuity", epochs=place, confidence=0.9, evidence=evidence)


def stopped_early(facts: Facts) -> Iterator[Finding]:
    """Fewer epochs than planned while mAP was still rising; only where the log says that the run has ended."""
    planned, curve = facts.graph.epochs_planned, facts.map
    has_ended = any(event.event == "stop" for event in facts.graph.events)
    if planned is None or curve is None or not has_ended or len(curve) < limit("short_rows"):
        return
    done = int(curve.epochs[-1]) - facts.graph.first_epoch + 1
    part = curve.values[-max(6, len(curve) // 4) :]
    is_late = int(curve.values.argmax()) >= len(curve) - 2 * tail(len(curve))
    if done <= limit("stopped") * planned and (slope_of(part)[0] > 0 or is_late):
        evidence: dict[str, object] = {"done": done, "planned": planned}
        yield find("stopped_early", epochs=curve.span(0.75), confidence=0.6, evidence=evidence)


RULES = (spikes, jumps_at_events, resume_discontinuity, stopped_early)
