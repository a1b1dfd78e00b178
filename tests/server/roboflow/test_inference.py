"""The hosted style and what `inference-sdk` sends. Run: pytest tests/server/roboflow/test_inference.py."""

import base64
import io
import time
from collections.abc import Callable

import httpx
import pytest
from PIL import Image

from epochal.server.services import Services
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import AtWork, add_working_model, as_text, picture

MakeKey = Callable[..., str]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PLUSES = next(data for seed in range(50) if b"+" in base64.b64encode(data := picture(seed)))


@pytest.fixture(scope="module")
def at_work(served: Services, make_key: MakeKey) -> AtWork:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
    return add_working_model(served.database, served.blobs, workspace.id, f"hosted {time.time_ns()}")


@pytest.fixture
def key(make_key: MakeKey) -> str:
    return make_key("infer")


@pytest.fixture
def url(at_work: AtWork) -> str:
    return f"/{at_work.slug}/1"


def _boxes(answer: httpx.Response) -> list[tuple[float, ...]]:
    assert answer.status_code == 200, answer.text
    return [tuple(p[k] for k in ("x", "y", "width", "height", "class_id")) for p in answer.json()["predictions"]]


def test_predict__bodies_that_lie_about_their_type_are_one_image(
    client: httpx.Client, url: str, key: str, at_work: AtWork
) -> None:
    query = {"api_key": key, "confidence": "30", "overlap": "30", "format": "json", "name": "YOUR_IMAGE.jpg"}
    text = base64.b64encode(PLUSES)
    told = client.post(url, params=query, content=text, headers=FORM)
    boxes = _boxes(told)
    assert len(boxes) > 1
    first = told.json()["predictions"][0]
    assert set(first) >= {"x", "y", "width", "height", "confidence", "class", "class_id", "detection_id"}
    assert told.json()["image"] == {"width": 90, "height": 70}
    assert _boxes(client.post(url, params=query, content=text, headers={"Content-Type": "application/json"})) == boxes
    assert _boxes(client.post(url, params=query, files={"file": ("x.png", PLUSES, "image/png")})) == boxes
    assert _boxes(client.post(url, params=query, content=PLUSES, headers={"Content-Type": "image/png"})) == boxes
    assert _boxes(client.post(url, params=query, content=b"data:image/png;base64," + text)) == boxes
    assert _boxes(client.post(url, params={**query, "confidence": "0.3", "overlap": "0.3"}, content=text)) == boxes
    assert _boxes(client.post(f"/my-workspace/{at_work.model_slug}", params=query, content=text)) == boxes


def test_predict__classes_and_counts(client: httpx.Client, url: str, key: str) -> None:
    query = {"api_key": key, "confidence": "10", "classes": "dog,zebra"}
    boxes = _boxes(client.post(url, params=query, content=PLUSES))
    assert {box[-1] for box in boxes} == {1}
    assert len(_boxes(client.post(url, params={**query, "max_detections": "1"}, content=PLUSES))) == 1


def test_predict__pictures(client: httpx.Client, url: str, key: str) -> None:
    image = client.post(
        url, params={"api_key": key, "format": "image", "labels": "true", "stroke": "3"}, content=PLUSES
    )
    assert image.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(image.content)).size == (90, 70)
    both = client.post(url, params={"api_key": key, "format": "image_and_json"}, content=PLUSES).json()
    assert Image.open(io.BytesIO(base64.b64decode(both["visualization"]))).size == (90, 70)
    assert both["predictions"]


@pytest.mark.parametrize(
    ("query", "content", "status"),
    [
        ({}, b"", 400),
        ({}, b"not base64 !!!", 400),
        ({}, as_text(b"no picture").encode(), 400),
        ({"confidence": "lots"}, PLUSES, 400),
        ({"format": "xml"}, PLUSES, 400),
        ({"max_detections": "0"}, PLUSES, 400),
        ({"image": "http://127.0.0.1/x.png"}, b"", 400),
        ({"image": "http://169.254.169.254/latest"}, b"", 400),
    ],
)
def test_predict__bad_input_is_told_where_clients_look(
    client: httpx.Client, url: str, key: str, query: dict[str, str], content: bytes, status: int
) -> None:
    answer = client.post(url, params={"api_key": key, **query}, content=content)
    assert answer.status_code == status, answer.text
    assert answer.json()["message"] == answer.json()["error"]["message"]


