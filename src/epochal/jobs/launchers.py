"""Where the worker of a training runs. One protocol; two that are real, and the seam for a cluster's.

    local   a process beside the server, in the run folder itself
    http    a process with a scratch folder of its own, which knows the server's address and its key and nothing else:
            what a machine elsewhere would run, and what a cluster's launcher would submit

Every launcher starts the same program, `python -m epochal.worker`, which finds in its environment:
EPOCHAL_WORKER_SERVER (address), EPOCHAL_WORKER_KEY (of its attempt), EPOCHAL_WORKER_FOLDER (where it works) and, on the
server's own machine, EPOCHAL_WORKER_SERVER_FILE (a file with the address, which changes when the server comes back at
another one: one of the data folder, or in the worker's scratch folder). A worker that finds nobody keeps asking.
"""

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from epochal.errors import Failed
from epochal.jobs.processes import ProcessId, identify, is_alive
from epochal.jobs.records import LAUNCH_LOG_NAME, Launch, read_log_tail, write_launch
from epochal.storage.whole_files import write_whole

WORKER_COMMAND = (sys.executable, "-m", "epochal.worker")
ADDRESS_NAME = "server-address"
DIES_WITHIN_S = 10.0
# What a worker that shares nothing with the server must not find in its environment.
_OF_THE_SERVER = ("EPOCHAL_DATA_DIR", "EPOCHAL_DATABASE_URL", "EPOCHAL_STORAGE_URL", "EPOCHAL_CONFIG")
Ref = dict[str, Any]


@dataclass(frozen=True)
class LaunchOrder:
    """What a launcher needs to know of an attempt.

    Attributes:
        training_id: which training.
        attempt: its number, from 1; with the id the name of the job, so that a second submit is known as one.
        key: by which the worker proves itself; of this attempt alone.
        server: the server's address.
        server_file: a file that always holds the address.
        run_folder: of the training, in the server's data folder.
        epochs: planned, for the list of runs.
        model_type: as above.
    """

    training_id: str
    attempt: int
    key: str
    server: str
    server_file: Path
    run_folder: Path
    epochs: int | None = None
    model_type: str | None = None


class TrainingLauncher(Protocol):
    """Starts workers and finds them again, after a restart of the server too, by what `start` returned."""

    name: str
    shares_folder: bool
    """Whether the worker writes the run folder itself; if not, the server does, from what the worker sends."""

    def start(self, order: LaunchOrder) -> Ref:
        """Start a worker. Returns how to find it again, fit for JSON. Raises Failed."""

    def is_alive(self, ref: Mapping[str, Any]) -> bool | None:
        """Whether it runs; None when that cannot be known from here."""

    def stop(self, ref: Mapping[str, Any]) -> None:
        """End it at once, whatever it does, and clear up behind it; one that has ended is no error."""

    def memory_bytes(self, ref: Mapping[str, Any]) -> int | None:
        """The memory that it takes; None when that cannot be known."""

    def tell_address(self, ref: Mapping[str, Any], server: str) -> None:
        """Let it know where the server, which has started again, is now; what cannot be told is no error."""

    def last_words(self, ref: Mapping[str, Any]) -> str:
        """The end of what it printed, for the message of a failure."""


