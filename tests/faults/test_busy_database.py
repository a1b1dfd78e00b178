"""Eight uploaders, four readers and two streams of metrics at once, on SQLite: no error, nothing lost.

Run: pytest tests/faults/test_busy_database.py.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from project_rows import picture
from training_rows import version_row

from epochal.client import Client
from epochal.jobs.attempts import make_key, read_lines
from epochal.jobs.tables import TrainingRow
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind
from epochal.storage.ids import new_id
from epochal.workspaces.keys import create_key
from epochal.workspaces.workspaces import ensure_first_workspace

UPLOADERS, READERS, STREAMS = 8, 4, 2
IMAGES, BATCHES, LINES = 25, 30, 50
HERE = "/api/workspaces/my-workspace/projects"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerThread]:
    with ServerThread(create_app(tmp_path / "data"), bind("127.0.0.1", 0)) as it:
        yield it


def running_trainings(server: ServerThread, project_id: str) -> list[tuple[str, str]]:
    """Trainings that a worker elsewhere writes for: their ids, and the keys of their attempts."""
    made = []
    with server.app.state.services.database.write() as session:
        version = version_row(project_id, 1)
        session.add(version)
        session.flush()
        for _ in range(STREAMS):
            training_id = new_id()
            key, hashed = make_key(training_id, 1)
            session.add(
                TrainingRow(
                    id=training_id, workspace_id=ensure_first_workspace(session).id, project_id=project_id,
                    version_id=version.id, name="busy", state="running", model_type="fast-n", attempt=1,
                    request={"numbers": {}, "recipe": {}, "start": {"kind": "random"}}, limits={}, launcher="http",
                    worker_key_sha256=hashed, lease_expires_at=time.time() + 600, created_by="key:none",
                    queued_at=time.time(), started_at=time.time(),
                )
            )  # fmt: skip
            made.append((training_id, key))
    return made


def test_busy_database__answers_everybody(server: ServerThread) -> None:
    services = server.app.state.services
    with services.database.write() as session:
        key = create_key(session, ensure_first_workspace(session).id)[0]
    headers = {"Authorization": f"Bearer {key}"}
    failures: list[object] = []
    is_over = threading.Event()

    def client() -> httpx.Client:
        return httpx.Client(base_url=server.address, headers=headers, timeout=120, trust_env=False)

    with client() as owner:
        slug = owner.post(HERE, json={"name": "Busy"}).json()["slug"]
    with services.database.read() as session:
        from epochal.datasets.tables import ProjectRow

        project_id = session.query(ProjectRow.id).filter_by(slug=slug).scalar()
    trainings = running_trainings(server, project_id)

    def upload(first: int) -> None:
        with client() as mine:
            for number in range(first * IMAGES, (first + 1) * IMAGES):
                files = {"file": (f"{number}.jpg", picture(number))}
                made = mine.post(f"{HERE}/{slug}/images", files=files, data={"tags": "busy"})
                made.raise_for_status()
                boxes = [{"class_name": f"class {number % 5}", "box_xyxy": [1, 1, 9, 9]}]
                path = f"{HERE}/{slug}/images/{made.json()['id']}/annotations"
                mine.put(path, json={"boxes": boxes}).raise_for_status()

    def read(_: int) -> None:
        with client() as mine:
            while not is_over.is_set():
                for path in (f"{HERE}/{slug}/images?limit=100&q=tag:busy", f"{HERE}/{slug}", HERE):
                    mine.get(path).raise_for_status()

    def stream(number: int) -> None:
        with Client(server.address, trainings[number][1], tries=1) as mine:
            for batch in range(BATCHES):
                lines = [
                    json.dumps({"kind": "epoch", "epoch": batch * LINES + line + 1, "series": {"a": line}})
                    for line in range(LINES)
                ]
                mine.post(
                    "/api/worker/journal", content="".join(f"{line}\n" for line in lines).encode(), first=batch * LINES
                )

    def guarded(work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=guarded, args=(upload, number)) for number in range(UPLOADERS)]
    writers += [threading.Thread(target=guarded, args=(stream, number)) for number in range(STREAMS)]
    readers = [threading.Thread(target=guarded, args=(read, number)) for number in range(READERS)]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in writers:
        thread.join()
    is_over.set()
    for thread in readers:
        thread.join()
    assert failures == []
    with client() as owner:
        found = owner.get(f"{HERE}/{slug}/images", params={"limit": 1}).json()
        assert found["total"] == UPLOADERS * IMAGES
    with services.database.read() as session:
        for training_id, _ in trainings:
            assert len(read_lines(session, training_id, 0)) == BATCHES * LINES
