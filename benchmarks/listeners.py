"""What 1,000 browsers that watch one live run cost the server, and how late they see an epoch.

python benchmarks/listeners.py

Prints two JSON objects, without listeners and with them. A run writes an epoch and its progress every second for ten
seconds. Needs `ulimit -n` above 2,100.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from epochal.graphs.journal import Journal
from epochal.jobs.processes import this_process

LISTENERS, EPOCHS = 1000, 10


async def listen(host: str, port: int, run: str, key: str, seen: dict[int, list[float]]) -> None:
    """Listen to a run, and remember when (`time.time`) each of its epochs came."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    head = f"GET /api/runs/{run}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
    writer.write(head.encode())
    try:
        if (status := (await reader.readline()).split())[1:2] != [b"200"]:
            raise SystemExit(f"The server answered {status} to a listener.")
        while line := await reader.readline():
            if match := re.search(rb'"kind": "epoch".*"epoch": (\d+)', line):
                seen.setdefault(int(match[1]), []).append(time.time())
    finally:
        writer.close()


async def watch(port: int, key: str, folder: Path, listeners: int, server: psutil.Process) -> dict[str, object]:
    seen: dict[int, list[float]] = {}
    tasks = [asyncio.create_task(listen("127.0.0.1", port, "cells-1", key, seen)) for _ in range(listeners)]
    await asyncio.sleep(3)
    seen.clear()
    before, wrote, me = sum(server.cpu_times()[:2]), {}, this_process()
    with Journal(folder) as journal:
        journal.start(name="cells-1", epochs_planned=EPOCHS, seed=0)
        for epoch in range(1, EPOCHS + 1):
            progress = {"state": "training", "pid": me.pid, "process_started_at": me.started_at, "epoch": epoch}
            (folder / "progress.json").write_text(json.dumps({**progress, "updated_at": time.time()}))
            journal.epoch(epoch, {f"series/{n}": epoch / (n + 1) for n in range(24)})
            wrote[epoch] = time.time()
            await asyncio.sleep(1)
    cpu_s = sum(server.cpu_times()[:2]) - before
    late_ms = sorted((at - wrote[epoch]) * 1000 for epoch, times in seen.items() for at in times)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    figures: dict[str, object] = {"cpu_share": round(cpu_s / EPOCHS, 3), "memory_mib": server.memory_info().rss >> 20}
    if late_ms:
        figures |= {"received": len(late_ms), "expected": listeners * EPOCHS}
        figures |= {"late_ms_median": round(late_ms[len(late_ms) // 2]), "late_ms_worst": round(late_ms[-1])}
    return figures


def main() -> None:
    for listeners in (0, LISTENERS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "runs" / "cells-1"
            folder.mkdir(parents=True)
            (folder / "recipe.json").write_text("{}")
            command = [sys.executable, "-m", "epochal", "key", "create", "--data-dir", name, "--json"]
            key = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["key"]
            command = [sys.executable, "-m", "epochal", "serve", "--port", "0", "--data-dir", name]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
                port = int(re.search(r"http://127.0.0.1:(\d+)", process.stdout.readline())[1])
                figures = asyncio.run(watch(port, key, folder, listeners, psutil.Process(process.pid)))
                process.terminate()
        print(json.dumps({"listeners": listeners, **figures}))


if __name__ == "__main__":
    main()
