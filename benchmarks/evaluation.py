"""CPU time of `evaluate` on a validation set as it is judged after every epoch: python benchmarks/evaluation.py."""

import json
import time

import numpy as np

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, StoredMatches, compare_runs, evaluate
from epochal.evaluation.average_precision import compute_average_precision
from epochal.evaluation.bootstrap import compute_intervals
from epochal.evaluation.curves import find_operating_point
from epochal.evaluation.matching import match_detections

IMAGES, DETECTIONS, NAMES = 87, 300, ("RBC", "WBC", "Platelets")


def draw(seed: int) -> tuple[list[GroundTruth], list[Detections]]:
    """13 annotations an image, 300 detections: near ones with high confidence, the rest anywhere."""
    rng = np.random.default_rng(seed)
    truths, found = [], []
    for _ in range(IMAGES):
        corner, size = rng.uniform(0, 250, (13, 2)), rng.uniform(25, 70, (13, 2))
        boxes, class_id = np.concatenate([corner, corner + size], axis=1).astype(np.float32), rng.integers(0, 3, 13)
        truths.append(GroundTruth(boxes, class_id, np.zeros(13, bool), (320, 320)))
        source = rng.integers(0, 13, DETECTIONS)
        off = rng.exponential(8, (DETECTIONS, 1)) * rng.normal(0, 1, (DETECTIONS, 4))
        confidence = np.exp(-np.abs(off).mean(axis=1) / 4) * rng.uniform(0.5, 1, DETECTIONS)
        moved = boxes[source] + off
        moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
        order = np.argsort(-confidence)
        found.append(
            Detections(moved[order].astype(np.float32), confidence[order].astype(np.float32), class_id[source][order])
        )
    return truths, found


def measure(function) -> float:  # type: ignore[no-untyped-def]
    """Median CPU seconds of seven calls, after one to warm up."""
    function()
    times = []
    for _ in range(7):
        begin = time.process_time()
        function()
        times.append(time.process_time() - begin)
    return float(np.median(times))


def main() -> None:
    truths, found = draw(0)
    _, matches = match_detections(truths, found, 3)
    ones = np.ones((1, IMAGES), np.int32)
    result = evaluate(truths, found, NAMES)
    files = [f"{index}.jpg" for index in range(IMAGES)]
    stored = StoredMatches(matches, tuple(files), NAMES)
    print(f"evaluation.json: {len(json.dumps(result.to_json(file_names=files))) / 1e3:.0f} kB")
    print(f"{IMAGES} images x {DETECTIONS} detections x {len(NAMES)} classes, mAP_0.5 {result.map50:.3f}")
    for name, function in {
        "evaluate, 200 resamples": lambda: evaluate(truths, found, NAMES).series(),
        "  matching and AP (hotcoco)": lambda: match_detections(truths, found, 3),
        "  operating point": lambda: find_operating_point(matches),
        "  200 resamples": lambda: compute_intervals(matches),
        "one AP by numpy": lambda: compute_average_precision(matches, ones),
        "to_json, with boxes": lambda: result.to_json(file_names=files),
        "compare_runs, 1000 resamples": lambda: compare_runs(stored, stored),
    }.items():
        print(f"{name:32} {measure(function):.3f} CPU-s")


if __name__ == "__main__":
    main()