def test_predict__get_is_for_an_address_alone(client: httpx.Client, url: str, key: str) -> None:
    refused = client.get(url, params={"api_key": key, "image": "http://10.0.0.1/x.jpg"})
    assert refused.status_code == 400
    assert "10.0.0.1" in refused.json()["message"]


def test_predict__behind_serverless_is_the_same(client: httpx.Client, url: str, key: str, at_work: AtWork) -> None:
    query = {"api_key": key, "confidence": "30"}
    there = client.post(f"/serverless{url}", params=query, content=PLUSES)
    assert _boxes(there) == _boxes(client.post(url, params=query, content=PLUSES))
    body = {"api_key": key, "model_id": f"{at_work.slug}/1"}
    assert body["model_id"] in client.post("/serverless/model/add", json=body).text
    image = {"type": "base64", "value": as_text(PLUSES)}
    answer = client.post("/serverless/infer/object_detection", json={**body, "image": image, "confidence": 0.3})
    assert _boxes(answer) == _boxes(there)


def test_predict__strangers(client: httpx.Client, url: str, make_key: MakeKey) -> None:
    assert client.post(url, content=PLUSES).status_code == 401
    assert client.post(url, params={"api_key": "wrong"}, content=PLUSES).status_code == 401
    assert client.post(url, params={"api_key": make_key("read")}, content=PLUSES).status_code == 403
    assert client.post(url, params={"api_key": make_key(workspace="others")}, content=PLUSES).status_code == 404
    assert client.post("/nothing/1", params={"api_key": make_key()}, content=PLUSES).status_code == 404


def test_sdk__registry_holds_the_id_exactly_as_it_was_asked_for(
    client: httpx.Client, key: str, at_work: AtWork, make_key: MakeKey
) -> None:
    ids = [f"{at_work.slug}/1", f"my-workspace/{at_work.model_slug}"]
    for model_id in ids:
        added = client.post("/model/add", json={"model_id": model_id, "api_key": key}).json()
        assert model_id in [one["model_id"] for one in added["models"]]
    listed = client.get("/model/registry", params={"api_key": key}).json()["models"]
    assert [one["model_id"] for one in listed][-2:] == ids
    assert listed[-1]["task_type"] == "object-detection"
    others = client.get("/model/registry", params={"api_key": make_key(workspace="others")}).json()
    assert others == {"models": []}
    assert client.get("/model/registry").status_code == 401
    assert client.post("/model/remove", json={"model_id": ids[0]}).json() == {"models": []}
    header = {"Authorization": f"Bearer {key}"}
    left = client.post("/model/remove", json={"model_id": ids[0]}, headers=header).json()["models"]
    assert ids[0] not in [one["model_id"] for one in left]
    assert client.post("/model/clear", headers=header).json() == {"models": []}
    assert client.post("/model/clear", headers={"Authorization": "Bearer no"}).status_code == 401
    assert client.post("/model/add", json={"model_id": "no/1", "api_key": key}).status_code == 404
    assert client.get("/info").json()["name"] == "Epochal"


def test_sdk__one_image_and_a_list(client: httpx.Client, key: str, at_work: AtWork) -> None:
    image = {"type": "base64", "value": as_text(PLUSES)}
    body = {"api_key": key, "model_id": f"{at_work.slug}/1", "image": image, "confidence": 0.3, "iou_threshold": 0.3}
    one = client.post("/infer/object_detection", json={**body, "visualize_predictions": True}).json()
    assert Image.open(io.BytesIO(base64.b64decode(one["visualization"]))).size == (90, 70)
    several = client.post("/infer/object_detection", json={**body, "image": [image, image]}).json()
    assert isinstance(several, list)
    assert len(several) == 2
    hosted = client.post(f"/{at_work.slug}/1?api_key={key}&confidence=30&overlap=30", content=PLUSES).json()
    assert len(several[0]["predictions"]) == len(hosted["predictions"]) == len(one["predictions"]) > 1
    best = client.post("/infer/object_detection", json={**body, "confidence": "best"}).json()
    assert min(p["confidence"] for p in best["predictions"]) >= 0.45
    only = client.post("/infer/object_detection", json={**body, "class_filter": ["dog"]}).json()
    assert {p["class"] for p in only["predictions"]} == {"dog"}


