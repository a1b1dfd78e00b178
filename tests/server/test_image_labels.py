"""Labels of an image over HTTP, as the page that draws them asks. Run: pytest tests/server/test_image_labels.py."""

import io
import zipfile
from collections.abc import Callable

import httpx
import pytest
from project_rows import picture

WaitUntil = Callable[[Callable[[], bool]], None]
LAB = "/api/workspaces/my-workspace"
COW = {"class_name": "cow", "box_xyxy": [5, 5, 30, 25]}
DRAFT = {**COW, "class_name": "pig", "confidence": 0.5, "is_draft": True}


@pytest.fixture
def images(keyed: httpx.Client) -> str:
    """The address of the images of a new project with three."""
    slug = keyed.post(f"{LAB}/projects", json={"name": "Drawn things"}).json()["slug"]
    address = f"{LAB}/projects/{slug}/images"
    for number in range(3):
        keyed.post(address, files={"file": (f"{number}.jpg", picture(number))})
    return address


def _ids(keyed: httpx.Client, images: str, **asked: str) -> list[str]:
    return [one["id"] for one in keyed.get(images, params=asked).json()["images"]]


def test_two_people__do_not_overwrite_each_other(keyed: httpx.Client, images: str) -> None:
    labels = f"{images}/{_ids(keyed, images)[0]}/annotations"
    seen = keyed.get(labels).json()["revision"]
    first = keyed.put(labels, json={"boxes": [COW], "expects": seen})
    assert (first.status_code, first.json()["is_labelled"]) == (200, True)
    late = keyed.put(labels, json={"boxes": [], "expects": seen})
    assert late.status_code == 409
    assert "Somebody else" in late.json()["error"]["message"]
    assert keyed.get(labels).json() == first.json()
    assert keyed.put(labels, json={"boxes": []}).status_code == 200, "without `expects` as ever"


def test_drafts__stay_drafts_until_the_last_is_taken(keyed: httpx.Client, images: str) -> None:
    image = f"{images}/{_ids(keyed, images)[0]}"
    answer = keyed.put(f"{image}/annotations", json={"boxes": [COW, DRAFT]}).json()
    assert [(one["is_draft"], one["source"]) for one in answer["boxes"]] == [(False, "person"), (True, "model")]
    assert answer["is_labelled"] is False
    told = keyed.get(image).json()
    assert (told["drafts"], told["labels"], told["in_dataset"]) == (1, {"cow": 1}, False)
    refused = {"decision": "reject", "images": [told["id"]]}
    assert keyed.post(f"{images.removesuffix('/images')}/drafts/review", json=refused).json()["rejected"] == 1
    told = keyed.get(image).json()
    assert (told["drafts"], told["labels"], told["in_dataset"]) == (0, {"cow": 1}, True), "a person's box stays"
    cleared = keyed.put(f"{image}/annotations", json={"boxes": [], "is_unlabelled_when_empty": True}).json()
    assert (cleared["boxes"], cleared["is_labelled"]) == ([], False)


def test_neighbours__follow_the_list_and_its_filter(keyed: httpx.Client, images: str) -> None:
    ids = _ids(keyed, images)

    def around(image: str, **asked: str) -> list[str | None]:
        return list(keyed.get(f"{images}/{image}/neighbours", params=asked).json().values())

    assert [around(one) for one in ids] == [[None, ids[1]], [ids[0], ids[2]], [ids[1], None]]
    keyed.put(f"{images}/{ids[1]}/annotations", json={"boxes": [COW]})
    assert around(ids[0], is_labelled="false") == [None, ids[2]]
    assert around(ids[1], is_labelled="false") == [ids[0], ids[2]], "one that was labelled just now keeps its place"
    assert around(ids[0], class_name="cow") == [None, ids[1]]
    assert keyed.get(f"{images}/nothing/neighbours").status_code == 404


def test_a_drawn_box__comes_out_of_an_export(keyed: httpx.Client, images: str, wait_until: WaitUntil) -> None:
    for image in _ids(keyed, images):
        keyed.put(f"{images}/{image}/annotations", json={"boxes": [COW]}).raise_for_status()
    versions = f"{images.removesuffix('/images')}/versions"
    assert keyed.post(versions, json={"settings": {}}).status_code == 201
    wait_until(lambda: keyed.get(f"{versions}/1").json()["state"] == "ready")
    export = {"format": "darknet"}
    wait_until(lambda: keyed.post(f"{versions}/1/exports", json=export).json()["state"] == "ready")
    with zipfile.ZipFile(io.BytesIO(keyed.get(f"{versions}/1/exports/darknet").content)) as archive:
        lines = [archive.read(name).decode().split() for name in archive.namelist() if name.endswith(".txt")]
    boxes = [[float(number) for number in line[1:]] for line in lines if len(line) == 5 and line[0] == "0"]
    assert boxes == [pytest.approx([17.5 / 60, 15 / 40, 25 / 60, 20 / 40], abs=1e-3)] * 3
