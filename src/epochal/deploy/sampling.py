"""Which images of inference are worth keeping: pure functions of a rule, what was found, and a random number.

random                    a share of everything
close_to_threshold        boxes of which the model is not sure: |confidence − threshold| < epsilon
classes_based             a box of one of these classes
detections_number_based   more than so many boxes, less than so many
"""

import datetime
from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.deploy.sampling_config import Interval, LimitType, Rule


def matching_rules(
    rules: Sequence[Rule], detections: Detections, class_names: Sequence[str], random: Random
) -> Iterator[Rule]:
    """The rules that would keep an image, in their order. One random number is drawn for each rule, fit or not."""
    for rule in rules:
        draw = random.random()
        if draw < rule.probability and fits(rule, detections, class_names):
            yield rule


def fits(rule: Rule, detections: Detections, class_names: Sequence[str]) -> bool:
    """Whether a rule, its probability left aside, wants an image on which this was found."""
    counts = _counting(rule, detections, class_names)
    if rule.type == "random":
        return True
    if rule.type == "close_to_threshold":
        is_close = np.abs(detections.confidence.astype(np.float64) - rule.threshold) < rule.epsilon
        return int((is_close & counts).sum()) >= rule.at_least
    number = int(counts.sum())
    if rule.type == "classes_based":
        return number > 0
    return (rule.more_than is None or number > rule.more_than) and (rule.less_than is None or number < rule.less_than)


def batch_name(prefix: str, interval: Interval, today: datetime.date) -> str:
    """The batch that an image of today arrives in: the prefix, and the first day of the day, week (Monday) or month."""
    if interval == "never":
        return prefix
    first = {
        "daily": today,
        "weekly": today - datetime.timedelta(days=today.weekday()),
        "monthly": today.replace(day=1),
    }[interval]
    return f"{prefix}_{first:%Y_%m_%d}"


def span_of(limit: LimitType, now: datetime.datetime) -> str:
    """The name of the minute, hour or day that a limit counts in, such as `hourly:2026-11-25T21`."""
    return (
        f"{limit}:{now.strftime({'minutely': '%Y-%m-%dT%H:%M', 'hourly': '%Y-%m-%dT%H', 'daily': '%Y-%m-%d'}[limit])}"
    )


def _counting(rule: Rule, detections: Detections, class_names: Sequence[str]) -> NDArray[np.bool_]:
    """(N,) whether a box is of a class that the rule looks at."""
    if rule.class_names is None:
        return np.ones(len(detections), np.bool_)
    wanted = [index for index, name in enumerate(class_names) if name in rule.class_names]
    return np.isin(detections.class_id, wanted)
