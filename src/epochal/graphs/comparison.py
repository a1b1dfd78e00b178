"""Several runs beside each other: the `comparison` of a document, see ARCHITECTURE.md."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from epochal.errors import EpochalError
from epochal.graphs.document import Document, find_best
from epochal.graphs.graph import Graph, Series
from epochal.graphs.series import MAP50_95, describe

MATCHES_NAME = "matches.npz"
_FOLDERS_MAX = 3
PAIRS_MAX = 10  # of paired bootstraps; each takes up to a second
# Settings that name a run and do not shape it: runs that differ in nothing else are repeats.
_NAMES = {
    "seed",
    "name",
    "project",
    "save_dir",
    "exist_ok",
    "resume",
    "device",
    "workers",
    "data_dir",
    "out",
    "run_name",
}


def compare(graphs: Sequence[Graph]) -> Document:
    """Compare runs.

    Args:
        graphs: two or more.

    Returns:
        `runs`, `groups` (repeats with mean and band), `pairs` (each run against the first), `recipes` (differences
        first), all plain JSON.
    """
    return {
        "metric": MAP50_95,
        "runs": [{"name": graph.name, "epochs": len(graph.epochs), "best": find_best(graph)} for graph in graphs],
        "groups": [_build_group(graphs, members) for members in find_repeats(graphs) if len(members) > 1],
        "pairs": [_build_pair(graphs, at) for at in range(1, len(graphs))],
        "recipes": compare_recipes(graphs),
    }


def tell_apart(graphs: Sequence[Graph]) -> list[Graph]:
    """Give graphs of the same name as many folders above as tell them apart; many logs lie in a folder called `train`.

    Returns:
        The graphs in their order; of the same log given twice, the later ones are numbered.
    """
    named = list(graphs)
    for depth in range(1, _FOLDERS_MAX + 1):
        folders: dict[str, set[str]] = {}
        for graph, original in zip(named, graphs, strict=True):
            folders.setdefault(graph.name, set()).add(_with_folders(original, _FOLDERS_MAX))
        named = [
            replace(graph, name=_with_folders(original, depth)) if len(folders[graph.name]) > 1 else graph
            for graph, original in zip(named, graphs, strict=True)
        ]
    seen: Counter[str] = Counter()
    for at, graph in enumerate(named):
        seen[graph.name] += 1
        if (nth := seen[graph.name]) > 1:
            named[at] = replace(graph, name=f"{graph.name} ({nth})")
    return named


def _with_folders(graph: Graph, depth: int) -> str:
    path = Path(graph.path).absolute()
    folder = path.parent if path.is_file() else path
    return "/".join([*folder.parts[1:-1][-depth:], graph.name])


def find_repeats(graphs: Sequence[Graph]) -> list[list[int]]:
    """Put runs together whose settings differ in nothing but seed and names; a run without settings stays alone.

    Returns:
        Lists of indices into `graphs`, in order of their first member.
    """
    found: dict[str, list[int]] = {}
    for at, graph in enumerate(graphs):
        shaping = {key: value for key, value in graph.settings.items() if key.rpartition(".")[2] not in _NAMES}
        key = json.dumps([graph.format, shaping], sort_keys=True, default=str) if shaping else f"alone {at}"
        found.setdefault(key, []).append(at)
    return list(found.values())


def band(columns: Sequence[Series]) -> tuple[Series, Series, Series]:
    """Mean and standard deviation of repeats, epoch by epoch; of shorter runs as far as they go.

    Args:
        columns: one array of length E or less for each repeat, NaN where there is no value.

    Returns:
        (mean, mean − deviation, mean + deviation), each (E,); NaN where no run has a value. The deviation is that of a
        sample (n − 1), and 0 where one run alone has a value.
    """
    table = np.array(list(zip_longest(*(column.tolist() for column in columns), fillvalue=np.nan)), float)
    table = np.where(np.isfinite(table), table, np.nan)
    count = np.isfinite(table).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(table, axis=1) / count
        spread = np.sqrt(np.nansum((table - mean[:, None]) ** 2, axis=1) / np.maximum(count - 1, 1))
    return mean, mean - spread, mean + spread


def compare_recipes(graphs: Sequence[Graph]) -> list[Document]:
    """Settings beside each other: those that differ first, each part in order of name.

    Returns:
        [{"field", "differs", "values": one for each run, null where it has none}].
    """
    fields = sorted({key for graph in graphs for key in graph.settings})
    rows: list[Document] = [
        {"field": key, "values": [_plain(graph.settings.get(key)) for graph in graphs]} for key in fields
    ]
    for row in rows:
        row["differs"] = any(value != row["values"][0] for value in row["values"])
    return sorted(rows, key=lambda row: not row["differs"])


def _build_group(graphs: Sequence[Graph], members: list[int]) -> Document:
    longest = max((graphs[at] for at in members), key=lambda graph: len(graph.epochs))
    keys = [key for key in longest.series if describe(key).group in ("losses", "metrics")
            and all(key in graphs[at].series for at in members)]  # fmt: skip
    series = {}
    for key in keys:
        mean, low, high = band([graphs[at].series[key] for at in members])
        series[key] = {"mean": _numbers(mean), "low": _numbers(low), "high": _numbers(high)}
    bests = [best["value"] for at in members if (best := find_best(graphs[at])) is not None]
    spread = float(np.std(bests, ddof=1)) if len(bests) > 1 else 0.0
    return {
        "runs": members,
        "name": f"{longest.name} and {len(members) - 1} more",
        "epochs": [int(e) for e in longest.epochs],
        "series": series,
        "best": {"mean": float(np.mean(bests)), "sd": spread, "runs": len(bests)} if bests else None,
        "sentence": _say_group(bests, spread),
    }


def _say_group(bests: list[float], spread: float) -> str:
    if len(bests) < 2:
        return "These runs differ only in seed or name."
    return (
        f"{len(bests)} repeats reach {np.mean(bests):.4f} ± {spread:.4f} (standard deviation). A difference between "
        f"two single runs below about {2 * math.sqrt(2) * spread:.3f} can be chance."
    )


def _build_pair(graphs: Sequence[Graph], at: int) -> Document:
    """The first run against another: by the same images where both kept their matches, else by the numbers alone."""
    first, second = graphs[0], graphs[at]
    pair: Document = {"first": 0, "second": at, "method": "numbers"}
    ones, twos = find_best(first), find_best(second)
    if ones and twos and ones["metric"] == twos["metric"]:
        pair["difference"] = twos["value"] - ones["value"]
        pair["sentence"] = _say_difference(first, second, pair["difference"])
    else:
        pair |= {"difference": None, "sentence": f"{first.name} and {second.name} have no mAP in common."}
    if _have_other_data(first, second):
        pair["sentence"] += " They were trained on different data, so their numbers may not be comparable at all."
    paths = [_matches_of(graph) for graph in (first, second)]
    if at <= PAIRS_MAX and all(path is not None for path in paths):
        pair |= _bootstrap(first, second, [path for path in paths if path is not None])
    return pair


def _say_difference(first: Graph, second: Graph, difference: float) -> str:
    better, worse = (second.name, first.name) if difference >= 0 else (first.name, second.name)
    return (
        f"{better} is {100 * abs(difference):.1f} points of mAP above {worse} at its best. Whether that is more "
        "than chance cannot be told from one run each: repeat with other seeds, or evaluate both on the same images."
    )


def _have_other_data(first: Graph, second: Graph) -> bool:
    """Whether both say what data they had, and say something else."""
    for key in ("dataset.fingerprint", "data"):
        one, two = first.settings.get(key), second.settings.get(key)
        if one is not None and two is not None:
            return one != two
    return False


def _bootstrap(first: Graph, second: Graph, paths: list[Path]) -> Document:
    from epochal.evaluation import compare_runs, load_matches  # only where there is something to load

    try:
        found = compare_runs(load_matches(paths[0]), load_matches(paths[1]))
    except EpochalError as error:
        return {"note": str(error)}
    d = found.map50_95
    numbers = {"difference": d.difference, "low": d.low, "high": d.high, "chance_second_better": d.chance_second_better}
    return {
        "method": "paired_bootstrap",
        "images": found.images,
        "resamples": found.resamples,
        **{key: value if math.isfinite(value) else None for key, value in numbers.items()},
        "is_real": d.is_real,
        "sentence": found.sentence(first.name, second.name),
    }


def _matches_of(graph: Graph) -> Path | None:
    if graph.format != "epochal":
        return None
    path = Path(graph.path)
    file = (path if path.is_dir() else path.parent) / MATCHES_NAME
    return file if file.is_file() else None


def _numbers(values: Series) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _plain(value: object) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else json.dumps(value, default=str)
