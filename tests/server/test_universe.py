"""Public projects are looked at, tried and cloned by everybody. Run: pytest tests/server/test_universe.py."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from project_rows import picture

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
    for form in ("thumbnail", "drawn"):
        shown = stranger.get(f"{address}/images/{images['images'][0]['id']}/{form}")
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    waits = keyed.get(f"{LAB}/projects/{slug}/images", params={"in_dataset": False}).json()["images"][0]["id"]
    assert stranger.get(f"{address}/images/{waits}/thumbnail").status_code == 404
    assert stranger.get(f"{address}/health").json()["annotations"] == 2
    assert stranger.get(f"{address}/graph").status_code == 404
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
