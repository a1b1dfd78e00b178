"""Models at work over the native API. Run: pytest tests/server/test_inference_routes.py."""

import io
import time
from collections.abc import Callable

import httpx
import numpy as np
import pytest
from PIL import Image

from epochal.datasets.uploads import add_image
from epochal.deploy.onnx_predictor import load_predictor
from epochal.server.services import Services
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import AtWork, add_working_model, as_text, picture

MakeKey = Callable[..., str]


@pytest.fixture(scope="module")
def at_work(served: Services, make_key: MakeKey) -> AtWork:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
    return add_working_model(served.database, served.blobs, workspace.id, f"native {time.time_ns()}")


@pytest.fixture
def url(at_work: AtWork) -> str:
    return f"/api/workspaces/my-workspace/models/{at_work.model_slug}/infer"


def test_infer__says_what_the_predictor_says(keyed: httpx.Client, url: str, at_work: AtWork, tmp_path: object) -> None:
    data = picture()
    answer = keyed.post(url, json={"images": [{"base64": as_text(data)}], "confidence": 0.3, "overlap": 0.65})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    (path := tmp_path / "net.onnx").write_bytes(at_work.onnx)  # type: ignore[operator]
    alone = load_predictor(path, threads=1).predict(Image.open(io.BytesIO(data)), confidence=0.3)
    (one,) = told["images"]
    assert one["image_wh"] == [90, 70]
    assert one["picture"] is None
    assert len(one["predictions"]) == len(alone) > 3
    assert np.allclose([p["box_xyxy"] for p in one["predictions"]], alone.boxes_xyxy, atol=2e-3)
    assert [p["class_id"] for p in one["predictions"]] == alone.class_id.tolist()
    assert set(one["predictions"][0]) == {"class_name", "class_id", "confidence", "box_xyxy"}
    raw = keyed.post(f"{url}/image?confidence=0.3&overlap=0.65", content=data, headers={"Content-Type": "image/png"})
    assert raw.json()["images"] == told["images"]


def test_infer__several_images_and_pictures(keyed: httpx.Client, url: str) -> None:
    images = [{"base64": as_text(picture(seed))} for seed in range(5)]
    many = keyed.post(url, json={"images": images, "draw": True, "max_detections": 4}).json()["images"]
    assert len(many) == 5
    for given, one in zip(images, many, strict=True):
        alone = keyed.post(url, json={"images": [given], "max_detections": 4}).json()["images"][0]
        assert len(one["predictions"]) == len(alone["predictions"]) <= 4
        for mine, theirs in zip(one["predictions"], alone["predictions"], strict=True):
            assert mine["class_id"] == theirs["class_id"]
            assert mine["box_xyxy"] == pytest.approx(theirs["box_xyxy"], abs=0.01)  # a batch rounds in another order
        drawn = Image.open(io.BytesIO(__import__("base64").b64decode(one["picture"])))
        assert (drawn.format, drawn.size) == ("JPEG", (90, 70))


def test_infer__confidence_of_the_models_best_f1(keyed: httpx.Client, url: str) -> None:
    told = keyed.post(url, json={"images": [{"base64": as_text(picture())}], "confidence": None}).json()
    assert told["confidence"] == 0.45
    assert all(p["confidence"] >= 0.45 for p in told["images"][0]["predictions"])


