"""Projects and images over the native API. Run: pytest tests/server/test_project_routes.py."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image as PillowImage
from project_rows import picture

WaitUntil = Callable[[Callable[[], bool]], None]
LAB = "/api/workspaces/my-workspace"


@pytest.fixture
def project(keyed: httpx.Client) -> str:
    """The address of a new project."""
    made = keyed.post(f"{LAB}/projects", json={"name": "Native things", "annotation_group": "things"})
    assert made.status_code == 201, made.text
    return f"{LAB}/projects/{made.json()['slug']}"


def send(keyed: httpx.Client, project: str, number: int, **said: Any) -> str:
    answer = keyed.post(f"{project}/images", files={"file": (f"{number}.jpg", picture(number))}, data=said)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_projects__are_made_listed_changed_deleted_and_restored(keyed: httpx.Client, project: str) -> None:
    slug = project.rsplit("/", 1)[1]
    told = keyed.get(project).json()
    assert (told["slug"], told["images"], told["splits"]) == (slug, 0, {"train": 0, "val": 0, "test": 0})
    assert slug in [one["slug"] for one in keyed.get(f"{LAB}/projects").json()["projects"]]
    assert keyed.patch(project, json={"name": "Other", "is_public": True}).json()["name"] == "Other"
    assert keyed.patch(project, json={"slug": "x"}).status_code == 422
    assert keyed.delete(project).status_code == 200
    assert keyed.get(project).status_code == 404
    assert keyed.get(f"{project}/images").status_code == 404
    assert "Other" in [one["name"] for one in keyed.get(f"{LAB}/trash").json()["items"]]
    assert keyed.post(f"{project}/restore").json()["deleted_at"] is None


def test_classes_and_batches__are_changed(keyed: httpx.Client, project: str) -> None:
    assert [one["name"] for one in keyed.post(f"{project}/classes", json={"names": ["a", "b"]}).json()["classes"]] == [
        "a",
        "b",
    ]
    assert keyed.patch(f"{project}/classes/1", json={"name": "c", "color": "#00FF00"}).json()["color"] == "#00ff00"
    assert keyed.patch(f"{project}/classes/1", json={"name": "a"}).status_code == 409
    assert keyed.patch(f"{project}/classes/9", json={"name": "z"}).status_code == 404
    send(keyed, project, 1, batch="first")
    send(keyed, project, 2, batch="second")
    second, first = keyed.get(f"{project}/batches").json()["batches"]
    assert (first["name"], second["images"]) == ("first", 1)
    assert keyed.patch(f"{project}/batches/{first['id']}", json={"name": "one"}).json()["name"] == "one"
    assert keyed.delete(f"{project}/batches/{first['id']}").status_code == 409
    merged = keyed.post(f"{project}/batches/merge", json={"source_ids": [first["id"]], "target_id": second["id"]})
    assert merged.json()["images"] == 2
    assert keyed.get(f"{project}/batches/{first['id']}").status_code == 404


def test_images__are_sent_found_labelled_and_shown(client: httpx.Client, keyed: httpx.Client, project: str) -> None:
    image = send(keyed, project, 1, split="valid", tags="x, y", metadata='{"camera": 3}')
    assert keyed.post(f"{project}/images", files={"file": ("b.jpg", picture(1))}).json() == {
        "id": image,
        "is_duplicate": True,
    }
    address = f"{project}/images/{image}"
    told = keyed.get(address).json()
    assert (told["split"], told["tags"], told["user_metadata"]) == ("val", ["x", "y"], {"camera": 3})
    assert (told["image_wh"], told["is_labelled"]) == ([60, 40], False)
    boxes = [{"class_name": "cat", "box_xyxy": [1, 2, 30, 20]}]
    kept = keyed.put(f"{address}/annotations", json={"boxes": boxes}).json()["boxes"]
    assert (kept[0]["box_xyxy"], kept[0]["is_draft"]) == ([1, 2, 30, 20], False)
    assert keyed.get(address).json()["labels"] == {"cat": 1}
    assert keyed.get(f"{project}/images", params={"class_name": "cat", "in_dataset": True}).json()["total"] == 1
    assert keyed.get(f"{LAB}/search", params={"query": 'tag:y project:"Native things"'}).json()["total"] >= 1
    yolo = {"text": "0 0.5 0.5 0.5 0.5", "labelmap": {"0": "dog"}}
    assert keyed.post(f"{address}/annotation-file", json=yolo).status_code == 409
    assert keyed.post(f"{address}/annotation-file", json={**yolo, "overwrite": True}).json()["boxes"][0][
        "class_name"
    ] == "dog"  # fmt: skip
    change = {"tags": ["z"], "metadata": {"n": 1}, "split": "test", "review": "approved"}
    changed = keyed.patch(address, json=change).json()
    assert (changed["tags"], changed["user_metadata"], changed["split"]) == (["z"], {"n": 1}, "test")
    file = keyed.get(f"{address}/file")
    assert (file.content, file.headers["Content-Type"]) == (picture(1), "image/jpeg")
    assert keyed.get(f"{address}/file", headers={"If-None-Match": file.headers["ETag"]}).status_code == 304
    assert keyed.head(f"{address}/file").headers["Content-Length"] == str(len(picture(1)))
    assert client.get(f"{address}/file").status_code == 401
    assert keyed.delete(f"{address}/annotations").status_code == 204
    assert keyed.get(address).json()["is_labelled"] is False
    assert keyed.delete(address).status_code == 204
    assert keyed.get(f"{address}/file").status_code == 404
    assert keyed.post(f"{project}/images/restore", json={"ids": [image]}).json() == {"ids": [image]}


def test_thumbnail__is_small_upright_and_without_the_originals_metadata(keyed: httpx.Client, project: str) -> None:
    exif = PillowImage.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"
    sent = keyed.post(f"{project}/images", files={"file": ("a.jpg", picture(7, (900, 600), exif=exif))}).json()
    for _ in range(2):  # made, then found
        answer = keyed.get(f"{project}/images/{sent['id']}/thumbnail")
        with PillowImage.open(io.BytesIO(answer.content)) as small:
            assert small.size == (213, 320)
            assert not small.getexif()


def test_drawable__is_the_file_or_a_jpeg_of_one_that_browsers_do_not_draw(keyed: httpx.Client, project: str) -> None:
    tiff, exif, plain = io.BytesIO(), PillowImage.Exif(), picture(8, form="PNG")
    exif[0x0112], exif[0x010E] = 6, "where I live"
    PillowImage.new("RGB", (90, 60), (200, 30, 30)).save(tiff, "TIFF", exif=exif)
    drawn = keyed.post("/api/drawable", content=tiff.getvalue())
    sent = keyed.post(f"{project}/images", files={"file": ("a.tif", tiff.getvalue())}).json()["id"]
    answer = keyed.get(f"{project}/images/{sent}/drawable")
    for one in (drawn, answer):
        with PillowImage.open(io.BytesIO(one.content)) as shown:
            assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (60, 90), {})
    assert answer.headers["content-type"] == "image/jpeg"
    known = {"If-None-Match": answer.headers["etag"]}
    assert keyed.get(f"{project}/images/{sent}/drawable", headers=known).status_code == 304
    assert keyed.get(f"{project}/images/{sent}/file").content == tiff.getvalue()
    sent = keyed.post(f"{project}/images", files={"file": ("b.png", plain)}).json()["id"]
    assert keyed.get(f"{project}/images/{sent}/drawable").content == plain
    assert keyed.post("/api/drawable", content=b"<svg/>").status_code == 400


def test_upload__refuses_what_is_no_picture(keyed: httpx.Client, project: str) -> None:
    for content, message in ((b"GIF89a/*<script>*/", "no image"), (b"<svg/>", "no image"), (b"", "empty")):
        answer = keyed.post(f"{project}/images", files={"file": ("a.jpg", content)})
        assert answer.status_code == 400
        assert message in answer.json()["error"]["message"]
    assert keyed.post(f"{project}/images", data={"split": "train"}).status_code == 400
    assert keyed.post(f"{project}/images", content=b"x").status_code == 400
    assert keyed.get(f"{project}/images").json() == {"images": [], "total": 0, "cursor": None}


def test_pages__follow_each_other(keyed: httpx.Client, project: str) -> None:
    ids = [send(keyed, project, number) for number in range(5)]
    found, cursor = [], None
    while True:
        page = keyed.get(f"{project}/images", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [image["id"] for image in page["images"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == ids[::-1]
    assert keyed.get(f"{project}/images", params={"cursor": "nonsense"}).status_code == 400
    assert keyed.get(f"{project}/images", params={"query": "colour:red"}).status_code == 400


def test_a_job__is_given_and_accepted(keyed: httpx.Client, project: str) -> None:
    image = send(keyed, project, 1)
    batch = keyed.get(f"{project}/batches").json()["batches"][0]["id"]
    made = keyed.post(f"{project}/annotation-jobs", json={"batch_id": batch, "labeler": "me@x"})
    assert (made.status_code, made.json()["images"]["unannotated"]) == (201, 1)
    job = f"{project}/annotation-jobs/{made.json()['id']}"
    keyed.put(f"{project}/images/{image}/annotations", json={"boxes": [], "joins_dataset": False})
    assert keyed.patch(job, json={"status": "review"}).json()["status"] == "review"
    assert keyed.post(f"{job}/review", json={"review": "approved"}).json() == {"images": 1}
    assert keyed.post(f"{job}/accept", json={"val": 1}).json() == {"images": 1}
    assert keyed.get(job).json()["status"] == "complete"
    assert keyed.get(project).json()["splits"]["val"] == 1
    assert keyed.delete(job).status_code == 204
    assert keyed.get(f"{project}/annotation-jobs").json() == {"jobs": []}


def test_a_zip__is_streamed_and_unpacked(keyed: httpx.Client, project: str, wait_until: WaitUntil) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"images/{number}.jpg", picture(number))
            archive.writestr(f"labels/{number}.txt", "0 0.5 0.5 0.2 0.2")
    answer = keyed.post(f"{project}/uploads/zip", params={"split": "test", "tag": "z"}, content=packed.getvalue())
    assert answer.status_code == 202, answer.text
    task = f"{LAB}/tasks/{answer.json()['id']}"
    wait_until(lambda: keyed.get(task).json()["state"] in {"completed", "failed"})
    assert keyed.get(task).json()["result"]["annotated"] == 3
    assert keyed.get(project).json()["splits"]["test"] == 3
    health = keyed.get(f"{project}/health", params={"near_duplicates": True}).json()
    assert health["images"] == 3
    assert keyed.post(f"{project}/uploads/zip", content=b"").status_code == 400


def test_strangers__see_nothing(keyed: httpx.Client, project: str, make_key: Callable[..., str]) -> None:
    image = send(keyed, project, 1)
    foreign = {"Authorization": f"Bearer {make_key(workspace='elsewhere')}"}
    theirs = project.replace("my-workspace", "elsewhere")
    for path in ("", "/images", f"/images/{image}", f"/images/{image}/file", "/batches", "/health"):
        assert keyed.get(project + path, headers=foreign).status_code == 404, path
        assert keyed.get(theirs + path, headers=foreign).status_code == 404, path
    viewer = {"Authorization": f"Bearer {make_key('read')}"}
    assert keyed.get(project, headers=viewer).status_code == 200
    assert keyed.delete(project, headers=viewer).status_code == 403
    assert keyed.post(f"{project}/images", files={"file": picture(2)}, headers=viewer).status_code == 403
