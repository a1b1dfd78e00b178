"""The runs of a data folder, as a list and one by one, read from their files and kept until a file changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from epochal.errors import NotFound
from epochal.graphs.graph import Graph
from epochal.graphs.journal import JOURNAL_NAME
from epochal.graphs.packed import pack
from epochal.graphs.run_document import EVALUATION_NAME, VAL_EVALUATION_NAME
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.kept_graphs import SAVED_FROM_BYTES, Kept, KeptGraphs, sign
from epochal.jobs.readings import EMPTY_READING, Reading, build_run_document, leave_out_ends, reading_of
from epochal.jobs.records import (
    LAUNCH_NAME,
    PROGRESS_NAME,
    RECIPE_NAME,
    read_launch,
    read_object,
    read_progress,
)
from epochal.jobs.states import StateOfRun, derive_state

_ONE_OF_THESE = (RECIPE_NAME, PROGRESS_NAME, LAUNCH_NAME, JOURNAL_NAME)
_PACKED_BYTES_MAX = 32_000_000  # of all kept answers
_LONG_JOURNALS_MAX = 6  # of a million points each, as many as `KeptGraphs` keeps
Value = TypeVar("Value")


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs; see ARCHITECTURE.md.

    Attributes:
        id: the name of its folder.
        name: for people.
        state: as in `states.py`.
        epoch: the last or running epoch, from 1; None before the first.
        epochs: how many are planned.
        best: {"epoch", "metric", "value"}, None without a metric.
        verdict: of the reading, None before the first epoch.
        updated_at: its last sign, seconds since 1970.
        age_s: time since then.
        images_per_s: in training.
        eta_s: time left.
        message: a sentence where something is to be said, else empty.
        dataset: name of the dataset.
        model: such as `fast-n`.
        spark: mAP_0.5:0.95 by epoch, at most 60 numbers, None where there is none.
    """

    id: str
    name: str
    state: str
    epoch: int | None
    epochs: int | None
    best: dict[str, Any] | None
    verdict: str | None
    updated_at: float
    age_s: float
    images_per_s: float | None
    eta_s: float | None
    message: str
    dataset: str | None
    model: str | None
    spark: tuple[float | None, ...]


@dataclass(frozen=True)
class _Recipe:
    """What the list shows of a `recipe.json`."""

    name: str | None
    dataset: str | None
    model: str | None
    epochs: int | None
    begun_at: float


