"""The run of a training is seen and stopped by the training's workspace alone, and only through its queue."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from training_rows import version_row

from epochal.datasets.projects import create_project
from epochal.graphs.journal import Journal
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.tables import TrainingRow
from epochal.server.services import Services
from epochal.storage.ids import new_id
from epochal.workspaces.workspaces import find_workspace

MAP = "metrics/mAP_0.5:0.95"


@pytest.fixture
def other(client: httpx.Client, make_key: Callable[..., str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {make_key(workspace='run-owners')}"}
    with httpx.Client(base_url=client.base_url, timeout=20, trust_env=False, headers=headers) as made:
        yield made


@pytest.fixture
def theirs(other: httpx.Client, served: Services, data: DataFolder) -> Iterator[str]:
    """The id of a stopped training of the workspace `run-owners`, with a run folder."""
    run_id = new_id()
    with served.database.write() as session:
        owner = find_workspace(session, "run-owners").id
        project = create_project(session, owner, name="Runs").id
        session.add(version_row(project, 1, f"version-{run_id}"))
        session.flush()
        training = {"workspace_id": owner, "project_id": project, "version_id": f"version-{run_id}"}
        session.add(
            TrainingRow(
                id=run_id, **training, name="theirs", state="stopped", model_type="fast-n", request={}, limits={},
                created_by="key:x", queued_at=time.time(), attempt=1,
            )
        )  # fmt: skip
    write_run(data.runs_folder / run_id)
    yield run_id
    with served.database.write() as session:
        session.delete(session.get_one(TrainingRow, run_id))


def write_run(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text(json.dumps({"name": folder.name, "dataset": {}, "recipe": {"epochs": 2}}))
    with Journal(folder) as journal:
        journal.start(name=folder.name, epochs_planned=2, seed=0)
        journal.epoch(1, {MAP: 0.5})


def test_the_owners_see_it_and_the_first_workspace_does_not(
    keyed: httpx.Client, other: httpx.Client, theirs: str
) -> None:
    for path in ("", "/graph", "/files/metrics.jsonl"):
        assert other.get(f"/api/runs/{theirs}{path}").status_code == 200, path
        assert keyed.get(f"/api/runs/{theirs}{path}").status_code == 404, path
    training = other.get(f"/api/runs/{theirs}").json()["training"]
    assert (training["workspace"], training["version"]) == ("run-owners", 1)
    assert training["project"].startswith("project-runs")
    assert keyed.post(f"/api/runs/{theirs}/stop", json={"when": "now"}).status_code == 404
    assert keyed.post(f"/api/runs/{theirs}/resume").status_code == 404


def test_each_workspace_lists_its_own(keyed: httpx.Client, other: httpx.Client, run: Path, theirs: str) -> None:
    listed = other.get("/api/workspaces/run-owners/runs").json()["runs"]
    training = other.get(f"/api/runs/{theirs}").json()["training"]
    assert [one["dataset"] for one in listed] == [f"{training['project']}/1"], "rather than the number of a folder"
    own = [one["id"] for one in listed]
    first = [one["id"] for one in keyed.get("/api/runs").json()["runs"]]
    assert own == [theirs]
    assert first == [run.name]
    assert other.get("/api/runs").status_code == 404


def test_what_is_not_seen_is_not_compared(keyed: httpx.Client, other: httpx.Client, run: Path, theirs: str) -> None:
    for client in (keyed, other):
        assert client.get("/api/compare", params={"run": [run.name, theirs]}).status_code == 404
    assert other.get("/api/compare", params={"run": [theirs, theirs]}).status_code == 200


def test_it_goes_on_in_its_queue_and_not_beside_it(other: httpx.Client, theirs: str, served: Services) -> None:
    with served.database.write() as session:
        session.get_one(TrainingRow, theirs).state = "finished"
    answer = other.post(f"/api/runs/{theirs}/resume")
    assert answer.status_code == 409, answer.text
    assert not (served.data.runs_folder / theirs / "launch.json").exists()


def test_the_log__from_beyond_its_end_is_empty(other: httpx.Client, theirs: str, data: DataFolder) -> None:
    (data.runs_folder / theirs / "log.txt").write_text("said\n")
    path = f"/api/workspaces/run-owners/trainings/{theirs}/log"
    assert other.get(path, params={"offset": 2}).text == "id\n"
    for offset in (5, 6, 2**53 - 1):  # a file system knows no offset as large as the last
        answer = other.get(path, params={"offset": offset, "follow": offset == 6})
        assert (answer.status_code, answer.text) == (200, "")
