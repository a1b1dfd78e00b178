"""Contract §5 in the forms that only documents and other programs send. Run: pytest tests/server/roboflow."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from project_rows import picture, scene

WaitUntil = Callable[[Callable[[], bool]], None]
BOX = "<xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>20</ymax>"
VOC = f"<annotation><object><name>cat</name><bndbox>{BOX}</bndbox></object></annotation>"


@pytest.fixture
def project(keyed: httpx.Client) -> str:
    """The slug of a new project."""
    made = keyed.post("/my-workspace/projects", json={"name": "Sent things", "type": "object-detection"})
    return str(made.json()["id"]).split("/")[1]


def image_of(keyed: httpx.Client, project: str, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = keyed.get(f"/my-workspace/{project}/images/{answer.json()['id']}").json()["image"]
    return found


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_upload__of_base64_is_read_raw_under_whatever_type(
    keyed: httpx.Client, project: str, content_type: str
) -> None:
    data = picture(len(content_type))
    assert b"+" in base64.b64encode(data), "a plus sign is what a form would turn into a blank"
    answer = keyed.post(
        f"/dataset/{project}/upload",
        params={"name": "a.jpg", "split": "test", "tag": ["x", "y"]},
        content=base64.b64encode(data),
        headers={"Content-Type": content_type},
    )
    image = image_of(keyed, project, answer)
    assert (image["name"], image["split"], image["tags"]) == ("a.jpg", "test", ["x", "y"])
    assert httpx.get(image["urls"]["original"]).content == data


def test_upload__of_bytes_as_they_are_and_a_second_time(keyed: httpx.Client, project: str) -> None:
    for word in ("success", "duplicate"):
        answer = keyed.post(f"/dataset/{project}/upload", params={"name": "b.png"}, content=picture(5, form="PNG"))
        assert answer.json()[word] is True
    assert image_of(keyed, project, answer)["name"] == "b.png"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "No picture came"),
        (
            {"content": b"<svg onload=alert(1)>", "headers": {"Content-Type": "image/jpeg"}},
            "neither an image nor base64",
        ),
        ({"content": base64.b64encode(b"<svg onload=alert(1)>" * 9)}, "no image that can be read"),
        ({"params": {"image": "http://127.0.0.1:1/a.jpg"}}, "Could not fetch image URL"),
        ({"params": {"image": "http://169.254.169.254/latest/meta-data"}}, "not public"),
        ({"params": {"split": "holdout"}, "content": picture(1)}, "expected train, valid or test"),
        ({"params": {"metadata": "[1]"}, "content": picture(1)}, "no JSON object"),
        ({"files": {"other": ("a.jpg", b"x")}}, "no file"),
    ],
)
def test_upload__refuses_with_a_sentence(keyed: httpx.Client, project: str, request_: Any, message: str) -> None:
    answer = keyed.post(f"/dataset/{project}/upload", **request_)
    assert answer.status_code == 400, answer.text
    assert message in answer.json()["message"]
    assert answer.json()["error"]["message"] == answer.json()["message"]
    assert keyed.get(f"/my-workspace/{project}").json()["project"]["images"] == 0


def test_upload__from_an_address_whose_host_is_not_known_may_pass(keyed: httpx.Client, project: str) -> None:
    answer = keyed.post(f"/dataset/{project}/upload", params={"image": "http://nobody.invalid/a.jpg"})
    assert (answer.status_code, answer.json()["retryable"]) == (502, True)


@pytest.mark.parametrize(
    ("body", "boxes"),
    [
        ({"content": VOC, "headers": {"Content-Type": "text/plain"}}, 1),
        ({"json": {"annotationFile": VOC, "labelmap": None}}, 1),
        ({"json": {"annotationFile": "0 0.5 0.5 0.1 0.1\n1 0.2 0.2 0.1 0.1", "labelmap": ["cat", "dog"]}}, 2),
        (
            {"json": {"predictions": [{"x": 10, "y": 10, "width": 5, "height": 5, "class": "cat", "confidence": 0.5}]}},
            1,
        ),
        ({"content": "[]", "headers": {"Content-Type": "text/plain"}}, 0),
    ],
)
def test_annotate__takes_text_and_json(keyed: httpx.Client, project: str, body: Any, boxes: int) -> None:
    added = keyed.post(f"/dataset/{project}/upload", params={"name": "a.jpg"}, content=picture(9)).json()["id"]
    answer = keyed.post(f"/dataset/{project}/annotate/{added}?name=any+thing.bin", **body)
    assert answer.json() == {"success": True, "id": added, "annotations": boxes}
    image = keyed.get(f"/my-workspace/{project}/images/{added}").json()["image"]
    assert len(image["annotation"]["boxes"]) == boxes
    again = keyed.post(f"/dataset/{project}/annotate/{added}?name=x", **body)
    assert again.status_code == 409
    assert "already annotated" in again.json()["error"]["message"]


def test_annotate__a_prediction_stays_out_of_the_dataset(keyed: httpx.Client, project: str) -> None:
    added = keyed.post(f"/dataset/{project}/upload", content=picture(9)).json()["id"]
    keyed.post(f"/dataset/{project}/annotate/{added}?prediction=true", content=VOC)
    told = keyed.get(f"/my-workspace/{project}").json()["project"]
    assert (told["images"], told["unannotated"], told["splits"]["train"]) == (1, 1, 0)
    assert keyed.post(f"/my-workspace/{project}/search", json={"in_dataset": True}).json()["total"] == 0


def test_uploads__of_strangers_are_refused(
    client: httpx.Client, keyed: httpx.Client, project: str, make_key: Callable[..., str]
) -> None:
    path = f"/dataset/{project}/upload"
    assert client.post(path, content=picture(1)).status_code == 401
    assert client.post(path, params={"api_key": make_key("read")}, content=picture(1)).status_code == 403
    assert client.post(path, params={"api_key": make_key(workspace="elsewhere")}, content=picture(1)).status_code == 404
    link = keyed.post(f"/my-workspace/{project}/upload/zip", json={}).json()["signedUrl"]
    assert client.put(link[:-3] + "abc", content=b"PK").status_code == 403


def test_zip__is_sent_without_a_key_unpacked_and_told(
    client: httpx.Client, keyed: httpx.Client, project: str, wait_until: WaitUntil
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"valid/{number}.jpg", picture(number))
            archive.writestr(
                f"valid/{number}.xml", VOC.replace("<object>", f"<filename>{number}.jpg</filename><object>")
            )
        archive.writestr("valid/broken.jpg", b"no picture")
    begun = keyed.post(f"/my-workspace/{project}/upload/zip", json={"tags": ["zipped"], "batchName": "b"}).json()
    status = f"/my-workspace/upload/zip/{begun['taskId']}"
    assert keyed.get(status).json()["status"] == "pending"
    assert client.put(begun["signedUrl"], content=packed.getvalue()).status_code == 200
    assert client.put(begun["signedUrl"], content=packed.getvalue()).status_code == 409
    wait_until(lambda: keyed.get(status).json()["status"] not in {"pending", "running"})
    told = keyed.get(status).json()
    assert told["status"] == "completed", told
    assert (told["result"]["images"], told["result"]["annotated"]) == (3, 3)
    found = keyed.post(f"/my-workspace/{project}/search", json={"tag": "zipped"}).json()["results"]
    assert {image["split"] for image in found} == {"valid"}


def _has_ended(keyed: httpx.Client, asked: str) -> bool:
    return keyed.get(asked).json()["status"] not in {"pending", "running"}


def test_zip__of_duplicates_alone_leaves_no_batch_behind(
    client: httpx.Client, keyed: httpx.Client, project: str, wait_until: WaitUntil
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(2):
            archive.writestr(f"train/{number}.jpg", picture(number))
    for name, counted in (("first", (2, 0)), ("second", (0, 2))):
        begun = keyed.post(f"/my-workspace/{project}/upload/zip", json={"batchName": name}).json()
        client.put(begun["signedUrl"], content=packed.getvalue())
        asked = f"/my-workspace/upload/zip/{begun['taskId']}"
        wait_until(partial(_has_ended, keyed, asked))
        result = keyed.get(asked).json()["result"]
        assert (result["images"], result["duplicates"]) == counted
    batches = keyed.get(f"/my-workspace/{project}/batches").json()["batches"]
    assert [(one["name"], one["images"]) for one in batches] == [("first", 2)]


def test_zip__that_is_none_fails_with_a_sentence(
    client: httpx.Client, keyed: httpx.Client, project: str, wait_until: WaitUntil
) -> None:
    begun = keyed.post(f"/my-workspace/{project}/upload/zip", json={}).json()
    assert client.put(begun["signedUrl"], content=json.dumps({"no": "zip"})).status_code == 200
    status = f"/my-workspace/upload/zip/{begun['taskId']}"
    wait_until(lambda: keyed.get(status).json()["status"] == "failed")
    assert "zip" in keyed.get(status).json()["error"]
    assert "/tmp" not in keyed.get(status).json()["error"]


def test_health__has_numbers_and_findings(keyed: httpx.Client, project: str) -> None:
    keyed.post(f"/dataset/{project}/upload", content=picture(1))
    told = keyed.get(f"/my-workspace/{project}/health").json()
    assert told["images"] == 1
    assert "findings" in told


def test_search__by_likeness_takes_the_name_of_an_image(keyed: httpx.Client, project: str) -> None:
    ids = {}
    for name, data in (("whole.jpg", scene(5)), ("small.jpg", scene(5, (70, 50))), ("other.jpg", scene(6))):
        ids[name] = keyed.post(f"/dataset/{project}/upload", params={"name": name}, content=data).json()["id"]
    found = keyed.post(f"/my-workspace/{project}/search", json={"like_image": "whole.jpg", "limit": 10}).json()
    assert [one["id"] for one in found["results"]] == [ids["whole.jpg"], ids["small.jpg"]]
    assert found["total"] == 2
    assert keyed.post(f"/my-workspace/{project}/search", json={"like_image": "absent.jpg"}).status_code == 404