class LocalLauncher:
    """Workers as processes of this machine, in sessions of their own: they go on when the server ends."""

    name = "local"
    shares_folder = True

    def __init__(self, command: Sequence[str] = WORKER_COMMAND) -> None:
        """Make a launcher; `command` is the program of the worker."""
        self._command = tuple(command)
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, order: LaunchOrder) -> Ref:
        """Start a worker in the run folder. Raises Failed."""
        return self._start(order, order.run_folder, {"EPOCHAL_WORKER_SERVER_FILE": str(order.server_file)})

    def is_alive(self, ref: Mapping[str, Any]) -> bool | None:
        """Whether its process runs; None for one of another machine."""
        if ref.get("host") != platform.node():
            return None
        process = _process(ref)
        child = self._children.get(process.pid)
        if child is not None and child.poll() is not None:  # collects it, so that it leaves no zombie
            del self._children[process.pid]
            return False
        return is_alive(process)

    def stop(self, ref: Mapping[str, Any]) -> None:
        """Kill its process group, and wait until it is gone."""
        process = _process(ref)
        end = time.monotonic() + DIES_WITHIN_S
        while self.is_alive(ref) and time.monotonic() < end:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.02)

    def memory_bytes(self, ref: Mapping[str, Any]) -> int | None:
        """Resident memory of the process and its children."""
        if not self.is_alive(ref):
            return None
        try:
            process = psutil.Process(_process(ref).pid)
            return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
        except psutil.Error:
            return None

    def tell_address(self, ref: Mapping[str, Any], server: str) -> None:
        """Nothing: it reads the data folder's own file."""

    def last_words(self, ref: Mapping[str, Any]) -> str:
        """The last lines of launch.log."""
        return read_log_tail(Path(str(ref.get("folder", ""))))

    def _start(self, order: LaunchOrder, folder: Path, more: Mapping[str, str], without: Sequence[str] = ()) -> Ref:
        environment = {name: value for name, value in os.environ.items() if name not in without}
        environment |= {
            "EPOCHAL_WORKER_SERVER": order.server,
            "EPOCHAL_WORKER_KEY": order.key,
            "EPOCHAL_WORKER_FOLDER": str(folder),
            "PYTHONUNBUFFERED": "1",
            **more,
        }
        launched_at = time.time()
        try:
            with (folder / LAUNCH_LOG_NAME).open("ab") as log:
                child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C in the server's terminal is not meant for the training
                    cwd=folder,
                    env=environment,
                )
        except OSError as error:
            raise Failed(f"The worker could not be started: {error}. Is {self._command[0]} there?") from error
        self._children[child.pid] = child
        process = identify(child.pid) or ProcessId(child.pid, launched_at)
        write_launch(folder, Launch(process, launched_at, model=order.model_type, epochs=order.epochs))
        return {
            "pid": process.pid, "started_at": process.started_at, "host": platform.node(), "folder": str(folder),
        }  # fmt: skip


class HttpLauncher(LocalLauncher):
    """Workers that share nothing with the server: a scratch folder each, and HTTP."""

    name = "http"
    shares_folder = False

    def __init__(self, command: Sequence[str] = WORKER_COMMAND, *, scratch: Path | None = None) -> None:
        """Make a launcher.

        Args:
            command: the program of the worker.
            scratch: where the folders of the workers are made; the system's folder for such things when None.
        """
        super().__init__(command)
        self._scratch = scratch

    def start(self, order: LaunchOrder) -> Ref:
        """Start a worker in a new scratch folder. Raises Failed."""
        try:
            if self._scratch is not None:
                self._scratch.mkdir(parents=True, exist_ok=True)
            prefix = f"epochal-{order.training_id}-{order.attempt}-"
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self._scratch))
        except OSError as error:
            raise Failed(f"No scratch folder for a worker could be made: {error}.") from error
        try:
            write_whole(folder / ADDRESS_NAME, order.server)
            more = {"EPOCHAL_WORKER_SERVER_FILE": str(folder / ADDRESS_NAME)}
            return self._start(order, folder, more, _OF_THE_SERVER)
        except Failed:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def tell_address(self, ref: Mapping[str, Any], server: str) -> None:
        """Write it into the scratch folder of a worker of this machine."""
        folder = Path(str(ref.get("folder", "")))
        if ref.get("host") == platform.node() and folder.is_dir():
            with suppress(Failed):  # it is told again at the next start, and goes on asking meanwhile
                write_whole(folder / ADDRESS_NAME, server)

    def stop(self, ref: Mapping[str, Any]) -> None:
        """Kill it and remove its scratch folder."""
        super().stop(ref)
        folder = Path(str(ref.get("folder", "")))
        if folder.name.startswith("epochal-") and ref.get("host") == platform.node():
            shutil.rmtree(folder, ignore_errors=True)


LAUNCHERS: dict[str, type[LocalLauncher]] = {"local": LocalLauncher, "http": HttpLauncher}


def _process(ref: Mapping[str, Any]) -> ProcessId:
    return ProcessId(int(ref.get("pid") or 0), float(ref.get("started_at") or 0.0))