def test_infer__an_image_of_the_workspace(
    keyed: httpx.Client, url: str, at_work: AtWork, served: Services, make_key: MakeKey
) -> None:
    with served.database.write() as session:
        added = add_image(session, served.blobs, at_work.project_id, picture(7), name="a.png")
    stored = keyed.post(url, json={"images": [{"image": added.id}]})
    sent = keyed.post(url, json={"images": [{"base64": as_text(picture(7))}]})
    assert stored.json()["images"] == sent.json()["images"]
    only_infer = {"Authorization": f"Bearer {make_key('infer')}"}
    assert keyed.post(url, json={"images": [{"image": added.id}]}, headers=only_infer).status_code == 403
    assert keyed.post(url, json={"images": [{"image": "nothing"}]}).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"images": []}, 422),
        ({"images": [{}]}, 422),
        ({"images": [{"base64": "eA==", "url": "http://x"}]}, 422),
        ({"images": [{"base64": "not base64!"}]}, 400),
        ({"images": [{"base64": ""}]}, 400),
        ({"images": [{"base64": as_text(b"no picture")}]}, 400),
        ({"images": [{"url": "http://127.0.0.1:1/x.png"}]}, 400),
        ({"images": [{"url": "file:///etc/passwd"}]}, 400),
        ({"images": [{"base64": as_text(picture())}], "confidence": 40}, 422),
        ({"images": [{"base64": as_text(picture())}] * 33}, 422),
        ({"images": [{"base64": as_text(picture())}], "unknown": 1}, 422),
    ],
)
def test_infer__bad_input_is_told(keyed: httpx.Client, url: str, body: object, status: int) -> None:
    answer = keyed.post(url, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_infer__a_name_that_is_not_known_is_told(keyed: httpx.Client, url: str) -> None:
    answer = keyed.post(f"{url}/image?iou=0.5", content=picture(), headers={"Content-Type": "image/png"})
    assert answer.status_code == 422
    assert "query.iou: this name is not known here" in answer.json()["error"]["message"]


def test_infer__strangers(client: httpx.Client, url: str, make_key: MakeKey, at_work: AtWork) -> None:
    body = {"images": [{"base64": as_text(picture())}]}
    assert client.post(url, json=body).status_code == 401
    other = {"Authorization": f"Bearer {make_key(workspace='others')}"}
    assert client.post(url, json=body, headers=other).status_code == 404
    theirs = url.replace("my-workspace", "others")
    assert client.post(theirs, json=body, headers=other).status_code == 404
    reader = {"Authorization": f"Bearer {make_key('read')}"}
    assert client.post(url, json=body, headers=reader).status_code == 403


def test_inference_stats__counts_what_was_asked(keyed: httpx.Client, url: str, at_work: AtWork) -> None:
    stats_url = f"/api/workspaces/my-workspace/inference-stats?model={at_work.model_slug}&spans=10"
    before = keyed.get(stats_url).json()
    n = before["models"][0]["stats"]["requests"] if before["models"] else 0
    for _ in range(3):
        keyed.post(url, json={"images": [{"base64": as_text(picture())}] * 2, "confidence": 0.5})
    keyed.post(url, json={"images": [{"base64": as_text(b"broken")}]})
    end = time.monotonic() + 20
    while (told := keyed.get(stats_url).json())["models"] == [] or told["models"][0]["stats"]["requests"] < n + 4:
        assert time.monotonic() < end
        time.sleep(0.05)
    stats = told["models"][0]["stats"]
    assert stats["errors"] >= 1
    assert stats["latency_p50_ms"] > 0
    assert 0.5 <= stats["confidence"] <= 1
    assert set(stats["classes"]) <= {"cat", "dog", "ä b"}
    assert sum(span["stats"]["requests"] for span in told["spans"]) == stats["requests"]
    assert keyed.get("/api/workspaces/my-workspace/inference-stats?model=none").status_code == 404


def test_active_learning__keeps_what_its_rules_choose(
    keyed: httpx.Client, url: str, at_work: AtWork, served: Services, make_key: MakeKey
) -> None:
    rules = f"/api/workspaces/my-workspace/projects/{at_work.slug}/active-learning"
    assert keyed.get(rules).json()["config"] == {"enabled": False}
    rule = {"name": "all", "type": "random", "traffic_percentage": 1.0, "limits": [{"type": "daily", "value": 2}]}
    config = {"enabled": True, "sampling_strategies": [rule]}
    assert keyed.put(rules, json={"config": config}).json()["config"] == config
    assert keyed.put(rules, json={"config": {"enabled": 3}}).status_code == 400
    reader = {"Authorization": f"Bearer {make_key('read')}"}
    assert keyed.put(rules, json={"config": config}, headers=reader).status_code == 403
    for seed in (100, 100, 101, 102):
        keyed.post(url, json={"images": [{"base64": as_text(picture(seed))}]})
    keyed.post(url, json={"images": [{"base64": as_text(picture(103))}], "collect": False})
    served.answering.collector.wait()
    told = keyed.get(rules).json()
    assert told["since_start"] == {"kept": 2, "duplicate": 1, "over_limit": 1}
    assert told["kept"]["all"]["daily"] == 2
    keyed.put(rules, json={"config": {"enabled": False}})
