"""`epochal demo`: sample data, a training and its live graph, with nothing else typed."""

import os
import signal
import sys
import time
import webbrowser
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from epochal.config import data_dir as find_data_dir
from epochal.config import read_settings

if TYPE_CHECKING:
    import socket

    from epochal.jobs.data_folder import DataFolder
    from epochal.jobs.launcher import Launcher
    from epochal.jobs.runs import RunIndex, RunSummary

# Sized so that all of it ends within five minutes on two slow cores and the curves have time to bend; see docs/demo.md.
EPOCHS, IMAGE_SIZE_PX = 30, 320
LOOK_EVERY_S = 0.5
STOPS_WITHIN_S = 30.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    data_dir: Path | None = typer.Option(None, metavar="DIR", help="Folder of datasets and runs."),
    no_open: bool = typer.Option(False, "--no-open", help="Do not open the browser."),
    exit_when_trained: bool = typer.Option(
        False, "--exit", help="End when the training has ended, with its exit code."
    ),
) -> None:
    """Draw a sample dataset, train on it, and show the live graph in the browser. Takes less than five minutes.

    Ctrl-C stops the training, which can be resumed, and ends the server.
    """
    from epochal.jobs.data_folder import DataFolder
    from epochal.jobs.launcher import Launcher, TrainingRequest
    from epochal.jobs.runs import RunIndex
    from epochal.server.app import create_app
    from epochal.server.logs import configure_logs
    from epochal.server.owner import let_owner_in, sign_in_page
    from epochal.server.serving import ServerThread

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    data = DataFolder(find_data_dir(data_dir))
    configure_logs(level=30)  # warnings: the terminal is for the training
    _draw_sample_when_missing(data, console)
    launcher, index = Launcher(data), RunIndex(data)
    signal.signal(signal.SIGTERM, _interrupt)
    _leave_a_core()
    with ServerThread(create_app(data.root, launcher=launcher), _bind()) as server:
        begun = time.monotonic()
        run_id = launcher.start(TrainingRequest("sample", epochs=EPOCHS, image_size=IMAGE_SIZE_PX)).name
        _, token = let_owner_in(server.app.state.services.database)
        page = sign_in_page(server.address, token, then=f"/runs/{run_id}")
        console.print(f"Training {run_id}; its graph grows at {server.address}/#/runs/{run_id}")
        console.print(f"Sign in, once, within a day: {page}")
        if not no_open:
            _open(page)
        try:
            _follow(index, launcher, run_id, console, begun)
            _tell_end(index.summary(run_id), data.run_folder(run_id), console, time.monotonic() - begun)
            if not exit_when_trained:
                console.print(f"The server goes on at {server.address}; Ctrl-C ends it.")
                while True:
                    time.sleep(3600)
        except KeyboardInterrupt:
            _stop(index, launcher, run_id, console)
        raise typer.Exit(launcher.wait(run_id, 0) or 0)


def _leave_a_core() -> None:
    """Let the training have all cores but one: the browser draws on the same machine.

    Two threads of which one must wait for a core are slower than one alone (5.4 against 3.9 s an epoch here).
    """
    import psutil

    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (psutil.cpu_count(logical=False) or 2) - 1)))


def _open(page: str) -> None:
    """Open a page in a browser with windows. Without a screen, `webbrowser` would take one that fills this terminal."""
    has_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if has_screen or sys.platform != "linux":
        webbrowser.open(page)


def _draw_sample_when_missing(data: "DataFolder", console: Console) -> None:
    from epochal.datasets.sample import SAMPLE_NAME, write_sample_dataset

    folder = data.datasets_folder / SAMPLE_NAME
    if folder.exists():
        console.print(f"Using the sample dataset in {folder}")
        return
    console.print(f"Drawing the sample dataset (bolts, nuts and washers; not photographs) into {folder}")
    write_sample_dataset(folder)


def _bind() -> "socket.socket":
    """The usual port, or a free one where that is taken: a demo should not fail for it."""
    from epochal.errors import BadInput
    from epochal.server.serving import bind

    settings = read_settings()
    try:
        return bind(str(settings["host"]), int(settings["port"]))
    except BadInput:
        return bind("127.0.0.1", 0)


def _follow(index: "RunIndex", launcher: "Launcher", run_id: str, console: Console, begun: float) -> None:
    """Print a line for each epoch until the trainer's process has ended."""
    from epochal.jobs.following import read_raw_lines

    journal, cursor = index.folder(run_id) / "metrics.jsonl", 0
    with console.status("Preparing") as status:
        has_ended = False
        while not has_ended:
            has_ended = launcher.wait(run_id, LOOK_EVERY_S) is not None  # once more after it, for its last lines
            lines, cursor = read_raw_lines(journal, cursor)
            for line in lines:
                _print_line(line.data, console, time.monotonic() - begun)
            summary = index.summary(run_id)
            left = f", {summary.eta_s:.0f} s left" if summary.eta_s is not None else ""
            status.update(f"{summary.state}: epoch {summary.epoch or 0} of {summary.epochs or EPOCHS}{left}")


def _print_line(data: bytes, console: Console, since_s: float) -> None:
    import json

    line = json.loads(data)
    if line.get("kind") != "epoch":
        return
    shown = {"val/box_loss": "val box loss", "metrics/mAP_0.5": "mAP_0.5", "metrics/mAP_0.5:0.95": "mAP_0.5:0.95"}
    series = line["series"]
    numbers = [f"{name} {series[key]:.3f}" for key, name in shown.items() if isinstance(series.get(key), float)]
    console.print(f"{since_s:5.0f} s  epoch {line['epoch']:>2}  {'  '.join(numbers)}")


def _tell_end(summary: "RunSummary", folder: Path, console: Console, took_s: float) -> None:
    if summary.state != "finished":
        console.print(f"The training is {summary.state} after {took_s:.0f} s. {summary.message}")
        return
    best = summary.best or {"value": float("nan"), "epoch": 0}
    console.print(
        f"Finished in {took_s:.0f} s: best mAP_0.5:0.95 {best['value']:.3f} at epoch {best['epoch']}; "
        f"verdict {summary.verdict}. The graph in one file: {folder / 'graph.html'}"
    )


def _stop(index: "RunIndex", launcher: "Launcher", run_id: str, console: Console) -> None:
    """End the training where it runs, and wait for it to write what it has."""
    from epochal.errors import RunFolderError

    try:
        folder = launcher.stop(run_id, "now")
    except RunFolderError:  # it has ended already
        return
    console.print("Stopping the training")
    launcher.wait(run_id, STOPS_WITHIN_S)
    console.print(f"The training is {index.summary(run_id).state}; go on with: epochal train --resume {folder}")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
