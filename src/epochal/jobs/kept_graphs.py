"""Values made from the files of runs, kept until a file changes, within a limit; and graphs that are read on."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from epochal.errors import LogError, NotFound
from epochal.graphs.graph import Graph
from epochal.graphs.run_folder import RunReader
from epochal.jobs.readings import graph_without_epochs

Value = TypeVar("Value")
Signature = tuple[tuple[int, int, int], ...]
NUMBERS_MAX = 8_000_000  # of all kept graphs; a number and whether it is there take 9 bytes
_NUMBERS_LEAST = 5000  # what even a small graph counts for: its arrays have their own weight
_LOCKS = 16
SAVED_FROM_BYTES = 4_000_000  # of a journal; a shorter one is read in 30 ms
LOG = logging.getLogger("epochal.jobs.kept_graphs")


class Kept(Generic[Value]):
    """Values made from files, made again when one of the files has changed. Of several threads one makes it."""

    def __init__(self) -> None:
        self._values: dict[Path, tuple[Signature, Value]] = {}
        self._locks = [Lock() for _ in range(_LOCKS)]

    def get(self, folder: Path, names: tuple[str, ...], make: Callable[[Path], Value], *, also: int = 0) -> Value:
        """The value of a folder.

        Args:
            folder: whose it is.
            names: of the files that it is made from.
            make: makes it.
            also: something else that it depends on.
        """
        with self._locks[hash(folder) % _LOCKS]:
            signature = (*(sign(folder / name) for name in names), (also, 0, 0))
            kept = self._values.pop(folder, None)  # and put behind the others, as the one used last
            value = make(folder) if kept is None or kept[0] != signature else kept[1]
            self._values[folder] = (signature, value)
            return value

    def limit(self, most: int, size_of: Callable[[Value], int] = lambda _: 1) -> None:
        """Forget those used longest ago, until the others are no larger than `most` together; one stays in any case."""
        for folder in _oldest([(folder, size_of(value)) for folder, (_, value) in list(self._values.items())], most):
            self._values.pop(folder, None)


class KeptGraphs:
    """The graphs of runs. Of a journal that grew only the new lines are read; of a long one, after a restart too."""

    def __init__(self, cache: Path) -> None:
        """Keep graphs.

        Args:
            cache: a folder for what long journals add up to; it need not exist.
        """
        self._cache = cache
        self._readers: dict[Path, tuple[RunReader, int]] = {}
        self._locks = [Lock() for _ in range(_LOCKS)]

    def get(self, folder: Path) -> tuple[Graph, int]:
        """The graph of a run folder, without epochs before its first one.

        Returns:
            The graph, and the position in the journal up to which it reaches.
        """
        with self._locks[hash(folder) % _LOCKS]:
            kept = self._readers.pop(folder, None)
            reader = RunReader(folder, self._cached(folder)) if kept is None else kept[0]
            try:
                graph = reader.read()
            except (LogError, NotFound):  # begun, and nothing to draw yet
                return graph_without_epochs(folder), reader.cursor
            size = max(_NUMBERS_LEAST, graph.epochs.size * (1 + len(graph.series)))
            self._readers[folder] = (reader, size)
            if reader.unsaved_bytes >= SAVED_FROM_BYTES:
                self._save(folder, reader)
        for old in _oldest([(one, size) for one, (_, size) in list(self._readers.items())], NUMBERS_MAX):
            self._readers.pop(old, None)
        return graph, reader.cursor

    def _cached(self, folder: Path) -> Path:
        return self._cache / f"{folder.name}.npz"

    def _save(self, folder: Path, reader: RunReader) -> None:
        """Keep it for the next start, and nothing of runs that are gone. Without room the server goes on without it."""
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            reader.save(self._cached(folder))
            for path in self._cache.glob("*.npz"):
                if not (folder.parent / path.stem).is_dir():
                    path.unlink(missing_ok=True)
        except OSError as error:
            LOG.warning("a graph was not kept", extra={"fields": {"run": folder.name, "error": str(error)}})


def sign(path: Path) -> tuple[int, int, int]:
    """Time, size and inode of a file, which tell whether it has changed; zeros when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _oldest(sizes: list[tuple[Path, int]], most: int) -> list[Path]:
    """The first ones, without which the others are no larger than `most` together; never the last."""
    left = sum(size for _, size in sizes)
    found = []
    for folder, size in sizes[:-1]:
        if left <= most:
            break
        found.append(folder)
        left -= size
    return found
