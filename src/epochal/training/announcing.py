"""What a training tells while it runs, and how it is asked to end: two directions of one conversation."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from epochal.training.run import Progress, RunFolder

When = Literal["epoch", "now"]


class StoppedNow(Exception):
    """A stop was asked for now. Ends what is being done; no caller of `train` sees it."""


class Listener(Protocol):
    """What a training tells; the terminal draws it, tests record it."""

    def say(self, sentence: str) -> None:
        """A sentence for the user, also in log.txt."""

    def progress(self, progress: Progress) -> None:
        """Where the training is; many times a second."""

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        """An epoch is complete and on disk."""


@dataclass
class StopRequest:
    """How a caller asks for the end: after the epoch, or now. A file `stop` in the run folder does the same."""

    asked: When | None = None


@dataclass
class Announcer:
    """A listener that keeps progress.json as well, and leaves when a stop was asked for now.

    Attributes:
        run: whose progress it is, and where a file `stop` is looked for.
        listener: is told everything.
        stop: the caller's request.
    """

    run: RunFolder
    listener: Listener
    stop: StopRequest = field(default_factory=StopRequest)

    def say(self, sentence: str) -> None:
        """Pass a sentence on."""
        self.listener.say(sentence)

    def progress(self, progress: Progress) -> None:
        """Pass progress on and keep it. Raises StoppedNow when that was asked for."""
        self.run.write_progress(progress, at_once=False)
        self.listener.progress(progress)
        if self.asked() == "now":
            raise StoppedNow

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        """Pass an epoch on."""
        self.listener.epoch(epoch, series)

    def asked(self) -> When | None:
        """The more urgent of the caller's request and the file's."""
        requests = (self.stop.asked, self.run.stop_requested())
        return "now" if "now" in requests else "epoch" if "epoch" in requests else None
