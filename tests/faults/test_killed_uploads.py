"""A server that is killed while images arrive keeps all that it acknowledged. Run: pytest tests/faults."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from project_rows import picture
from sqlalchemy import select

from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.projects import find_project
from epochal.datasets.tables import ImageRow
from epochal.storage.blobs import BlobStore, hash_bytes
from epochal.storage.database import Database
from epochal.workspaces.workspaces import find_workspace

EPOCHAL = (sys.executable, "-m", "epochal")
BOX = "0 0.5 0.5 0.5 0.5"


class Server:
    """`epochal serve` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [*EPOCHAL, "serve", "--port", "0", "--data-dir", str(folder)]
        with (folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        self.address = next(word for word in said.split() if word.startswith("http://"))

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def send_until_it_dies(address: str, key: str, numbers: list[int], acknowledged: dict[int, str]) -> None:
    with httpx.Client(base_url=address, params={"api_key": key}, timeout=10, trust_env=False) as client:
        for number in numbers:
            try:
                sent = client.post("/dataset/killed/upload", files={"file": (f"{number}.jpg", picture(number))})
                body: dict[str, Any] = {"annotationFile": BOX, "labelmap": {"0": "cat"}}
                client.post(f"/dataset/killed/annotate/{sent.json()['id']}", json=body)
            except httpx.HTTPError:
                return
            acknowledged[number] = sent.json()["id"]


def check(folder: Path, acknowledged: dict[int, str]) -> int:
    """Every acknowledged image is there with its box, and every row has its bytes."""
    database = Database(f"sqlite:///{folder / 'epochal.sqlite'}")
    blobs = BlobStore(folder / "blobs", folder / "cache")
    with database.read() as session:
        project = find_project(session, find_workspace(session, "my-workspace").id, "killed")
        rows = {row.sha256: row for row in session.scalars(select(ImageRow))}
        dataset = load_dataset(session, blobs, project.id, only_in_dataset=False)
    database.close()
    boxes = {image.sha256: len(image.boxes_xyxy) for image in dataset.images}
    for number, image_id in acknowledged.items():
        sha256 = hash_bytes(picture(number))
        assert rows[sha256].id == image_id
        assert boxes[sha256] == 1
    for sha256 in rows:
        assert hash_bytes(blobs.get(sha256)) == sha256, "a row names bytes that are not whole"
    return len(rows)


def run(folder: Path, kills: int, seed: int) -> None:
    folder.mkdir()
    made = subprocess.run(
        [*EPOCHAL, "key", "create", "--data-dir", str(folder), "--json"], capture_output=True, text=True, check=True
    )
    key, chance = json.loads(made.stdout)["key"], random.Random(seed)
    acknowledged: dict[int, str] = {}
    server = Server(folder)
    httpx.post(f"{server.address}/my-workspace/projects", params={"api_key": key}, json={"name": "Killed"})
    for kill in range(kills):
        first = 1000 * (kill + 1)
        threads = [
            threading.Thread(
                target=send_until_it_dies, args=(server.address, key, list(range(at, at + 300)), acknowledged)
            )
            for at in range(first, first + 900, 300)
        ]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.2, 1.2))
        server.kill()
        for thread in threads:
            thread.join()
        check(folder, acknowledged)
        server = Server(folder)
    before = check(folder, acknowledged)
    again = sorted(acknowledged)[:5]
    send_until_it_dies(server.address, key, again, acknowledged)
    server.kill()
    assert again, "the server was killed before anything was acknowledged"
    assert check(folder, acknowledged) == before, "what was sent again is there twice"


def test_kill__during_uploads_loses_nothing_acknowledged(tmp_path: Path) -> None:
    run(tmp_path / "data", kills=2, seed=0)


@pytest.mark.soak
def test_kill__at_many_moments_of_uploads(tmp_path: Path) -> None:
    run(tmp_path / "data", kills=25, seed=int(time.time()))
