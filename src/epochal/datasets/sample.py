"""The sample dataset: bolts, nuts and washers on a workbench, drawn by this code, to learn and demonstrate with.

It is drawn so that training on it looks like training on photos: washers are common and bolts are rare, parts overlap
and are covered, some pictures are dark, blurred or noisy, sizes differ by a factor of five, and what lies about
besides (coins, rubber rings, screws, pins, pencil marks) looks alike and is not labelled. A tenth shows no part at all.

    write_sample_dataset(folder)  →  images/{train,val,test}/*.jpg, labels/…/*.txt (YOLO), data.yaml, README.txt
"""

import math
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from epochal.datasets.sample_drawing import (
    Rng,
    Sprite,
    cast_shadows,
    draw_bench,
    draw_bolt,
    draw_coin,
    draw_cover,
    draw_mark,
    draw_nut,
    draw_pin,
    draw_rubber_ring,
    draw_screw,
    draw_washer,
    photograph,
)
from epochal.errors import DatasetError

SAMPLE_NAME = "sample"
CLASS_NAMES = ("bolt", "nut", "washer")
IMAGE_WH = (400, 320)
DEFAULT_IMAGES = 240
_SCALE = 2  # drawn larger and scaled down, for soft edges
_CLASS_SHARES = (0.19, 0.28, 0.53)
_LEAST_VISIBLE, _LEAST_SIDE_PX = 0.3, 5  # what is covered more, or cut off to less, nobody would label
_README = """This is a sample dataset, drawn by a program and not photographed: bolts, nuts and washers on a workbench.
It shows how Epochal works. What a model learns from it is of no use on real parts.

{images} images, seed {seed}. Coins, rubber rings, screws, pins and pencil marks are meant to mislead and not labelled.
"""


@dataclass(frozen=True)
class _Label:
    """A box as YOLO writes it: fractions of the image's width and height."""

    class_id: int
    box_cxcywh_norm: tuple[float, float, float, float]


