"""Contract §4–§6 with the real `roboflow` package, on blood cells and on a COCO set. Run: pytest tests/clients."""

import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PROJECTS = """
import os, sys
from roboflow import Roboflow
workspace = Roboflow(api_key=os.environ["KEY"]).workspace()
project = workspace.create_project("Contract things", "object-detection", "MIT", "things")
print("CREATED", project.id, project.name, project.images, project.unannotated, project.splits, project.classes)
assert str(workspace)
again = workspace.project("Contract things")  # trap 17: by the name it was given
print("FOUND", again.id, again.annotation, again.type, again.public)
one, two = sys.argv[1:3]
first = project.single_upload(one, split="valid", tag_names=["a b", "c&d"], batch_name="first & last",
                              metadata={"camera": "east"}, num_retry_uploads=1)
print("UPLOADED", first["image"].get("success"))
again = project.single_upload(one, split="train", annotation_path=sys.argv[3], batch_name="a #1 & b+c.xml")
print("AGAIN", again["image"].get("duplicate"), again["image"]["id"] == first["image"]["id"], again["annotation"])
print("KEPT", project.save_annotation(sys.argv[3], image_id=first["image"]["id"])[0])
over = project.save_annotation(sys.argv[3], image_id=first["image"]["id"], annotation_overwrite=True)
print("OVER", over[0]["success"])
guess = project.single_upload(two, annotation_path=sys.argv[3], is_prediction=True)
waits = project.single_upload(sys.argv[4], annotation_path=sys.argv[5], annotation_labelmap={"0": "dot"},
                              add_to_dataset=False)
hosted = project.upload(sys.argv[6], split="test")
print("HOSTED", hosted[0]["image"].get("success"))
image = project.image(first["image"]["id"])
print("IMAGE", image["name"], image["split"], image["tags"], image["labels"], image["metadata"])
print("BOX", image["annotation"]["boxes"][0], image["annotation"]["width"], image["annotation"]["height"])
import requests
for kind, url in image["urls"].items():
    assert requests.head(url).status_code == 200, kind
    print("URL", kind, requests.get(url).headers["Content-Type"], len(requests.get(url).content) > 500)
fields = ["id", "name", "labels", "split", "tags", "annotations", "user_metadata"]
found = project.search(tag="c&d", fields=fields)
print("TAG", len(found), found[0]["annotations"])
print("SEARCH", [len(project.search(**w)) for w in ({"class_name": "RBC"}, {"in_dataset": True}, {"in_dataset": False},
      {"batch": True}, {"prompt": "0001"})])
print("LIKE", [one["id"] for one in project.search(like_image=image["name"])][:1] == [first["image"]["id"]])
print("ALL", [len(page) for page in project.search_all(limit=2)])
batches = project.get_batches()["batches"]
print("BATCHES", sorted((b["name"], b["images"]) for b in batches))
batch = project.get_batch(next(b["id"] for b in batches if b["images"] > 1))
job = project.create_annotation_job("look", batch["id"], 1, "me@example.org", "you@example.org", "Label all.")
print("JOB", job["status"], job["numImages"], project.get_annotation_job(job["id"])["labeler"])
print("JOBS", len(project.get_annotation_jobs()["jobs"]))
ws = workspace.search('project:contract-things tag:"a b"', page_size=5)
print("WORKSPACE", ws["total"], ws["results"][0]["filename"], ws["continuationToken"])
print("META", workspace.update_image_metadata(first["image"]["id"], metadata={"n": 1}, add_tags=["new"]))
updates = [{"imageId": one, "addTags": ["x"]} for one in (first["image"]["id"], "no")]
task = workspace.batch_update_image_metadata(updates, wait=True, poll_interval=0.2)
print("TASK", task["status"], task["result"]["succeeded"], task["result"]["failed"])
print("TAGS", sorted(project.image(first["image"]["id"])["tags"]))
print("DELETED", project.delete_images([waits["image"]["id"]]))
print("WSDEL", workspace.delete_images([hosted[0]["image"]["id"], "absent"]))
print("LEFT", workspace.project("contract-things").images)
print("EXPORT", os.path.basename(workspace.search_export("class:RBC project:contract-things", format="coco",
      location=sys.argv[7])))
print("DELETE", project.delete()["trash"])
print("TRASH", [p["url"] for p in workspace.trash()["sections"]["projects"]])
print("RESTORED", project.restore()["restored"], workspace.project("contract-things").images)
"""

DATASETS = """
import os, sys
from roboflow import Roboflow
workspace = Roboflow(api_key=os.environ["KEY"]).workspace()
for folder, name, options in (
    (sys.argv[1], "Blood cells of VOC", {}),
    (sys.argv[2], "Things of COCO", {"batch_name": "the set"}),
    (sys.argv[3], "Zipped cells", {}),
    (sys.argv[1], "Blood cells of VOC", {}),
):
    workspace.upload_dataset(folder, name, num_workers=4, num_retries=2, poll_interval=0.2, **options)
    project = workspace.project(name)
    print("SET", name, project.images, project.unannotated, dict(project.splits), dict(project.classes), sep="|")
print("PROJECTS", sorted(p["id"].split("/")[1] for p in workspace.project_list if "/" in p["id"]))
"""


