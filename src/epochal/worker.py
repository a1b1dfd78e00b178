"""The program that trains for a server, wherever it runs: `python -m epochal.worker`. It speaks HTTP and nothing else.

    greet the server ─► the version's images ─► what to resume from ─► train as ever, in a run folder
            beside it a thread: metrics.jsonl, log, progress ─► server      (what it answers may be: stop, cancel)
            and one for files:  checkpoint, weights ─► server               (only where the folder is not the server's)
    all is sent ─► say how it ended

The training never waits for the server. The journal on this disk is what is sent, by line number, until the server has
acknowledged each line; a server that is away for an hour gets them then. A refusal (409: the attempt was given to
another worker, or is over) ends the training at once.
"""

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from epochal.client import Client
from epochal.errors import Conflict, EpochalError, NotFound, NotSignedIn
from epochal.graphs.journal import JOURNAL_NAME
from epochal.training import session as sessions
from epochal.training.announcing import StopRequest
from epochal.training.describing import say_all, say_epoch
from epochal.training.recipe import Dial
from epochal.training.run import Progress

LOOK_EVERY_S, SIGN_EVERY_S, LONGEST_PAUSE_S = 0.5, 4.0, 10.0
GIVES_UP_AFTER_S = 24 * 3600.0  # of waiting for a server at the end; the files stay
BATCH_BYTES, BATCH_LINES = 512_000, 1000
DIAL = ("epochs", "image_size", "seed")
KEPT_FILES = ("weights/best.pt", "weights/last.pt", "checkpoint.pt")  # in this order: the checkpoint is never ahead
END_FILES = (
    "recipe.json", "evaluation.json", "evaluation-val.json", "matches.npz", "boxes-test.npz", "boxes-val.npz",
    "results.csv", "weights/best.onnx", "graph.html",
)  # fmt: skip


class Reporter:
    """Tells the server what the files of a run say, from a thread of its own."""

    def __init__(self, client: Client, folder: Path, job: dict[str, Any], stop: StopRequest) -> None:
        """Make a reporter; entering it starts the thread."""
        self._client, self._folder, self._stop = client, folder, stop
        self._sends_log = not job["shares_folder"]
        self._position, self._line = 0, 0  # in metrics.jsonl: bytes and lines that the server has
        self._log_sent = 0
        self._progress, self._signed_at = "", float("-inf")
        self._ends, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)
        self.is_over = False  # the server takes nothing of this attempt any more

    def __enter__(self) -> "Reporter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s, quiet_since = LOOK_EVERY_S, time.monotonic()
        while not self.is_over:
            is_last = self._ends.is_set()
            try:
                is_all_sent = self._look()
                pause_s, quiet_since = LOOK_EVERY_S, time.monotonic()
            except (Conflict, NotSignedIn, NotFound) as error:
                self.end_now(str(error))
                return
            except EpochalError as error:  # the server is away, or in trouble
                find_server(self._client, error if pause_s == LOOK_EVERY_S else None)
                is_all_sent, pause_s = False, min(2 * pause_s, LONGEST_PAUSE_S)
            if is_last and (is_all_sent or time.monotonic() - quiet_since > GIVES_UP_AFTER_S):
                return
            if is_all_sent or pause_s > LOOK_EVERY_S:
                self._wake.wait(pause_s)
                self._wake.clear()

    def end_now(self, why: str) -> None:
        """Nothing of this attempt is taken any more: end the training."""
        self.is_over = True
        self._stop.asked = "now"
        sys.stderr.write(f"epochal: {why}\n")

    def _look(self) -> bool:
        """Send what is new; returns whether all has been sent."""
        is_all_sent = self._send_lines()
        if self._sends_log:
            is_all_sent = self._send_log() and is_all_sent
        self._send_progress()
        return is_all_sent

    def _send_lines(self) -> bool:
        lines, data = self._read_lines()
        if not lines:
            return True
        told = self._client.post("/api/worker/journal", content=data, first=self._line)
        if told["next"] == self._line + lines:
            self._position, self._line = self._position + len(data), told["next"]
        else:
            self._seek(told["next"])
        self._obey(told["wish"])
        self._signed_at = time.monotonic()
        return False

    def _read_lines(self) -> tuple[int, bytes]:
        try:
            with (self._folder / JOURNAL_NAME).open("rb") as stream:
                stream.seek(self._position)
                data = stream.read(BATCH_BYTES)
                if data and b"\n" not in data:
                    data += stream.readline()
        except FileNotFoundError:
            return 0, b""
        parts = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)[:BATCH_LINES]
        return len(parts), b"".join(parts)

    def _seek(self, line: int) -> None:
        """Go on from the line that the server wants."""
        with (self._folder / JOURNAL_NAME).open("rb") as stream:
            for _ in range(line):
                stream.readline()
            self._position, self._line = stream.tell(), line

    def _send_log(self) -> bool:
        try:
            with (self._folder / "log.txt").open("rb") as stream:
                stream.seek(self._log_sent)
                data = stream.read(BATCH_BYTES)
        except FileNotFoundError:
            return True
        if data:
            told = self._client.post("/api/worker/log", content=data, offset=self._log_sent)
            self._log_sent = int(told["size"])
        return not data

    def _send_progress(self) -> None:
        try:
            text = (self._folder / "progress.json").read_text("utf-8")
        except OSError:
            text = "{}"
        now = time.monotonic()
        changed = text != self._progress
        if not changed and now - self._signed_at < SIGN_EVERY_S:
            return
        told = self._client.post("/api/worker/progress", json.loads(text) if changed else {})
        self._progress, self._signed_at = text, now
        self._obey(told["wish"])

    def _obey(self, wish: str | None) -> None:
        if wish == "cancel":
            self._stop.asked = "now"
        elif wish == "stop" and self._stop.asked is None:
            self._stop.asked = "epoch"


