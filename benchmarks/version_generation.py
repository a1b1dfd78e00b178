"""CPU time of a version: 640 × 480 JPEGs, resize to 640 × 640, three outputs each.

With `--beside PYTHON` the same work is done by albumentations and Pillow loops in another environment, which has
albumentations (MIT up to 2.0) installed: it is no dependency of Epochal.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

IMAGES, OUTPUTS, SIDE_PX = 60, 3, 640

# Runs in the other environment: the same steps, sizes, files and threads, and boxes beside them.
BESIDE = """
import json, sys, time, pathlib
import numpy as np, cv2, albumentations as A
from PIL import Image
cv2.setNumThreads(1)
source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
steps = [A.HorizontalFlip(p=0.5), A.HueSaturationValue(15, 0, 0, p=1), A.RandomBrightnessContrast(0.2, 0, p=1),
    A.Rotate(15, border_mode=cv2.BORDER_CONSTANT, p=1), A.GaussianBlur((3, 5), p=1)][: int(sys.argv[3])]
vary = A.Compose(steps, bbox_params=A.BboxParams("pascal_voc", label_fields=["ids"], min_visibility=0.2))
start = time.process_time()
for path in sorted(source.glob("*.jpg")):
    picture = Image.open(path).convert("RGB").resize((640, 640), Image.BILINEAR)
    for n in range(3):
        out = vary(image=np.array(picture), bboxes=[[100, 100, 300, 300], [400, 200, 500, 360]], ids=[0, 1])
        Image.fromarray(out["image"]).save(target / f"{path.stem}-{n}.jpg", quality=92)
print(json.dumps([A.__version__, time.process_time() - start]))
"""

RESIZE = {"width": SIDE_PX, "height": SIDE_PX, "format": "Stretch to"}
STEPS = {
    "flip": {"horizontal": True},
    "hue": {"degrees": 15},
    "brightness": {"brighten": True, "darken": True, "percent": 20},
    "rotate": {"degrees": 15},
    "blur": {"pixels": 1},
}
CASES = {3: "flip, hue, brightness", 4: "and rotation by 15°", 5: "and blur of 1 px"}


def draw(folder: Path) -> None:
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for i in range(IMAGES):
        # smooth shapes and some grain: compresses about as a photo does
        coarse = Image.fromarray(random.integers(0, 255, (30, 40, 3), np.uint8)).resize((640, 480))
        grain = random.normal(0, 6, (480, 640, 3))
        Image.fromarray(np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8)).save(
            folder / f"{i:03}.jpg", quality=90
        )
    annotations = [
        {"id": 2 * i + k, "image_id": i, "category_id": k + 1, "bbox": box, "area": 1, "iscrowd": 0}
        for i in range(IMAGES)
        for k, box in enumerate(([100, 75, 200, 150], [400, 150, 100, 120]))
    ]
    images = [{"id": i, "file_name": f"{i:03}.jpg", "width": 640, "height": 480} for i in range(IMAGES)]
    document = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
    }
    (folder / "_annotations.coco.json").write_text(json.dumps(document))


def measure(source: Path, root: Path, steps: int) -> float:
    from epochal.datasets import open_dataset
    from epochal.versions import generate_version, parse_settings, plan_version

    varied = dict(list(STEPS.items())[:steps]) | {"image": {"versions": OUTPUTS}}
    settings = parse_settings({"preprocessing": {"auto-orient": True, "resize": RESIZE}, "augmentation": varied})
    plan = plan_version(open_dataset(source), settings)
    start = time.process_time()
    version = generate_version(plan, root, workers=1)
    spent = time.process_time() - start
    return spent * 1000 / sum(split["images"] for split in version.content["splits"].values())


def measure_beside(python: str, source: Path, target: Path, steps: int) -> tuple[str, float]:
    target.mkdir()
    command = [python, "-c", BESIDE, str(source), str(target), str(steps)]
    environ = {**os.environ, "NO_ALBUMENTATIONS_UPDATE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    version, seconds = json.loads(done.stdout)
    return version, seconds * 1000 / (IMAGES * OUTPUTS)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--beside", metavar="PYTHON")
    beside = parser.parse_args().beside
    print("CPU-ms per output image, median of three\n\n| varied by | `generate_version` | beside |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        source = root / "drawn" / "train"
        source.mkdir(parents=True)
        draw(source)
        for steps, title in CASES.items():
            ours, theirs = [], [("", 0.0)]
            for turn in range(3):
                ours.append(measure(source.parent, root / f"versions-{steps}-{turn}", steps))
                if beside:
                    theirs.append(measure_beside(beside, source, root / f"beside-{steps}-{turn}", steps))
            figure = f"albumentations {theirs[1][0]}: {sorted(ms for _, ms in theirs[1:])[1]:.1f}" if beside else "–"
            print(f"| {title} | {sorted(ours)[1]:.1f} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
