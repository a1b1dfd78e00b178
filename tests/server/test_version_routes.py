"""Versions over the native API: made in the background, exported, and only seen by those who may."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image as PillowImage
from project_rows import box, picture

from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.uploads import add_image
from epochal.server.services import Services
from epochal.server.serving import ServerThread
from epochal.versions.tables import VersionRow
from epochal.workspaces.workspaces import find_workspace

WaitUntil = Callable[[Callable[[], bool]], None]
RESIZE = {"preprocessing": {"resize": {"width": 32, "height": 32, "format": "Stretch to"}}}


@pytest.fixture
def versions(server: ServerThread, keyed: httpx.Client) -> str:
    """The address of the versions of a new project with four labelled images."""
    services: Services = server.app.state.services
    with services.database.write() as session:
        workspace = find_workspace(session, "my-workspace")
        project = create_project(session, workspace.id, name="Frozen things")
        for number, split in enumerate(("train", "train", "val", "test")):
            added = add_image(session, services.blobs, project.id, picture(number), name=f"{number}.jpg", split=split)
            set_annotations(session, project.id, added.id, [box("thing", 5, 5, 25, 25)], source="person")
    return f"/api/workspaces/my-workspace/projects/{project.slug}/versions"


def make(keyed: httpx.Client, versions: str, wait_until: WaitUntil, settings: Any = RESIZE) -> dict[str, Any]:
    made = keyed.post(versions, json={"settings": settings})
    assert made.status_code == 201, made.text
    address = f"{versions}/{made.json()['number']}"
    wait_until(lambda: keyed.get(address).json()["state"] != "generating")
    found: dict[str, Any] = keyed.get(address).json()
    return found


def test_a_version_is_made_listed_renamed_and_deleted(
    keyed: httpx.Client, versions: str, wait_until: WaitUntil
) -> None:
    version = make(keyed, versions, wait_until)
    assert (version["state"], version["number"], version["images"], version["classes"]) == ("ready", 1, 4, ["thing"])
    assert version["splits"]["train"] == {"images": 2, "annotations": 2}
    assert version["settings"]["preprocessing"] == RESIZE["preprocessing"]
    assert keyed.patch(f"{versions}/1", json={"name": "first"}).json()["name"] == "first"
    assert [one["name"] for one in keyed.get(versions).json()["versions"]] == ["first"]
    assert keyed.delete(f"{versions}/1").status_code == 200
    assert keyed.get(f"{versions}/1").status_code == 404
    assert keyed.post(f"{versions}/1/restore").json()["content_hash"] == version["content_hash"]


def test_a_version_asked_for_again_with_its_key_is_one(keyed: httpx.Client, versions: str) -> None:
    headers = {"Idempotency-Key": "the-one"}
    first, again = (keyed.post(versions, json={"settings": RESIZE}, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(keyed.get(versions).json()["versions"]) == 1


def test_settings_that_are_not_known_are_refused_by_name(keyed: httpx.Client, versions: str) -> None:
    answer = keyed.post(versions, json={"settings": {"augmentation": {"sparkle": True}}})
    assert answer.status_code == 400
    assert "sparkle" in answer.json()["error"]["message"]
    assert keyed.get(versions).json() == {"versions": []}


def test_what_there_is_to_set_is_told(keyed: httpx.Client) -> None:
    told = keyed.get("/api/version-settings").json()
    assert told["augmentation"]["hue"]["fields"]["degrees"]["unit"] == "degrees"
    assert told["preprocessing"]["resize"]["fields"]["format"]["texts"][0] == "Stretch to"


def test_an_export_is_packed_and_fetched(keyed: httpx.Client, versions: str, wait_until: WaitUntil) -> None:
    make(keyed, versions, wait_until)
    assert keyed.get(f"{versions}/1/exports/coco").status_code == 404
    assert keyed.post(f"{versions}/1/exports", json={"format": "sparkle"}).status_code == 400
    assert keyed.post(f"{versions}/1/exports", json={"format": "coco"}).status_code == 202
    wait_until(lambda: keyed.get(f"{versions}/1/exports").json()["exports"][0]["state"] == "ready")
    answer = keyed.get(f"{versions}/1/exports/coco")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sum(name.endswith(".jpg") for name in archive.namelist()) == 4
    again = keyed.get(f"{versions}/1/exports/coco", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_roboflow_surface_gives_an_address_that_needs_no_key(
    client: httpx.Client, keyed: httpx.Client, versions: str, wait_until: WaitUntil
) -> None:
    make(keyed, versions, wait_until)
    project = versions.split("/")[5]
    address, end = f"/my-workspace/{project}/1/yolov8", time.monotonic() + 20
    while (answer := keyed.get(address)).status_code == 202:
        assert 0 <= answer.json()["progress"] <= 1
        assert time.monotonic() < end
    found = answer.json()
    assert found["version"]["exports"] == ["yolov8"]
    assert found["version"]["preprocessing"]["resize"] == {
        "width": 32, "height": 32, "format": "Stretch to", "enabled": True
    }  # fmt: skip
    link = found["export"]["link"]
    assert client.head(link).headers["Content-Length"] == str(len(client.get(link).content))
    assert client.get(link.replace("yolov8.zip", "other.zip")).status_code == 404
    assert client.get(link.replace("/downloads/", "/downloads/x")).status_code == 403


def test_a_version_that_failed_is_an_error_there_because_the_client_would_wait_for_ever(
    keyed: httpx.Client, versions: str, wait_until: WaitUntil
) -> None:
    cut_away = {"static-crop": {"x_min": 90, "x_max": 100, "y_min": 90, "y_max": 100}, "filter-null": {"percent": 100}}
    version = make(keyed, versions, wait_until, {"preprocessing": cut_away})
    assert version["state"] == "failed"
    project = versions.split("/")[5]
    answer = keyed.get(f"/my-workspace/{project}/1")
    assert answer.status_code == 400
    assert "No image is left" in answer.json()["error"]["message"]


def test_a_class_to_remap_that_is_not_there_is_told_at_once_and_takes_no_number(
    keyed: httpx.Client, versions: str
) -> None:
    project = versions.split("/")[5]
    settings = {"preprocessing": {"remap": {"dog": "cat"}}, "augmentation": {}}
    answer = keyed.post(f"/my-workspace/{project}/generate", json=settings)
    assert answer.status_code == 400
    assert "'dog' is no class of the project; classes are thing" in answer.json()["message"]
    assert keyed.get(versions).json()["versions"] == []


def test_a_preview_shows_an_image_with_its_boxes(keyed: httpx.Client, versions: str) -> None:
    address = versions.removesuffix("versions") + "version-preview"
    turn = {"preprocessing": RESIZE["preprocessing"], "augmentation": {"mosaic": True, "rotate": {"degrees": 30}}}
    for draw in range(3):
        answer = keyed.get(address, params={"settings": json.dumps(turn), "draw": draw})
        assert answer.headers["Content-Type"] == "image/jpeg", answer.text
        with PillowImage.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (32, 32)
    plain = keyed.get(address, params={"draw": 0})
    with PillowImage.open(io.BytesIO(plain.content)) as picture:
        assert picture.size == (60, 40)
        red, green, blue = picture.convert("RGB").getpixel((5, 15))  # on the left side of its box
    assert (red, green, blue) != (0, 0, 0)
    assert keyed.get(address, params={"settings": "{"}).status_code == 400
    assert keyed.get(address, params={"settings": '{"augmentation": {"x": 1}}'}).status_code == 400


def test_a_version_that_was_cancelled_goes_on(
    keyed: httpx.Client, versions: str, wait_until: WaitUntil, server: ServerThread
) -> None:
    version = make(keyed, versions, wait_until)
    assert keyed.post(f"{versions}/1/resume").status_code == 409
    services: Services = server.app.state.services
    with services.database.write() as session:
        row = session.get_one(VersionRow, version["id"])
        row.state, row.message, row.content_hash = "cancelled", "Cancelled", None
    answer = keyed.post(f"{versions}/1/resume").json()
    assert (answer["state"], answer["message"], answer["progress"]) == ("generating", "", 0.0)
    wait_until(lambda: keyed.get(f"{versions}/1").json()["state"] == "ready")
    assert keyed.get(f"{versions}/1").json()["content_hash"] == version["content_hash"]


def test_a_preview_shows_the_image_that_is_asked_for(keyed: httpx.Client, versions: str) -> None:
    project = versions.removesuffix("/versions")
    images = keyed.get(f"{project}/images").json()["images"]
    seen = {}
    for image in images:
        answer = keyed.get(f"{project}/version-preview", params={"image": image["id"], "draw": 3})
        assert answer.headers["content-type"] == "image/jpeg"
        with PillowImage.open(io.BytesIO(answer.content)) as shown:
            seen[image["id"]] = shown.convert("RGB").getpixel((55, 35))
    assert len(set(seen.values())) == len(images) == 4
    assert keyed.get(f"{project}/version-preview", params={"image": "absent"}).status_code == 404