class Keeper:
    """Sends checkpoint and weights of each epoch, the newest when it falls behind, from a thread of its own."""

    def __init__(self, client: Client, folder: Path, reporter: Reporter) -> None:
        """Make a keeper; entering it starts the thread."""
        self._client, self._folder, self._reporter = client, folder, reporter
        self._snapshots = folder / ".sending"
        self._newest: Path | None = None
        self._changed = threading.Condition()
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def __enter__(self) -> "Keeper":
        shutil.rmtree(self._snapshots, ignore_errors=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_ending = True
            self._changed.notify()
        self._thread.join()
        shutil.rmtree(self._snapshots, ignore_errors=True)

    def take(self, epoch: int) -> None:
        """Remember the files as they are now. They are replaced by renames, so a link keeps this epoch's."""
        snapshot = self._snapshots / str(epoch)
        try:
            for name in KEPT_FILES:
                if (self._folder / name).exists():
                    (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
                    os.link(self._folder / name, snapshot / name)
        except OSError:  # a file system without links, or a full one: the next epoch tries again
            shutil.rmtree(snapshot, ignore_errors=True)
            return
        with self._changed:
            before, self._newest = self._newest, snapshot
            self._changed.notify()
        if before is not None:
            shutil.rmtree(before, ignore_errors=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest is not None or self._is_ending)
                snapshot, self._newest = self._newest, None
            if snapshot is None or self._reporter.is_over:
                return
            send_files(self._client, snapshot, KEPT_FILES, self._reporter)
            shutil.rmtree(snapshot, ignore_errors=True)


class WorkerListener:
    """What the training tells: sentences go into log.txt, complete epochs to the keeper."""

    def __init__(self, session: sessions.Session, log: TextIO, on_epoch: Callable[[int], None]) -> None:
        """Make a listener that writes to an open log."""
        self._session, self._log, self._on_epoch = session, log, on_epoch

    def say(self, sentence: str) -> None:
        """Log a sentence; a full disk stops no training."""
        with suppress(OSError):
            self._log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {sentence}\n")

    def progress(self, progress: Progress) -> None:
        """Nothing: progress.json says it."""

    def epoch(self, epoch: int, series: dict[str, float]) -> None:
        """Log the line of an epoch and keep its files."""
        self.say(say_epoch(epoch, self._session.recipe.epochs, series))
        self._on_epoch(epoch)


def main() -> int:
    """Do one attempt. Returns 0 when the server knows how it ended."""
    folder = Path(os.environ["EPOCHAL_WORKER_FOLDER"]).absolute()
    stop = StopRequest()
    with Client(os.environ["EPOCHAL_WORKER_SERVER"], os.environ["EPOCHAL_WORKER_KEY"]) as client:
        try:
            job = _persist(client, lambda: client.post("/api/worker/greet"))
            with Reporter(client, folder, job, stop) as reporter:
                state, message = _train(client, folder, job, stop, reporter)
            if reporter.is_over:
                return 1
            if not job["shares_folder"] and state != "failed":
                names = (*KEPT_FILES, *END_FILES, *_examples(folder))
                send_files(client, folder, names, reporter)
            if reporter.is_over:
                return 1
            _persist(client, lambda: client.post("/api/worker/end", {"state": state, "message": message}))
        except EpochalError as error:
            sys.stderr.write(f"epochal: {error}\n")
            return 1
    return 0


def _train(client: Client, folder: Path, job: dict[str, Any], stop: StopRequest, reporter: Reporter) -> tuple[str, str]:
    """Train to the end; returns how it ended and a sentence."""
    try:
        if _had_stopped(folder, job):
            return "stopped", ""
        session = _open(client, folder, job)
        if session is None:
            return "finished", ""
        if job["wish"] == "cancel":
            stop.asked = "now"
        keeps = not job["shares_folder"]
        with _log(folder) as log, Keeper(client, folder, reporter) as keeper:
            listener = WorkerListener(session, log, keeper.take if keeps else lambda epoch: None)
            for sentence in say_all(session):
                listener.say(sentence)
            if keeps:
                send_files(client, folder, ("recipe.json",), reporter)
            try:
                outcome = sessions.train(session, listener, stop)
            except EpochalError as error:
                listener.say(f"epochal: {error}")
                raise
        return outcome, ""
    except (Conflict, NotSignedIn) as error:  # before the training began
        reporter.end_now(str(error))
        return "failed", str(error)
    except EpochalError as error:
        return "failed", str(error)
    except Exception as error:
        sys.excepthook(type(error), error, error.__traceback__)  # into launch.log
        return "failed", f"The training ended by a mistake of the program ({type(error).__name__}: {error})."


def _open(client: Client, folder: Path, job: dict[str, Any]) -> sessions.Session | None:
    """The session to train: a new one, or that of the attempt before; None when that had finished."""
    data_dir = folder if not job["shares_folder"] else folder.parents[1]
    _bring_back(client, folder, job)
    dataset = _fetch_version(client, folder, job)
    if (folder / "recipe.json").exists():
        return sessions.resume(folder, data_dir=data_dir, dataset_path=dataset)
    start_from = None
    if job["start"]["kind"] != "random":
        start_from = folder / "start.pt"
        if not start_from.exists():
            _persist(client, lambda: client.fetch_file("/api/worker/start", folder / "start.pt"))
    numbers = job["numbers"]
    dial = Dial(
        model=job["model_type"],
        epochs=numbers.get("epochs"),
        image_size=numbers.get("image_size"),
        seed=numbers.get("seed") or 0,
        start_from=None if start_from is None else str(start_from),
        changes={name: value for name, value in numbers.items() if name not in DIAL},
    )
    return sessions.begin(dataset, dial, out=folder, data_dir=data_dir, name=job["name"])


def _had_stopped(folder: Path, job: dict[str, Any]) -> bool:
    """Whether the attempt before had done all that a stop asks for, and could not say so."""
    with suppress(OSError, ValueError):
        said = json.loads((folder / "progress.json").read_text("utf-8")).get("state")
        return bool(job["wish"] == "stop" and said == "stopped" and (folder / "weights" / "best.onnx").exists())
    return False


def _bring_back(client: Client, folder: Path, job: dict[str, Any]) -> None:
    """Get what an earlier attempt has left at the server and this folder lacks: files, and lines of the journal."""
    if not job["shares_folder"] and job["attempt"] > 1:
        for name in ("recipe.json", *KEPT_FILES, "log.txt", "evaluation.json"):
            with suppress(NotFound):
                _persist(client, partial(client.fetch_file, f"/api/worker/files/{name}", folder / name))
    path = folder / JOURNAL_NAME
    data = path.read_bytes() if path.exists() else b""
    whole = data.rfind(b"\n") + 1
    have = data.count(b"\n")
    if job["lines"] > have:
        text = _persist(client, lambda: client.ask("GET", "/api/worker/journal", query={"first": have}).content)
        with path.open("ab") as stream:
            stream.truncate(whole)  # a torn line is among those that come
            stream.write(text)


def _fetch_version(client: Client, folder: Path, job: dict[str, Any]) -> Path:
    """The version's folder: the server's own, or its archive, unpacked once into the folder of this worker."""
    if job["version_folder"] is not None and Path(job["version_folder"]).is_dir():
        return Path(job["version_folder"])
    archive = folder / f"{job['version']['content_hash'] or 'version'}.zip"
    if not archive.exists():
        _persist(client, lambda: client.fetch_file("/api/worker/version", archive))
    return archive


def send_files(client: Client, folder: Path, names: tuple[str, ...], reporter: Reporter) -> None:
    """Send those of the files that are there; waits while the server is away."""
    for name in names:
        if (folder / name).is_file() and not reporter.is_over:
            try:
                _persist(client, partial(client.send_file, f"/api/worker/files/{name}", folder / name))
            except (Conflict, NotSignedIn, NotFound) as error:
                reporter.end_now(str(error))


def find_server(client: Client, why: EpochalError | None = None) -> None:
    """Look where the server is now, when its address is kept in a file; `why`, if told, is written into the log."""
    if why is not None:
        sys.stderr.write(f"epochal: {why} Asking again until it takes this; the training goes on.\n")
    with suppress(OSError, ValueError):
        address = Path(os.environ.get("EPOCHAL_WORKER_SERVER_FILE", "")).read_text("utf-8").strip()
        if address and address != client.url:
            client.move_to(address)


def _persist(client: Client, ask: Callable[[], Any]) -> Any:
    """Ask until an answer comes; the server may be away for long. Raises what it refuses with."""
    pause_s, end = LOOK_EVERY_S, time.monotonic() + GIVES_UP_AFTER_S
    while True:
        try:
            return ask()
        except EpochalError as error:
            is_refusal = isinstance(error, Conflict | NotSignedIn | NotFound) or error.exit_code == 2
            if is_refusal or time.monotonic() > end:
                raise
            find_server(client, error if pause_s == LOOK_EVERY_S else None)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


@contextmanager
def _log(folder: Path) -> Iterator[TextIO]:
    with (folder / "log.txt").open("a", encoding="utf-8", errors="replace", buffering=1) as log:
        yield log


def _examples(folder: Path) -> list[str]:
    return [f"examples/{path.name}" for path in sorted((folder / "examples").glob("*.jpg"))]


if __name__ == "__main__":
    sys.exit(main())
