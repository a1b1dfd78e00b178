"""Boxes on images with one file of weights: python predict.py IMAGE…; needs onnxruntime, pillow, numpy."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession(str(Path(__file__).with_name("best.onnx")), providers=["CPUExecutionProvider"])
about = session.get_modelmeta().custom_metadata_map
NAMES, (WIDTH, HEIGHT) = json.loads(about["class_names"]), json.loads(about["canvas_wh"])


def predict(image: Image.Image, confidence: float = 0.4, iou: float = 0.65) -> list[tuple[str, float, list[float]]]:
    """[(class name, confidence, [x_min, y_min, x_max, y_max] in pixels)], the surest first."""
    image = ImageOps.exif_transpose(image).convert("RGB")
    scale = min(WIDTH / image.width, HEIGHT / image.height)
    w, h = max(1, min(WIDTH, round(image.width * scale))), max(1, min(HEIGHT, round(image.height * scale)))
    left, top = (WIDTH - w) // 2, (HEIGHT - h) // 2
    canvas = np.full((HEIGHT, WIDTH, 3), 114, np.uint8)  # grey around the picture
    canvas[top : top + h, left : left + w] = np.asarray(image.resize((w, h), Image.Resampling.BILINEAR))
    images = {"images": np.ascontiguousarray(canvas.transpose(2, 0, 1)[None]).astype(np.float32) / 255}
    (boxes,), (scores,) = session.run(["boxes", "scores"], images)
    point, kind = np.nonzero(scores >= confidence)
    boxes = (boxes[point] - [left, top, left, top]) / ([w / image.width, h / image.height] * 2)
    boxes, sure, kept = np.clip(boxes, 0, [*image.size] * 2), scores[point, kind], list[int]()
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    for i in np.argsort(-sure, kind="stable"):  # of two of a class that overlap, the surer one stays
        same = [j for j in kept if kind[j] == kind[i]]
        sides = np.minimum(boxes[i, 2:], boxes[same, 2:]) - np.maximum(boxes[i, :2], boxes[same, :2])
        shared = np.prod(np.maximum(sides, 0), axis=1)
        if area[i] > 0 and (shared <= iou * (area[i] + area[same] - shared)).all():
            kept.append(i)
    return [(NAMES[kind[i]], float(sure[i]), boxes[i].tolist()) for i in kept[:300]]


if __name__ == "__main__":
    sys.stdout.write(json.dumps({path: predict(Image.open(path)) for path in sys.argv[1:]}) + "\n")