def take(source: Path, target: Path, count: int) -> Path:
    """A small copy of a VOC set in folders by split."""
    names = sorted(path.stem for path in (source / "JPEGImages").glob("*.jpg"))[:count]
    for number, name in enumerate(names):
        folder = target / ("valid" if number % 4 == 3 else "train")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "JPEGImages" / f"{name}.jpg", folder)
        shutil.copy(source / "Annotations" / f"{name}.xml", folder)
    return target


@pytest.fixture
def cells(shared_data: Path, tmp_path: Path) -> Path:
    """Eight images of blood cells, six to train and two to validate, with VOC files."""
    return take(shared_data / "datasets" / "bccd_voc" / "BCCD", tmp_path / "cells", 8)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server with the files of a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Quiet(*a, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_project__is_filled_searched_changed_and_deleted(
    platform: Any, run_client: Any, cells: Path, web: str, tmp_path: Path
) -> None:
    images = sorted(cells.rglob("*.jpg"))
    labels = tmp_path / "dots.txt"
    labels.write_text("0 0.5 0.5 0.25 0.5\n")
    shutil.copy(images[3], tmp_path / "hosted.jpg")
    arguments = [images[0], images[1], images[0].with_suffix(".xml"), images[2], labels]
    said = run_client(PROJECTS, *map(str, arguments), f"{web}/hosted.jpg?x=1", str(tmp_path / "out"))
    lines = dict(line.split(" ", 1) for line in said.splitlines() if line.split(" ", 1)[0].isupper() and " " in line)
    workspace = platform.workspace
    assert lines["CREATED"].startswith(f"{workspace}/contract-things Contract things 0 0 ")
    assert lines["FOUND"] == f"{workspace}/contract-things things object-detection False"
    assert lines["UPLOADED"] == "True"
    assert lines["AGAIN"].startswith("True True {'success': True")
    assert lines["KEPT"] == "{'warn': 'already annotated'}"
    assert lines["OVER"] == "True"
    assert lines["HOSTED"] == "True"
    assert f"{images[0].name} valid ['a b', 'c&d']" in lines["IMAGE"]
    assert "'camera': 'east'" in lines["IMAGE"]
    assert lines["BOX"].startswith("{'label':")
    assert "URL original image/jpeg True" in said
    assert "URL annotation image/jpeg True" in said
    assert lines["TAG"].startswith("1 {'count':")
    assert lines["LIKE"] == "True", "the image itself is what looks most like it"
    assert lines["ALL"] == "[2, 2, 0]"
    assert lines["JOB"] == "assigned 1 me@example.org"
    assert lines["JOBS"] == "1"
    assert lines["WORKSPACE"] == f"1 {images[0].name} None"
    assert lines["META"] == "{'success': True}"
    assert lines["TASK"] == "completed 1 1"
    assert lines["TAGS"] == "['a b', 'c&d', 'new', 'x']"
    assert "'deleted': 1, 'skipped': 1" in lines["WSDEL"]
    assert lines["LEFT"] == "2"
    exported = json.loads(next((tmp_path / "out").rglob("_annotations.coco.json")).read_text())
    assert len(exported["images"]) == 1
    assert exported["annotations"]
    assert lines["DELETE"] == "True"
    assert "contract-things" in lines["TRASH"]
    assert lines["RESTORED"] == "True 2"


def test_datasets__come_in_from_folders_and_zips(
    run_client: Any, cells: Path, shared_data: Path, tmp_path: Path
) -> None:
    coco = tmp_path / "coco"
    source = shared_data / "datasets" / "coco33"
    told = json.loads((source / "instances.json").read_text())
    chosen = told["images"][:6]
    ids = {image["id"] for image in chosen}
    annotations = [one for one in told["annotations"] if one["image_id"] in ids]
    annotations = [one for one in annotations if one["image_id"] != chosen[0]["id"]]  # trap 18: an image without boxes
    (coco / "train").mkdir(parents=True)
    for image in chosen:
        shutil.copy(source / "images" / image["file_name"], coco / "train")
    content = {"info": {}, "licenses": [], **told, "images": chosen, "annotations": annotations}
    (coco / "train" / "_annotations.coco.json").write_text(json.dumps(content))
    packed = tmp_path / "cells.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(cells.rglob("*.*")):
            archive.write(path, path.relative_to(cells))
    said = run_client(DATASETS, str(cells), str(coco), str(packed))
    sets = [line.split("|")[1:] for line in said.splitlines() if line.startswith("SET|")]
    assert [one[:3] for one in sets] == [
        ["Blood cells of VOC", "8", "0"],
        ["Things of COCO", "6", "0"],
        ["Zipped cells", "8", "0"],
        ["Blood cells of VOC", "8", "0"],
    ], said
    assert sets[0] == sets[3], "the second upload of the same folder changed something"
    assert sets[0][3] == sets[2][3] == "{'train': 6, 'valid': 2, 'test': 0}"
    assert eval(sets[0][4]) == eval(sets[2][4])
    boxes = sum(eval(sets[1][4]).values())
    assert boxes == len(annotations)
    assert "[ERR" not in said
    assert "DUPLICATE" in said
