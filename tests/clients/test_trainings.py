"""Contract §8 with the real `roboflow` package: train a version. Run: pytest tests/clients/test_trainings.py."""

import json
from pathlib import Path
from typing import Any

from project_rows import box, picture

from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.uploads import add_image
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.workspaces.workspaces import find_workspace

CODE = """
import json, os, time
import requests
from PIL import Image
from roboflow import Roboflow
from roboflow.adapters import rfapi
from roboflow.adapters.rfapi import RoboflowError
from roboflow.core.training import TrainedModel
Image.new("RGB", (64, 64)).save("cell.png")
project = Roboflow(api_key=os.environ["KEY"]).workspace().project("trained-cells")
settings = {"preprocessing": {"resize": {"width": 64, "height": 64, "format": "Stretch to"}}, "augmentation": {}}
version = project.version(project.generate_version(settings))
said = {}

recipe = version.describe_train_recipe("fast")["template"]
recipe["hyperparameters"].update(epochs=2, image_size=64)
training = version.create_training(model_type="fast", train_recipe=recipe, epochs=9)
said["began"] = [training.training_id, training.status, training.model_type]
try:
    version.create_training(model_type="nonsense")
except RoboflowError as error:
    said["refused"] = str(error)
while training.refresh().status not in ("finished", "failed"):
    time.sleep(0.2)
said["ended"] = training.status
said["models"] = [[model.model_id, model.model_type, sorted(model.metrics)] for model in version.models()]
said["listed"] = [[one.training_id, one.status, one.model_ids] for one in version.trainings()]
for verb in ("stop", "cancel"):
    try:
        getattr(training, verb)()
    except RoboflowError as error:
        said[verb] = json.loads(str(error))["error"]["code"]
        said["keys"] = sorted(json.loads(str(error))["error"])
where = (os.environ["KEY"], os.environ["WORKSPACE"], "trained-cells", "1")
said["results"] = rfapi.get_training_results(*where)["modelCount"]

workspace = Roboflow(api_key=os.environ["KEY"]).workspace()
(evaluated,) = workspace.evals(project="trained-cells", status="done")
evaluated = workspace.eval(evaluated.id)
maps, classes = evaluated.map_results()["splits"], evaluated.performance_by_class("valid")["classes"]
said["eval"] = [evaluated.status, evaluated.model_id, sorted(evaluated.summary), sorted(maps), classes[0]["className"]]
matrix = evaluated.confusion_matrix(split="test", confidence=50)
said["matrix"] = [matrix["classes"], matrix["confidenceThreshold"], sum(map(sum, matrix["matrix"]))]
page = evaluated.image_predictions(split="test", limit=5)
said["page"] = [page["totalImages"], sorted(page["images"][0]["stats"]), page["images"][0]["cluster"]]
clusters = evaluated.vector_analysis(confidence=50)["clusters"]
said["clusters"] = [clusters[0]["images"], clusters[0]["truePositives"] + clusters[0]["falseNegatives"]]
said["numbers"] = [maps["test"]["map75"], classes[0]["map75"], evaluated.summary["mIoU"]]
said["sweep"] = sorted(evaluated.confidence_sweep()["splits"])
said["recommended"] = isinstance(evaluated.recommendations()["recommendations"], list)
for wrong in (lambda: workspace.eval("none"), lambda: evaluated.confusion_matrix(split="all"),
              lambda: evaluated.confusion_matrix(confidence=900)):
    try:
        wrong()
    except RoboflowError as error:
        said.setdefault("wrong", []).append(type(error).__name__)

waiting = version.create_training(model_type="yolov8n", epochs=500)
said["cancelled"] = waiting.cancel()["success"]
while waiting.refresh().status == "running":
    time.sleep(0.2)
said["cancelled_status"] = waiting.status
pair = [version.create_training(model_type="fast", epochs=500) for _ in range(2)]
said["by_version"] = [rfapi.cancel_version_training(*where)["success"] for _ in pair]  # as the command line does
while any(one.refresh().status not in ("cancelled", "failed") for one in pair):
    time.sleep(0.2)

version.train(model_type="fast-n", epochs=2)
versioned = rfapi.get_version(*where)["version"]
epochs = versioned["models"]["roboflow-train"]["epochs"]
said["legacy"] = [versioned["train"]["status"], sorted(versioned["train"]), epochs]
said["model"] = versioned["model"]
address = f"{os.environ['ADDRESS']}/api/workspaces/{where[1]}/models/trained-cells-v1-1"
headers = {"Authorization": f"Bearer {where[0]}"}
asked = dict(confidence=1, overlap=30)
old = TrainedModel(where[0], where[1], "trained-cells", f"{where[1]}/trained-cells-v1-1")
said["older"] = isinstance(old.predict("cell.png", **asked).json()["predictions"], list)
requests.put(f"{address}/deployment", headers=headers).raise_for_status()
said["deployed"] = rfapi.get_version(*where)["version"]["model"]["name"]
requests.delete(f"{address}/deployment", headers=headers).raise_for_status()
of_split = versioned["train"]["results"]["class_map"]
said["class_map"] = {split: [row["class"] for row in rows] for split, rows in of_split.items()}
(last,) = [one for one in version.trainings() if one.model_ids and one.training_id != training.training_id]
gone = last.delete()
said["repointed"] = [gone["versionAliasAction"], gone["versionAliasTarget"]]
last.restore()
said["deleted"] = training.delete()["trash"]
said["silenced"] = last.delete()["versionAliasAction"]
last.restore()
said["left"] = len(version.trainings())
training.restore()
said["back"] = len(version.trainings())
print("SAID", json.dumps(said))
"""


