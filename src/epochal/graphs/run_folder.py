"""Read our own run folder: `metrics.jsonl`, with `recipe.json` beside it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from epochal.errors import LogError, NotFound
from epochal.graphs.graph import Graph
from epochal.graphs.journal import JOURNAL_NAME, journal_of, read_raw
from epochal.graphs.journal_tally import Tally
from epochal.graphs.tally_file import Place, load_tally, save_tally

RECIPE_NAME = "recipe.json"
_JSON_LIMIT_BYTES = 64_000_000
_END_BYTES = 256  # of what was read, by which a journal that grew is told from another one


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
    return RunReader(path).read()


def read_run_lines(lines: Iterable[str], path: Path) -> Graph:
    """As `read_run`, of a journal that was packed, recoded or wrapped, so that only its lines are known."""
    return RunReader(path).read_lines(lines)


class RunReader:
    """Reads a run folder again and again; a journal that grew is read on from where it ended. For one thread only."""

    def __init__(self, path: Path, cache: Path | None = None) -> None:
        """Make a reader; the journal is not read yet.

        Args:
            path: the run folder, or its `metrics.jsonl`.
            cache: a file that `save` wrote, from which to go on if it fits.
        """
        self._path = path
        loaded = load_tally(cache) if cache is not None else None
        self._tally, self._place = loaded or (Tally(), Place())
        self._saved = self.cursor

    @property
    def cursor(self) -> int:
        """Position in the journal behind the last line that the graph holds."""
        return self._place.cursor

    @property
    def unsaved_bytes(self) -> int:
        """How much of the journal was read since it was saved, or loaded."""
        return self.cursor - self._saved

    def save(self, cache: Path) -> None:
        """Write what was read, for a later reader. Raises OSError."""
        save_tally(cache, self._tally, self._place)
        self._saved = self.cursor

    def read(self) -> Graph:
        """The graph as it stands now; arguments, returns and raises as `read_run`."""
        if not self._goes_on():
            self._tally, self._place, self._saved = Tally(), Place(), 0
        behind, cursor, end = -1, self.cursor, self._place.end
        while behind != cursor:
            behind = cursor
            raws, cursor = read_raw(self._path, behind)
            self._tally.take(raws)
            if len(raws) > 1:  # behind the last line's end stands an empty one
                end = b"\n".join(raws[-2:])[-_END_BYTES:]
        stands = self._look()  # behind the reading: what was appended meanwhile makes the file longer than the cursor
        if stands is not None:
            self._place = Place(cursor, stands.st_ino, stands.st_mtime_ns, end)
        return self._build()

    def read_lines(self, lines: Iterable[str]) -> Graph:
        """The graph of these lines in place of the file's; raises as `read_run`."""
        self._tally.take(line.encode() for line in lines)
        return self._build()

    def _look(self) -> os.stat_result | None:
        try:
            return journal_of(self._path).stat()
        except FileNotFoundError:
            return None

    def _goes_on(self) -> bool:
        """Whether what was read is still there: a file that was written anew may be longer than the old one was."""
        place, stands = self._place, self._look()
        if stands is None or stands.st_ino != place.inode:
            return False
        if stands.st_size <= place.cursor and stands.st_mtime_ns != place.changed_ns:
            return False  # written to, and not longer
        with journal_of(self._path).open("rb") as stream:
            stream.seek(place.cursor - len(place.end))
            return stream.read(len(place.end)) == place.end

    def _build(self) -> Graph:
        path, tally = self._path, self._tally
        epochs, series, present = tally.columns()
        if tally.name is None and not epochs.size:
            raise _no_journal(path)
        folder = path if path.is_dir() else path.parent
        recipe = read_json(folder / RECIPE_NAME)
        settings = {**tally.settings, **_flatten(recipe.get("recipe")), **_describe_dataset(recipe.get("dataset"))}
        return Graph(
            name=tally.name or str(recipe.get("name") or folder.resolve().name),
            format="epochal",
            path=str(path),
            epochs=epochs,
            series=series,
            present=present,
            first_epoch=1,
            epochs_planned=tally.epochs_planned,
            superseded=tally.superseded(),
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
