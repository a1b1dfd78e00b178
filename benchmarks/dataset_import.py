"""Import speed of datasets, ours beside supervision's and datumaro's: python benchmarks/dataset_import.py.

The sets are made by code: N images of 640 × 480 (75 kB) with 7.3 boxes each, as COCO JSON and as Pascal VOC. Each
loader runs in a process of its own, best of three by CPU time, and gives the sum of its boxes' corners, which must be
the same. Ours looks at both ends of every image file, checks every box and finds copies; datumaro trusts the annotation
files; supervision paints a mask for each polygon of COCO and decodes every image of VOC (and moves VOC's upper corners
by one pixel). "hashed" is ours with the sha256 of every image file, which versions and drawn splits ask for.

`--others PYTHON` names an interpreter that has supervision and datumaro; without it, ours runs alone.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

LOADERS = {
    "epochal": """
from epochal.datasets import open_dataset
dataset = open_dataset(root)
images, boxes = len(dataset.images), dataset.annotation_count
total = sum(float(image.boxes_xyxy.sum()) for image in dataset.images)
""",
    "hashed": """
from epochal.datasets import open_dataset
dataset = open_dataset(root)
hashes = [image.sha256 for image in dataset.images]
images, boxes = len(dataset.images), dataset.annotation_count
total = sum(float(image.boxes_xyxy.sum()) for image in dataset.images)
""",
    "supervision": """
import supervision
if kind == "coco":
    file = root / "annotations/instances_train.json"
    dataset = supervision.DetectionDataset.from_coco(str(root / "images/train"), str(file))
else:
    dataset = supervision.DetectionDataset.from_pascal_voc(str(root / "JPEGImages"), str(root / "Annotations"))
images, boxes = len(dataset.annotations), sum(len(found) for found in dataset.annotations.values())
total = sum(float(found.xyxy.sum()) for found in dataset.annotations.values())
""",
    "datumaro": """
import datumaro
dataset = datumaro.Dataset.import_from(str(root), "coco_instances" if kind == "coco" else "voc_detection")
images = boxes = 0
total = 0.0
for item in dataset:
    images += 1
    for annotation in item.annotations:
        if annotation.type == datumaro.AnnotationType.bbox:
            boxes += 1
            total += sum(annotation.points)
""",
}
RUN = """
import json, pathlib, resource, sys, time, warnings
warnings.simplefilter("ignore")
root, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
{imports}
wall, cpu = time.perf_counter(), time.process_time()
{load}
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(dict(images=images, boxes=boxes, total=total, wall=wall, cpu=cpu, peak=peak)))
"""


def make_sets(root: Path, count: int) -> None:
    """The same images and boxes as COCO and as Pascal VOC; corners are whole pixels, so that sums are exact."""
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (480, 640, 3), np.uint8)).save(buffer, "JPEG", quality=30)
    picture = buffer.getvalue()[:-2]
    coco, voc = root / "coco", root / "voc"
    for folder in (coco / "images/train", coco / "annotations", voc / "JPEGImages", voc / "Annotations"):
        folder.mkdir(parents=True)
    (voc / "ImageSets/Main").mkdir(parents=True)
    (voc / "ImageSets/Main/train.txt").write_text("".join(f"{i:012}\n" for i in range(count)))
    names = [f"class {i}" for i in range(80)]
    (voc / "labelmap.txt").write_text("".join(f"{name}:::\n" for name in names))
    images, annotations = [], []
    for i in range(count):
        for folder in (coco / "images/train", voc / "JPEGImages"):
            (folder / f"{i:012}.jpg").write_bytes(picture + i.to_bytes(4, "big") + b"\xff\xd9")
        images.append({"id": i, "file_name": f"{i:012}.jpg", "width": 640, "height": 480})
        number = int(rng.poisson(7.3))
        corner, size, kind = (
            rng.integers(0, 300, (number, 2)),
            rng.integers(1, 180, (number, 2)),
            rng.integers(0, 80, number),
        )
        objects = ""
        for (x, y), (w, h), k in zip(corner.tolist(), size.tolist(), kind.tolist(), strict=True):
            base = {"id": len(annotations) + 1, "image_id": i, "category_id": k + 1, "iscrowd": 0, "area": w * h}
            annotations.append({**base, "bbox": [x, y, w, h], "segmentation": [[x, y, x + w, y, x + w, y + h]]})
            box = f"<xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax>"
            objects += f"<object><name>{names[k]}</name><difficult>0</difficult><bndbox>{box}</bndbox></object>\n"
        size_text = "<size><width>640</width><height>480</height><depth>3</depth></size>"
        text = f"<annotation><filename>{i:012}.jpg</filename>{size_text}\n{objects}</annotation>\n"
        (voc / "Annotations" / f"{i:012}.xml").write_text(text)
    categories = [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(names, 1)]
    document = {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}
    (coco / "annotations/instances_train.json").write_text(json.dumps(document))


def measure(python: str, loader: str, root: Path, kind: str) -> dict[str, float] | None:
    """The best of three runs by CPU time; None when the loader fails."""
    lines = LOADERS[loader].strip().splitlines()
    code = RUN.format(imports=lines[0], load="\n".join(lines[1:]))
    best: dict[str, float] | None = None
    for _ in range(3):
        result = subprocess.run([python, "-c", code, str(root), kind], capture_output=True, text=True, timeout=900)
        if result.returncode:
            print(f"{loader} {kind} failed: {result.stderr.strip().splitlines()[-1]}")
            return None
        found = json.loads(result.stdout.splitlines()[-1])
        best = found if best is None or found["cpu"] < best["cpu"] else best
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--others", help="a Python that has supervision and datumaro")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_sets(Path(folder), arguments.images)
        for kind in ("coco", "voc"):
            for loader in LOADERS if arguments.others else ("epochal", "hashed"):
                python = sys.executable if loader in ("epochal", "hashed") else arguments.others
                found = measure(python, loader, Path(folder) / kind, kind)
                if found:
                    print(f"{kind:5}{loader:12}" + "".join(f"{key} {value:,.2f}  " for key, value in found.items()))


if __name__ == "__main__":
    main()
