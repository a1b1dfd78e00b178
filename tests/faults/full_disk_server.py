"""What a server does on a disk that is full: run by `test_full_disk.py` in a mount namespace.

Arguments: the folder of a small file system, a dataset, the name of a case. Prints what was answered as a JSON object.
"""

import hashlib
import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from training_platform import TrainingPlatform

EPOCHS = 12  # so many that the disk is full before the last one, however busy the machine
PROJECT = "/api/workspaces/my-workspace/projects"


class Disk:
    """The small file system; a filler takes what shall not be free."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._filler = folder, folder / "filler"

    def leave(self, free_bytes: int) -> None:
        """Take all but so much. What somebody else writes or frees meanwhile makes it try again."""
        self.clear()
        with self._filler.open("wb") as stream:
            for _ in range(200):
                found, size = os.statvfs(self.folder), os.fstat(stream.fileno()).st_size
                free = found.f_bavail * found.f_frsize - free_bytes
                if free >= found.f_frsize:
                    with suppress(OSError):
                        os.posix_fallocate(stream.fileno(), size, free)
                time.sleep(0.002)

    def clear(self) -> None:
        self._filler.unlink(missing_ok=True)


def picture(number: int, side: int = 300) -> bytes:
    """An image that does not compress: 270 kB with 300 pixels a side."""
    out = io.BytesIO()
    pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "PNG", compress_level=0)
    return out.getvalue()


def labelled_zip(first: int, count: int = 12) -> bytes:
    """A dataset in COCO's form, a box in each image."""
    out = io.BytesIO()
    numbers = range(first, first + count)
    images = [{"id": one, "file_name": f"{one}.png", "width": 300, "height": 300} for one in numbers]
    boxes = [{"id": one, "image_id": one, "category_id": 1, "bbox": [9, 9, 90, 90], "area": 8100} for one in numbers]
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "block"}]}
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("train/_annotations.coco.json", json.dumps(content))
        for number in numbers:
            archive.writestr(f"train/{number}.png", picture(number))
    return out.getvalue()


def wait(look: Callable[[], Any], within_s: float = 60) -> Any:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    return None


