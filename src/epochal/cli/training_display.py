"""How a training looks in the terminal: what was understood, a bar, a line per epoch; and Ctrl-C."""

import contextlib
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

from epochal.errors import EpochalError
from epochal.training.announcing import StopRequest, When
from epochal.training.describing import count_splits, format_duration, say_dataset, say_epoch, say_rest
from epochal.training.run import Progress
from epochal.training.session import Session
from epochal.training.session import train as train_session


class TrainingDisplay:
    """A `Listener` that draws with Rich on stderr and keeps log.txt. A closed terminal or a full disk stops neither."""

    def __init__(self, session: Session, stop: StopRequest | None = None) -> None:
        self.session = session
        self.stop = stop or StopRequest()
        self.console = Console(stderr=True, soft_wrap=True)
        self._heard: When | None = None
        self._log: TextIO | None = None
        self._is_seen = True
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[rest]}"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._bar = self._bars.add_task("preparing", total=1, rest="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the bar and keep the log while the training runs."""
        with contextlib.suppress(OSError):
            self._log = (self.session.run.path / "log.txt").open("a", encoding="utf-8", errors="replace", buffering=1)
        try:
            with self._bars:
                yield
        finally:
            if self._log is not None:
                with contextlib.suppress(OSError):
                    self._log.close()
            self._log = None

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar, and log it."""
        self._print(sentence)
        self.log(sentence)

    def log(self, sentence: str) -> None:
        """Write a sentence into log.txt alone."""
        if self._log is not None:
            with contextlib.suppress(OSError):
                self._log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {sentence}\n")

    def progress(self, progress: Progress) -> None:
        """Move the bar; and answer a Ctrl-C, which must not print from within a signal handler."""
        if self.stop.asked != self._heard:
            self._heard = self.stop.asked
            ending = "after this epoch (Ctrl-C again: now)" if self._heard == "epoch" else "now"
            self.say(f"Stopping {ending}; the run can be resumed.")
        rest = []
        if progress.images_per_s:
            rest.append(f"{progress.images_per_s:.0f} images/s")
        if progress.eta_s is not None:
            rest.append(f"{format_duration(progress.eta_s)} left")
        title = f"epoch {progress.epoch}/{progress.epochs}" if progress.state == "training" else progress.message
        self._bars.update(
            self._bar,
            description=title or progress.state,
            completed=progress.step,
            total=max(1, progress.steps),
            rest=" · ".join(rest),
        )

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        """Print the line of an epoch."""
        self.say(say_epoch(epoch, self.session.recipe.epochs, series))

    def describe_session(self) -> None:
        """Print what was understood of the dataset, the splits, what was mended, and the recipe with its reasons."""
        self.say(say_dataset(self.session.dataset))
        table = Table("split", "images", "boxes", box=None, pad_edge=False)
        for split, images, boxes in count_splits(self.session.dataset):
            table.add_row(split, str(images), str(boxes))
            self.log(f"  {split}: {images} images, {boxes} boxes")
        self._print(table)
        for sentence in say_rest(self.session):
            self.say(sentence)

    def _print(self, content: RenderableType) -> None:
        if not self._is_seen:
            return
        try:
            self.console.print(content, markup=False, highlight=False)
        except (OSError, SystemExit):  # Rich leaves the process when its pipe is closed; the training goes on
            self._is_seen = False


def run_training(session: Session, display: TrainingDisplay) -> None:
    """Train with the display; the first Ctrl-C asks for the end of the epoch, the second for now."""

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        display.stop.asked = "epoch" if display.stop.asked is None else "now"

    before = {number: signal.signal(number, on_interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with display.shown():
            display.describe_session()
            try:
                outcome = train_session(session, display, display.stop)
            except EpochalError as error:
                display.log(f"epochal: {error}")  # the command line prints it
                raise
            path = session.run.path
            if outcome == "stopped":
                done = session.run.read_progress().get("epoch", 0)
                display.say(f"Stopped after epoch {done}. Go on with: epochal train --resume {path}")
            made = {"Training graph": path / "graph.html", "weights": path / "weights" / "best.pt"}
            display.say(" · ".join(f"{title}: {file}" for title, file in made.items() if file.exists()))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    typer.echo(session.run.path)
