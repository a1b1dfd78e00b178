"""How a training looks in the terminal: what was understood, a bar, a line per epoch; and Ctrl-C."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

from epochal.training.loop import StopRequest
from epochal.training.run import Progress
from epochal.training.session import Session
from epochal.training.session import train as train_session


class TrainingDisplay:
    """A `Listener` that draws with Rich and keeps log.txt."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.console = Console(stderr=True, soft_wrap=True)
        self._log: TextIO | None = None
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[rest]}"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._bar = self._bars.add_task("preparing", total=1, rest="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the bar and open the log while the training runs."""
        with (self.session.run.path / "log.txt").open("a", encoding="utf-8", buffering=1) as self._log, self._bars:
            yield
        self._log = None

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar, and log it."""
        self.console.print(sentence, markup=False, highlight=False)
        self._write_log(sentence)

    def progress(self, progress: Progress) -> None:
        """Move the bar."""
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
        show = {
            "train box": "train/box_loss", "cls": "train/cls_loss", "· val box": "val/box_loss", "cls ": "val/cls_loss",
            "· mAP_0.5": "metrics/mAP_0.5", "0.5:0.95": "metrics/mAP_0.5:0.95",
        }  # fmt: skip
        parts = [f"{title} {series[key]:.3f}" for title, key in show.items() if key in series]
        epochs = self.session.recipe.epochs
        self.say(f"epoch {epoch:>{len(str(epochs))}}/{epochs}  {' '.join(parts)}  ({series['time/epoch_s']:.1f} s)")

    def describe_session(self) -> None:
        """Print what was understood of the dataset, the splits, what was mended, and the recipe with its reasons."""
        dataset = self.session.dataset
        self.say(
            f"{dataset.name}: {dataset.format}, {len(dataset.images)} images, {dataset.annotation_count} boxes, "
            f"{len(dataset.class_names)} classes ({', '.join(dataset.class_names[:12])}"
            f"{', …' if len(dataset.class_names) > 12 else ''})"
        )
        table = Table("split", "images", "boxes", box=None, pad_edge=False)
        for split in ("train", "val", "test"):
            images = dataset.of_split(split)
            table.add_row(split, str(len(images)), str(sum(len(i.boxes_xyxy) for i in images)))
            self._write_log(f"  {split}: {len(images)} images, {sum(len(i.boxes_xyxy) for i in images)} boxes")
        self.console.print(table)
        for note in dataset.notes:
            self.say(f"  {note}")
        for finding in dataset.findings:
            example = f", such as {finding.examples[0]}" if finding.examples else ""
            self.say(f"  {finding.action}: {finding.id} × {finding.count}{example}")
        self.say(f"Recipe ({self.session.recipe.model}, seed {self.session.recipe.seed}):")
        for name, reason in self.session.reasons.items():
            self.say(f"  {name} = {reason}")
        self.say(f"Run folder: {self.session.run.path}")

    def _write_log(self, text: str) -> None:
        if self._log is not None:
            self._log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


def run_training(session: Session, display: TrainingDisplay) -> None:
    """Train with the display; the first Ctrl-C asks for the end of the epoch, the second for now."""
    stop = StopRequest()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        stop.asked = "epoch" if stop.asked is None else "now"
        ending = "after this epoch (again: now)" if stop.asked == "epoch" else "now"
        display.say(f"Stopping {ending}; the run can be resumed.")

    before = {number: signal.signal(number, on_interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with display.shown():
            display.describe_session()
            outcome = train_session(session, display, stop)
            path = session.run.path
            if outcome == "stopped":
                display.say(
                    f"Stopped after epoch {session.run.last_epoch()}. Go on with: epochal train --resume {path}"
                )
            display.say(f"Training graph: {path / 'graph.html'} · weights: {path / 'weights' / 'best.pt'}")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    typer.echo(session.run.path)


def format_duration(seconds: float) -> str:
    """`42 s`, `3 min 05 s`, `1 h 20 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
