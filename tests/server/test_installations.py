"""A whole way through a server on SQLite and a folder, and on PostgreSQL and S3: images, versions, zips, archive.

Run: pytest tests/server/test_installations.py.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image as PillowImage
from project_rows import picture

from epochal.datasets import open_dataset
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.archive import ensure_archive
from epochal.workspaces.keys import create_key
from epochal.workspaces.scopes import SCOPES
from epochal.workspaces.workspaces import ensure_first_workspace

WaitUntil = Callable[[Callable[[], bool]], None]


@pytest.fixture
def installed(both_databases: Database, blobs: BlobStore, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client with all scopes of a server over both."""
    app = create_app(tmp_path / "data", database=both_databases, blobs=blobs)
    with both_databases.write() as session:
        key = create_key(session, ensure_first_workspace(session).id, scopes=SCOPES)[0]
    headers = {"Authorization": f"Bearer {key}"}
    with (
        ServerThread(app, bind("127.0.0.1", 0)) as server,
        httpx.Client(base_url=server.address, timeout=20, trust_env=False, headers=headers) as client,
    ):
        yield client


def upload(client: httpx.Client, project: str, number: int, split: str) -> dict[str, Any]:
    files = {"file": (f"{number}.jpg", picture(number), "image/jpeg")}
    answer = client.post(f"{project}/images", files=files, data={"name": f"{number}.jpg", "split": split})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_from_uploads_to_a_zip(
    installed: httpx.Client, both_databases: Database, blobs: BlobStore, tmp_path: Path, wait_until: WaitUntil
) -> None:
    workspace = "/api/workspaces/my-workspace"
    slug = installed.post(f"{workspace}/projects", json={"name": "Cells", "annotation_group": "cells"}).json()["slug"]
    project = f"{workspace}/projects/{slug}"
    ids = [upload(installed, project, n, split)["id"] for n, split in enumerate(("train", "train", "val", "test"))]
    assert upload(installed, project, 0, "train") == {"id": ids[0], "is_duplicate": True}
    for image in ids:
        boxes = {"boxes": [{"class_name": "cell", "box_xyxy": [5, 5, 25, 25]}]}
        assert installed.put(f"{project}/images/{image}/annotations", json=boxes).status_code == 200
    assert installed.get(f"{project}/images/{ids[1]}/file").content == picture(1)
    part = installed.get(f"{project}/images/{ids[1]}/file", headers={"Range": "bytes=2-9"})
    assert part.content in (picture(1)[2:10], picture(1))
    thumbnail = installed.get(f"{project}/images/{ids[1]}/thumbnail").content
    assert PillowImage.open(io.BytesIO(thumbnail)).size == (60, 40)
    assert installed.get(f"{project}/images/{ids[1]}/thumbnail").content == thumbnail
    assert installed.get(f"{project}/health").json()["annotations"] == 4

    settings = {"preprocessing": {"resize": {"width": 32, "height": 32, "format": "Stretch to"}}}
    version = installed.post(f"{project}/versions", json={"settings": settings}).json()
    address = f"{project}/versions/{version['number']}"
    wait_until(lambda: installed.get(address).json()["state"] != "generating")
    assert installed.get(address).json()["splits"] == {
        "train": {"images": 2, "annotations": 2},
        "val": {"images": 1, "annotations": 1},
        "test": {"images": 1, "annotations": 1},
    }
    installed.post(f"{address}/exports", json={"format": "yolov8"})
    wait_until(lambda: installed.get(f"{address}/exports").json()["exports"][0]["state"] != "running")
    packed = installed.get(f"{address}/exports/yolov8").content
    (tmp_path / "got.zip").write_bytes(packed)
    dataset = open_dataset(tmp_path / "got.zip", unpack_into=tmp_path / "got")
    assert [(image.image_wh, len(image.boxes_xyxy)) for image in dataset.images] == [((32, 32), 1)] * 4

    archive = ensure_archive(both_databases, blobs, tmp_path / "data", version["id"])
    with zipfile.ZipFile(blobs.local_path(archive)) as held:
        assert "version.json" in held.namelist()
    assert installed.delete(f"{project}/images/{ids[0]}").status_code in (200, 204)
    assert installed.get(f"{project}/images").json()["total"] == 3
