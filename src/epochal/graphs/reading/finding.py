"""The values that a reading is made of."""

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal[
    "improving_still",
    "plateaued",
    "healthy_converged",
    "overfitting",
    "diverged_or_nan",
    "unstable_noisy",
    "not_learning",
    "too_short_to_tell",
    "cannot_tell",
]
Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that the graph shows.

    Attributes:
        id: a fixed word, such as "val_loss_rising".
        severity: error: the run or its numbers cannot be used as they are; warning: worth acting on; info: good to
            know.
        epochs: first and last epoch that it rests on, as the log numbers them.
        message: what is seen, in plain words.
        remedy: what to do next.
        command: the command of ours for that; empty where none helps.
        confidence: how sure, 0–1.
        rule: the rule with its threshold, in words.
        source: where the rule is from.
        would_change: what would change this finding.
        evidence: the numbers that it rests on.
    """

    id: str
    severity: Severity
    epochs: tuple[int, int]
    message: str
    remedy: str
    confidence: float
    rule: str
    source: str
    would_change: str
    evidence: dict[str, object] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True)
class Reading:
    """What a graph says. The findings stand in order of weight; the first is the verdict's own."""

    verdict: Verdict
    findings: tuple[Finding, ...]
