"""Read our own run folder: `metrics.jsonl`, with `recipe.json` beside it."""

import json
from pathlib import Path
from typing import Any

from epochal.errors import LogError, NotFound
from epochal.graphs.graph import Graph
from epochal.graphs.journal import JOURNAL_NAME, journal_of, read_raw
from epochal.graphs.journal_tally import Tally

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


class RunReader:
    """Reads a run folder again and again: a journal that grew is read on from where it ended. For one thread at a time.

    Attributes:
        cursor: position in the journal behind the last line that the graph holds.
    """

    def __init__(self, path: Path) -> None:
        """Make a reader; nothing is read yet.

        Args:
            path: the run folder, or its `metrics.jsonl`.
        """
        self.cursor = 0
        self._path = path
        self._known: int | None = None
        self._end = b""
        self._tally = Tally()

    def read(self) -> Graph:
        """The graph as it stands now; arguments, returns and raises as `read_run`."""
        inode = self._inode()
        if inode != self._known or not self._goes_on():
            self.cursor, self._end, self._tally = 0, b"", Tally()
        self._known = inode
        behind = -1
        while behind != self.cursor:
            behind = self.cursor
            raws, self.cursor = read_raw(self._path, behind)
            self._tally.take(raws)
            if len(raws) > 1:  # behind the last line's end stands an empty one
                self._end = b"\n".join(raws[-2:])[-_END_BYTES:]
        return self._build()

    def _inode(self) -> int | None:
        try:
            return journal_of(self._path).stat().st_ino
        except FileNotFoundError:
            return None

    def _goes_on(self) -> bool:
        """Whether what was read is still there: a file that was written anew may be longer than the old one was."""
        try:
            with journal_of(self._path).open("rb") as stream:
                stream.seek(self.cursor - len(self._end))
                return stream.read(len(self._end)) == self._end
        except FileNotFoundError:
            return False

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
