"""What a report keeps of an evaluation. Run: pytest tests/graphs/test_thin_evaluation.py."""

import json
from typing import Any

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, evaluate
from epochal.graphs.report import format_report
from epochal.graphs.thin_evaluation import (
    BOXES_MAX,
    CELLS_MAX,
    CLASSES_MAX,
    RECOMMENDATIONS_MAX,
    SUSPICIONS_MAX,
    fit_pictures,
    thin_evaluation,
)


def evaluation(classes: int, cells: int = 1) -> dict[str, Any]:
    axis = [i / 100 for i in range(101)]
    curve = {"precision": axis, "recall": axis, "f1": axis, "pr": {"recall": axis, "precision": axis}}
    unseen = {**curve, "recall": [None] * 101}
    per_class = {f"class {i}": curve for i in range(classes)} | {"unseen": unseen}
    return {
        "mAP_0.5": 0.123456789,
        "curves": {"confidence": axis, **curve, "per_class": per_class},
        "confusion": {"matrix": [[1]], "cells": [{"count": i, "boxes": [{}] * 20} for i in range(cells)]},
        "suspicions": {"count": 50, "boxes": [{}] * 50, "images": [{}] * 50},
        "examples": [{"file_name": "a.jpg"}],
    }


def test_thin_evaluation__keeps_all_points_of_few_classes() -> None:
    before = evaluation(CLASSES_MAX)
    after = thin_evaluation(before)
    assert set(after["curves"]["per_class"]) == set(before["curves"]["per_class"]) - {"unseen"}
    assert len(after["curves"]["per_class"]["class 0"]["pr"]["precision"]) == 101
    assert after["confusion"] == before["confusion"]
    assert (len(after["suspicions"]["boxes"]), after["suspicions"]["count"]) == (SUSPICIONS_MAX, 50)
    assert after["mAP_0.5"] == 0.12346


def test_thin_evaluation__of_many_classes_keeps_the_ends_of_every_curve() -> None:
    before = evaluation(4 * CLASSES_MAX)
    curves = thin_evaluation(before)["curves"]
    kept = [i / 100 for i in range(0, 100, 4)] + [1.0]
    assert curves["confidence"] == curves["pr"]["recall"] == curves["per_class"]["class 7"]["pr"]["precision"] == kept
    assert len(before["curves"]["confidence"]) == 101


def test_thin_evaluation__of_many_classes_has_the_thresholds_of_f1_once() -> None:
    names = [f"class {i}" for i in range(CLASSES_MAX + 1)]
    lists = [{"beta": beta, "all": {"f": 0.5}, "per_class": {key: {"f": 0.4} for key in names}} for beta in (0.5, 1, 2)]
    before = evaluation(len(names)) | {
        "per_class": {key: {} for key in names}, "thresholds": lists, "chosen": lists,
        "sizes": {"small": {"mAP_0.5": 0.5, "per_class": {key: {} for key in names}}}, "recommendations": [{}] * 99,
    }  # fmt: skip
    main = thin_evaluation(before)
    assert [len(one["per_class"]) for one in main["chosen"]] == [0, len(names), 0]
    assert [len(one["per_class"]) for one in main["thresholds"]] == [0, 0, 0]
    assert len(main["sizes"]["small"]["per_class"]) == len(names)
    assert len(main["recommendations"]) == RECOMMENDATIONS_MAX
    beside = thin_evaluation({key: value for key, value in before.items() if key not in ("examples", "chosen")})
    assert [one["all"]["f"] for one in beside["thresholds"]] == [0.5] * 3
    assert beside["sizes"] == {"small": {"mAP_0.5": 0.5, "per_class": {}}}
    assert beside["curves"]["per_class"] == {}


def test_thin_evaluation__keeps_the_cells_that_count_most() -> None:
    cells = thin_evaluation(evaluation(1, cells=1000))["confusion"]["cells"]
    assert [cell["count"] for cell in cells] == list(range(999, 999 - CELLS_MAX, -1))
    assert sum(len(cell["boxes"]) for cell in cells) <= BOXES_MAX


def test_thin_evaluation__without_pictures_has_no_boxes_to_show() -> None:
    assert thin_evaluation({**evaluation(1), "examples": []})["confusion"] == {"matrix": [[1]], "cells": []}


@pytest.mark.parametrize(
    "broken", [{}, {"curves": 3, "suspicions": [], "confusion": "x"}, {"curves": {"per_class": 1}, "examples": 7}]
)
def test_thin_evaluation__of_what_somebody_else_wrote(broken: dict[str, Any]) -> None:
    assert thin_evaluation(broken).keys() == broken.keys()
    assert fit_pictures([{"evaluation": broken}, {}], 0) == [{"evaluation": broken}, {}]


def test_fit_pictures__those_of_suspects_stay_longest() -> None:
    examples = [{"path": str(i), "url": "x" * 1000, "is_suspect": i == 2} for i in range(3)]
    document = {"evaluation": {"examples": examples}}

    def kept(limit_bytes: int) -> list[str]:
        (fitted,) = fit_pictures([document], limit_bytes)
        return [one["path"] for one in fitted["evaluation"]["examples"] if "url" in one]

    assert [kept(limit) for limit in (0, 1500, 2500, 9000)] == [[], ["2"], ["0", "2"], ["0", "1", "2"]]
    assert all("url" in one for one in examples)


def test_report__of_300_epochs_and_80_classes_with_two_evaluations_and_pictures_is_small() -> None:
    """The whole of what our own trainer writes, at COCO's size: 80 classes, a crowded matrix, 20 large pictures."""
    rng = np.random.default_rng(0)
    names = tuple(f"class number {i}" for i in range(80))
    truths, found = [], []
    for _ in range(120):
        corner = rng.uniform(0, 500, (12, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(20, 120, (12, 2))], axis=1).astype(np.float32)
        kinds = rng.integers(0, 80, 12)
        truths.append(GroundTruth(boxes, kinds, np.zeros(12, bool), (640, 640)))
        said = np.where(rng.random(12) < 0.7, kinds, rng.integers(0, 80, 12))
        found.append(Detections(boxes + 2, np.sort(rng.random(12).astype(np.float32))[::-1], said))
    files = [f"images/val2017/{i:012d}.jpg" for i in range(120)]
    numbers = evaluate(truths, found, names, resamples=0)
    picture = {
        "ground_truth": [],
        "predictions": [],
        "image_wh": [640, 640],
        "url": "data:image/jpeg;base64," + "A" * 30_000,
    }
    final = numbers.to_json(file_names=files, chosen_on=numbers) | {"split": "test", "examples": [picture] * 20}
    keys = [f"class/{name}/AP_{iou}" for name in names for iou in ("0.5", "0.5:0.95")] + ["train/box_loss"]
    document = {
        "name": "coco-1", "source": {"format": "epochal", "path": "runs/coco-1"}, "first_epoch": 1,
        "epochs_planned": 300, "epochs": list(range(1, 301)),
        "series": {key: rng.random(300).round(4).tolist() for key in keys},
        "marks": [], "superseded": [], "events": [], "best": None, "verdict": "cannot_tell", "findings": [],
        "definitions": {}, "notes": [], "evaluation": final,
        "evaluation_val": numbers.to_json(file_names=files) | {"split": "val"},
    }  # fmt: skip
    assert len(json.dumps(document)) > 2_000_000
    assert len(format_report([document]).encode()) < 1_000_000
