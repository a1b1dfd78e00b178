"""A server that is killed while it generates, packs and predicts: what it had acknowledged comes to be, and whole.

Run: pytest tests/faults/test_server_kills.py [-m soak].
"""

import io
import json
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from nets import random_weights
from sqlalchemy import select

from epochal.datasets.labels import read_annotations
from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.tables import ImageRow
from epochal.detectors.export import export_weights
from epochal.jobs.data_folder import DataFolder
from epochal.server.services import open_database
from epochal.storage.blobs import BlobStore, hash_bytes
from epochal.versions import generate_version, parse_settings, plan_version
from server.at_work import picture
from training_platform import TrainingPlatform

SOURCES, WH = 24, (480, 360)
VARIED = {"augmentation": {"rotate": {"degrees": 12}, "blur": {"pixels": 1}, "image": {"versions": 3}}}
KEEP_ALL = {
    "enabled": True,
    "sampling_strategies": [{"name": "all", "type": "random", "traffic_percentage": 1.0}],
}


class Busy:
    """A server with work of each kind, and what it has acknowledged."""

    def __init__(self, platform: TrainingPlatform) -> None:
        self.platform = platform
        self.versions: dict[int, dict[str, Any]] = {}  # number: settings
        self.exports: set[int] = set()
        self.answers: dict[int, Any] = {}  # by the seed of the picture
        self._round = 0
        self.base = f"/api/workspaces/{platform.workspace}"
        platform.start()
        with self._client() as client:
            project = client.post(f"{self.base}/projects", json={"name": "Predicts"}).json()
            self.project_id = project["id"]
            export_weights(random_weights(), net := platform.data_dir.parent / "net.onnx", "onnx")
            made = client.post(
                f"{self.base}/models", params={"project": project["slug"], "name": "net"}, content=net.read_bytes()
            )
            self.infer = f"{self.base}/models/{made.json()['slug']}/infer/image?confidence=0.3"
            rules = client.put(f"{self.base}/projects/{project['slug']}/active-learning", json={"config": KEEP_ALL})
            assert rules.status_code == 200, rules.text
            for seed in range(SOURCES):
                file = ("file", (f"{seed}.jpg", picture(seed, "JPEG", WH), "image/jpeg"))
                image = client.post(f"{self.base}/projects/shapes/images", files=[file]).json()["id"]
                boxes = {"boxes": [{"class_name": "disc", "box_xyxy": [40, 40, 200, 160]}]}
                client.put(f"{self.base}/projects/shapes/images/{image}/annotations", json=boxes).raise_for_status()

    @property
    def blobs(self) -> BlobStore:
        return BlobStore(self.platform.data_dir / "blobs", self.platform.data_dir / "cache")

    def kill_after(self, seconds: float, *, when_at_work: bool = False) -> None:
        """Work on all of it at once, kill the server in the middle, start it again.

        Args:
            seconds: the time until the kill.
            when_at_work: from when a version and an answer of this round have been acknowledged, not from the start.
        """
        self._round += 1
        before = len(self.versions), len(self.answers)
        works = [threading.Thread(target=self._until_it_dies, args=(work,)) for work in (self._generate, self._predict)]
        for work in works:
            work.start()
        while when_at_work and any(work.is_alive() for work in works):
            if before[0] < len(self.versions) and before[1] < len(self.answers):
                break
            time.sleep(0.01)
        time.sleep(seconds)
        self.platform.kill()
        for work in works:
            work.join()
        self.platform.start()

    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.platform.key}"}
        return httpx.Client(base_url=self.platform.address, headers=headers, timeout=60, trust_env=False)

    def _until_it_dies(self, work: Any) -> None:
        try:
            with self._client() as client:
                work(client)
        except httpx.HTTPError:
            pass

    def _generate(self, client: httpx.Client) -> None:
        settings = {**VARIED, "seed": self._round}
        made = client.post(f"{self.base}/projects/shapes/versions", json={"settings": settings})
        assert made.status_code == 201, made.text
        number = made.json()["number"]
        self.versions[number] = settings
        for known in sorted(self.versions)[-2:]:
            packed = client.post(f"{self.base}/projects/shapes/versions/{known}/exports", json={"format": "coco"})
            if packed.status_code == 202:  # a version that is not ready cannot be packed yet
                self.exports.add(known)

    def _predict(self, client: httpx.Client) -> None:
        """A picture that the server has seen, and new ones, until it dies; the one is always answered the same."""
        for seed in (0, *range(1000 * self._round, 1000 * self._round + 900)):
            answer = client.post(self.infer, content=picture(seed))
            assert answer.status_code == 200, answer.text
            told = answer.json()["images"]
            assert self.answers.setdefault(seed, told) == told

    def check(self) -> None:
        """All that was acknowledged is there or comes, and nothing is half there."""
        with self._client() as client:
            for number in self.versions:
                assert self._wait(client, f"/versions/{number}")["state"] == "ready"
            for number in self.exports:
                self._wait(client, f"/versions/{number}/exports")
                got = client.get(f"{self.base}/projects/shapes/versions/{number}/exports/coco", follow_redirects=True)
                with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
                    assert archive.testzip() is None
        self._check_kept()

    def _wait(self, client: httpx.Client, what: str) -> dict[str, Any]:
        end = time.monotonic() + 120
        while True:
            told: dict[str, Any] = client.get(f"{self.base}/projects/shapes{what}").json()
            states = [one["state"] for one in told.get("exports", [told])]
            if not {"generating", "running"} & set(states):
                assert set(states) == {"ready"}, told
                return told
            assert time.monotonic() < end, f"{told}\n{self.platform.log}"
            time.sleep(0.05)

    def _check_kept(self) -> None:
        """Each picture that active learning kept is there once, with its bytes and its drafts."""
        database = open_database(DataFolder(self.platform.data_dir))
        with database.read() as session:
            rows = session.scalars(select(ImageRow).where(ImageRow.project_id == self.project_id)).all()
            drafts = read_annotations(session, self.project_id, [row.id for row in rows])
        database.close()
        assert max(Counter(row.sha256 for row in rows).values(), default=0) <= 1
        predictions = {hash_bytes(picture(seed)): told[0]["predictions"] for seed, told in self.answers.items()}
        for row in rows:
            assert hash_bytes(self.blobs.get(row.sha256)) == row.sha256
            if row.sha256 in predictions:  # the server may have died between keeping and answering
                assert len(drafts[row.id]) == len(predictions[row.sha256])

    def check_content(self, place: Path) -> None:
        """Each version is what one that nobody killed would be, and `epochal doctor` finds nothing."""
        database = open_database(DataFolder(self.platform.data_dir))
        with database.read() as session:
            dataset = load_dataset(session, self.blobs, self.platform.project_id)
        database.close()
        with self._client() as client:
            for number, settings in self.versions.items():
                told = client.get(f"{self.base}/projects/shapes/versions/{number}").json()
                alone = generate_version(plan_version(dataset, parse_settings(settings)), place / str(number))
                assert alone.content_hash == told["content_hash"]
        self.platform.stop()
        done = subprocess.run(
            [sys.executable, "-m", "epochal", "doctor", "--json", "--data-dir", str(self.platform.data_dir)],
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)


@pytest.fixture
def busy(tmp_path: Path, draw_shapes: Any) -> Any:
    shapes = draw_shapes(tmp_path / "shapes", train=2, val=1, test=1, side=64)
    platform = TrainingPlatform(tmp_path / "data", shapes)
    yield Busy(platform)
    platform.stop()


def test_kill__while_versions_are_made_and_pictures_answered(busy: Busy, tmp_path: Path) -> None:
    for seconds in (0.1, 0.4):
        busy.kill_after(seconds, when_at_work=True)
    busy.check()
    busy.check_content(tmp_path / "alone")
    assert len(busy.versions) == 2
    assert len(busy.answers) >= 2


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_kill__at_fifty_moments_of_all_that(busy: Busy, tmp_path: Path) -> None:
    chance = random.Random(int(os.environ.get("EPOCHAL_KILL_SEED", "0")))
    for _ in range(int(os.environ.get("EPOCHAL_KILLS", "50"))):
        busy.kill_after(chance.uniform(0.05, 3))
        busy.check()
    busy.check_content(tmp_path / "alone")
