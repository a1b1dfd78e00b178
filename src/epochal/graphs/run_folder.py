"""Read our own run folder: `metrics.jsonl`, with `recipe.json` beside it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from epochal.errors import LogError, NotFound
from epochal.graphs.graph import Event, EventKind, Graph, Series, Superseded
from epochal.graphs.journal import JOURNAL_NAME, Line, decode_number, read_all

RECIPE_NAME = "recipe.json"
_JSON_LIMIT_BYTES = 64_000_000
_EVENTS: dict[str, EventKind] = {kind: kind for kind in get_args(EventKind)}


@dataclass
class _Tally:
    """What the lines of a journal add up to.

    Attributes:
        name: of the run.
        epochs_planned: of the last start.
        settings: of the last start, and what a resume could not restore, with the epoch.
        points: {epoch: (attempt, series)}; of several lines for an epoch the last.
        replaced: {attempt: {epoch: series}}, what a later line wrote anew with other numbers.
        events: in order of the file, each once.
    """

    name: str | None = None
    epochs_planned: int | None = None
    settings: dict[str, object] = field(default_factory=dict)
    points: dict[int, tuple[int, dict[str, float]]] = field(default_factory=dict)
    replaced: dict[int, dict[int, dict[str, float]]] = field(default_factory=dict)
    events: dict[Event, None] = field(default_factory=dict)


def is_run_folder(path: Path) -> bool:
    """Whether a path is a run folder or its journal."""
    return path.name == JOURNAL_NAME or (path.is_dir() and (path / JOURNAL_NAME).exists())


def read_run(path: Path) -> Graph:
    """Read a run folder, or the journal in it.

    Of several lines for an epoch the last counts; what it replaced is kept as superseded when its numbers differ
    (times, which always differ, do not count).

    Args:
        path: the run folder, or its `metrics.jsonl`.

    Returns:
        The graph; with no epochs when the journal has none yet.

    Raises:
        NotFound: there is no journal.
        LogError: the file is no journal of a run.
    """
    folder = path if path.is_dir() else path.parent
    tally = _tally(read_all(path))
    if tally.name is None and not tally.points:
        raise _no_journal(path)
    recipe = read_json(folder / RECIPE_NAME)
    settings = {**tally.settings, **_flatten(recipe.get("recipe")), **_describe_dataset(recipe.get("dataset"))}
    name = tally.name or str(recipe.get("name") or folder.resolve().name)
    epochs = np.array(sorted(tally.points), np.int64)
    series, present = _columns([tally.points[int(e)][1] for e in epochs])
    return Graph(
        name=name,
        format="epochal",
        path=str(path),
        epochs=epochs,
        series=series,
        present=present,
        first_epoch=1,
        epochs_planned=tally.epochs_planned,
        superseded=_superseded(tally.replaced),
        events=tuple(sorted(tally.events, key=lambda event: event.epoch)),
        settings=settings,
    )


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of a run folder, NaN as None; empty when there is none that can be read."""
    try:
        if path.stat().st_size > _JSON_LIMIT_BYTES:
            return {}
        value = json.loads(path.read_bytes(), parse_constant=lambda _: None)
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _tally(lines: Iterable[Line]) -> _Tally:
    tally = _Tally()
    for line in lines:
        kind = line["kind"]
        if kind == "start":
            _add_start(tally, line)
        elif kind == "epoch":
            _add_epoch(tally, line)
        elif kind == "event":
            _add_event(tally, line)
    return tally


def _add_start(tally: _Tally, line: Line) -> None:
    tally.name = str(line.get("name", "")) or tally.name or ""
    planned = line.get("epochs_planned")
    tally.epochs_planned = planned if isinstance(planned, int) else tally.epochs_planned
    if "seed" in line:
        tally.settings["seed"] = line["seed"]


def _add_epoch(tally: _Tally, line: Line) -> None:
    epoch, numbers = line.get("epoch"), line.get("series")
    if not isinstance(epoch, int) or not isinstance(numbers, dict) or not 0 <= epoch < 2**31:
        return
    series = {key: number for key, value in numbers.items() if (number := decode_number(value)) is not None}
    attempt = line.get("attempt")
    before = tally.points.get(epoch)
    if before is not None and _is_other(before[1], series):
        tally.replaced.setdefault(before[0], {})[epoch] = before[1]
    tally.points[epoch] = (attempt if isinstance(attempt, int) else 1, series)


def _add_event(tally: _Tally, line: Line) -> None:
    epoch, kind = line.get("epoch"), _EVENTS.get(str(line.get("event")))
    if isinstance(epoch, int) and kind is not None:
        tally.events[Event(epoch, kind, str(line.get("label", "")))] = None
        if isinstance(line.get("without"), str):
            tally.settings[f"resumed_without_{line['without']}"] = epoch


def _is_other(one: Mapping[str, float], two: Mapping[str, float]) -> bool:
    keys = {key for key in (*one, *two) if not key.startswith("time/")}
    return any(repr(one.get(key)) != repr(two.get(key)) for key in keys)  # repr: NaN equals NaN


def _columns(rows: list[dict[str, float]]) -> tuple[dict[str, Series], dict[str, NDArray[np.bool_]]]:
    keys = dict.fromkeys(key for row in rows for key in row)
    series = {key: np.array([row.get(key, np.nan) for row in rows], np.float64) for key in keys}
    present = {key: np.array([key in row for row in rows], np.bool_) for key in keys}
    return series, present


def _superseded(replaced: Mapping[int, Mapping[int, dict[str, float]]]) -> tuple[Superseded, ...]:
    parts = []
    for attempt in sorted(replaced):
        epochs = sorted(replaced[attempt])
        series, _ = _columns([replaced[attempt][epoch] for epoch in epochs])
        parts.append(Superseded(attempt, np.array(epochs, np.int64), series))
    return tuple(parts)


def _describe_dataset(dataset: object) -> dict[str, object]:
    """What shaped a run, and is not its recipe: which images, and how many of each split."""
    if not isinstance(dataset, dict):
        return {}
    found = {key: dataset[key] for key in ("name", "fingerprint") if key in dataset}
    return _flatten({"dataset": {**found, "splits": dataset.get("splits") or {}}})


def _flatten(value: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {}
    flat: dict[str, object] = {}
    for key, inner in value.items():
        flat.update(_flatten(inner, f"{prefix}{key}.") if isinstance(inner, dict) else {f"{prefix}{key}": inner})
    return flat


def _no_journal(path: Path) -> LogError | NotFound:
    if not path.exists():
        return NotFound(f"{path} is not there; expected a run folder.")
    return LogError(f"{path} holds no line of a run's journal; expected `metrics.jsonl` as `epochal train` writes it.")
