"""How soon the server is up, and how soon after that its first page is there.

    python benchmarks/server_start.py

Prints one JSON object. `first_page_ms`: from the server's own line "Epochal serves …" to the last byte of `/` and of
every script and style that it names, over loopback.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

STARTS = 5
ASKS_FOR = re.compile(rb'(?:src|href)="\./(assets/[^"]+)"')
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def measure() -> tuple[float, float, float]:
    """Seconds to the server's line, seconds from there to the whole first page, its bytes."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "epochal", "serve", "--port", "0", "--data-dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            address = re.search(r"http://\S+", process.stdout.readline())[0]
            ready = time.perf_counter()
            page = OPENER.open(f"{address}/").read()
            size = len(page) + sum(
                len(OPENER.open(f"{address}/{name.decode()}").read()) for name in ASKS_FOR.findall(page)
            )
            shown = time.perf_counter()
            process.terminate()
    return ready - begun, shown - ready, size


def main() -> None:
    starts, pages, sizes = zip(*(measure() for _ in range(STARTS)), strict=True)
    figures = {
        "start_ms": round(statistics.median(starts) * 1000),
        "first_page_ms": round(statistics.median(pages) * 1000, 1),
        "first_page_ms_worst": round(max(pages) * 1000, 1),
        "first_page_bytes": int(sizes[0]),
        "starts": STARTS,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
