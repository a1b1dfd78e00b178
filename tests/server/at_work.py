"""A model of a served workspace, and pictures for it; imported as `server.at_work`."""

import base64
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from detectors.nets import NAMES, random_weights
from epochal.datasets.projects import create_project
from epochal.detectors.export import export_weights
from epochal.jobs.models import NewModel, add_model
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow

IMAGE_WH = (90, 70)


@dataclass(frozen=True)
class AtWork:
    """A project with one version and its model."""

    project_id: str
    slug: str
    model_slug: str
    onnx: bytes


def add_working_model(database: Database, blobs: BlobStore, workspace_id: str, name: str) -> AtWork:
    """A project of that name whose version 1 has a random net of 96 × 64 for NAMES."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "best.onnx"
        export_weights(random_weights(), path, "onnx")
        onnx = path.read_bytes()
    sha256 = blobs.put(onnx)
    with database.write() as session:
        project = create_project(session, workspace_id, name=name)
        version = VersionRow(
            id=new_id(), project_id=project.id, number=1, name="1", state="ready", progress=1.0, images=1,
            settings={"preprocessing": {}, "augmentation": {}}, splits={}, classes=list(NAMES), created_at=0.0,
        )  # fmt: skip
        session.add(version)
        session.flush()
        new = NewModel(
            name=f"{name} 1", slug=f"{project.slug}-1", model_type="fast-n", files={"best.onnx": sha256},
            classes=NAMES, project_id=project.id, version_id=version.id, image_size_px=96,
            metrics={"confidence": 0.45},
        )  # fmt: skip
        model = add_model(session, workspace_id, new)
    return AtWork(project.id, project.slug, model.slug, onnx)


def picture(seed: int = 0, form: str = "PNG", wh: tuple[int, int] = IMAGE_WH) -> bytes:
    """An image file of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (wh[1], wh[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


def as_text(data: bytes) -> str:
    return base64.b64encode(data).decode()
