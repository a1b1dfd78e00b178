"""Scenes small enough to draw on paper."""

from collections.abc import Callable

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth

Box = tuple[float, float, float, float]
DrawTruth = Callable[..., GroundTruth]
DrawDetections = Callable[..., Detections]


@pytest.fixture(scope="session")
def truth_of() -> DrawTruth:
    """`truth_of((class_id, box), …, crowd=[…])`: a 100 × 100 image; `crowd` holds the positions of crowd boxes."""

    def draw(*annotations: tuple[int, Box], crowd: tuple[int, ...] = ()) -> GroundTruth:
        is_crowd = np.zeros(len(annotations), bool)
        is_crowd[list(crowd)] = True
        return GroundTruth(
            np.array([box for _, box in annotations], np.float32).reshape(-1, 4),
            np.array([class_id for class_id, _ in annotations], np.int64),
            is_crowd,
            (100, 100),
        )

    return draw


@pytest.fixture(scope="session")
def detected() -> DrawDetections:
    """`detected((class_id, confidence, box), …)`."""

    def draw(*boxes: tuple[int, float, Box]) -> Detections:
        return Detections(
            np.array([box for _, _, box in boxes], np.float32).reshape(-1, 4),
            np.array([confidence for _, confidence, _ in boxes], np.float32),
            np.array([class_id for class_id, _, _ in boxes], np.int64),
        )

    return draw


@pytest.fixture(scope="session")
def crowded_scene() -> Callable[..., tuple[list[GroundTruth], list[Detections]]]:
    """`crowded_scene(seed, images=12, classes=3)`: overlapping boxes, crowds, ties, empty images, a class unseen."""

    def draw(seed: int, images: int = 12, classes: int = 3) -> tuple[list[GroundTruth], list[Detections]]:
        rng = np.random.default_rng(seed)
        truths, found = [], []
        for _ in range(images):
            n, m = int(rng.integers(0, 9)), int(rng.integers(0, 40))
            corner, size = rng.uniform(0, 150, (n, 2)), rng.uniform(5, 120, (n, 2))
            boxes = np.concatenate([corner, corner + size], axis=1).astype(np.float32)
            class_id = rng.integers(0, max(1, classes - 1), n)
            truths.append(GroundTruth(boxes, class_id, rng.random(n) < 0.15, (320, 240)))
            source = boxes[rng.integers(0, n, m)] if n else np.tile(np.float32([0, 0, 50, 50]), (m, 1))
            moved = source + rng.normal(0, 6, (m, 4)).astype(np.float32)
            moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
            confidence = rng.random(m).round(2).astype(np.float32)
            found.append(Detections(moved, confidence, rng.integers(0, classes, m)))
        return truths, found

    return draw
