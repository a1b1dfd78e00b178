"""What MLflow, TensorBoard and Trackio do with the points that metrics_ingestion.py sends to us; it is called there.

Each logs from one process by its own calls, as fast as they return, in an interpreter of an environment of its own
(`python -m venv peers && peers/bin/pip install mlflow tensorboard trackio`). A counter in shared memory says how many
calls have returned, so that a kill takes nothing of it; what is kept is counted by the tool's own files afterwards.
"""

import json
import struct
import subprocess
import time
from pathlib import Path

Row = dict[str, object]

LOGGERS = {
    "tensorboard": """
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
writer = EventFileWriter(folder)
def log(values, step):
    for name, value in values.items():
        writer.add_event(Event(step=step, summary=Summary(value=[Summary.Value(tag=name, simple_value=value)])))
end = writer.close
""",
    "mlflow": """
import mlflow
mlflow.set_tracking_uri("sqlite:///" + folder + "/mlflow.sqlite")
run = mlflow.start_run()
log = mlflow.log_metrics
end = mlflow.end_run
""",
    "trackio": """
import os
os.environ["TRACKIO_DIR"] = folder
import trackio
trackio.init(project="bench", embed=False)
log = trackio.log
end = trackio.finish
""",
}
COUNTERS = {
    "tensorboard": """
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
events = [event for path in Path(folder).glob("events*") for event in EventFileLoader(str(path)).Load()]
kept = sum(len(event.summary.value) for event in events)
""",
    "mlflow": """
kept = sqlite3.connect(folder + "/mlflow.sqlite").execute("select count(*) from metrics").fetchone()[0]
""",
    "trackio": """
rows = sqlite3.connect(folder + "/bench.db").execute("select metrics from metrics")
kept = sum(len(json.loads(row[0])) for row in rows)
""",
}
LOG = """
import json, mmap, struct, sys, time
folder, seconds, points, counter = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
with open(counter, "r+b") as file:
    shared = mmap.mmap(file.fileno(), 16)
{body}
values = {{f"series/{{n}}": n / 7 for n in range(points)}}
log(values, step=1)
begin, cpu, step = time.perf_counter(), time.process_time(), 1
struct.pack_into("qd", shared, 0, 1, 0.0)
while time.perf_counter() - begin < seconds:
    step += 1
    log(values, step=step)
    struct.pack_into("qd", shared, 0, step, time.perf_counter() - begin)
end()
"""
COUNT = """
import json, sqlite3, sys
from pathlib import Path
folder = sys.argv[1]
{body}
print(kept)
"""


def measure_peer(python: str, peer: str, folder: Path, points: int, seconds: float, *, kill: bool) -> Row:
    """Have a peer log lines of so many points.

    Args:
        python: an interpreter that has it.
        peer: one of `LOGGERS`.
        folder: an empty one.
        points: a call.
        seconds: how long.
        kill: whether it is killed (SIGKILL) then, instead of being ended by its own call.

    Returns:
        The points whose calls had returned, how many a second, and how many of them were found afterwards; or why not.
    """
    counter = folder.with_suffix(".counter")
    counter.write_bytes(bytes(16))
    command = [python, "-c", LOG.format(body=LOGGERS[peer]), str(folder), str(3600 if kill else seconds), str(points)]
    with subprocess.Popen([*command, str(counter)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as it:
        if kill:
            while it.poll() is None and struct.unpack("qd", counter.read_bytes())[1] < seconds:
                time.sleep(0.01)
            it.kill()
        errors = it.communicate()[1]
    steps, took = struct.unpack("qd", counter.read_bytes())
    if steps == 0:
        return {"skipped": (errors.strip().splitlines() or ["it said nothing"])[-1]}
    counted = subprocess.run(
        [python, "-c", COUNT.format(body=COUNTERS[peer]), str(folder)], capture_output=True, text=True, check=True
    )
    returned = steps * points
    return {
        "points_per_call": points, "returned": returned, "points_per_s": round(returned / took), "killed": kill,
        "kept": json.loads(counted.stdout.splitlines()[-1]),
    }  # fmt: skip
