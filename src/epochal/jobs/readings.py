"""What the list and the run page say of a run's graph: the reading, the small line, the whole document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from epochal.errors import LogError, NotFound
from epochal.graphs.document import build_document, find_best, reading_fields
from epochal.graphs.graph import Graph
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.run_document import EVALUATION_NAME, VAL_EVALUATION_NAME
from epochal.graphs.run_folder import RECIPE_NAME, read_json, read_run
from epochal.graphs.series import MAP50_95

# What the journal tells of a stop is no longer so when the run was resumed and goes on.
_FINDINGS_ON_THE_END = {"stopped_early"}
SPARK_POINTS = 60


@dataclass(frozen=True)
class Reading:
    """What a run's graph comes down to.

    Attributes:
        verdict: one of the words of `epochal graph`; None before the first epoch.
        findings: as in the graph document.
        best: {"epoch", "metric", "value"}, None without a metric.
        spark: mAP_0.5:0.95 by epoch, at most `SPARK_POINTS` numbers.
        last_epoch: the last one that is complete.
    """

    verdict: str | None
    findings: tuple[dict[str, Any], ...]
    best: dict[str, Any] | None
    spark: tuple[float | None, ...]
    last_epoch: int | None


EMPTY_READING = Reading(None, (), None, (), None)


def read_reading(folder: Path) -> Reading:
    """Read the graph of a run folder; empty when its journal holds no epoch yet."""
    try:
        return reading_of(read_run(folder))
    except (LogError, NotFound):  # begun, and nothing to draw yet
        return EMPTY_READING


def reading_of(graph: Graph) -> Reading:
    """What a graph comes down to; empty without an epoch."""
    if graph.epochs.size == 0:
        return EMPTY_READING
    fields = reading_fields(read_graph(graph))
    values = graph.series.get(MAP50_95)
    spark = thin_spark([] if values is None else [v if np.isfinite(v) else None for v in values.tolist()])
    return Reading(fields["verdict"], tuple(fields["findings"]), find_best(graph), spark, int(graph.epochs[-1]))


def build_run_document(folder: Path, graph: Graph, reading: Reading, *, has_numbers: bool = True) -> dict[str, Any]:
    """The graph document of a run folder, with what its recipe and its evaluation say; of no epochs before the first.

    Args:
        folder: the run folder; it need not hold a journal yet.
        graph: of its journal.
        reading: of that graph.
        has_numbers: as in `build_document`.
    """
    said = {"verdict": reading.verdict, "findings": list(reading.findings), "best": reading.best}
    return build_document(
        graph,
        recipe=read_json(folder / RECIPE_NAME),
        evaluation=read_json(folder / EVALUATION_NAME),
        evaluation_val=read_json(folder / VAL_EVALUATION_NAME),
        reading=said if reading.verdict is not None else None,
        has_numbers=has_numbers,
    )


def leave_out_ends(findings: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The findings that hold for a run that still goes on."""
    return tuple(finding for finding in findings if finding["id"] not in _FINDINGS_ON_THE_END)


def thin_spark(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Thin a line to `SPARK_POINTS` numbers, keeping the minimum and maximum of each stretch in their order."""
    if len(values) <= SPARK_POINTS:
        return tuple(values)
    thinned: list[float | None] = []
    for part in np.array_split(np.arange(len(values)), SPARK_POINTS // 2):
        numbers = [(value, int(at)) for at in part if (value := values[int(at)]) is not None]
        if numbers:
            low, high = min(numbers), max(numbers)
            thinned += [value for value, _ in sorted((low, high), key=lambda pair: pair[1])]
        else:
            thinned += [None, None]
    return tuple(thinned)


def graph_without_epochs(folder: Path) -> Graph:
    """Of a run that has only begun."""
    recipe = read_json(folder / RECIPE_NAME)
    settings = recipe.get("recipe")
    planned = settings.get("epochs") if isinstance(settings, dict) else None
    return Graph(
        name=str(recipe.get("name") or folder.name),
        format="epochal",
        path=str(folder),
        epochs=np.zeros(0, np.int64),
        series={},
        present={},
        epochs_planned=planned if isinstance(planned, int) else None,
    )
