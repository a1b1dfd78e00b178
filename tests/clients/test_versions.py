"""Contract §7 with the real `roboflow` package: generate, export, download."""

from pathlib import Path
from typing import Any

import httpx
import yaml
from project_rows import box, picture

from epochal.datasets import open_dataset
from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.uploads import add_image
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.workspaces.workspaces import find_workspace

CODE = """
import os, sys
from roboflow import Roboflow
project = Roboflow(api_key=os.environ["KEY"]).workspace().project("versioned-cells")
settings = {"preprocessing": {"auto-orient": True, "resize": {"width": "64", "height": "64", "format": "Stretch to"}},
            "augmentation": {"flip": {"horizontal": True, "vertical": False}}}
number = project.generate_version(settings)
version = project.version(number)
for name in ("coco", "yolov8", "yolov5", "mt-yolov6"):
    print("AT", version.download(name, location=os.path.join(sys.argv[1], name)).location)
version = project.version(number)
print("VERSION", number, version.images, sorted(version.splits.items()))
"""


def fill(data_dir: Path, name: str = "Versioned cells") -> None:
    """A project of six labelled images, put into the database of the running server from beside."""
    database = Database(f"sqlite:///{data_dir / 'epochal.sqlite'}")
    blobs = BlobStore(data_dir / "blobs", data_dir / "cache")
    with database.write() as session:
        workspace = find_workspace(session, "my-workspace")
        project = create_project(session, workspace.id, name=name, annotation_group="cells")
        for number, split in enumerate(("train",) * 4 + ("val", "test")):
            added = add_image(session, blobs, project.id, picture(number), name=f"{number}.jpg", split=split)
            set_annotations(session, project.id, added.id, [box("cell", 5, 5, 25, 25)], source="person")
    database.close()


def test_a_version_is_generated_exported_and_downloaded(platform: Any, run_client: Any, tmp_path: Path) -> None:
    fill(platform.data_dir)
    lines = run_client(CODE, str(tmp_path)).splitlines()
    assert "VERSION 1 6 [('test', 1), ('train', 4), ('valid', 1)]" in lines
    about = yaml.safe_load((tmp_path / "yolov8" / "data.yaml").read_text())["roboflow"]
    assert about == {
        "workspace": platform.workspace,
        "project": "versioned-cells",
        "version": 1,
        "license": about["license"],
        "url": f"{platform.address}/{platform.workspace}/versioned-cells/1",
    }
    for name in ("yolov5", "mt-yolov6"):  # the package writes these anew, with whole paths, and ends without them
        paths = yaml.safe_load((tmp_path / name / "data.yaml").read_text())
        assert all(Path(paths[split]).is_dir() for split in ("train", "val")), paths
    page = httpx.get(about["url"], headers={"Accept": "text/html"}, trust_env=False)
    assert page.headers["Location"].endswith("#/w/my-workspace/projects/versioned-cells/versions/1")
    for name in ("coco", "yolov8"):
        dataset = open_dataset(tmp_path / name)
        assert len(dataset.images) == 6
        assert dataset.annotation_count == 6
        assert {image.image_wh for image in dataset.images} == {(64, 64)}
        assert dataset.of_split("val")[0].boxes_xyxy.round().tolist() == [[5, 8, 27, 40]]