def fill(data_dir: Path) -> None:
    """A project of eight labelled images, put into the database of the running server from beside."""
    database = Database(f"sqlite:///{data_dir / 'epochal.sqlite'}")
    blobs = BlobStore(data_dir / "blobs", data_dir / "cache")
    with database.write() as session:
        workspace = find_workspace(session, "my-workspace")
        project = create_project(session, workspace.id, name="Trained cells", annotation_group="cells")
        for number, split in enumerate(("train",) * 6 + ("val", "test")):
            added = add_image(session, blobs, project.id, picture(100 + number), name=f"{number}.jpg", split=split)
            set_annotations(session, project.id, added.id, [box("cell", 5, 5, 25, 25)], source="person")
    database.close()


def test_a_version_is_trained_by_the_current_and_by_the_old_api(platform: Any, run_client: Any) -> None:
    fill(platform.data_dir)
    printed = run_client(CODE)
    said = json.loads(next(line for line in printed.splitlines() if line.startswith("SAID"))[5:])
    training_id, status, model_type = said["began"]
    assert (status, model_type, said["ended"]) == ("queued", "fast-n", "finished")
    assert "expected one of fast" in said["refused"]
    assert said["models"] == [
        ["my-workspace/trained-cells-v1-1", "fast-n", ["f1", "map50", "map5095", "precision", "recall"]]
    ]
    assert said["listed"] == [[training_id, "finished", ["my-workspace/trained-cells-v1-1"]]]
    assert (said["stop"], said["cancel"], said["results"]) == ("CANNOT_STOP", "CANNOT_CANCEL", 1)
    assert said["keys"] == ["code", "hint", "message", "type"]
    status, model_id, summary, splits, class_name = said["eval"]
    assert (status, model_id, class_name) == ("done", "my-workspace/trained-cells-v1-1", "cell")
    assert {"mAP", "mIoU", "precision", "recall"} <= set(summary)
    assert splits == said["sweep"] == ["test", "valid"]
    assert (said["matrix"][0], said["matrix"][1]) == (["cell", "background"], 0.5)
    assert said["matrix"][2] >= 1  # the one box of the test split, found or not
    assert said["page"] == [1, ["falseNegatives", "falsePositives", "truePositives"], 0]
    assert said["clusters"] == [1, 1]
    assert all(value is None or 0 <= value <= 1 for value in said["numbers"])
    assert said["numbers"][0] is not None
    assert said["recommended"]
    assert said["wrong"] == ["ModelEvalNotFoundError", "InvalidSplitError", "InvalidConfidenceError"]
    assert (said["cancelled"], said["cancelled_status"]) == (True, "cancelled")
    assert said["by_version"] == [True, True]
    status, fields, epochs = said["legacy"]
    assert (status, "results" in fields) == ("finished", True)
    assert [epoch["epoch"] for epoch in epochs] == ["1", "2"]  # the recipe's two, not the nine beside it
    assert {name: float(epochs[0][name]) for name in ("mAP", "box_loss", "class_loss")}["box_loss"] > 0
    assert said["class_map"] == {"test": ["all", "cell"], "valid": ["all", "cell"]}
    assert (said["repointed"], said["silenced"]) == (["repointed", "trained-cells-v1-1"], "deleted")
    assert said["older"], "asked by its name"
    assert said["model"]["name"] != said["deployed"], "the older one answers when it is deployed"
    assert said["model"]["id"] == "trained-cells/1"
    assert said["model"]["start"] < said["model"]["end"]
    assert (said["deleted"], said["left"], said["back"]) == (True, 4, 5)
