"""Upload 2,000 images from 8 clients at once, 10 % of them twice, 10 % after a connection that was cut.

Run: python benchmarks/uploads.py [images] [JPEG | WEBP | PNG]. Says what the server's processes computed for each
image, whether every image is there once, and how the server's memory grew. What got no answer is sent again.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil
from PIL import Image

CLIENTS, IMAGES, TWICE, CUT, THOUSAND, TRIES = 8, 2000, 0.1, 0.1, 1000, 5
EPOCHAL = (sys.executable, "-m", "epochal")


def base_picture(wh: tuple[int, int] = (1280, 960), form: str = "JPEG") -> bytes:
    """A JPEG of about 200 kB, or another form, that looks a little like a photograph: noise of several sizes."""
    random = np.random.default_rng(0)
    picture = np.zeros((wh[1], wh[0], 3), np.float32)
    for cells, weight in ((8, 0.6), (60, 0.25), (300, 0.15)):
        small = Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        picture += weight * np.asarray(small.resize(wh, Image.Resampling.BICUBIC), np.float32)
    with tempfile.TemporaryFile() as file:
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, form, quality=85)
        file.seek(0)
        return file.read()


def numbered(base: bytes, number: int) -> bytes:
    """Other bytes of the same picture: a comment behind a JPEG's beginning, a few bytes behind another's end."""
    if not base.startswith(b"\xff\xd8"):
        return base + f"picture {number}".encode()
    comment = f"picture {number}".encode()
    return base[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + base[2:]


def form(data: bytes, name: str) -> tuple[bytes, str]:
    """A multipart form as the roboflow package sends it; and its content type."""
    boundary = secrets.token_hex(16)
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in (("name", name), ("split", "train"))
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    head = f"{fields}{file}Content-Type: image/jpeg\r\n\r\n".encode()
    return head + data + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def cut_off(address: str, path: str, body: bytes, content_type: str) -> None:
    """Begin to send and hang up in the middle."""
    host = urlsplit(address)
    with socket.create_connection((host.hostname, host.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: {content_type}\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])


def persist(client: httpx.Client, path: str, body: bytes, content_type: str) -> httpx.Response:
    """Send until an answer comes: sent again, an image is not there twice."""
    for _ in range(TRIES):
        try:
            return client.post(path, content=body, headers={"Content-Type": content_type}).raise_for_status()
        except httpx.TransportError:
            continue
    raise SystemExit(f"No answer came, {TRIES} times.")


def send_all(
    address: str, path: str, base: bytes, numbers: list[int], told: dict[int, set[str]], sent: list[int]
) -> None:
    random = np.random.default_rng(numbers[0])
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        for number in numbers:
            body, content_type = form(numbered(base, number), f"{number}.jpg")
            if random.random() < CUT:
                cut_off(address, path, body, content_type)
            for _ in range(2 if random.random() < TWICE else 1):
                answer = persist(client, path, body, content_type)
                told.setdefault(number, set()).add(answer.json()["id"])
                sent.append(number)


def measure(count: int, form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            [*EPOCHAL, "key", "create", "--data-dir", folder, "--json"], capture_output=True, text=True, check=True
        )
        key = json.loads(made.stdout)
        command = [*EPOCHAL, "serve", "--port", "0", "--data-dir", folder]
        with (
            Path(folder, "server.log").open("w") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            try:
                assert process.stdout is not None
                address = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
                report(process.pid, address, key["key"], key["workspace"], count, form)
            finally:
                process.terminate()


def computed_s(server: psutil.Process) -> float:
    """CPU seconds of the server and of its decoders."""
    return sum(sum(one.cpu_times()[:2]) for one in (server, *server.children()))


def report(pid: int, address: str, key: str, workspace: str, count: int, form: str) -> None:
    project = httpx.post(
        f"{address}/{workspace}/projects", params={"api_key": key}, json={"name": "Load"}, trust_env=False
    ).json()["id"].split("/")[1]  # fmt: skip
    base, told, sent = base_picture(form=form), dict[int, set[str]](), list[int]()
    path = f"/dataset/{project}/upload?api_key={key}&batch=load"
    send_all(address, path, base, [count + 1, count + 2], {}, [])  # the server loads what it loads once
    server = psutil.Process(pid)
    before, began = computed_s(server), time.monotonic()
    threads = [
        threading.Thread(target=send_all, args=(address, path, base, list(range(i, count, CLIENTS)), told, sent))
        for i in range(CLIENTS)
    ]
    marks, memory = [(0, before)], [round(server.memory_info().rss / 1e6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.1)
        if len(sent) >= marks[-1][0] + THOUSAND:
            marks.append((len(sent), computed_s(server)))
            memory.append(round(server.memory_info().rss / 1e6))
    for thread in threads:
        thread.join()
    cpu_s, took_s = computed_s(server) - before, time.monotonic() - began
    found = httpx.post(
        f"{address}/{workspace}/{project}/search", params={"api_key": key}, json={"limit": 10_000}, trust_env=False
    ).json()  # fmt: skip
    is_once = found["total"] == count + 2 and all(len(ids) == 1 for ids in told.values()) and len(told) == count
    print(f"images of {len(base):,} bytes         {count}, sent {len(sent)} times by {CLIENTS} clients")
    print(f"every image once              {'yes' if is_once else 'NO'}")
    print(f"server CPU-ms for each image  {1000 * cpu_s / count:.2f}")
    print(f"server CPU-ms for each send   {1000 * cpu_s / len(sent):.2f}")
    print(f"images each second            {count / took_s:.0f} (clients on the same {os.cpu_count()} cores)")
    costs = [1000 * (late - early) / (more - fewer) for (fewer, early), (more, late) in pairwise(marks)]
    print(f"CPU-ms a send, by thousand    {' '.join(f'{cost:.2f}' for cost in costs)}")
    print(f"MB of the server, by thousand {' '.join(map(str, memory))}")
    if not is_once:
        raise SystemExit(1)


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES, sys.argv[2] if len(sys.argv) > 2 else "JPEG")
