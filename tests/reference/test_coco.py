"""Our COCO numbers against pycocotools', to 1e-6. Run: pytest tests/reference/test_coco.py."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, coco_ground_truth, coco_results, evaluate, write_ground_truth
from epochal.evaluation import write_predictions as write

NAMES = ("a", "b", "c", "never annotated")
Scene = tuple[list[GroundTruth], list[Detections]]


def draw_scene(seed: int, images: int, most: int) -> Scene:
    """Boxes of all COCO sizes in clusters, crowds, duplicates, ties, empty images, images without detections."""
    rng = np.random.default_rng(seed)
    truths, found = [], []
    for index in range(images):
        n = 0 if index % 5 == 1 else int(rng.integers(1, 15))
        m = 0 if index % 7 == 2 else int(rng.integers(0, most))
        corner, size = rng.uniform(0, 400, (n, 2)), rng.choice([8, 20, 60, 200], (n, 1)) * rng.uniform(0.5, 2, (n, 2))
        boxes = np.concatenate([corner, corner + size], axis=1).astype(np.float32)
        truths.append(GroundTruth(boxes, rng.integers(0, 3, n), rng.random(n) < 0.2, (640, 480)))
        near = boxes[rng.integers(0, n, m)] if n else rng.uniform(0, 200, (m, 4)).astype(np.float32)
        near = near + rng.normal(0, 0.08, (m, 4)).astype(np.float32) * (near[:, [2]] - near[:, [0]])
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2])  # boxes without area too
        confidence = rng.random(m).round(2).astype(np.float32).clip(0.001, 1)
        found.append(Detections(near.astype(np.float32), confidence, rng.integers(0, 4, m)))
    return truths, found


def pycocotools_numbers(truth: COCO, results: list | str) -> np.ndarray:
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats


def load(document: dict) -> COCO:
    coco = COCO()
    coco.dataset = document
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco


def assert_agrees(scene: Scene, names: tuple[str, ...] = NAMES) -> None:
    truths, found = scene
    files = [f"{i}.jpg" for i in range(len(truths))]
    wanted = pycocotools_numbers(load(coco_ground_truth(files, truths, names)), coco_results(files, found, names))
    got = evaluate(truths, found, names, resamples=0).numbers.summary()
    np.testing.assert_allclose(np.where(np.isnan(got), -1, got), wanted, atol=1e-6, rtol=0)


@pytest.mark.parametrize("seed", range(6))
def test_evaluate__twelve_numbers_of_pycocotools(seed):
    scene = draw_scene(seed, images=25, most=60)
    assert any(t.is_crowd.any() for t in scene[0])
    assert_agrees(scene)


def test_evaluate__more_than_a_hundred_detections_of_a_class():
    assert_agrees(draw_scene(99, images=4, most=300))


def test_evaluate__class_without_detections_and_class_without_ground_truth():
    truths, found = draw_scene(7, images=10, most=30)
    found = [Detections(d.boxes_xyxy, d.confidence, np.where(d.class_id == 0, 3, d.class_id)) for d in found]
    assert_agrees((truths, found))


def test_evaluate__all_images_empty_of_annotations():
    truths, found = draw_scene(8, images=6, most=30)
    truths = [GroundTruth(t.boxes_xyxy[:0], t.class_id[:0], t.is_crowd[:0], t.image_wh) for t in truths]
    assert_agrees((truths, found))


def test_evaluate__only_crowds():
    truths, found = draw_scene(9, images=6, most=30)
    truths = [GroundTruth(t.boxes_xyxy, t.class_id, np.ones(len(t), bool), t.image_wh) for t in truths]
    assert_agrees((truths, found))


def test_write_predictions__files_are_judged_to_the_same_numbers(tmp_path: Path):
    truths, found = draw_scene(11, images=12, most=40)
    files = [f"{i}.jpg" for i in range(len(truths))]
    write(tmp_path / "predictions.json", files, found, NAMES)
    write_ground_truth(tmp_path / "truth.json", files, truths, NAMES)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(tmp_path / "truth.json"))
    numbers = pycocotools_numbers(truth, str(tmp_path / "predictions.json"))
    assert numbers[1] == pytest.approx(evaluate(truths, found, NAMES).map50, abs=1e-6)
    assert json.loads((tmp_path / "truth.json").read_text())["images"][0]["file_name"] == "0.jpg"


def test_evaluate__per_class_ap_of_pycocotools():
    truths, found = draw_scene(12, images=20, most=50)
    files = [f"{i}.jpg" for i in range(len(truths))]
    truth = load(coco_ground_truth(files, truths, NAMES))
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(truth, truth.loadRes(coco_results(files, found, NAMES)), "bbox")
        judge.evaluate()
        judge.accumulate()
    wanted = judge.eval["precision"][:, :, :, 0, -1].mean(axis=(0, 1))
    got = evaluate(truths, found, NAMES, resamples=0).ap50_95
    np.testing.assert_allclose(np.where(np.isnan(got), -1, got), wanted, atol=1e-9)