class RunIndex:
    """Reads the runs of a data folder. Safe to use from several threads: at worst they read a file twice."""

    def __init__(
        self, data: DataFolder, *, stall_after_s: float = 60.0, clock: Callable[[], float] = time.time
    ) -> None:
        """Make an index; nothing is read yet.

        Args:
            data: the data folder.
            stall_after_s: a live run that is silent for longer is shown as stalled.
            clock: seconds since 1970.
        """
        self._data = data
        self._stall_after_s = stall_after_s
        self._clock = clock
        self._recipes: Kept[_Recipe] = Kept()
        self._progress: Kept[Any] = Kept()
        self._launches: Kept[Any] = Kept()
        self._readings: Kept[Reading] = Kept()
        self._packed: Kept[bytes] = Kept()
        self._graphs = KeptGraphs(data.root / "cache" / "graphs")

    def summaries(self) -> list[RunSummary]:
        """Every run, the one begun last first."""
        folders = [folder for folder in self._data.run_folders() if is_run(folder)]
        for kept in (self._recipes, self._progress, self._launches, self._readings):
            kept.limit(2 * len(folders) + 16)  # those of folders that are gone go first
        folders.sort(key=lambda folder: (self._begun_at(folder), folder.name), reverse=True)
        return [self._summarise(folder) for folder in folders]

    def summary(self, run_id: str) -> RunSummary:
        """One run.

        Raises:
            NotFound: there is none of that id.
        """
        return self._summarise(self.folder(run_id))

    def read_long_journals(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Read what somebody who opens a run would wait for, before they do: long journals, those written last."""
        signed = sorted(((sign(folder / JOURNAL_NAME), folder) for folder in self._data.run_folders()), reverse=True)
        for folder in [folder for (_, size, _), folder in signed if size >= SAVED_FROM_BYTES][:_LONG_JOURNALS_MAX]:
            if is_cancelled():
                return
            self._reading(folder)

    def folder(self, run_id: str) -> Path:
        """The folder of a run; raises NotFound when there is none, or it holds no run."""
        folder = self._data.run_folder(run_id)
        if not is_run(folder):
            raise NotFound(f"{folder} is no run: expected one of {', '.join(_ONE_OF_THESE)} in it.")
        return folder

    def recipe(self, run_id: str) -> dict[str, Any] | None:
        """`recipe.json` of a run as it stands; None before the trainer has written it."""
        return read_object(self.folder(run_id) / RECIPE_NAME) or None

    def reading(self, run_id: str) -> Reading:
        """Verdict, findings and best epoch of a run; empty before its first epoch. Raises NotFound."""
        folder = self.folder(run_id)
        reading = self._reading(folder)
        if not self._state(folder).is_alive:
            return reading
        return replace(reading, findings=leave_out_ends(reading.findings))

    def graph(self, run_id: str) -> Graph:
        """The graph of a run, without epochs before its first one. Raises NotFound."""
        return self._graphs.get(self.folder(run_id))[0]

    def document(self, run_id: str) -> tuple[dict[str, Any], int]:
        """The graph document of a run.

        Returns:
            The document, and the position in the journal up to which it reaches.

        Raises:
            NotFound: there is no such run.
        """
        document, _, cursor = self._document(self.folder(run_id), has_numbers=True)
        return document, cursor

    def packed(self, run_id: str) -> bytes:
        """The graph document of a run with its `cursor`, packed as `graphs/packed.py` says. Raises NotFound."""
        folder = self.folder(run_id)
        names = (JOURNAL_NAME, RECIPE_NAME, EVALUATION_NAME, VAL_EVALUATION_NAME)
        packed = self._packed.get(folder, names, self._pack, also=int(self._state(folder).is_alive))
        self._packed.limit(_PACKED_BYTES_MAX, len)
        return packed

    def _pack(self, folder: Path) -> bytes:
        document, graph, cursor = self._document(folder, has_numbers=False)
        return pack({**document, "cursor": cursor}, graph)

    def _document(self, folder: Path, *, has_numbers: bool) -> tuple[dict[str, Any], Graph, int]:
        graph, cursor = self._graphs.get(folder)
        reading = self._reading(folder)
        if reading.last_epoch != (graph.epochs[-1] if graph.epochs.size else None):  # an epoch came in between
            reading = reading_of(graph)
        document = build_run_document(folder, graph, reading, has_numbers=has_numbers)
        if self._state(folder).is_alive:
            document["findings"] = list(leave_out_ends(document["findings"]))
        return document, graph, cursor

    def _reading(self, folder: Path) -> Reading:
        if not has_journal(folder):
            return EMPTY_READING
        return self._readings.get(folder, (JOURNAL_NAME,), lambda folder: reading_of(self._graphs.get(folder)[0]))

    def _begun_at(self, folder: Path) -> float:
        recipe = self._recipes.get(folder, (RECIPE_NAME, LAUNCH_NAME), _read_recipe)
        return recipe.begun_at

    def _state(self, folder: Path) -> StateOfRun:
        return derive_state(
            folder,
            self._progress.get(folder, (PROGRESS_NAME,), read_progress),
            self._launches.get(folder, (LAUNCH_NAME,), read_launch),
            now=self._clock(),
            stall_after_s=self._stall_after_s,
        )

    def _summarise(self, folder: Path) -> RunSummary:
        recipe = self._recipes.get(folder, (RECIPE_NAME, LAUNCH_NAME), _read_recipe)
        state = self._state(folder)
        reading = self._reading(folder)
        said, launch = state.progress, state.launch
        return RunSummary(
            id=folder.name,
            name=recipe.name or folder.name,
            state=state.state,
            epoch=_known(said.epoch if said else None, reading.last_epoch),
            epochs=_known(said.epochs if said else None, recipe.epochs, launch.epochs if launch else None),
            best=reading.best,
            verdict=reading.verdict,
            updated_at=state.updated_at,
            age_s=max(0.0, round(self._clock() - state.updated_at, 3)),
            images_per_s=said.images_per_s if said and state.is_alive else None,
            eta_s=said.eta_s if said and state.is_alive else None,
            message=state.message,
            dataset=_known(recipe.dataset, launch.dataset if launch else None),
            model=_known(recipe.model, launch.model if launch else None),
            spark=reading.spark,
        )


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run, be it one that only began to begin."""
    return any((folder / name).is_file() for name in _ONE_OF_THESE)


def has_journal(folder: Path) -> bool:
    """Whether a run has written a line of its graph."""
    return (folder / JOURNAL_NAME).is_file()


def _read_recipe(folder: Path) -> _Recipe:
    fields = read_object(folder / RECIPE_NAME)
    recipe, dataset = fields.get("recipe"), fields.get("dataset")
    recipe = recipe if isinstance(recipe, dict) else {}
    path = dataset.get("path") if isinstance(dataset, dict) else None
    model, epochs, name = recipe.get("model"), recipe.get("epochs"), fields.get("name")
    return _Recipe(
        name=name if isinstance(name, str) else None,
        dataset=Path(path).name if isinstance(path, str) else None,
        model=model if isinstance(model, str) else None,
        epochs=epochs if isinstance(epochs, int) else None,
        begun_at=_begun_at(folder),
    )


def _begun_at(folder: Path) -> float:
    """When the run began: its recipe is written once, a folder's own time moves with every file."""
    for name in (RECIPE_NAME, LAUNCH_NAME):
        try:
            return (folder / name).stat().st_mtime
        except OSError:
            continue
    return folder.stat().st_mtime


def _known(*values: Value | None) -> Value | None:
    """The first that says something. A trainer that prepares or evaluates says 0 for the epoch."""
    return next((value for value in values if value), None)
