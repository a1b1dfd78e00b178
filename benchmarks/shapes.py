"""Draw small datasets of shapes that a net learns within some hundred steps, each seed another one."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

_WH = (160, 128)
_NAMES = ("disc", "square", "triangle")


def write_shapes(folder: Path, *, seed: int, train: int, val: int) -> Path:
    """Discs, squares and triangles on noisy ground, among lines that mean nothing.

    Args:
        folder: where to; it may be there already, then it is taken as it is.
        seed: of all that is drawn; how noisy, how many, how large and how often each class comes differ between seeds.
        train: images.
        val: images.

    Returns:
        The folder, in YOLO's format.
    """
    if (folder / "data.yaml").exists():
        return folder
    look = np.random.default_rng([seed, 0])
    style = {
        "noise": look.uniform(2, 16),
        "blur": look.uniform(0, 0.9),
        "largest": look.uniform(34, 60),
        "most": int(look.integers(6, 11)),
        "shares": look.dirichlet([12, 12, 12]),
    }
    for split, count in (("train", train), ("val", val)):
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            rng = np.random.default_rng([seed, 1 + (split == "val"), number])
            picture, rows = _draw(rng, **style)
            picture.save(folder / "images" / split / f"{split}_{number:03d}.jpg", quality=85)
            (folder / "labels" / split / f"{split}_{number:03d}.txt").write_text("".join(rows), "utf-8")
    names = "".join(f"  {at}: {name}\n" for at, name in enumerate(_NAMES))
    (folder / "data.yaml").write_text(f"path: .\ntrain: images/train\nval: images/val\nnames:\n{names}", "utf-8")
    return folder


def _draw(
    rng: np.random.Generator, *, noise: float, blur: float, largest: float, most: int, shares: np.ndarray
) -> tuple[Image.Image, list[str]]:
    width, height = _WH
    ground = rng.uniform(90, 160) + rng.normal(0, 6, (height, 1, 3)) + np.zeros((height, width, 3))
    picture = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(0, 5))):
        ends = rng.uniform(0, 1, 4) * [width, height, width, height]
        pen.line([*ends], fill=_colour(rng), width=int(rng.integers(1, 4)))
    rows, placed = [], []
    for _ in range(int(rng.integers(2, most))):
        class_id, side = int(rng.choice(3, p=shares)), rng.uniform(20, largest)
        x, y = rng.uniform(0, width - side), rng.uniform(0, height - side)
        box = (x, y, x + side, y + side * rng.uniform(0.85, 1))
        if any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in placed):
            continue
        placed.append(box)
        colour = _colour(rng, class_id)
        if class_id == 0:
            pen.ellipse(box, fill=colour)
        elif class_id == 1:
            pen.rectangle(box, fill=colour)
        else:
            pen.polygon([((box[0] + box[2]) / 2, box[1]), (box[2], box[3]), (box[0], box[3])], fill=colour)
        x, y, w, h = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]
        rows.append(f"{class_id} {x / width:.6f} {y / height:.6f} {w / width:.6f} {h / height:.6f}\n")
    picture = picture.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(picture, np.float64) + rng.normal(0, noise, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), rows


def _colour(rng: np.random.Generator, class_id: int | None = None) -> tuple[int, ...]:
    """Any colour; of a class one that is strongest in its channel, so that colour and shape both tell."""
    colour = rng.integers(0, 256, 3)
    if class_id is not None:
        colour[class_id], colour[class_id - 1] = colour.max(), colour.min() // 2
    return tuple(int(value) for value in colour)
