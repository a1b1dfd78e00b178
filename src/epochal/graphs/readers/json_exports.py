"""JSON that trackers export: of ClearML, SageMaker, CloudWatch, Ultralytics HUB; and documents that are cut off."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|["\[\]{},]')
_CLOSING = {"{": "}", "[": "]"}
_EPOCH_KEY = re.compile(r"(?:epoch[ _]?)?(\d{1,9})", re.IGNORECASE)
_AROUND_EPOCHS = ("data", "results", "metrics", "epochs", "history", "logs")
_LONGEST_TEXT = 20_000
_MONITOR = ":monitor:"  # ClearML's own series of the machine


def export_rows(value: Any) -> list[dict[str, Any]]:
    """One object a number, when a document is such an export; else none."""
    if not isinstance(value, dict):
        return []
    for name, read in (("MetricDataResults", _cloudwatch), ("FinalMetricDataList", _final)):
        if isinstance(value.get(name), list):
            return list(read(value[name]))
    if isinstance(value.get("Datapoints"), list) and isinstance(value.get("Label"), str):
        return list(_datapoints(value["Label"], value["Datapoints"]))
    return list(_clearml(value))


def epoch_rows(value: Mapping[str, Any], depth: int = 3) -> list[dict[str, Any]]:
    """One object an epoch, of a document that is keyed by epochs, as `{"0": {…}, "1": {…}}` or `{"epoch_1": {…}}`.

    Ultralytics HUB has them below `metrics`, each one as a text of JSON.
    """
    found = [
        (int(match[1]), _object(inner)) for key, inner in value.items() if (match := _EPOCH_KEY.fullmatch(str(key)))
    ]
    rows = [{"epoch": epoch, **inner} for epoch, inner in sorted(found, key=lambda pair: pair[0]) if inner]
    if rows or not depth:
        return rows
    parts = (value[key] for key in _AROUND_EPOCHS if isinstance(value.get(key), dict))
    return next((inner for part in parts if (inner := epoch_rows(part, depth - 1))), [])


def _object(value: Any) -> Mapping[str, Any]:
    """An object, also one that is written as a text; empty for anything else."""
    if isinstance(value, str) and value.startswith("{") and len(value) <= _LONGEST_TEXT:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def join_variant(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """One of ClearML's events, the name of its curve behind that of its plot: `train` and `box_loss` are one name."""
    metric, variant = record.get("metric"), record.get("variant")
    if not (isinstance(metric, str) and isinstance(variant, str) and "value" in record):
        return record
    return {**{key: value for key, value in record.items() if key != "variant"}, "metric": f"{metric}/{variant}"}


def _clearml(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Of `Task.get_reported_scalars()`: {plot: {curve: {"x": iterations, "y": values}}}."""
    for plot, curves in value.items():
        if not isinstance(curves, dict) or plot.startswith(_MONITOR):
            continue
        for name, curve in curves.items():
            if isinstance(curve, dict) and isinstance(curve.get("x"), list) and isinstance(curve.get("y"), list):
                called = name if plot == name else f"{plot}/{name}"
                for step, number in zip(curve["x"], curve["y"], strict=False):
                    yield {"metric": called, "step": step, "value": number}


def _cloudwatch(results: list[Any]) -> Iterator[dict[str, Any]]:
    """CloudWatch gives the newest number first."""
    for result in results:
        if isinstance(result, dict) and isinstance(result.get("Label"), str):
            pairs = zip(result.get("Timestamps") or [], result.get("Values") or [], strict=False)
            for _, number in sorted(pairs, key=lambda pair: str(pair[0])):
                yield {"metric": result["Label"], "value": number}


def _datapoints(label: str, points: list[Any]) -> Iterator[dict[str, Any]]:
    told = [point for point in points if isinstance(point, dict)]
    for point in sorted(told, key=lambda point: str(point.get("Timestamp"))):
        number = next((point[key] for key in ("Average", "Maximum", "Minimum", "Sum") if key in point), None)
        yield {"metric": label, "value": number}


def _final(metrics: list[Any]) -> Iterator[dict[str, Any]]:
    for metric in metrics:
        if isinstance(metric, dict) and "MetricName" in metric:
            yield {"metric": metric["MetricName"], "value": metric.get("Value")}


def close_document(text: str) -> Any:
    """The value of a JSON document that is cut off, up to its last whole element; None when there is none.

    An object in a list counts as one element: a row that is cut off is left out, a column keeps its numbers.
    """
    opened: list[str] = []
    last: tuple[int, str] | None = None
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == '"':  # a text without an end: what follows is inside it
            break
        if token in _CLOSING:
            opened.append(_CLOSING[token])
        elif token in ("]", "}") and (not opened or opened.pop() != token):
            return None
        if token in (",", "]", "}") and opened and (opened[-1] == "]" or "]" not in opened):
            last = match.end() - (token == ","), "".join(reversed(opened))
    if last is None:
        return None
    try:
        return json.loads(text[: last[0]] + last[1])
    except (ValueError, RecursionError):
        return None
