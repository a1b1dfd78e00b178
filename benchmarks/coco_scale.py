"""CPU time and memory of opening and checking a COCO set as large as COCO 2017: python benchmarks/coco_scale.py.

Made by code: 118,000 images of 1 kB and 860,000 boxes with polygons. What is measured is a process of its own that runs
`epochal check --json --no-near-duplicates`.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

BOXES_PER_IMAGE = 7.3


def make_set(root: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480)).save(buffer, "JPEG", quality=10)
    head = buffer.getvalue()[:-2]
    (root / "train2017").mkdir(parents=True)
    (root / "annotations").mkdir()
    images, annotations = [], []
    for i in range(count):
        (root / f"train2017/{i:012}.jpg").write_bytes(head + i.to_bytes(4, "big") + b"\xff\xd9")
        images.append({"id": i, "file_name": f"{i:012}.jpg", "width": 640, "height": 480, "license": 1})
        number = int(rng.poisson(BOXES_PER_IMAGE))
        corner, size = rng.integers(0, 300, (number, 2)), rng.integers(1, 180, (number, 2))
        for (x, y), (w, h), kind in zip(
            corner.tolist(), size.tolist(), rng.integers(1, 81, number).tolist(), strict=True
        ):
            polygon = [x, y, x + w, y, x + w, y + h, x, y + h, x, y + h // 2]
            annotations.append(
                {"id": len(annotations), "image_id": i, "category_id": kind, "bbox": [x, y, w, h], "area": w * h}
                | {"iscrowd": 0, "segmentation": [polygon]}
            )
    kinds = [{"id": i, "name": f"class {i}", "supercategory": "thing"} for i in range(1, 81)]
    document = {"images": images, "annotations": annotations, "categories": kinds}
    (root / "annotations/instances_train2017.json").write_text(json.dumps(document))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=118_000)
    count = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        make_set(Path(folder) / "coco", count)
        start = time.perf_counter()
        command = [sys.executable, "-m", "epochal", "check", f"{folder}/coco", "--json", "--no-near-duplicates"]
        report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{report['images']:,} images, {report['annotations']:,} boxes: {used.ru_utime + used.ru_stime:.1f} CPU-s, "
        f"{time.perf_counter() - start:.1f} s, {used.ru_maxrss / 1024**2:.2f} GiB"
    )


if __name__ == "__main__":
    main()
