"""How quickly a server answers while hostile forms, ranges and JSON come in.

Run: python benchmarks/hostile_bodies.py [--rounds 20]. `/health` is asked the whole time from one connection, first
of a server that has nothing else to do, then while four clients send forms of 100,000 parts, fields of 20 MB, JSON of
100,000 brackets and 10,000 ranges, in turns. Prints one JSON object: milliseconds.
"""

import argparse
import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import httpx

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


class Asked(threading.Thread):
    """Asks for the server's health until it is told to end."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address, self._ends, self.taken_ms = address, threading.Event(), list[float]()

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=60, trust_env=False) as client:
            while not self._ends.is_set():
                began = time.perf_counter()
                client.get("/health").raise_for_status()
                self.taken_ms.append(1000 * (time.perf_counter() - began))
                self._ends.wait(0.01)

    def end(self) -> dict[str, float]:
        self._ends.set()
        self.join()
        cuts = statistics.quantiles(self.taken_ms, n=100)
        return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "asked": len(self.taken_ms)}


def attack(host: str, key: str, rounds: int) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(rounds):
        for body, kind in BODIES:
            connection = http.client.HTTPConnection(host, timeout=60)
            try:
                path = "/api/workspaces/my-workspace/projects/none/images" if kind == FORM else "/api/workspaces"
                connection.request("POST", path, body=body, headers={**headers, "Content-Type": kind})
                connection.getresponse().read()
            except OSError:  # it has heard enough
                pass
            finally:
                connection.close()
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request("GET", "/", headers={"Range": RANGES[:60_000]})
        connection.getresponse().read()
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        command = [*EPOCHAL, "key", "create", "--data-dir", folder, "--json"]
        key = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["key"]
        command = [*EPOCHAL, "serve", "--port", "0", "--data-dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            address = re.search(r"http://[^/\s]+", process.stdout.readline())[0]
            asked = Asked(address)
            asked.start()
            time.sleep(5)
            idle = asked.end()
            asked = Asked(address)
            asked.start()
            host = address.removeprefix("http://")
            clients = [threading.Thread(target=attack, args=(host, key, rounds)) for _ in range(4)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            print(json.dumps({"idle_ms": idle, "attacked_ms": asked.end(), "requests": 4 * rounds * (len(BODIES) + 1)}))
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
