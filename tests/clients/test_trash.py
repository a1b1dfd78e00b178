"""Contract §4.6 and §8.1 with the real `roboflow` package and its command: the trash, checkpoints by their ids."""

import json
from typing import Any

from clients.test_versions import fill

CODE = """
import json, os, subprocess, sys
from roboflow import Roboflow
from roboflow.adapters.rfapi import RoboflowError
workspace = Roboflow(api_key=os.environ["KEY"]).workspace()
said, versions = {}, {}
for name in ("thrown-cells", "kept-cells"):
    project = workspace.project(name)
    versions[name] = project.version(project.generate_version({"preprocessing": {}, "augmentation": {}}))
    versions[name].export("coco")
for version in versions.values():
    version.delete()
said["trash"] = sorted(workspace.trash()["sections"]["versions"], key=lambda one: one["parentUrl"])
said["restored"] = versions["thrown-cells"].restore()
said["left"] = [len(workspace.project(name).versions()) for name in versions]

def command(*arguments):
    program = [os.path.join(os.path.dirname(sys.executable), "roboflow"), *arguments]
    environment = {**os.environ, "ROBOFLOW_API_KEY": os.environ["KEY"]}
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    return [done.returncode, done.stdout + done.stderr]

said["again"] = command("version", "delete", "kept-cells/1", "--yes")
said["back"] = command("version", "restore", "kept-cells/1")
said["never"] = command("project", "delete", "never-was", "--yes")
said["listed"] = command("trash", "list")
try:
    workspace.restore_from_trash("version", "9", versions["thrown-cells"].id)
except RoboflowError as error:
    said["none"] = str(error)
model = os.environ["WORKSPACE"] + "/nowhere-v1-1"
try:
    versions["thrown-cells"].create_training(checkpoint=model)
except RoboflowError as error:
    said["checkpoint"] = json.loads(str(error))["message"]
print("SAID", json.dumps(said))
"""


def test_versions__come_back_to_their_own_project(platform: Any, run_client: Any) -> None:
    for name in ("Thrown cells", "Kept cells"):
        fill(platform.data_dir, name)
    printed = run_client(CODE)
    said = json.loads(next(line for line in printed.splitlines() if line.startswith("SAID"))[5:])
    rows = [(one["id"], one["parentUrl"], one["parentName"]) for one in said["trash"]]
    assert rows[-2:] == [("1", "kept-cells", "Kept cells"), ("1", "thrown-cells", "Thrown cells")]
    assert all(one["scheduledCleanupAt"] > one["deletedAt"] for one in said["trash"])
    assert said["restored"]["restored"] is True
    assert said["left"] == [1, 0]
    assert said["again"][0] == 0
    assert "already in Trash" in said["again"][1]
    assert said["back"][0] == 0, said["back"]
    assert said["never"][0] == 3
    assert "Error: There is no project 'never-was'" in said["never"][1]
    assert said["listed"][0] == 0
    assert said["none"] == "There is no version '9' in the trash."
    assert "'nowhere-v1-1'" in said["checkpoint"]
