"""Trainings over the native API, without a worker. Run: pytest tests/server/test_training_routes.py."""

import time
from collections.abc import Iterator

import httpx
import pytest
from training_rows import version_row

from epochal.jobs.tables import TrainingRow
from epochal.server.services import Services
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow
from epochal.workspaces.credits import grant
from epochal.workspaces.workspaces import ensure_first_workspace

WORKSPACE = "/api/workspaces/my-workspace"


@pytest.fixture
def trainings(keyed: httpx.Client, served: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The path of the trainings of a ready version, in a server that starts none."""
    monkeypatch.setattr(served.scheduler, "_at_once", 0)
    made = keyed.post(f"{WORKSPACE}/projects", json={"name": f"Trained {new_id()[:6].lower()}"}).json()
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
        grant(session, workspace.id, 20)
        project = found_project(session, made["slug"])
        session.add(version_row(project, 1))
        session.add(version_row(project, 2, state="generating"))
    yield f"{WORKSPACE}/projects/{made['slug']}/versions/1/trainings"
    with served.database.write() as session:
        session.query(TrainingRow).filter_by(project_id=project).delete()
        session.query(VersionRow).filter_by(project_id=project).delete()


def found_project(session: object, slug: str) -> str:
    from epochal.datasets.tables import ProjectRow

    return str(session.query(ProjectRow.id).filter_by(slug=slug).scalar())  # type: ignore[attr-defined]  # a session


def one(training_id: str) -> str:
    return f"{WORKSPACE}/trainings/{training_id}"


def set_state(served: Services, training_id: str, **values: object) -> None:
    with served.database.write() as session:
        row = session.get(TrainingRow, training_id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


def test_begin__sent_again_with_its_key_queues_one(keyed: httpx.Client, trainings: str) -> None:
    headers = {"Idempotency-Key": new_id()}
    first, again = (keyed.post(trainings, json={"epochs": 5}, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(keyed.get(trainings).json()["trainings"]) == 1
    assert keyed.post(trainings, json={"epochs": 6}, headers=headers).status_code == 422


def test_begin__queues_what_was_asked_and_several_of_a_version(keyed: httpx.Client, trainings: str) -> None:
    order = {
        "name": "first", "model_type": "fast", "epochs": 5, "image_size": 96, "seed": 3, "max_s": 60,
        "webhook_url": "https://example.org/told", "recipe": {"hyperparameters": {"muon_lr": 0.01}},
    }  # fmt: skip
    answer = keyed.post(trainings, json=order)
    assert answer.status_code == 201
    first = answer.json()
    assert (first["state"], first["name"], first["model_type"], first["epochs"]) == ("queued", "first", "fast-n", 5)
    assert first["request"]["numbers"] == {"epochs": 5, "image_size": 96, "seed": 3, "muon_lr": 0.01}
    assert first["limits"]["max_s"] == 60
    second = keyed.post(trainings, json={}).json()
    listed = keyed.get(trainings).json()["trainings"]
    assert [training["id"] for training in listed] == [second["id"], first["id"]]
    assert keyed.get(one(first["id"])).json() == first
    project = trainings.split("/projects/")[1].split("/")[0]
    of_project = keyed.get(f"{WORKSPACE}/trainings", params={"project": project}).json()["trainings"]
    assert {training["id"] for training in of_project} == {first["id"], second["id"]}


@pytest.mark.parametrize(
    ("order", "status", "words"),
    [
        ({"model_type": "huge"}, 400, "no model type"),
        ({"epochs": 0}, 422, "epochs"),
        ({"image_size": 10**6}, 422, "image_size"),
        ({"recipe": {"hyperparameters": {"device": "cuda"}}}, 400, "has no 'device'"),
        ({"recipe": {"online_augmentation": [{"name": []}]}}, 400, "expected one of"),
        ({"recipe": {"hyperparameters": {"epochs": 10**400}}}, 400, "hyperparameters.epochs"),
        ({"start": {"kind": "checkpoint", "name": "../../etc/passwd"}}, 404, ""),
        ({"start": {"kind": "training", "id": "none"}}, 404, "No training"),
        ({"start": {"kind": "model", "id": "none"}}, 404, ""),
        ({"start": {"kind": "stolen"}}, 422, ""),
        ({"webhook_url": "file:///etc/passwd"}, 400, "webhook_url"),
        ({"max_memory_bytes": 1}, 422, ""),
        ({"colour": "red"}, 422, ""),
    ],
)
def test_begin__refuses_with_a_sentence_and_queues_nothing(
    keyed: httpx.Client, trainings: str, order: dict[str, object], status: int, words: str
) -> None:
    answer = keyed.post(trainings, json=order)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]["message"]
    assert keyed.get(trainings).json()["trainings"] == []


def test_begin__of_what_is_not_ready_or_not_there(keyed: httpx.Client, trainings: str) -> None:
    assert keyed.post(trainings.replace("/1/", "/2/"), json={}).status_code == 409
    assert keyed.post(trainings.replace("/1/", "/9/"), json={}).status_code == 404
    assert keyed.post(trainings.replace("/1/", "/0/"), json={}).status_code == 422
    assert keyed.post(trainings.replace("/projects/", "/projects/no-"), json={}).status_code == 404


def test_begin__without_a_credit_is_refused_and_says_what_to_do(
    keyed: httpx.Client, trainings: str, served: Services
) -> None:
    with served.database.write() as session:
        from epochal.workspaces.credits import balance

        left = balance(session, ensure_first_workspace(session).id)
    for _ in range(left):
        assert keyed.post(trainings, json={}).status_code == 201
    answer = keyed.post(trainings, json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "out_of_credits")
    assert "epochal credits grant" in answer.json()["error"]["message"]
    assert len(keyed.get(trainings).json()["trainings"]) == left


def test_state__decides_what_may_be_asked(keyed: httpx.Client, trainings: str, served: Services) -> None:
    waiting = keyed.post(trainings, json={}).json()["id"]
    for verb, status in (("stop", 409), ("retry", 409), ("restore", 404)):
        assert keyed.post(f"{one(waiting)}/{verb}").status_code == status, verb
    assert keyed.delete(one(waiting)).status_code == 409
    assert keyed.post(f"{one(waiting)}/cancel").json()["state"] == "cancelled"
    assert keyed.post(f"{one(waiting)}/cancel").status_code == 409
    again = keyed.post(f"{one(waiting)}/retry").json()
    assert (again["state"], again["max_attempts"]) == ("queued", 3)
    set_state(served, waiting, state="running", attempt=1, epoch=2, lease_expires_at=time.time() + 600)
    assert keyed.post(f"{one(waiting)}/stop").json()["state"] == "stopping"
    assert keyed.post(f"{one(waiting)}/stop").json()["state"] == "stopping", "asking twice is no error"
    set_state(served, waiting, state="finished", stop_wish=None)
    for verb in ("stop", "cancel", "retry"):
        assert keyed.post(f"{one(waiting)}/{verb}").status_code == 409, verb


def test_delete__is_undone_by_restore(keyed: httpx.Client, trainings: str, served: Services) -> None:
    made = keyed.post(trainings, json={}).json()["id"]
    set_state(served, made, state="failed", ended_at=1.0)
    assert keyed.delete(one(made)).status_code == 204
    assert keyed.get(one(made)).status_code == 404
    assert keyed.get(trainings).json()["trainings"] == []
    assert keyed.delete(one(made)).status_code == 404
    assert keyed.post(f"{one(made)}/restore").json()["id"] == made
    assert keyed.get(one(made)).status_code == 200


def test_log__is_read_from_an_offset_and_of_nobody_else(keyed: httpx.Client, trainings: str, served: Services) -> None:
    made = keyed.post(trainings, json={}).json()["id"]
    log = f"{one(made)}/log"
    assert keyed.get(log).text == ""
    folder = served.attempts.folder(made)
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("epoch 1\nepoch 2\n")
    assert keyed.get(log).text == "epoch 1\nepoch 2\n"
    assert keyed.get(log, params={"offset": 8}).text == "epoch 2\n"
    assert keyed.get(log, params={"offset": 2**53 - 1}).text == ""
    assert keyed.get(log, params={"offset": -1}).status_code == 422
    set_state(served, made, state="failed", ended_at=1.0)
    assert keyed.get(log, params={"follow": True}).text == "epoch 1\nepoch 2\n", "it has ended, so the stream does"
    assert keyed.get(f"{one('none')}/log").status_code == 404


def test_recipe__template_is_accepted_as_it_is(keyed: httpx.Client, trainings: str) -> None:
    told = keyed.get(f"{WORKSPACE}/training-recipe", params={"model_type": "fast-s"}).json()
    assert told["model_type"] == "fast-s"
    made = keyed.post(trainings, json={"model_type": "fast-s", "recipe": told["template"]})
    assert made.status_code == 201
    assert keyed.get(f"{WORKSPACE}/training-recipe", params={"model_type": "huge"}).status_code == 400
