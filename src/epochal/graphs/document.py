"""The graph document: what the web draws, the report holds and `epochal graph --json` prints."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from epochal.graphs.graph import Graph, Series
from epochal.graphs.reading.finding import Reading
from epochal.graphs.reading.measure import find_curve, rows_of
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.series import MAP50, MAP50_95, definitions, order

Document = dict[str, Any]


def build_document(
    graph: Graph,
    *,
    recipe: Mapping[str, Any] | None = None,
    evaluation: Mapping[str, Any] | None = None,
    evaluation_val: Mapping[str, Any] | None = None,
    reading: Document | None = None,
    has_numbers: bool = True,
) -> Document:
    """Everything about a run that a page needs, as plain JSON values.

    Args:
        graph: the run.
        recipe: the content of `recipe.json`; its `recipe`, `reasons` and `dataset` are taken over. Without one, the
            settings that the graph knows stand as recipe.
        evaluation: the content of `evaluation.json`, taken over as it is.
        evaluation_val: the content of `evaluation-val.json`, likewise.
        reading: `verdict`, `findings` and `best`, when they are known already.
        has_numbers: put `epochs` and `series` in; `packed.py` sends them beside the document.

    Returns:
        The document of ARCHITECTURE.md: no NaN, no infinity, no numpy types.
    """
    reading = reading or {**reading_fields(read_graph(graph)), "best": find_best(graph)}
    keys = [key for key in order(graph.series) if key != "epoch"]
    document: Document = {
        "name": graph.name,
        "source": {"format": graph.format, "path": graph.path},
        "first_epoch": graph.first_epoch,
        "epochs": graph.epochs.tolist() if has_numbers else [],
        "epochs_planned": graph.epochs_planned,
        "series": {key: _numbers(graph.series[key]) for key in keys} if has_numbers else {},
        "marks": _marks(graph, keys),
        "superseded": [
            {
                "attempt": part.attempt,
                "epochs": [int(e) for e in part.epochs],
                "series": {key: _numbers(values) for key, values in part.series.items()},
            }
            for part in graph.superseded
        ],
        "events": [{"epoch": e.epoch, "event": e.event, "label": e.label} for e in graph.events],
        "best": reading["best"],
        "verdict": reading["verdict"],
        "findings": reading["findings"],
        "definitions": definitions(keys),
        "notes": list(graph.notes),
    }
    for key in ("recipe", "reasons", "dataset"):
        if recipe and recipe.get(key):
            document[key] = recipe[key]
    if recipe is None and graph.settings:  # of another trainer, from the settings file beside its log
        document["recipe"] = _plain(graph.settings)
    if evaluation:
        document["evaluation"] = dict(evaluation)
    if evaluation_val:
        document["evaluation_val"] = dict(evaluation_val)
    return document


def reading_fields(reading: Reading) -> Document:
    """The fields `verdict` and `findings` of a document; the server sends them alone when they change."""
    findings = [{**vars(f), "epochs": list(f.epochs), "evidence": _plain(f.evidence)} for f in reading.findings]
    return {"verdict": reading.verdict, "findings": findings}


def find_best(graph: Graph) -> Document | None:
    """The row with the highest mAP_0.5:0.95 (mAP_0.5 where a log has no other), the first of equals.

    Of a foreign log all rows count, also those that a resume wrote anew; of our own run only those that it still has.

    Returns:
        {"epoch", "metric", "value"}, the epoch as the log numbers it; None without a finite value.
    """
    rows = rows_of(graph)
    for metric in (MAP50_95, MAP50):
        if (curve := find_curve(rows, metric)) is not None:
            at = int(curve.values.argmax())
            return {"epoch": int(curve.epochs[at]), "metric": metric, "value": float(curve.values[at])}
    return None


def _numbers(values: Series) -> list[float | None]:
    if np.isfinite(values).all():
        return list(values.astype(np.float64).tolist())
    return [float(v) if ok else None for v, ok in zip(values.tolist(), np.isfinite(values), strict=True)]


def _marks(graph: Graph, keys: list[str]) -> list[Document]:
    marks = []
    for key in keys:
        for at in np.flatnonzero(graph.present[key] & ~np.isfinite(graph.series[key])):
            value = graph.series[key][at]
            name = "NaN" if np.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
            marks.append({"series": key, "epoch": int(graph.epochs[at]), "value": name})
    return marks


def _plain(value: object) -> Any:
    """JSON values for what rules put into their evidence."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        return float(value) if np.isfinite(value) else str(float(value))
    return value if value is None else str(value)
