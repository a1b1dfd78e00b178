"""The main job, measured: train on BCCD from scratch, seeds 0, 1, 2, and let pycocotools judge the test split.

    python benchmarks/bccd.py [--data ../shared] [--seeds 0 1 2] [--epochs 50] [--work DIR]

CPU-seconds are user + system of the whole `epochal train` process (start, decoding, validation each epoch, the last
evaluation and export included) with one compute thread. The ground truth is read here from the XML files, by other code
than the product's.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CLASSES = ("Platelets", "RBC", "WBC")
Row = dict[str, float]


def read_ground_truth(root: Path) -> COCO:
    """The test split as COCO's API holds it; boxes without area are left out."""
    images, annotations = [], []
    for number, stem in enumerate((root / "ImageSets/Main/test.txt").read_text().split(), start=1):
        images.append({"id": number, "file_name": f"{stem}.jpg", "width": 640, "height": 480})
        for item in ElementTree.parse(root / "Annotations" / f"{stem}.xml").getroot().iter("object"):
            x1, y1, x2, y2 = (float(item.findtext(f"bndbox/{key}", "nan")) for key in ("xmin", "ymin", "xmax", "ymax"))
            if x2 > x1 and y2 > y1:
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": number,
                        "category_id": CLASSES.index(item.findtext("name", "")) + 1,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "area": (x2 - x1) * (y2 - y1),
                        "iscrowd": 0,
                    }
                )
    truth = COCO()
    truth.dataset = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(CLASSES)],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
    return truth


def judge(truth: COCO, predictions: Path) -> tuple[float, float]:
    """mAP_0.5 and mAP_0.5:0.95 of a predictions file; rows are matched by file name and class name."""
    number = {Path(image["file_name"]).stem: image["id"] for image in truth.dataset["images"]}
    rows = [
        {
            "image_id": number[Path(row["file_name"]).stem],
            "category_id": CLASSES.index(row["category_name"]) + 1,
            "bbox": row["bbox"],
            "score": row["score"],
        }
        for row in json.loads(predictions.read_text())
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(rows), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[1]), float(evaluation.stats[0])


def run(command: list[str]) -> tuple[float, float]:
    """Run a command; its CPU-seconds and peak memory in GiB."""
    process = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024**2


def train_and_judge(dataset: Path, seed: int, epochs: int, work: Path, truth: COCO) -> Row:
    out, predictions = work / f"seed-{seed}", work / f"seed-{seed}.json"
    options = f"--image-size 320 --epochs {epochs} --seed {seed} --out {out} --data-dir {work}".split()
    cpu_s, memory_gib = run([sys.executable, "-m", "epochal", "train", str(dataset), *options])
    options = f"--split test --predictions {predictions}".split()
    run([sys.executable, "-m", "epochal", "evaluate", str(out / "weights/best.pt"), str(dataset), *options])
    map50, map50_95 = judge(truth, predictions)
    return {"seed": seed, "mAP_0.5": map50, "mAP_0.5:0.95": map50_95, "CPU-s": cpu_s, "GiB": memory_gib}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("EPOCHAL_TEST_DATA", "../shared")))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    dataset = options.data / "datasets" / "bccd_voc"
    truth = read_ground_truth(dataset / "BCCD")
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for seed in options.seeds:
            rows.append(train_and_judge(dataset, seed, options.epochs, options.work or Path(folder), truth))
            print("  ".join(f"{key} {value:.4g}" for key, value in rows[-1].items()), flush=True)
        mean = {key: sum(row[key] for row in rows) / len(rows) for key in rows[0] if key != "seed"}
        print("mean    " + "  ".join(f"{key} {value:.4g}" for key, value in mean.items()))


if __name__ == "__main__":
    main()
