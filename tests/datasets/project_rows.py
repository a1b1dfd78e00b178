"""A workspace, and pictures in bytes, for tests of projects in a database."""

import io
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from epochal.datasets.labels import LabelledBox
from epochal.storage.database import Database
from epochal.storage.ids import new_id
from epochal.workspaces.tables import WorkspaceRow


def add_workspace(database: Database, slug: str = "lab") -> str:
    """The id of a new workspace."""
    workspace_id = new_id()
    with database.write() as session:
        session.add(WorkspaceRow(id=workspace_id, slug=slug, name=slug.title(), created_at=1.0))
    return workspace_id


def picture(number: int, wh: tuple[int, int] = (60, 40), form: str = "JPEG", **save: Any) -> bytes:
    """The bytes of a picture; each number gives other ones."""
    stream = io.BytesIO()
    colour = (number * 37 % 256, number * 11 % 256, number // 7 % 256)
    image = PillowImage.new("RGB", wh, colour)
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 77))
    image.save(stream, form, **({"quality": 95, "comment": str(number).encode()} if form == "JPEG" else {}), **save)
    return stream.getvalue()


def scene(seed: int, wh: tuple[int, int] = (160, 120), brightness: float = 1.0) -> bytes:
    """A JPEG of soft clouds; each seed gives others."""
    coarse = np.random.default_rng(seed).integers(0, 200, (7, 9, 3)).astype(np.uint8)
    picture = PillowImage.fromarray(coarse).resize((160, 120), PillowImage.Resampling.BICUBIC).resize(wh)
    picture = picture.point(lambda value: min(255, int(value * brightness)))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return stream.getvalue()


def box(class_name: str, *corners: float, **more: Any) -> LabelledBox:
    x_min, y_min, x_max, y_max = corners or (5, 5, 25, 25)
    return LabelledBox(class_name, (x_min, y_min, x_max, y_max), **more)