@pytest.mark.parametrize(
    "change",
    [
        {"image": "text"},
        {"image": None},
        {"image": {"type": "magic", "value": "x"}},
        {"confidence": "x"},
        {"image": []},
    ],
)
def test_sdk__bad_input(client: httpx.Client, key: str, at_work: AtWork, change: dict[str, object]) -> None:
    image = {"type": "base64", "value": as_text(PLUSES)}
    body = {"api_key": key, "model_id": f"{at_work.slug}/1", "image": image, **change}
    answer = client.post("/infer/object_detection", json=body)
    assert answer.status_code == 400, answer.text
    assert isinstance(answer.json()["message"], str)


def test_rules__of_a_project(client: httpx.Client, make_key: MakeKey, at_work: AtWork) -> None:
    url, key = f"/my-workspace/{at_work.slug}/active_learning", make_key()
    assert client.get(url, params={"api_key": key}).json() == {"enabled": False}
    config = {"enabled": False, "sampling_strategies": [{"name": "a", "type": "random", "traffic_percentage": 0.1}]}
    assert client.post(url, params={"api_key": key}, json={"config": config}).json() == config
    assert client.get(url, params={"api_key": key}).json() == config
    for bad in ({"config": {"enabled": "x"}}, {}, []):
        assert client.post(url, params={"api_key": key}, json=bad).status_code == 400
    assert client.post(url, params={"api_key": make_key("read")}, json={"config": config}).status_code == 403


def test_models__of_a_project_and_by_name(client: httpx.Client, key: str, make_key: MakeKey, at_work: AtWork) -> None:
    query = {"api_key": make_key()}
    (row,) = client.get(f"/my-workspace/{at_work.slug}/models", params=query).json()
    assert (row["url"], row["modelId"]) == (at_work.model_slug, f"my-workspace/{at_work.model_slug}")
    assert (row["recommended"], row["metrics"]["hardware"]) == (True, "cpu")
    assert client.get(f"/my-workspace/{at_work.slug}/models", params={**query, "group": "x"}).json() == []
    one = client.get(f"/models/my-workspace/{at_work.model_slug}", params=query).json()
    assert one["modelType"] == "fast-n"
    assert client.get("/models/my-workspace/none", params=query).status_code == 404
    star = client.post(f"/my-workspace/models/{at_work.model_slug}/favorite", params=query, json={"starred": True})
    assert (star.status_code, "MODEL_NOT_NAS" in star.json()["message"]) == (400, True)


def test_stats__of_a_workspace(client: httpx.Client, make_key: MakeKey, at_work: AtWork, served: Services) -> None:
    key = make_key()
    client.post(f"/{at_work.slug}/1?api_key={key}", content=PLUSES)
    served.answering.monitor.write()
    told = client.get("/my-workspace/inference-stats", params={"api_key": key, "modelNames": at_work.model_slug}).json()
    assert told["num_inferences"] >= 1
    assert told["avg_response_time"] > 0
    assert {one["model_name"] for one in told["inference_stats"]} == {at_work.model_slug}
    past = {"api_key": key, "startTime": "1000000000000", "endTime": "1000000060000"}
    assert client.get("/my-workspace/inference-stats", params=past).json()["num_inferences"] == 0
    assert client.get("/my-workspace/inference-stats", params={"api_key": key, "endTime": "x"}).status_code == 400


def test_stats__take_dates(client: httpx.Client, make_key: MakeKey) -> None:
    query = {"api_key": make_key("read"), "startTime": "2001-01-01", "endTime": "2001-01-02T03:04:05Z"}
    answer = client.get("/my-workspace/inference-stats", params=query)
    assert (answer.status_code, answer.json()["num_inferences"]) == (200, 0)


@pytest.mark.parametrize(
    "address",
    [
        "/my-workspace/{slug}/1",
        "/my-workspace/{slug}",
        "/api/workspaces/my-workspace/projects/{slug}/versions/1",
        "/api/workspaces/my-workspace/projects/{slug}",
        "/api/workspaces/my-workspace/models/{model}",
    ],
)
def test_predict__ends_at_once_when_what_it_asks_is_deleted(
    keyed: httpx.Client, served: Services, address: str
) -> None:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
    made = add_working_model(served.database, served.blobs, workspace.id, f"deleted {time.time_ns()}")
    assert keyed.post(f"/{made.slug}/1", content=picture()).status_code == 200
    assert keyed.delete(address.format(slug=made.slug, model=made.model_slug)).is_success
    assert keyed.post(f"/{made.slug}/1", content=picture()).status_code == 404
