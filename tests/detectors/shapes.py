"""A drawn dataset that a net learns in seconds: light squares and dark discs on grey noise; `detectors.shapes`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from detectors.nets import train_some_steps
from epochal.detectors.loss import Target
from epochal.detectors.weights import Weights

IMAGE_WH = (96, 64)
NAMES = ("disc", "square")
COCO_IDS = {"disc": 7, "square": 3}  # sparse, and not in the order of the names


@dataclass(frozen=True)
class Drawn:
    """One picture and what is on it."""

    picture: Image.Image
    boxes_xyxy: NDArray[np.float32]
    class_id: NDArray[np.int64]


def draw(number: int) -> Drawn:
    """One or two shapes of each class, not overlapping; the same for the same number."""
    random = np.random.default_rng(number)
    noise = random.integers(105, 140, (IMAGE_WH[1], IMAGE_WH[0], 3), np.uint8)
    picture = Image.fromarray(noise)
    pen = ImageDraw.Draw(picture)
    boxes, kinds = [], []
    for column in range(3):
        side, kind = int(random.integers(16, 28)), int(random.integers(0, 2))
        x, y = column * 32 + int(random.integers(1, 31 - side)), int(random.integers(1, IMAGE_WH[1] - side - 1))
        shape = (x, y, x + side - 1, y + side - 1)
        if kind:
            pen.rectangle(shape, fill=(240, 235, 210))
        else:
            pen.ellipse(shape, fill=(20, 25, 60))
        boxes.append((x, y, x + side, y + side))
        kinds.append(kind)
    return Drawn(picture, np.float32(boxes), np.int64(kinds))


@cache
def train_on_shapes() -> Weights:
    """A net that finds most shapes; trained once a session, in about five seconds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    drawn = [draw(1000 + i) for i in range(12)]
    images = torch.stack([torch.from_numpy(np.array(d.picture)).permute(2, 0, 1) / 255 for d in drawn])
    counts = [len(d.boxes_xyxy) for d in drawn]
    target = Target(
        torch.from_numpy(np.concatenate([d.boxes_xyxy for d in drawn])),
        torch.from_numpy(np.concatenate([d.class_id for d in drawn])),
        torch.repeat_interleave(torch.arange(len(drawn)), torch.tensor(counts)),
    )
    weights = train_some_steps(images, target, NAMES, steps=60)
    torch.set_num_threads(threads)
    return weights


def write_coco(root: Path, splits: dict[str, int], *, first_number: int = 0) -> Path:
    """A COCO dataset: one JSON file and one folder of PNGs a split; sparse ids, in no order."""
    number = first_number
    for split, count in splits.items():
        (root / split).mkdir(parents=True)
        images, annotations = [], []
        for _ in range(count):
            drawn, name = draw(number), f"shot {number}.png"
            drawn.picture.save(root / split / name)
            image_id = 900 - 3 * number
            images.append({"id": image_id, "file_name": f"{split}/{name}", "width": 96, "height": 64})
            for (x1, y1, x2, y2), kind in zip(drawn.boxes_xyxy.tolist(), drawn.class_id.tolist(), strict=True):
                box = [x1, y1, x2 - x1, y2 - y1]
                annotations.append(
                    {"id": len(annotations) + 1, "image_id": image_id, "category_id": COCO_IDS[NAMES[kind]],
                     "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
                )  # fmt: skip
            number += 1
        categories = [{"id": id_, "name": name} for name, id_ in COCO_IDS.items()]
        document = {"images": images, "annotations": annotations, "categories": categories}
        (root / f"{split}.json").write_text(json.dumps(document))
    return root


def write_yolo(root: Path, count: int, names: tuple[str, ...] = NAMES) -> Path:
    """A YOLO folder without splits; `names` may be in another order than the ids of the shapes."""
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    for number in range(count):
        drawn = draw(number)
        drawn.picture.save(root / "images" / f"{number}.png")
        lines = []
        for (x1, y1, x2, y2), kind in zip(drawn.boxes_xyxy.tolist(), drawn.class_id.tolist(), strict=True):
            line = [(x1 + x2) / 192, (y1 + y2) / 128, (x2 - x1) / 96, (y2 - y1) / 64]
            lines.append(" ".join([str(names.index(NAMES[kind])), *map(str, line)]))
        (root / "labels" / f"{number}.txt").write_text("\n".join(lines))
    (root / "data.yaml").write_text(f"names: {list(names)}\n")
    return root
