"""What 1,000 browsers that watch a real training live cost that training, and how late they see its epochs.

    python benchmarks/live_training.py [--data ../shared/datasets/bccd_voc] [--streams 1000] [--epochs 28]

`epochal train` has one core to itself; the server and all listeners share another. Listeners come for four epochs and
leave for four, in turns, so that whatever else the machine does falls on both alike; the epoch in which they come or go
counts for neither. The time of an epoch is taken from the journal, its CPU time from the training's process, and a
listener is late by the time from the stamp that the training wrote to the arrival. Prints one JSON object. Needs Linux,
two cores and `ulimit -n` above 2,100.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from listeners import listen

TURN = 4  # epochs
LATEST_S = 10.0  # who has not seen an epoch by then is counted as missing
EPOCHAL = (sys.executable, "-m", "epochal")
RUN = "live-1"


def start_server(folder: Path) -> tuple[subprocess.Popen[str], int, str]:
    """A server on the data folder, its port, and a key."""
    made = subprocess.run(
        [*EPOCHAL, "key", "create", "--data-dir", str(folder), "--json"], capture_output=True, text=True, check=True
    )
    command = [*EPOCHAL, "serve", "--port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = process.stdout.readline()
    return process, int(re.search(r"http://127.0.0.1:(\d+)", said)[1]), json.loads(made.stdout)["key"]


def start_training(folder: Path, data: Path, epochs: int, core: int) -> subprocess.Popen[bytes]:
    """`epochal train` on a core of its own."""
    command = [
        *EPOCHAL, "train", str(data), "--image-size", "320", "--epochs", str(epochs), "--data-dir", str(folder),
        "--out", str(folder / "runs" / RUN),
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


class Turns:
    """Lets listeners come and go as epochs end, and remembers what each epoch took."""

    def __init__(self, port: int, key: str, streams: int) -> None:
        self._port, self._key, self.streams = port, key, streams
        self._tasks: list[asyncio.Task[None]] = []
        self.seen: dict[int, list[float]] = {}
        self.wrote: dict[int, float] = {}
        self.turned: list[float] = []
        self.took: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
        self._before: tuple[float, float] | None = None

    async def end_epoch(self, epoch: int, stamp: float, cpu_s: float) -> None:
        """Count an epoch, and change turns after every `TURN` of them."""
        self.wrote[epoch] = stamp
        if self._before is not None:
            self.took[bool(self._tasks)].append((stamp - self._before[0], cpu_s - self._before[1]))
        self._before = (stamp, cpu_s)
        if epoch % TURN == 0:
            waits_until = time.time() + LATEST_S
            while self._tasks and len(self.seen.get(epoch, [])) < self.streams and time.time() < waits_until:
                await asyncio.sleep(0.02)
            self.turned.append(time.time())
            await self.change()
            self._before = None

    async def change(self) -> None:
        """All come, or all go."""
        if self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks = []
            return
        for _ in range(self.streams):
            self._tasks.append(asyncio.create_task(listen("127.0.0.1", self._port, RUN, self._key, self.seen)))
            if len(self._tasks) % 50 == 0:
                await asyncio.sleep(0.02)


async def watch(folder: Path, turns: Turns, training: subprocess.Popen[bytes]) -> None:
    """Follow the journal until the training has ended."""
    about, position, journal = psutil.Process(training.pid), 0, folder / "runs" / RUN / "metrics.jsonl"
    while training.poll() is None:
        await asyncio.sleep(0.02)
        if not journal.exists():
            continue
        cpu_s = sum(about.cpu_times()[:2])
        with journal.open("rb") as stream:
            stream.seek(position)
            lines = stream.read()
        position += lines.rfind(b"\n") + 1
        for text in lines[: lines.rfind(b"\n") + 1].splitlines():
            line = json.loads(text)
            if line["kind"] == "epoch":
                await turns.end_epoch(line["epoch"], line["time"], cpu_s)


def report(turns: Turns, server: psutil.Process, begun: float, load: tuple[float, ...]) -> dict[str, object]:
    live = [epoch for epoch in turns.wrote if (epoch - 1) // TURN % 2 == 1]
    # Who comes in a later turn is sent all that was before it.
    ends = dict(zip(live[TURN - 1 :: TURN], turns.turned[1::2], strict=False))
    left_at = {epoch: ends.get(epoch + -epoch % TURN, time.time()) for epoch in live}
    late = sorted(at - turns.wrote[epoch] for epoch in live for at in turns.seen.get(epoch, []) if at <= left_at[epoch])
    expected = turns.streams * len(live)
    median = {
        (is_live, at): statistics.median(one[at] for one in took)
        for is_live, took in turns.took.items()
        for at in (0, 1)
    }
    return {
        "streams": turns.streams,
        "epochs_live": len(turns.took[True]), "epochs_alone": len(turns.took[False]),
        "epoch_s_live": round(median[True, 0], 2), "epoch_s_alone": round(median[False, 0], 2),
        "epoch_ratio": round(median[True, 0] / median[False, 0], 3),
        "epoch_cpu_s_live": round(median[True, 1], 2), "epoch_cpu_s_alone": round(median[False, 1], 2),
        "epoch_cpu_ratio": round(median[True, 1] / median[False, 1], 3),
        "received": len(late), "expected": expected,
        "late_ms_median": round(1000 * statistics.median(late)),
        "late_ms_p99": round(1000 * late[int(0.99 * len(late))]), "late_ms_worst": round(1000 * late[-1]),
        "server_cpu_share": round(sum(server.cpu_times()[:2]) / (time.time() - begun), 3),
        "load_before_and_after": [round(load[0], 1), round(os.getloadavg()[0], 1)],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    shared = Path(os.environ.get("EPOCHAL_TEST_DATA", Path(__file__).parents[2] / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "datasets" / "bccd_voc")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=28)
    given = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2 or not given.data.is_dir():
        print(json.dumps({"skipped": f"needs two cores on Linux, and a dataset in {given.data} (--data)"}))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that what was started ends too
    load = os.getloadavg()
    os.sched_setaffinity(0, {cores[0]})  # the server and the listeners; the training gets another
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process, port, key = start_server(folder)
        begun = time.time()
        training = start_training(folder, given.data, given.epochs, cores[1])
        turns = Turns(port, key, given.streams)
        try:
            asyncio.run(watch(folder, turns, training))
            print(json.dumps(report(turns, psutil.Process(process.pid), begun, load)))
        finally:
            training.kill()
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
