"""How quickly a server answers while hostile forms, ranges and JSON come in.

Run: python benchmarks/hostile_bodies.py [--seconds 20] [--first]. `/health` is asked the whole time from one
connection, first of a server that has nothing else to do, then while four clients send forms of 100,000 parts, fields
of 20 MB, JSON of 100,000 brackets and 10,000 ranges, in turns. Server, asker and clients are processes of their own.
With `--first` the server and the asker come before all else on this machine (`chrt --rr 1`, which needs root), so
that what other programs do there does not count. Prints one JSON object: milliseconds.
"""

import argparse
import http.client
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

EPOCHAL = (sys.executable, "-m", "epochal")
FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="field%d"\r\n\r\nx\r\n'
BODIES = (
    (b"".join(PART % number for number in range(100_000)) + b"--x--\r\n", FORM),
    (PART % 1 + b"a" * 20_000_000 + b"\r\n--x--\r\n", FORM),
    (b"--x\r\n" + b"X-Header: yes\r\n" * 100_000, FORM),
    (b"[" * 100_000, "application/json"),
)
RANGES = "bytes=" + ",".join(f"{number}-{number}" for number in range(0, 20_000, 2))


def ask(host: str, seconds: float) -> dict[str, float]:
    """Ask for the server's health until the time is over; raises when it is not told."""
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    taken_ms, ends = [], time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.perf_counter()
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        taken_ms.append(1000 * (time.perf_counter() - began))
        assert answer.status == 200, answer.status
        time.sleep(0.01)
    cuts = statistics.quantiles(taken_ms, n=100)
    figures = {"p50": cuts[49], "p99": cuts[98], "most": max(taken_ms)}
    return {name: round(value, 1) for name, value in figures.items()} | {"asked": len(taken_ms)}


def attack(host: str, key: str, seconds: float) -> int:
    """Send one hostile request after the other; how many."""
    headers, ends, sent = {"Authorization": f"Bearer {key}"}, time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        for body, kind in BODIES:
            path = "/api/workspaces/my-workspace/projects/none/images" if kind == FORM else "/api/workspaces"
            send(host, "POST", path, {**headers, "Content-Type": kind}, body)
        send(host, "GET", "/", {"Range": RANGES[:60_000]}, b"")
        sent += len(BODIES) + 1
    return sent


def send(host: str, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers)
        connection.getresponse().read()
    except OSError:  # it has heard enough
        pass
    finally:
        connection.close()


def begin(before: list[str], *arguments: object) -> subprocess.Popen[str]:
    command = [*before, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def measure(seconds: float, first: list[str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        command = [*EPOCHAL, "key", "create", "--data-dir", folder, "--json"]
        key = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["key"]
        server = begin(first, *EPOCHAL, "serve", "--port", 0, "--data-dir", folder)
        try:
            host = re.search(r"http://([^/\s]+)", server.stdout.readline())[1]
            idle = json.loads(begin(first, sys.executable, __file__, "--ask", host, seconds).communicate()[0])
            clients = [begin([], sys.executable, __file__, "--attack", host, key, seconds + 2) for _ in range(4)]
            attacked = json.loads(begin(first, sys.executable, __file__, "--ask", host, seconds).communicate()[0])
            requests = sum(int(client.communicate()[0]) for client in clients)
        finally:
            server.terminate()
            server.wait(20)
    return {"idle_ms": idle, "attacked_ms": attacked, "requests": requests, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--ask", nargs=2, help=argparse.SUPPRESS)  # the two processes that it starts itself
    parser.add_argument("--attack", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(ask(given.ask[0], float(given.ask[1]))))
    elif given.attack:
        print(attack(given.attack[0], given.attack[1], float(given.attack[2])))
    else:
        print(json.dumps(measure(given.seconds, ["chrt", "--rr", "1"] if given.first else [])))


if __name__ == "__main__":
    main()
