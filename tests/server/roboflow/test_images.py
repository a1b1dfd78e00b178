"""Contract §6 where clients ask oddly. Run: pytest tests/server/roboflow/test_images.py."""

from typing import Any

import httpx
import pytest
from project_rows import picture, scene

VOC = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>20</ymax></bndbox>"
    "</object></annotation>"
)


@pytest.fixture
def project(keyed: httpx.Client) -> str:
    """The slug of a new project."""
    made = keyed.post("/my-workspace/projects", json={"name": "Looked at", "type": "object-detection"})
    return str(made.json()["id"]).split("/")[1]


@pytest.fixture
def image(keyed: httpx.Client, project: str) -> str:
    """The id of a labelled image, in the dataset, that came with the batch `morning`."""
    params = {"name": "a.jpg", "batch": "morning"}
    made = keyed.post(f"/dataset/{project}/upload", params=params, content=picture(1))
    id_ = str(made.json()["id"])
    assert keyed.post(f"/dataset/{project}/annotate/{id_}", params={"name": "a.xml"}, content=VOC).json()["success"]
    return id_


def test_search__of_a_batch_finds_as_many_as_the_batch_says(keyed: httpx.Client, project: str, image: str) -> None:
    keyed.post(f"/dataset/{project}/upload", params={"name": "b.jpg", "batch": "morning"}, content=scene(2))
    (batch,) = keyed.get(f"/my-workspace/{project}/batches").json()["batches"]

    def search(**said: Any) -> int:
        return int(keyed.post(f"/my-workspace/{project}/search", json=said).json()["total"])

    assert batch["images"] == 2
    assert search(batch=True, batch_id=batch["id"]) == search(batch=False, batch_id=batch["id"]) == 2
    assert search(batch=True) == 1, "what waits outside the dataset"


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        (None, "with 1 to 1000"),
        ([], "with 1 to 1000"),
        ([{"imageId": "a", "addTags": ["x"]}] * 1001, "with 1 to 1000"),
        ([{"imageId": "a", "addTags": ["x"]}, {"imageId": "b"}], "updates[1] changes nothing"),
        ([{"addTags": ["x"]}], "with the imageId"),
        (["a"], "with the imageId"),
        ([{"imageId": "a", "addTags": "x"}], "addTags is 'x'; expected a list"),
        ([{"imageId": "a", "metadata": ["x"]}], "expected an object"),
    ],
)
def test_metadata_of_many__one_that_says_nothing_refuses_all(keyed: httpx.Client, updates: Any, message: str) -> None:
    answer = keyed.post("/my-workspace/images/metadata", json={"updates": updates})
    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_tasks__of_another_kind_are_not_there(keyed: httpx.Client, image: str) -> None:
    updates = [{"imageId": image, "addTags": ["x"], "removeTags": None}]
    task = keyed.post("/my-workspace/images/metadata", json={"updates": updates}).json()["taskId"]
    assert keyed.get(f"/my-workspace/asynctasks/{task}").status_code == 200
    for path in (f"search/export/{task}", f"upload/zip/{task}"):
        assert keyed.get(f"/my-workspace/{path}").status_code == 404, path


@pytest.mark.parametrize("path", ["/my-workspace/", "//my-workspace", "//my-workspace//{}", "/my-workspace/{}/"])
def test_addresses__with_a_slash_too_many_are_the_same(
    client: httpx.Client, keyed: httpx.Client, project: str, path: str
) -> None:
    plain, key = path.replace("//", "/").rstrip("/"), keyed.headers["Authorization"].split()[1]
    base = str(client.base_url).rstrip("/")
    answer = httpx.get(base + path.format(project), params={"api_key": key})
    assert answer.json() == keyed.get(plain.format(project)).json()
    assert httpx.get(base + path.format(project)).status_code in {401, 404}
    assert httpx.post(f"{base}//model/add", json={"api_key": key, "model_id": "none/1"}).status_code == 404
    assert httpx.post(f"{base}//", params={"api_key": key}).json()["workspace"] == "my-workspace"
    assert httpx.get(f"{base}//api/workspaces", params={"api_key": key}).status_code == 404, "never one of ours"
