"""How many metric points a second a server acknowledges over HTTP, and whether all of them are there after kill -9.

python benchmarks/metrics_ingestion.py [--peer PYTHON] [--seconds 10]

Eight writers, as workers are, each send the journal of a training of their own to one server on SQLite
(synchronous=FULL) through the client that workers use: once lines of one point, 500 at a time, once epoch lines of 24
series, 50 at a time. In the middle of a last round the server is killed with SIGKILL, and every line that was
acknowledged is looked for in the database.

PYTHON is an interpreter that has `mlflow`, `tensorboard` and `trackio`, in an environment of its own (`python -m venv
peers && peers/bin/pip install mlflow tensorboard trackio`); those that it has log the same points by their own calls,
in the same run (metrics_peers.py). Prints one JSON object for each.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from metrics_peers import LOGGERS, measure_peer

from epochal.client import Client
from epochal.errors import EpochalError
from epochal.jobs.attempts import make_key, read_lines
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.tables import TrainingRow
from epochal.server.services import open_database
from epochal.workspaces.workspaces import ensure_first_workspace

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "jobs"))
from training_rows import add_rows

WRITERS, ONE_POINT_BATCH, EPOCH_BATCH = 8, 500, 50
EPOCHAL = (sys.executable, "-m", "epochal")


class Writer:
    """Sends lines until it is told to end; remembers how many were acknowledged."""

    def __init__(self, address: str, key: str, line: str, per_batch: int) -> None:
        self._client, self._body, self._per_batch = Client(address, key, tries=1), (line + "\n").encode(), per_batch
        self.acknowledged = 0
        self.ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self.ends.is_set():
            try:
                told = self._client.post(
                    "/api/worker/journal", content=self._body * self._per_batch, first=self.acknowledged
                )
            except EpochalError:
                return  # the server was killed
            self.acknowledged = int(told["next"])

    def close(self) -> None:
        self.ends.set()
        self._thread.join()
        self._client.close()


def add_trainings(folder: Path, count: int) -> list[tuple[str, str]]:
    """Trainings that run, each with its worker's key."""
    database, made = open_database(DataFolder(folder)), []
    with database.write() as session:
        ensure_first_workspace(session)  # with the server's owner
        rows = add_rows(session, workspace=f"bench-{time.time_ns()}")
        for number in range(count):
            training_id = f"{rows.project_id[:12]}{number}"
            key, sha256 = make_key(training_id, 1)
            session.add(
                TrainingRow(
                    id=training_id, workspace_id=rows.workspace_id, project_id=rows.project_id,
                    version_id=rows.version_id, name="bench", state="running", model_type="fast-n", limits={},
                    request={"numbers": {}, "recipe": {}, "start": {"kind": "random"}}, attempt=1, launcher="local",
                    worker_key_sha256=sha256, lease_expires_at=time.time() + 3600, created_by="bench", queued_at=0.0,
                )
            )  # fmt: skip
            made.append((training_id, key))
    database.close()
    return made


class Server:
    """`epochal serve` on a data folder."""

    def __init__(self, folder: Path) -> None:
        log = (folder / "server.log").open("a")
        command = [*EPOCHAL, "serve", "--port", "0", "--data-dir", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        said = self.process.stdout.readline()
        if "http://" not in said:
            raise SystemExit(f"The server did not start: {said}{(folder / 'server.log').read_text()}")
        self.address = next(word for word in said.split() if word.startswith("http://"))

    def cpu_s(self) -> float:
        return sum(psutil.Process(self.process.pid).cpu_times()[:2])


def measure(
    folder: Path, line: str, points: int, per_batch: int, seconds: float, *, kill: bool = False
) -> dict[str, object]:
    trainings = add_trainings(folder, WRITERS)
    server = Server(folder)
    writers = [Writer(server.address, key, line, per_batch) for _, key in trainings]
    before, begin = server.cpu_s(), time.perf_counter()
    time.sleep(seconds)
    cpu_s = server.cpu_s() - before
    if kill:
        server.process.kill()
    for writer in writers:
        writer.close()
    took = time.perf_counter() - begin
    if not kill:
        server.process.terminate()
    server.process.wait()
    sent = sum(writer.acknowledged for writer in writers) * points
    database, missing = open_database(DataFolder(folder)), 0
    with database.read() as session:
        for writer, (training_id, _) in zip(writers, trainings, strict=True):
            kept = read_lines(session, training_id, 0)
            missing += max(0, writer.acknowledged - len(kept)) + sum(one != line for one in kept)
    database.close()
    return {
        "points_per_line": points, "acknowledged": sent, "points_per_s": round(sent / took),
        "server_cpu_us_per_point": round(1e6 * cpu_s / max(1, sent), 1), "killed": kill,
        "acknowledged_and_lost": missing,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", help="an interpreter that has mlflow, tensorboard or trackio")
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    one = json.dumps({"kind": "epoch", "attempt": 1, "time": 1.0, "epoch": 1, "series": {"loss": 0.5}})
    epoch = json.dumps(
        {"kind": "epoch", "attempt": 1, "time": 1.0, "epoch": 1, "series": {f"series/{n}": n / 7 for n in range(24)}}
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for line, points, per_batch, kill in (
            (one, 1, ONE_POINT_BATCH, False), (epoch, 24, EPOCH_BATCH, False), (one, 1, ONE_POINT_BATCH, True),
        ):  # fmt: skip
            print(
                json.dumps({"epochal": measure(folder, line, points, per_batch, given.seconds, kill=kill)}), flush=True
            )
        if not given.peer:
            print(json.dumps({"peers": "skipped: no --peer PYTHON was given (see the top of this file)"}))
            return
        for peer in LOGGERS:
            for points, kill in ((1, False), (24, False), (24, True)):
                place = folder / f"{peer}-{points}-{kill}"
                place.mkdir()
                row = measure_peer(given.peer, peer, place, points, given.seconds, kill=kill)
                print(json.dumps({peer: row}), flush=True)


if __name__ == "__main__":
    main()
