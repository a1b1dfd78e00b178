"""A real server with a project and a ready version of drawn shapes, to train on, to kill and to start again."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from epochal.client import Client
from epochal.datasets import open_dataset
from epochal.datasets.tables import ProjectRow
from epochal.jobs.data_folder import DataFolder
from epochal.server.services import open_database
from epochal.storage.ids import new_id
from epochal.versions import generate_version, parse_settings, plan_version
from epochal.versions.tables import VersionRow
from epochal.workspaces.keys import create_key
from epochal.workspaces.workspaces import ensure_first_workspace

EPOCHAL = (sys.executable, "-m", "epochal")


class TrainingPlatform:
    """A data folder and the server process that works in it.

    Attributes:
        data_dir: the data folder.
        key: with all scopes.
        workspace: its slug.
        project_id: of the project `shapes`, which has version 1.
    """

    def __init__(self, data_dir: Path, shapes: Path, **settings: object) -> None:
        """Make the data folder; `settings` are given to the server."""
        self.data_dir = data_dir
        self._settings = {f"EPOCHAL_{name.upper()}": str(value) for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        database = open_database(DataFolder(data_dir))
        now = time.time()
        with database.write() as session:
            workspace = ensure_first_workspace(session)
            self.key, _ = create_key(session, workspace.id)
            self.workspace, self.workspace_id = workspace.slug, workspace.id
            self.project_id = new_id()
            session.add(
                ProjectRow(
                    id=self.project_id, workspace_id=workspace.id, slug="shapes", name="Shapes", license="MIT",
                    annotation_group="shapes", is_public=False, created_at=now, updated_at=now,
                )
            )  # fmt: skip
            session.flush()
            dataset = dataclasses.replace(open_dataset(shapes), name=self.project_id)
            plan, place = plan_version(dataset, parse_settings({}, "test")), (self.project_id, 1)
            made = generate_version(plan, data_dir / "versions", place=place)
            self.version_id = new_id()
            session.add(
                VersionRow(
                    id=self.version_id, project_id=self.project_id, number=made.number, name="first",
                    settings=made.content["settings"], state="ready", progress=1.0, images=26,
                    content_hash=made.content_hash, splits=made.content["splits"],
                    classes=made.content["classes"], created_at=now,
                )
            )  # fmt: skip
        database.close()

    def start(self) -> "TrainingPlatform":
        """Start the server, on whatever port is free, and wait until it answers."""
        log = (self.data_dir / "server.log").open("a")
        self._process = subprocess.Popen(
            [*EPOCHAL, "serve", "--port", "0", "--data-dir", str(self.data_dir)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", **self._settings},
        )
        log.close()
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        self.address = next((word for word in said.split() if word.startswith("http://")), "")
        assert self.address, self.log
        return self

    @property
    def log(self) -> str:
        """What the server has logged, its end."""
        return (self.data_dir / "server.log").read_text()[-4000:]

    def kill(self) -> None:
        """kill -9 the server."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def stop(self) -> None:
        """End server and workers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.communicate(timeout=30)
            self._process = None
        for worker in self.workers():
            worker.kill()

    def workers(self) -> list[psutil.Process]:
        """The worker processes of this data folder that live: found by what their launchers noted."""
        database = open_database(DataFolder(self.data_dir))
        from sqlalchemy import select

        from epochal.jobs.tables import TrainingRow

        with database.read() as session:
            refs = [ref for ref in session.scalars(select(TrainingRow.engine_ref)) if ref]
        database.close()
        found = []
        for ref in refs:
            try:
                process = psutil.Process(int(ref["pid"]))
                if abs(process.create_time() - float(ref["started_at"])) < 5 and process.status() != "zombie":
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def client(self, **options: Any) -> Client:
        """A client of the server as it is now."""
        return Client(self.address, self.key, **options)

    @property
    def trainings(self) -> str:
        """The path of the trainings of the version."""
        return f"/api/workspaces/{self.workspace}/projects/shapes/versions/1/trainings"

    def begin(self, **order: object) -> str:
        """Queue a training of 3 epochs at 64 pixels; its id."""
        fields = {"epochs": 3, "image_size": 64, "seed": 3, **order}
        with self.client() as client:
            return str(client.post(self.trainings, fields)["id"])

    def get(self, training_id: str) -> dict[str, Any]:
        """A training as the server has it."""
        with self.client() as client:
            return dict(client.get(f"/api/workspaces/{self.workspace}/trainings/{training_id}"))

    def ask(self, training_id: str, verb: str) -> dict[str, Any]:
        """Stop, cancel or retry."""
        with self.client() as client:
            return dict(client.post(f"/api/workspaces/{self.workspace}/trainings/{training_id}/{verb}"))

    def wait(self, training_id: str, is_so: Callable[[dict[str, Any]], bool], timeout_s: float = 90) -> dict[str, Any]:
        """Wait until a training is as wanted; fails with what it is and the server's log."""
        end = time.monotonic() + timeout_s
        while True:
            training = self.get(training_id)
            if is_so(training):
                return training
            assert time.monotonic() < end, f"{json.dumps(training, indent=1)}\n{self.log}"
            time.sleep(0.05)

    def wait_for_end(self, training_id: str, timeout_s: float = 120) -> dict[str, Any]:
        """Wait until a training has ended."""
        return self.wait(training_id, lambda t: t["state"] in {"finished", "stopped", "failed", "cancelled"}, timeout_s)

    def folder(self, training_id: str) -> Path:
        """Its run folder in the server's data folder."""
        return self.data_dir / "runs" / training_id
