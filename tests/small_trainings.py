"""Trainings small enough for a test: three seconds, in this process, on one thread."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from epochal.graphs.journal import read_all
from epochal.graphs.run_folder import read_run
from epochal.training.announcing import StopRequest
from epochal.training.recipe import Dial, Recipe
from epochal.training.run import Progress
from epochal.training.session import Session, begin, resume, train

EPOCHS = 4
Hook = Callable[["Recorder"], None]
Line = dict[str, Any]


class Recorder:
    """A listener that remembers, and calls a hook after each sign of life."""

    def __init__(self, hook: Hook = lambda recorder: None) -> None:
        self.said: list[str] = []
        self.seen: list[Progress] = []
        self.epochs: dict[int, dict[str, float]] = {}
        self.stop = StopRequest()
        self._hook = hook

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def progress(self, progress: Progress) -> None:
        self.seen.append(progress)
        self._hook(self)

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        self.epochs[epoch] = series
        self._hook(self)


class Trainings:
    """Begins and resumes small trainings that share one cache of pixels."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def begin(self, dataset: Path, out: Path | None = None, **changes: object) -> Session:
        """A session of 4 epochs at 96 pixels, seed 3; `changes` are fields of the recipe."""
        dial = Dial(epochs=EPOCHS, image_size=96, seed=3)
        session = begin(dataset, dial, out=out, data_dir=self.data_dir)
        if not changes:
            return session
        recipe: Recipe = dataclasses.replace(session.recipe, **changes)  # type: ignore[arg-type]
        session.run.write_recipe(session.dataset, recipe, session.reasons, {})
        return dataclasses.replace(session, recipe=recipe)

    def resume(self, run: Path) -> Session | None:
        return resume(run, data_dir=self.data_dir)

    def train(self, session: Session | None, hook: Hook = lambda recorder: None) -> Recorder:
        """Train to whatever end; raises what `train` raises."""
        assert session is not None
        recorder = Recorder(hook)
        train(session, recorder, recorder.stop)
        return recorder


def deterministic_lines(run: Path) -> list[Line]:
    """The journal without what a clock or a folder's name decides."""
    lines = []
    for line in read_all(run):
        plain = {key: value for key, value in line.items() if key not in ("time", "name")}
        if "series" in plain:
            plain["series"] = {key: value for key, value in plain["series"].items() if not key.startswith("time/")}
        lines.append(plain)
    return lines


def assert_same_training(run: Path, whole_run: Path) -> None:
    """Bit-equal series, events once each but for stop and resume, and equal weights."""
    graph, whole = read_run(run), read_run(whole_run)
    assert graph.epochs.tolist() == whole.epochs.tolist()
    for key in whole.series:
        if not key.startswith("time/"):
            np.testing.assert_array_equal(graph.series[key], whole.series[key], key)
    assert graph.superseded == ()
    kept = [event for event in graph.events if event.event not in ("stop", "resume")]
    assert kept == list(whole.events)
    for name in ("best.pt", "last.pt"):
        ours, theirs = (torch.load(folder / "weights" / name)["state"] for folder in (run, whole_run))
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    for name in ("evaluation.json", "evaluation-val.json"):
        ours, theirs = (json.loads((folder / name).read_text()) for folder in (run, whole_run))
        assert ours == theirs
