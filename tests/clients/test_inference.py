"""Contract §9–§11 with the real packages: predictions, `inference-sdk` v1 and v0, weights in and out."""

import json
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from detectors.nets import random_weights, write_weights
from epochal.datasets.projects import find_project
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow
from epochal.workspaces.workspaces import find_workspace
from server.at_work import AtWork, add_working_model, picture

PREDICT = """
import json, os, sys
import numpy as np
from PIL import Image
from roboflow.models.object_detection import ObjectDetectionModel
from roboflow.core.training import TrainedModel
slug, model_slug, path, url = sys.argv[1:]
key, workspace = os.environ["KEY"], os.environ["WORKSPACE"]
model_id, asked = f"{workspace}/{slug}/1", {"confidence": 30, "overlap": 30}
model = ObjectDetectionModel(key, model_id, name=slug, version="1")
dogs = ObjectDetectionModel(key, model_id, name=slug, version="1", classes="dog")
trained = TrainedModel(key, workspace, slug, f"{slug}/1")
named = TrainedModel(key, workspace, slug, f"{workspace}/{model_slug}")
boxes = lambda group: [[p["class"], p["x"], p["width"]] for p in group.json()["predictions"]]
by_file = model.predict(path, **asked)
print(json.dumps({
    "file": boxes(by_file),
    "array": boxes(model.predict(np.asarray(Image.open(path).convert("RGB")), **asked)),
    "url": boxes(model.predict(url, hosted=True, **asked)),
    "dogs": boxes(dogs.predict(path, confidence=10, overlap=30)),
    "trained": boxes(trained.predict(path, **asked)),
    "named": boxes(named.predict(path, **asked)),
    "hosted": boxes(trained.predict(url, hosted=True, **asked)),
}))
by_file.save(os.path.join(os.path.dirname(path), "drawn.jpg"))
model.download(location=os.path.dirname(path))
"""

SDK = """
import json, os, sys
import supervision
from inference_sdk import InferenceConfiguration, InferenceHTTPClient
slug, path = sys.argv[1:]
client = InferenceHTTPClient(api_url=os.environ["ADDRESS"], api_key=os.environ["KEY"])
client.configure(InferenceConfiguration(confidence_threshold=0.3, iou_threshold=0.3, max_batch_size=4))
model_id = f"{slug}/1"
one = client.infer(path, model_id=model_id)
many = client.infer([path, path, path], model_id=model_id)
told = {"info": client.get_server_info().name, "one": one["predictions"], "many": [len(x["predictions"]) for x in many],
        "described": client.get_model_description(model_id).task_type,
        "listed": [m.model_id for m in client.list_loaded_models().models]}
client.configure(InferenceConfiguration(class_filter=["dog"], confidence_threshold=0.1))
told["dogs"] = [p["class"] for p in client.infer(path, model_id=model_id)["predictions"]]
client.unload_model(model_id)
client.unload_all_models()
client.select_api_v0()
client.configure(InferenceConfiguration(confidence_threshold=0.3, iou_threshold=0.3))
hosted = client.infer(path, model_id=model_id)
told["v0"] = hosted["predictions"]
told["boxes"] = len(supervision.Detections.from_inference(hosted))
try:
    client.infer(path, model_id="nothing/9")
except Exception as error:
    told["error"] = str(error)
print(json.dumps(told))
"""

DEPLOY = """
import os, sys
from roboflow import Roboflow
slug, folder = sys.argv[1:]
workspace = Roboflow(api_key=os.environ["KEY"]).workspace()
workspace._upload_zip("yolov8n", folder, [slug], "from client", "roboflow_deploy.zip")
version = workspace.project(slug).version(2)
version._upload_zip("yolov8n", folder, "roboflow_deploy.zip")
version._upload_zip("yolov8n", folder, "roboflow_deploy.zip")
"""


def _open(data_dir: Path) -> tuple[Database, BlobStore]:
    return Database(f"sqlite:///{data_dir / 'epochal.sqlite'}"), BlobStore(data_dir / "blobs", data_dir / "cache")


@pytest.fixture(scope="module")
def at_work(platform: Any) -> AtWork:
    """A project with a model, put into the database of the running server from beside."""
    database, blobs = _open(platform.data_dir)
    with database.read() as session:
        workspace_id = find_workspace(session, platform.workspace).id
    made = add_working_model(database, blobs, workspace_id, "Asked by clients")
    database.close()
    return made


def test_predict__file_array_address_and_weights(
    platform: Any, run_client: Any, at_work: AtWork, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(picture(3))
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path))) as pictures:
        Thread(target=pictures.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{pictures.server_port}/photo.png"
        said = run_client(PREDICT, at_work.slug, at_work.model_slug, str(path), url)
        pictures.shutdown()
    told = json.loads(next(line for line in said.splitlines() if line.startswith('{"file"')))
    assert len(told["file"]) > 1
    assert told["url"] == told["hosted"] == told["file"]
    assert len(told["array"]) > 0  # a JPEG of it, so nearly the same
    assert {name for name, _, _ in told["dogs"]} == {"dog"}
    assert told["trained"] == told["named"] != []
    assert (tmp_path / "weights.pt").read_bytes() == at_work.onnx
    assert (tmp_path / "drawn.jpg").stat().st_size > 500


def test_sdk__v1_and_v0(run_client: Any, at_work: AtWork, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(picture(3))
    told = json.loads(run_client(SDK, at_work.slug, str(path)).strip().splitlines()[-1])
    assert told["info"] == "Epochal"
    assert told["described"] == "object-detection"
    assert f"{at_work.slug}/1" in told["listed"]
    assert len(told["one"]) > 1
    assert told["many"] == [len(told["one"])] * 3
    assert set(told["dogs"]) == {"dog"}
    assert len(told["v0"]) == told["boxes"] > 0
    assert "No model" in told["error"]


def test_deploy__weights_of_the_client_run(platform: Any, run_client: Any, at_work: AtWork, tmp_path: Path) -> None:
    database, _ = _open(platform.data_dir)
    with database.write() as session:
        workspace_id = find_workspace(session, platform.workspace).id
        project = find_project(session, workspace_id, at_work.slug)
        session.add(
            VersionRow(
                id=new_id(),
                project_id=project.id,
                number=2,
                name="2",
                state="ready",
                progress=1.0,
                images=1,
                settings={"preprocessing": {}, "augmentation": {}},
                splits={},
                classes=[],
                created_at=0.0,
            )
        )
    database.close()
    weights = write_weights(tmp_path / "best.pt", random_weights(1))
    with zipfile.ZipFile(tmp_path / "roboflow_deploy.zip", "w") as archive:
        archive.write(weights, "state_dict.pt")
        archive.writestr("model_artifacts.json", json.dumps({"names": ["cat", "dog", "ä b"]}))
    said = run_client(DEPLOY, at_work.slug, str(tmp_path))
    assert "ERROR" not in said
    assert said.count("An error occured") == 1  # the version has a model by then
    assert "already has a trained model" in said
    path = tmp_path / "photo.png"
    path.write_bytes(picture(3))
    code = SDK.replace('f"{slug}/1"', "sys.argv[3]")
    code = code.replace("slug, path = sys.argv[1:]", "slug, path = sys.argv[1:3]")
    for model_id in (f"{at_work.slug}/2", f"{platform.workspace}/from-client"):
        told = json.loads(run_client(code, at_work.slug, str(path), model_id).strip().splitlines()[-1])
        assert model_id in told["listed"]
        assert len(told["one"]) > 0