class Cases:
    """A server on the small disk, and what is asked of it while there is no room."""

    def __init__(self, disk: Disk, platform: TrainingPlatform) -> None:
        self.disk, self.platform, self.told = disk, platform, dict[str, Any]()
        self.http = httpx.Client(
            base_url=platform.address, headers={"Authorization": f"Bearer {platform.key}"}, timeout=60, trust_env=False
        )

    def say(self, name: str, value: Any) -> None:
        self.told[name] = value

    def project(self, name: str) -> str:
        return f"{PROJECT}/{self.http.post(PROJECT, json={'name': name}).raise_for_status().json()['slug']}"

    def send(self, project: str, data: bytes) -> list[Any]:
        answer = self.http.post(f"{project}/images", files={"file": ("a.png", data)})
        error = answer.json().get("error", {})
        return [answer.status_code, error.get("code", ""), error.get("message", "")]

    def images(self, project: str) -> list[str]:
        """The hash of each image's bytes as the server gives them out."""
        listed = self.http.get(f"{project}/images").raise_for_status().json()["images"]
        files = [self.http.get(f"{project}/images/{one['id']}/file").raise_for_status().content for one in listed]
        return sorted(hashlib.sha256(content).hexdigest() for content in files)

    def parts(self) -> list[str]:
        """What is half written in the data folder."""
        root = self.platform.data_dir
        return sorted(str(path.relative_to(root)) for path in root.rglob("*.part*"))

    def upload(self) -> None:
        project, data = self.project("Uploads"), picture(1)
        self.disk.leave(0)
        self.say("nothing free", self.send(project, data))
        self.disk.leave(100_000)
        self.say("not enough free", self.send(project, data))
        self.disk.leave(len(data) + 4096)
        self.say("enough for the image alone", self.send(project, data))
        self.disk.leave(0)
        self.say("reading", [self.http.get("/health").status_code, self.images(project)])
        self.say("half written", self.parts())
        self.disk.clear()
        self.say("afterwards", self.send(project, data))
        self.say("images afterwards", [self.images(project), hashlib.sha256(data).hexdigest()])

    def dataset(self) -> None:
        project, zipped = self.project("Imports"), labelled_zip(100)
        self.disk.leave(1_000_000)
        answer = self.http.post(f"{project}/uploads/zip", content=zipped)
        self.say("sending", [answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"]])
        self.say("half written", self.parts())
        for name, more in (("unpacking", 1_500_000), ("keeping", len(zipped) + 2_500_000)):
            self.disk.leave(len(zipped) + more)
            self.say(name, self.end_of_zip(project, zipped))
            self.say(f"{name}, left", [*self.parts(), *os.listdir(self.platform.data_dir / "uploads")])
            self.say(f"{name}, whole", len(self.images(project)))
        self.disk.clear()
        self.say("afterwards", self.end_of_zip(project, zipped))
        hashes = self.images(project)
        self.say("images afterwards", [len(hashes), len(set(hashes))])

    def end_of_zip(self, project: str, zipped: bytes) -> list[Any]:
        task = self.http.post(f"{project}/uploads/zip", content=zipped).raise_for_status().json()
        there = f"/api/workspaces/my-workspace/tasks/{task['id']}"
        wait(lambda: self.http.get(there).json()["state"] in {"completed", "failed"})
        ended = self.http.get(there).json()
        return [ended["state"], ended["message"]]

    def version(self) -> None:
        project = self.project("Versions")
        assert self.end_of_zip(project, labelled_zip(200))[0] == "completed"
        self.disk.leave(700_000)
        made = self.http.post(f"{project}/versions", json={"name": "full"}).raise_for_status().json()
        there = f"{project}/versions/{made['number']}"
        wait(lambda: self.http.get(there).json()["state"] != "generating")
        self.say("full", [self.http.get(there).json()[name] for name in ("state", "message")])
        self.say("half written", self.parts())
        folder = self.platform.data_dir / "versions"
        self.say("versions in sight", [str(path) for path in folder.rglob("version.json")][1:])  # the platform has one
        self.disk.clear()
        self.http.post(f"{there}/resume").raise_for_status()
        wait(lambda: self.http.get(there).json()["state"] != "generating")
        ready = self.http.get(there).json()
        self.say("afterwards", [ready["state"], ready["images"]])

    def training(self) -> None:
        training = self.platform.begin(epochs=EPOCHS)
        self.platform.wait(training, lambda t: (t["epoch"] or 0) >= 2)
        self.disk.leave(0)
        wait(lambda: not self.platform.workers(), 30)
        time.sleep(2)
        full = self.http.get(f"/api/workspaces/my-workspace/trainings/{training}")
        self.say("full", [self.http.get("/health").status_code, full.status_code, full.json().get("state")])
        self.disk.clear()
        ended = self.platform.wait_for_end(training)
        self.say("told", [ended["state"], ended["message"]])
        if ended["state"] == "failed":
            again = self.http.post(f"/api/workspaces/my-workspace/trainings/{training}/retry")
            self.say("retry", [again.status_code, again.json().get("error")])
            ended = self.platform.wait_for_end(training)
        self.say("afterwards", [ended["state"], ended["epoch"], ended["message"]])
        lines = (self.platform.folder(training) / "metrics.jsonl").read_text().splitlines()
        self.say("lines", [[line["kind"], line.get("epoch")] for line in map(json.loads, lines)])
        self.say("half written", self.parts())


def main() -> None:
    disk, shapes, case = Disk(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
    name, _, launcher = case.partition("-")
    settings = {"credits_metered": 0, "worker_lease_s": 3, "training_launcher": launcher or "local"}
    platform = TrainingPlatform(disk.folder / "data", shapes, **settings).start()
    try:
        cases = Cases(disk, platform)
        getattr(cases, name)()
    finally:
        disk.clear()
        sys.stderr.write(platform.log)
        platform.stop()
    sys.stdout.write(json.dumps(cases.told))


if __name__ == "__main__":
    main()
