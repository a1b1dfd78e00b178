"""Public projects are looked at, tried and cloned by everybody. Run: pytest tests/server/test_universe.py."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest
from project_rows import picture
from training_rows import version_row

from epochal.datasets.projects import find_project
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.models import NewModel, add_model
from epochal.jobs.tables import TrainingRow
from epochal.server.services import Services
from epochal.storage.ids import new_id
from epochal.workspaces.members import change_role, invite
from epochal.workspaces.workspaces import ensure_first_workspace, find_workspace
from server.test_run_owners import write_run

WaitUntil = Callable[[Callable[[], bool]], None]
LAB = "/api/workspaces/my-workspace"


@pytest.fixture
def slug(keyed: httpx.Client) -> str:
    """A public project of two labelled images and one that waits."""
    form = {"name": "Open things", "license": "CC BY 4.0", "is_public": True, "description": "For everybody."}
    slug = keyed.post(f"{LAB}/projects", json=form).json()["slug"]
    images = f"{LAB}/projects/{slug}/images"
    for number, split in enumerate(("train", "test", "train")):
        said = {"split": split, "tags": "shown"}
        sent = keyed.post(images, files={"file": (f"{number}.jpg", picture(number))}, data=said).json()["id"]
        if number < 2:
            boxes = [{"class_name": "wombat", "box_xyxy": [1, 2, 30, 20]}]
            keyed.put(f"{images}/{sent}/annotations", json={"boxes": boxes})
    return str(slug)


@pytest.fixture
def stranger(keyed: httpx.Client, make_key: Callable[..., str]) -> Iterator[httpx.Client]:
    """A client of another workspace."""
    headers = {"Authorization": f"Bearer {make_key(workspace='elsewhere')}"}
    with httpx.Client(base_url=keyed.base_url, timeout=20, trust_env=False, headers=headers) as made:
        yield made


def test_public_projects__are_found_and_shown_to_strangers(
    client: httpx.Client, keyed: httpx.Client, stranger: httpx.Client, slug: str
) -> None:
    address = f"/api/universe/my-workspace/{slug}"
    found = stranger.get("/api/universe", params={"query": "wombat everybody"}).json()
    assert slug in [one["project"]["slug"] for one in found["projects"]]
    assert stranger.get("/api/universe", params={"query": "wombat unicorn"}).json() == {"projects": [], "total": 0}
    page = stranger.get(address).json()
    assert (page["owner"], page["project"]["license"], page["models"], page["has_graph"]) == (
        "my-workspace",
        "CC BY 4.0",
        [],
        False,
    )
    images = stranger.get(f"{address}/images").json()
    assert images["total"] == 2, "the one that waits is not shown"
    for form in ("thumbnail", "drawn", "file"):
        shown = stranger.get(f"{address}/images/{images['images'][0]['id']}/{form}")
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    second = stranger.get(f"{address}/images", params={"offset": 1, "limit": 1}).json()["images"]
    assert [one["id"] for one in second] == [images["images"][1]["id"]]
    assert page["cover"] in {one["id"] for one in images["images"]}
    waits = keyed.get(f"{LAB}/projects/{slug}/images", params={"in_dataset": False}).json()["images"][0]["id"]
    assert stranger.get(f"{address}/images/{waits}/thumbnail").status_code == 404
    assert stranger.get(f"{address}/health").json()["annotations"] == 2
    assert stranger.get(f"{address}/graph").status_code == 404
    assert stranger.get(f"{address}/graph", params={"model": "absent"}).status_code == 404
    assert stranger.post(f"{address}/infer/best", content=picture(1)).status_code == 404
    assert stranger.get(f"{LAB}/projects/{slug}").status_code == 404, "the project itself stays its workspace's"
    assert client.get(address).status_code == 401
    keyed.patch(f"{LAB}/projects/{slug}", json={"is_public": False})
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}/images").status_code == 404


def test_featured__is_said_by_the_owner_of_the_server_alone(
    keyed: httpx.Client, stranger: httpx.Client, slug: str
) -> None:
    address = f"/api/universe/my-workspace/{slug}/featured"
    assert stranger.put(address, json={"is_featured": True}).status_code == 404
    assert keyed.put(address, json={"is_featured": True}).json()["project"]["is_featured"] is True
    assert stranger.get("/api/universe", params={"featured": True}).json()["projects"][0]["project"]["slug"] == slug
    keyed.put(address, json={"is_featured": False})


def test_clone__copies_the_dataset_and_says_where_it_is_from(
    keyed: httpx.Client, stranger: httpx.Client, slug: str, wait_until: WaitUntil
) -> None:
    clones = "/api/workspaces/elsewhere/universe/clone"
    form = {"owner": "my-workspace", "project": slug, "name": "Mine"}
    assert keyed.post(clones, json=form).status_code == 404, "not into somebody else's workspace"
    answer = stranger.post(clones, json=form)
    assert answer.status_code == 202, answer.text
    task = f"/api/workspaces/elsewhere/tasks/{answer.json()['task']['id']}"
    wait_until(lambda: stranger.get(task).json()["state"] == "completed")
    mine = f"/api/workspaces/elsewhere/projects/{answer.json()['project']['slug']}"
    told = stranger.get(mine).json()
    assert told["cloned_from"] == {"workspace": "my-workspace", "project": slug, "license": "CC BY 4.0"}
    assert (told["license"], told["images"], told["is_public"]) == ("CC BY 4.0", 2, False)
    assert told["splits"] == {"train": 1, "val": 0, "test": 1}
    assert [(one["name"], one["boxes"]) for one in told["classes"]] == [("wombat", 2)]
    image = stranger.get(f"{mine}/images").json()["images"][0]
    assert image["tags"] == ["shown"]
    keyed.delete(f"{LAB}/projects/{slug}")
    assert stranger.get(f"{mine}/images/{image['id']}/file").status_code == 200, "it outlives what it was made of"
    assert stranger.post(clones, json=form).status_code == 404


def test_roboflow_surface__searches_and_forks(stranger: httpx.Client, slug: str, wait_until: WaitUntil) -> None:
    found = stranger.get("/universe/search", params={"q": "wombat", "limit": 12, "page": 1}).json()["results"]
    assert found[0]["images"] == 3
    forked = stranger.post("/elsewhere/projects/fork", json={"url": f"https://a.example/my-workspace/{slug}?x=1"})
    assert forked.status_code == 202, forked.text
    wait_until(lambda: stranger.get(forked.json()["url"]).json()["status"] == "completed")
    assert stranger.post("/elsewhere/projects/fork", json={"source_project": "absent"}).status_code == 404
    assert stranger.post("/elsewhere/projects/fork", json={}).status_code == 400


def test_search_without_a_key__shows_public_projects_until_it_is_switched_off(
    client: httpx.Client, keyed: httpx.Client, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = keyed.post(f"{LAB}/projects", json={"name": "Hidden wombat things", "description": "wombat"}).json()
    found = [one["id"] for one in client.get("/universe/search", params={"q": "wombat"}).json()["results"]]
    assert f"my-workspace/{slug}" in found
    assert f"my-workspace/{hidden['slug']}" not in found
    wrong = {"q": "wombat", "api_key": "ep_" + "0" * 38}
    assert client.get("/universe/search", params=wrong).status_code == 401
    monkeypatch.setenv("EPOCHAL_UNIVERSE_SEARCH_OPEN", "0")
    refused = client.get("/universe/search", params={"q": "wombat"})
    assert (refused.status_code, "send an API key" in refused.json()["message"]) == (401, True)
    assert keyed.get("/universe/search", params={"q": "wombat"}).status_code == 200


def test_search_without_a_key__is_slowed_down_by_address(
    client: httpx.Client, served: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.rates, "_per_s", 0.01)
    assert client.get("/universe/search").status_code == 429


def test_graph__is_of_the_best_model_and_says_no_place_of_the_server(
    stranger: httpx.Client, slug: str, served: Services, data: DataFolder
) -> None:
    address = f"/api/universe/my-workspace/{slug}"
    with served.database.write() as session:
        owner = ensure_first_workspace(session).id
        project = find_project(session, owner, slug).id
        made_by = {"preprocessing": {"grayscale": True}, "augmentation": {}}
        session.add(version_row(project, 1, version := new_id(), settings=made_by))
        session.flush()
        of = {"workspace_id": owner, "project_id": project, "version_id": version}
        for name, value in (("older", 0.6), ("newer", 0.5)):
            training = TrainingRow(
                id=f"{name}-{version}", **of, name=name, state="finished", model_type="fast-n", request={}, limits={},
                created_by="key:x", queued_at=1.0, attempt=1,
            )  # fmt: skip
            session.add(training)
            session.flush()
            files = {"best.onnx": served.blobs.put(name.encode())}
            metrics = {"mAP_0.5:0.95": value}
            made = NewModel(
                name, name, "fast-n", files, project_id=project, version_id=version, training_id=training.id,
                metrics=metrics,
            )  # fmt: skip
            model = add_model(session, owner, made)
            write_run(data.runs_folder / training.id)
    told = stranger.get(address).json()
    assert told["has_graph"] is True
    assert {(one["slug"], one["version"]) for one in told["models"]} == {("older", 1), ("newer", 1)}
    (shown,) = told["versions"]
    assert (shown["number"], shown["images"], shown["explanation"]) == (
        1,
        26,
        ["Every image went through: grayscale."],
    )
    best = stranger.get(f"{address}/graph").json()
    assert best["name"] == f"older-{version}"
    assert str(data.root) not in json.dumps(best)
    assert stranger.get(f"{address}/graph", params={"model": model.slug}).json()["name"] == f"newer-{version}"


def test_infer__is_for_a_person_of_any_workspace_where_they_may(
    client: httpx.Client, stranger: httpx.Client, slug: str, served: Services
) -> None:
    with served.database.write() as session:
        elsewhere = find_workspace(session, "elsewhere")
        member, token = invite(session, elsewhere.id, f"{slug}@example.org", "viewer")
    address = f"/api/universe/my-workspace/{slug}/infer/best"
    assert client.post("/api/sign-in/link", json={"token": token}).status_code == 200
    assert client.post(address, content=picture(1)).status_code == 403, "a viewer may look"
    with served.database.write() as session:
        change_role(session, elsewhere.id, member.user_id, "member")
    served.keys.forget_all()
    assert client.post(address, content=picture(1)).status_code == 404, "asked for, but there is no such model"
