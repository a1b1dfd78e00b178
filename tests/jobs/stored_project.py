"""A project with images and boxes, a version with an export, and a model, as a server stores them."""

import time
from dataclasses import dataclass
from pathlib import Path

from project_rows import add_workspace, box, picture

from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.ready_zip import Source
from epochal.datasets.uploads import add_image
from epochal.jobs.tables import ModelRow
from epochal.storage.blobs import BlobStore, hash_bytes
from epochal.storage.database import Database
from epochal.storage.ids import new_id
from epochal.versions.project_exports import find_export, make_export, start_export
from epochal.versions.project_generating import generate_project_version
from epochal.versions.project_versions import create_version, find_version, version_folder
from epochal.versions.settings import VersionSettings


@dataclass(frozen=True)
class StoredProject:
    """Where its things are; `blob_of` has one blob for each table that names some."""

    project_id: str
    image_hashes: list[str]
    version_folder: Path
    content_hash: str
    blob_of: dict[str, str]


def store_project(database: Database, blobs: BlobStore, root: Path, images: int = 4) -> StoredProject:
    """Fill a data folder whose database has all tables."""
    workspace_id = add_workspace(database)
    pictures = [picture(number) for number in range(images)]
    with database.write() as session:
        project_id = create_project(session, workspace_id, name="Cells").id
        for number, data in enumerate(pictures):
            split = ("train", "train", "val", "test")[number % 4]
            added = add_image(session, blobs, project_id, data, name=f"{number}.jpg", split=split, batch_name="b")
            set_annotations(session, project_id, added.id, [box("cell", 5, 5, 25, 25)], source="person")
        version = create_version(session, project_id, VersionSettings())
        weights = blobs.put(b"weights, of no meaning")
        session.add(
            ModelRow(
                id=new_id(), workspace_id=workspace_id, project_id=project_id, slug="m", name="m", model_type="fast-n",
                can_run=False, files={"best.pt": weights}, classes=["cell"], metrics={}, created_at=time.time(),
            )
        )  # fmt: skip
    generate_project_version(database, blobs, root, version.id)
    with database.write() as session:
        made = find_version(session, project_id, 1)
        start_export(session, made, "coco")
    make_export(database, blobs, root, made, "coco", Source("lab", "cells", 1))
    with database.read() as session:
        export = find_export(session, made.id, "coco")
    assert made.content_hash is not None
    assert export.sha256 is not None
    hashes = [hash_bytes(data) for data in pictures]
    blob_of = {"images": hashes[0], "version_exports": export.sha256, "models": weights}
    return StoredProject(project_id, hashes, version_folder(root, project_id, 1), made.content_hash, blob_of)