def write_sample_dataset(folder: Path, *, images: int = DEFAULT_IMAGES, seed: int = 0) -> Path:
    """Draw the sample dataset into a new folder. It appears whole or not at all.

    Args:
        folder: where to; nothing may be there.
        images: how many, split 70/15/15; image number n is the same however many there are.
        seed: the same seed gives the same bytes, with the same version of Pillow.

    Returns:
        The folder.

    Raises:
        DatasetError: the folder is there already, or `images` is below 20, the fewest that give every split its share.
    """
    if folder.exists():
        raise DatasetError(
            f"{folder} is there already; expected a new folder for the sample. Name another, or delete it."
        )
    if images < 20:
        raise DatasetError(f"The sample needs at least 20 images for its three splits; got {images}.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.with_name(f".{folder.name}-{os.getpid()}")
    try:
        for number in range(images):
            split = _split_of(number)
            picture, labels = _draw_image(np.random.default_rng([seed, number]))
            _write_image(beside, f"{split}/sample_{number:04d}", picture, labels, quality=58 + number * 7 % 35)
        (beside / "data.yaml").write_text(_data_yaml(), "utf-8")
        (beside / "README.txt").write_text(_README.format(images=images, seed=seed), "utf-8")
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _split_of(number: int) -> str:
    place = number % 20
    return "train" if place < 14 else ("val" if place < 17 else "test")


def _data_yaml() -> str:
    lines = ["# A sample dataset, drawn by `epochal demo`; see README.txt.", "path: ."]
    lines += [f"{split}: images/{split}" for split in ("train", "val", "test")]
    return "\n".join([*lines, "names:", *(f"  {i}: {name}" for i, name in enumerate(CLASS_NAMES)), ""])


def _write_image(folder: Path, name: str, picture: Image.Image, labels: list[_Label], *, quality: int) -> None:
    image_path, label_path = folder / "images" / f"{name}.jpg", folder / "labels" / f"{name}.txt"
    for path in (image_path, label_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(image_path, "JPEG", quality=quality)
    rows = [f"{label.class_id} " + " ".join(f"{v:.6f}" for v in label.box_cxcywh_norm) for label in labels]
    label_path.write_text("".join(row + "\n" for row in rows), "utf-8")


def _draw_image(rng: Rng) -> tuple[Image.Image, list[_Label]]:
    """One picture and what is to be found in it."""
    wh = (IMAGE_WH[0] * _SCALE, IMAGE_WH[1] * _SCALE)
    canvas = draw_bench(rng, wh)
    has_parts = rng.random() > 0.1
    nearness = math.exp(rng.uniform(math.log(0.95), math.log(2.0)))  # of the camera; all parts grow with it
    placed = _choose(rng, nearness, int(rng.integers(2, 14)) if has_parts else 0)
    sprites = [(class_id, draw(rng, size)) for class_id, draw, size in placed]
    corners = _place(rng, wh, [sprite.size[0] for _, sprite in sprites])
    cast_shadows(rng, canvas, [sprite for _, sprite in sprites], corners)
    owner = Image.new("L", wh, 0)
    for number, ((_, sprite), corner) in enumerate(zip(sprites, corners, strict=True), start=1):
        mask = sprite.getchannel("A")
        canvas.paste(sprite, corner, mask)
        owner.paste(number, corner, mask.point(lambda alpha: 255 * (alpha > 127)))
    if rng.random() < 0.3:
        draw_cover(rng, canvas, owner)
    labels = _find_labels(sprites, np.asarray(owner))
    return photograph(rng, canvas, IMAGE_WH), labels


def _choose(rng: Rng, nearness: float, parts: int) -> list[tuple[int | None, Callable[[Rng, int], Sprite], int]]:
    """What lies on the bench, in the order in which it was put there: class, drawing, size in drawn pixels."""
    chosen: list[tuple[int | None, Callable[[Rng, int], Sprite], int]] = []
    for _ in range(parts):
        class_id = int(rng.choice(3, p=_CLASS_SHARES))
        size = {0: rng.uniform(52, 95), 1: rng.uniform(26, 46), 2: rng.uniform(20, 46)}[class_id]
        chosen.append((class_id, (draw_bolt, draw_nut, draw_washer)[class_id], int(size * nearness * _SCALE)))
    for _ in range(int(rng.integers(1, 6))):
        draw = (draw_coin, draw_rubber_ring, draw_screw, draw_pin, draw_mark)[int(rng.integers(5))]
        chosen.append((None, draw, int(rng.uniform(24, 64) * nearness * _SCALE)))
    return [chosen[int(i)] for i in rng.permutation(len(chosen))]


def _place(rng: Rng, wh: tuple[int, int], sizes: list[int]) -> list[tuple[int, int]]:
    """Upper left corners; half of the parts lie beside one put there before, so that they touch and overlap."""
    corners: list[tuple[int, int]] = []
    for size in sizes:
        x, y = rng.uniform(-0.2 * size, wh[0] - 0.8 * size), rng.uniform(-0.2 * size, wh[1] - 0.8 * size)
        if corners and rng.random() < 0.5:
            near_x, near_y = corners[int(rng.integers(len(corners)))]
            angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(0.35, 0.9) * size
            x, y = near_x + far * math.cos(angle), near_y + far * math.sin(angle)
        corners.append((int(x), int(y)))
    return corners


def _find_labels(sprites: list[tuple[int | None, Sprite]], owner: NDArray[np.uint8]) -> list[_Label]:
    """Boxes around what can be seen of each part.

    Args:
        sprites: (class_id or None for clutter, sprite), in the order drawn.
        owner: (H, W) uint8, the number from 1 of the sprite that is seen at each drawn pixel.
    """
    height, width = owner.shape
    labels = []
    for number, (class_id, sprite) in enumerate(sprites, start=1):
        if class_id is None:
            continue
        ys, xs = np.nonzero(owner == number)
        whole = np.count_nonzero(np.asarray(sprite.getchannel("A")) > 127)
        if len(xs) < _LEAST_VISIBLE * whole:
            continue
        x1, y1, x2, y2 = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
        if min(x2 - x1, y2 - y1) < _LEAST_SIDE_PX * _SCALE:
            continue
        box = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        labels.append(_Label(class_id, (float(box[0]), float(box[1]), float(box[2]), float(box[3]))))
    return labels
