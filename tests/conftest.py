"""Fixtures that several test folders share."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image, ImageDraw

pytest_plugins = ["storage_fixtures"]
DrawShapes = Callable[..., Path]
WaitUntil = Callable[[Callable[[], bool]], None]

# A law is no race: a busy machine may take its time.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real datasets and logs: `EPOCHAL_TEST_DATA`, else `../shared` beside the checkout."""
    folder = Path(os.environ.get("EPOCHAL_TEST_DATA", Path(__file__).parents[2] / "shared"))
    if (folder / "datasets").is_dir():
        return folder
    reason = f"needs real datasets in {folder}; set EPOCHAL_TEST_DATA to a folder that has them"
    if os.environ.get("EPOCHAL_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def draw_shapes() -> DrawShapes:
    """A function that draws a small dataset in COCO's form: two shapes an image, red discs and blue blocks.

    `draw_shapes(folder, train=16, val=6, test=4, side=96)`; a split of 0 images is left out. The pixels are always
    the same.
    """

    def draw(folder: Path, *, train: int = 16, val: int = 6, test: int = 4, side: int = 96) -> Path:
        random = np.random.default_rng(0)
        for split, count in (("train", train), ("val", val), ("test", test)):
            if count:
                _draw_split(folder / split, count, side, random)
        return folder

    return draw


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory, draw_shapes: DrawShapes) -> Path:
    """16 + 6 + 4 drawn images, to be read only."""
    return draw_shapes(tmp_path_factory.mktemp("drawn") / "shapes")


@pytest.fixture
def wait_until() -> WaitUntil:
    """Return as soon as something is so; fail when it is not within 20 s."""

    def wait(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < end, "not so within 20 s"
            time.sleep(0.01)

    return wait


def _draw_split(folder: Path, count: int, side: int, random: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    images, annotations = [], []
    for number in range(count):
        picture = Image.new("RGB", (side, side), tuple(int(v) for v in random.integers(90, 150, 3)))
        pencil = ImageDraw.Draw(picture)
        for _ in range(2):
            (w, h), (x, y) = random.integers(side // 5, side * 2 // 5, 2), random.integers(0, side * 3 // 5, 2)
            kind, corners = int(random.integers(0, 2)), [int(x), int(y), int(x + w), int(y + h)]
            (pencil.rectangle if kind else pencil.ellipse)(corners, fill=((220, 30, 30), (30, 30, 220))[kind])
            area = int((w + 1) * (h + 1))
            box = {"category_id": kind + 1, "bbox": [int(x), int(y), int(w) + 1, int(h) + 1], "area": area}
            annotations.append({"id": len(annotations) + 1, "image_id": number, "iscrowd": 0, **box})
        picture.save(folder / f"{number:02d}.png")
        images.append({"id": number, "file_name": f"{number:02d}.png", "width": side, "height": side})
    categories = [{"id": 1, "name": "disc"}, {"id": 2, "name": "block"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "_annotations.coco.json").write_text(json.dumps(content), "utf-8")
