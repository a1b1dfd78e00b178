"""Find the log in a folder: the richest of what lies nearest to its top."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from epochal.errors import EpochalError, LogError
from epochal.graphs.graph import Graph
from epochal.graphs.series import MAP50, MAP50_95

_DEEPEST = 4
_MOST_FILES = 5_000
_MOST_LOGS = 100
_EVENTS = "event_file"
# Only the order of looking: a folder of a thousand label files must not hide the log among them.
_LIKELY = re.compile(r"result|log|metric|scalar|events|state|train|history", re.IGNORECASE)
# Never logs, and often many or large: not worth opening.
_PASSED = {
    ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".svg", ".mp4", ".avi", ".pt", ".pth", ".onnx",
    ".pkl", ".npy", ".npz", ".safetensors", ".bin", ".engine", ".so", ".zip", ".tar", ".tgz", ".py", ".pyc", ".ipynb",
    ".md", ".html", ".xml", ".yaml", ".yml", ".pdf", ".cfg", ".ini", ".toml",
}  # fmt: skip


def find_log(folder: Path, read: Callable[[Path], Graph], join: Callable[[Sequence[Path]], Graph]) -> Graph:
    """Read the richest log of a folder: one with mAP before one without, then the one with most epochs, then series.

    Args:
        folder: to look in, and below it down to four levels; the uppermost level with a log counts.
        read: reads one file, raises EpochalError when it is no log.
        join: reads several event files of one folder as one log: each start of TensorBoard's writer begins another.

    Raises:
        LogError: there is no log in it.
    """
    looked = 0
    for level in _levels(folder):
        graphs = []
        for path in level[:_MOST_LOGS]:
            looked += 1
            try:
                graphs.append(read(path))
            except EpochalError:
                continue
        if graphs:
            return _choose(graphs, folder, join)
    raise LogError(
        f"{folder} holds no training log that we can read ({looked} files looked at); expected a results.csv, log.txt, "
        "metrics.json, event file or the like."
    )


def _choose(graphs: list[Graph], folder: Path, join: Callable[[Sequence[Path]], Graph]) -> Graph:
    best = max(graphs, key=_richness)
    parts = [graph.path for graph in graphs if _is_beside(graph, best)] if best.format == _EVENTS else [best.path]
    others = [_name(graph.path, folder) for graph in graphs if graph.path not in parts]
    names = [_name(path, folder) for path in parts]
    if len(parts) > 1:
        best = join([Path(path) for path in sorted(parts)])
    if not others:
        return replace(best, notes=(f"Read from {_list(names)}.", *best.notes))
    is_one = len(parts) == 1
    note = (
        f"The folder holds {len(graphs)} logs: {_list(names)} {'is the richest and was' if is_one else 'were'} read; "
        f"{_list(others)} {'was' if len(others) == 1 else 'were'} not."
    )
    return replace(best, notes=(note, *best.notes))


def _is_beside(graph: Graph, other: Graph) -> bool:
    return graph.format == other.format and Path(graph.path).parent == Path(other.path).parent


def _name(path: str, folder: Path) -> str:
    return Path(path).relative_to(folder).as_posix()


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _richness(graph: Graph) -> tuple[bool, bool, int, int]:
    counted = "step" not in graph.series
    return MAP50_95 in graph.series or MAP50 in graph.series, counted, len(graph.epochs), len(graph.series)


def _levels(folder: Path) -> Iterator[list[Path]]:
    """Files that may be logs, level by level from the top."""
    level = [folder]
    seen = 0
    for _ in range(_DEEPEST):
        files, below = [], []
        for at in level:
            for entry in _entries(at):
                seen += 1
                if seen > _MOST_FILES:
                    break
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        below.append(Path(entry.path))
                elif entry.is_file() and os.path.splitext(entry.name)[1].lower() not in _PASSED:
                    files.append(Path(entry.path))
        yield sorted(files, key=lambda path: (not _LIKELY.search(path.name), path))
        level = sorted(below)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
