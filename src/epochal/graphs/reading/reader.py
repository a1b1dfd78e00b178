"""Read a graph: give it a verdict, then ask every rule what it sees."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from epochal.graphs.graph import Graph
from epochal.graphs.reading import rules_loss, rules_map, rules_rows
from epochal.graphs.reading.commands import command_for
from epochal.graphs.reading.facts import Facts, collect_facts
from epochal.graphs.reading.finding import Finding, Reading
from epochal.graphs.reading.verdict import Judgement, judge
from epochal.graphs.reading.words import VERDICT_WORDS, write_finding

RULES: tuple[Callable[[Facts], Iterable[Finding]], ...] = (*rules_loss.RULES, *rules_map.RULES, *rules_rows.RULES)
# What a verdict says already is not said again.
_SAID: dict[str, set[str]] = {
    "plateaued": {"plateau", "still_improving"},
    "diverged_or_nan": {"diverging", "noisy_validation", "still_improving", "lr_too_low"},
    "not_learning": {
        "plateau",
        "best_epoch",
        "map_declining",
        "noisy_validation",
        "class_driven",
        "val_loss_up_map_up",
    },
    "unstable_noisy": {"noisy_validation"},
}
_WEIGHT = {"error": 0, "warning": 1, "info": 2}


def read_graph(graph: Graph) -> Reading:
    """Say what a graph shows.

    A pure function of the graph; it never fails on a graph that keeps its shape.

    Args:
        graph: any log, our own or foreign.

    Returns:
        The verdict and the findings: first the verdict's own, then errors, warnings and notes, the surest first.
    """
    with np.errstate(all="ignore"):  # losses of 1e308 are read like any other
        facts = collect_facts(graph)
        judgement = judge(facts)
        said = _SAID.get(judgement.verdict, set())
        found = [finding for rule in RULES for finding in rule(facts) if finding.id not in said]
    found.sort(key=lambda finding: (_WEIGHT[finding.severity], -finding.confidence))
    said_all = (replace(one, command=command_for(one.id, graph)) for one in (_own_finding(judgement), *found))
    return Reading(judgement.verdict, tuple(said_all))


def _own_finding(judgement: Judgement) -> Finding:
    evidence = dict(judgement.evidence)
    if judgement.verdict == "overfitting":
        evidence["epoch"] = judgement.epochs[0]
        rise = evidence.get("rise")
        evidence["loss_text"] = f"{evidence['series']} rises by {rise:.0%}, and " if isinstance(rise, float) else ""
    return write_finding(
        VERDICT_WORDS[judgement.verdict],
        judgement.verdict,
        epochs=judgement.epochs,
        confidence=judgement.confidence,
        evidence=evidence,
    )
