"""Models over HTTP: files out, weights in. Run: pytest tests/server/test_model_routes.py."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import torch

from deploy.foreign_nets import write_constant_net, yolo_output
from detectors.nets import NAMES, random_weights, write_weights
from epochal.datasets.projects import create_project
from epochal.jobs.models import NewModel, add_model, find_model
from epochal.server.services import Services
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import AtWork, add_working_model, as_text, picture

MakeKey = Callable[..., str]
MODELS = "/api/workspaces/my-workspace/models"


@pytest.fixture(scope="module")
def at_work(served: Services, make_key: MakeKey) -> AtWork:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
    return add_working_model(served.database, served.blobs, workspace.id, f"models {time.time_ns()}")


def _bundle(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def _foreign_pt() -> bytes:
    out = io.BytesIO()
    torch.save({"w": torch.zeros(1)}, out)
    return out.getvalue()


def test_files__with_length_and_head(keyed: httpx.Client, at_work: AtWork, make_key: MakeKey) -> None:
    url = f"{MODELS}/{at_work.model_slug}/files/best.onnx"
    got, head = keyed.get(url), keyed.head(url)
    assert got.content == at_work.onnx
    assert got.headers["content-length"] == head.headers["content-length"] == str(len(at_work.onnx))
    assert head.content == b""
    assert keyed.get(f"{MODELS}/{at_work.model_slug}/files/best.pt").status_code == 404
    other = {"Authorization": f"Bearer {make_key(workspace='others')}"}
    assert keyed.get(url, headers=other).status_code == 404


@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_project_and_number__name_a_model_like_its_slug(keyed: httpx.Client, at_work: AtWork, slash: str) -> None:
    address = f"{MODELS}/{at_work.slug}{slash}1"
    assert keyed.get(address).json()["slug"] == at_work.model_slug
    assert keyed.get(f"{address}/files/best.onnx").content == at_work.onnx
    asked = keyed.post(f"{address}/infer/image", content=picture(), headers={"Content-Type": "image/png"})
    assert asked.json()["model"] == at_work.model_slug
    missing = keyed.get(f"{MODELS}/{at_work.slug}{slash}999")
    assert missing.status_code == 404
    assert "expected PROJECT/NUMBER" in missing.json()["error"]["message"]


def test_export__is_made_in_the_background_and_is_a_file_then(
    keyed: httpx.Client, at_work: AtWork, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    url = f"{MODELS}/{at_work.model_slug}"
    begun = keyed.post(f"{url}/exports", json={"format": "runtime"})
    assert (begun.status_code, begun.json()["kind"]) == (202, "model_export")
    task = f"/api/workspaces/my-workspace/tasks/{begun.json()['id']}"
    wait_until(lambda: keyed.get(task).json()["state"] in ("completed", "failed"))
    assert keyed.get(task).json()["result"] == {"file": "runtime.zip"}
    assert "runtime.zip" in keyed.get(url).json()["files"]
    assert keyed.post(f"{url}/exports", json={"format": "runtime"}).json()["state"] == "completed"
    refused = keyed.post(f"{url}/exports", json={"format": "torchscript"})
    assert refused.status_code == 400
    assert "has no best.pt" in refused.json()["error"]["message"]


def test_pt_file__is_fetched_without_a_key(client: httpx.Client, at_work: AtWork, make_key: MakeKey) -> None:
    key = make_key("read")
    for name in ("1", at_work.model_slug):
        told = client.get(f"/my-workspace/{at_work.slug}/{name}/ptFile", params={"api_key": key}).json()
        got = client.get(told["weightsUrl"])
        assert got.content == at_work.onnx
        assert got.headers["content-length"] == str(len(at_work.onnx))
    assert client.get(f"/my-workspace/{at_work.slug}/7/ptFile", params={"api_key": key}).status_code == 404


def test_list_rename_delete(keyed: httpx.Client, served: Services, at_work: AtWork, make_key: MakeKey) -> None:
    uploaded = keyed.post(MODELS, params={"name": "Spare One"}, content=at_work.onnx)
    assert uploaded.status_code == 201, uploaded.text
    model = uploaded.json()
    assert (model["slug"], model["can_run"], model["classes"]) == ("spare-one", True, list(NAMES))
    assert model["slug"] in [one["slug"] for one in keyed.get(MODELS).json()["models"]]
    in_project = keyed.get(MODELS, params={"project": at_work.slug}).json()["models"]
    assert [one["slug"] for one in in_project] == [at_work.model_slug]
    reader = {"Authorization": f"Bearer {make_key('read')}"}
    assert keyed.patch(f"{MODELS}/spare-one", json={"slug": "other"}, headers=reader).status_code == 403
    assert keyed.patch(f"{MODELS}/spare-one", json={"slug": "spare-two"}).json()["slug"] == "spare-two"
    assert keyed.get(f"{MODELS}/{model['id']}").json()["slug"] == "spare-two"
    assert keyed.delete(f"{MODELS}/spare-two").status_code == 204
    assert keyed.get(f"{MODELS}/spare-two").status_code == 404


def test_deployment__says_and_changes_which_model_answers_for_a_version(
    keyed: httpx.Client, served: Services, make_key: MakeKey
) -> None:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session).id
    work = add_working_model(served.database, served.blobs, workspace, f"twice {time.time_ns()}")
    with served.database.write() as session:
        first = find_model(session, workspace, work.model_slug)
        new = NewModel(
            "Second", "second", "fast-s", first.files, classes=first.classes, project_id=first.project_id,
            version_id=first.version_id, image_size_px=96,
        )  # fmt: skip
        second = add_model(session, workspace, new).slug
    version = f"/my-workspace/{work.slug}/1"

    def answering() -> tuple[str, str]:
        (listed,) = [
            one["url"] for one in keyed.get(f"/my-workspace/{work.slug}/models").json() if one["answersForVersion"]
        ]
        return listed, keyed.get(version).json()["version"]["model"]["name"]

    asked = {"images": [{"base64": as_text(picture())}]}
    assert answering() == (second, "Second")
    assert keyed.post(f"{MODELS}/{work.model_slug}/infer", json=asked).status_code == 200, "by its own name"
    reader = {"Authorization": f"Bearer {make_key('read')}"}
    assert keyed.put(f"{MODELS}/{work.model_slug}/deployment", headers=reader).status_code == 403
    chosen = keyed.put(f"{MODELS}/{work.model_slug}/deployment").json()
    assert (chosen["answers"], chosen["is_chosen"]) == (True, True)
    assert answering() == (work.model_slug, first.name)
    assert keyed.get(f"{MODELS}/{second}").json()["answers"] is False
    left = keyed.delete(f"{MODELS}/{work.model_slug}/deployment").json()
    assert (left["answers"], left["is_chosen"]) == (False, False)
    assert answering() == (second, "Second")


def test_upload__a_net_of_another_detector_runs(keyed: httpx.Client, tmp_path: Path) -> None:
    about = {"names": "{0: 'cat', 1: 'dog'}", "imgsz": "[64, 64]"}
    output = yolo_output([(32, 32, 16, 16, 1, 0.8)], 2, 84)
    path = write_constant_net(tmp_path / "yolo.onnx", output, about=about)
    model = keyed.post(MODELS, params={"name": "foreign"}, content=path.read_bytes()).json()
    assert (model["can_run"], model["classes"], model["image_size_px"]) == (True, ["cat", "dog"], 64)
    body = {"images": [{"base64": as_text(picture(wh=(64, 64)))}]}
    (box,) = keyed.post(f"{MODELS}/{model['slug']}/infer", json=body).json()["images"][0]["predictions"]
    assert (box["class_name"], box["box_xyxy"]) == ("dog", pytest.approx([24, 24, 40, 40], abs=0.01))


def test_upload__what_cannot_run_is_kept_and_says_so(keyed: httpx.Client) -> None:
    artifacts = json.dumps({"names": ["a", "b"]}).encode()
    content = _bundle(state_dict__pt=_foreign_pt(), model_artifacts__json=artifacts)
    model = keyed.post(MODELS, params={"name": "theirs"}, content=content).json()
    assert (model["can_run"], model["classes"], model["files"]) == (False, ["a", "b"], ["best.pt"])
    assert "export them to ONNX" in model["message"]
    answer = keyed.post(f"{MODELS}/{model['slug']}/infer", json={"images": [{"base64": as_text(picture())}]})
    assert answer.status_code == 400
    assert model["message"] in answer.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"a photo of a net", _bundle(readme__txt=b"x")])
def test_upload__what_is_no_model_leaves_nothing(keyed: httpx.Client, content: bytes) -> None:
    before = len(keyed.get(MODELS).json()["models"])
    answer = keyed.post(MODELS, content=content)
    assert answer.status_code == 400, answer.text
    assert "expected" in answer.json()["error"]["message"]
    assert len(keyed.get(MODELS).json()["models"]) == before


def test_deploy__a_version_takes_weights_once(
    client: httpx.Client, served: Services, make_key: MakeKey, tmp_path: Path
) -> None:
    with served.database.write() as session:
        project = create_project(session, ensure_first_workspace(session).id, name=f"deploy {time.time_ns()}")
        session.add(
            VersionRow(
                id=new_id(),
                project_id=project.id,
                number=1,
                name="1",
                settings={"preprocessing": {}, "augmentation": {}},
                state="ready",
                progress=1.0,
                splits={},
                classes=[],
                created_at=0.0,
            )
        )
    key = make_key("write", "infer", "read")
    prepare = f"/my-workspace/{project.slug}/1/uploadModel"
    query = {"api_key": key, "modelType": "yolov8n", "nocache": "true"}
    url = client.get(prepare, params=query).json()["url"]
    assert client.put(url, content=b"").status_code == 400  # not whole: the address may be used again
    ours = write_weights(tmp_path / "best.pt", random_weights())
    content = _bundle(
        state_dict__pt=ours.read_bytes(), model_artifacts__json=json.dumps({"names": list(NAMES)}).encode()
    )
    put = client.put(url, content=content)
    assert put.status_code == 200, put.text
    assert put.json()["models"][0]["canRun"], put.text
    assert client.put(url, content=content).status_code == 409
    full = client.get(prepare, params=query)
    assert (full.status_code, full.json()["error"]["hint"]) == (429, "")
    assert "Retry-After" not in full.headers, "asking again is of no use"
    told = client.get(f"/my-workspace/{project.slug}/1", params=query).json()["version"]["model"]
    assert told["endpoint"] == f"{client.base_url}/{project.slug}/1"
    assert told["id"] == f"{project.slug}/1"  # as it is asked for, also without a training
    boxes = client.post(f"/{project.slug}/1", params={"api_key": key, "confidence": 30}, content=picture()).json()
    assert len(boxes["predictions"]) > 1
    weights = client.get(f"/my-workspace/{project.slug}/1/ptFile", params={"api_key": key}).json()["weightsUrl"]
    assert client.get(weights).content == ours.read_bytes()


def test_deploy__a_workspace_model_is_listed_in_each_of_its_projects(
    client: httpx.Client, served: Services, make_key: MakeKey, at_work: AtWork
) -> None:
    with served.database.write() as session:
        other = create_project(session, ensure_first_workspace(session).id, name=f"second {time.time_ns()}")
    key = make_key()
    query = {
        "api_key": key,
        "modelType": "yolov8n",
        "modelName": "My Net",
        "projectIds": f"{at_work.slug},{other.slug}",
    }
    url = client.post("/my-workspace/models/prepareUpload", params=query).json()["url"]
    told = client.put(url, content=at_work.onnx).json()["models"]
    assert [one["modelId"] for one in told] == ["my-net", "my-net-2"]
    listed = client.get(MODELS, params={"project": other.slug}, headers={"Authorization": f"Bearer {key}"}).json()
    assert [one["slug"] for one in listed["models"]] == ["my-net-2"]
    assert client.post(f"/my-workspace/my-net?api_key={key}", content=picture()).status_code == 200


def test_deploy__strangers(client: httpx.Client, make_key: MakeKey, at_work: AtWork) -> None:
    prepare = f"/my-workspace/{at_work.slug}/1/uploadModel"
    assert client.get(prepare).status_code == 401
    assert client.get(prepare, params={"api_key": make_key("read")}).status_code == 403
    assert client.get(prepare, params={"api_key": make_key(workspace="others")}).status_code == 404
    assert client.put("/weights/upload/not.signed.here", content=b"x").status_code == 403
    empty = client.post("/my-workspace/models/prepareUpload", params={"api_key": make_key()})
    assert (empty.status_code, "projectIds" in empty.json()["message"]) == (400, True)
