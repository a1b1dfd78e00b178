"""Start, stop and resume trainings as processes of their own, which go on when whoever started them ends."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from epochal.errors import Failed, RunFolderError
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.processes import ProcessId, identify
from epochal.jobs.records import LAUNCH_LOG_NAME, RECIPE_NAME, STOP_NAME, Launch, write_launch
from epochal.jobs.states import StateOfRun, read_state
from epochal.storage.whole_files import write_whole

EPOCHAL_COMMAND = (sys.executable, "-m", "epochal")
When = Literal["epoch", "now"]


@dataclass(frozen=True)
class TrainingRequest:
    """What to train; what is None is left for the trainer to derive.

    Attributes:
        dataset: name of a dataset under the data folder.
        model: `fast`, `fast-n`, `fast-s` or `fast-m`.
        epochs: how many, from 1.
        image_size: longer side in pixels.
        seed: of the training, never of the split.
    """

    dataset: str
    model: str = "fast"
    epochs: int | None = None
    image_size: int | None = None
    seed: int = 0


class Launcher:
    """Starts processes and remembers nothing but their exit codes."""

    def __init__(
        self,
        data: DataFolder,
        *,
        command: Sequence[str] = EPOCHAL_COMMAND,
        stall_after_s: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a launcher for a data folder.

        Args:
            data: where datasets and runs are.
            command: what `train …` is appended to.
            stall_after_s: as shown to the user, see `states.py`.
            clock: seconds since 1970.
        """
        self._data = data
        self._command = tuple(command)
        self._stall_after_s = stall_after_s
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._waiters: dict[str, threading.Thread] = {}
        self._exit_codes: dict[str, int] = {}

    def start(self, request: TrainingRequest) -> Path:
        """Begin a training in the next free run folder.

        Returns:
            The run folder; its name is the run's id.

        Raises:
            NotFound: no such dataset under the data folder.
            Failed: the process could not be started.
        """
        entry = self._data.dataset(request.dataset)
        folder = self._data.new_run_folder(request.dataset)
        arguments = ["train", str(entry.path), "--out", str(folder), "--model", request.model]
        arguments += ["--seed", str(request.seed), "--data-dir", str(self._data.root)]
        if request.epochs is not None:
            arguments += ["--epochs", str(request.epochs)]
        if request.image_size is not None:
            arguments += ["--image-size", str(request.image_size)]
        try:
            self._launch(folder, arguments, request)
        except Failed:
            shutil.rmtree(folder, ignore_errors=True)  # it holds nothing but the attempt
            raise
        return folder

    def resume(self, run_id: str) -> Path:
        """Go on with a training that was stopped, failed or died.

        Raises:
            NotFound: no such run.
            RunFolderError: it is running, has finished, or never came as far as a recipe.
            Failed: the process could not be started.
        """
        folder = self._data.run_folder(run_id)
        with self._one_at_a_time:
            state = self._state(folder)
            if state.is_alive:
                raise RunFolderError(
                    f"Run {run_id} is {state.state} (process {state.process.pid}); expected one that has ended. "
                    "Stop it first."
                )
            if state.state == "finished":
                raise RunFolderError(f"Run {run_id} has finished; there is nothing to resume. Start a new training.")
            if not (folder / RECIPE_NAME).is_file():
                raise RunFolderError(f"Run {run_id} has no {RECIPE_NAME}: it never began. Start a new training.")
            (folder / STOP_NAME).unlink(missing_ok=True)  # an old request must not end the new attempt
            self._launch(folder, ["train", "--resume", str(folder), "--data-dir", str(self._data.root)], None)
        return folder

    def stop(self, run_id: str, when: When) -> Path:
        """Ask a training to end, after the running epoch or now; it stays resumable.

        Raises:
            NotFound: no such run.
            RunFolderError: it is not running.
        """
        folder = self._data.run_folder(run_id)
        state = self._state(folder)
        if not state.is_alive:
            raise RunFolderError(f"Run {run_id} is {state.state}; expected a running one, there is nothing to stop.")
        write_whole(folder / STOP_NAME, when)
        return folder

    def wait(self, run_id: str, timeout_s: float | None = None) -> int | None:
        """Wait for a process that this launcher started.

        Returns:
            Its exit code; None when it still runs after `timeout_s`, or was not started here.
        """
        waiter = self._waiters.get(run_id)
        if waiter is not None:
            waiter.join(timeout_s)
        return self._exit_codes.get(run_id)

    def _state(self, folder: Path) -> StateOfRun:
        return read_state(folder, now=self._clock(), stall_after_s=self._stall_after_s)

    def _launch(self, folder: Path, arguments: list[str], request: TrainingRequest | None) -> None:
        launched_at = self._clock()
        process = self._spawn(folder, arguments)
        launch = Launch(
            process=identify(process.pid) or ProcessId(process.pid, launched_at),
            launched_at=launched_at,
            dataset=request.dataset if request else None,
            model=request.model if request else None,
            epochs=request.epochs if request else None,
        )
        self._collect(folder.name, process)
        try:
            write_launch(folder, launch)
        except Failed:
            process.terminate()  # a training that cannot be found again is worse than none
            raise

    def _spawn(self, folder: Path, arguments: list[str]) -> "subprocess.Popen[bytes]":
        try:
            with (folder / LAUNCH_LOG_NAME).open("ab") as log:
                return subprocess.Popen(
                    [*self._command, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C in the server's terminal is not meant for the training
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
        except OSError as error:
            raise Failed(f"The training could not be started: {error}. Is {self._command[0]} there?") from error

    def _collect(self, run_id: str, process: "subprocess.Popen[bytes]") -> None:
        """Wait for the child in a thread, so that it leaves no zombie and its exit code is known."""
        self._exit_codes.pop(run_id, None)

        def wait() -> None:
            self._exit_codes[run_id] = process.wait()

        waiter = threading.Thread(target=wait, name=f"wait-for-{run_id}", daemon=True)
        self._waiters[run_id] = waiter
        waiter.start()
