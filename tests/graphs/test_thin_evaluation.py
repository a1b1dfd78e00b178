"""What a report keeps of an evaluation. Run: pytest tests/graphs/test_thin_evaluation.py."""

import pytest

from epochal.graphs.thin_evaluation import CURVES_MAX, SUSPICIONS_MAX, thin_evaluation


def evaluation(classes: int) -> dict:  # type: ignore[type-arg]
    axis = [i / 100 for i in range(101)]
    curve = {"precision": axis, "recall": axis, "f1": axis, "pr": {"recall": axis, "precision": axis}}
    unseen = {**curve, "recall": [None] * 101}
    per_class = {f"class {i}": curve for i in range(classes)} | {"unseen": unseen}
    return {
        "mAP_0.5": 0.5,
        "curves": {"confidence": axis, **curve, "per_class": per_class},
        "confusion": {"matrix": [[1]], "cells": [{"truth": 0}]},
        "suspicions": {"count": 50, "boxes": [{}] * 50, "images": [{}] * 50},
    }


def test_thin_evaluation__keeps_all_points_of_few_classes() -> None:
    before = evaluation(CURVES_MAX)
    after = thin_evaluation(before, has_pictures=True)
    assert set(after["curves"]["per_class"]) == set(before["curves"]["per_class"]) - {"unseen"}
    assert len(after["curves"]["per_class"]["class 0"]["pr"]["recall"]) == 101
    assert after["confusion"] == before["confusion"]
    assert (len(after["suspicions"]["boxes"]), after["suspicions"]["count"]) == (SUSPICIONS_MAX, 50)


def test_thin_evaluation__of_many_classes_keeps_the_ends_of_every_curve() -> None:
    before = evaluation(4 * CURVES_MAX)
    curves = thin_evaluation(before, has_pictures=True)["curves"]
    kept = [i / 100 for i in range(0, 100, 4)] + [1.0]
    assert curves["confidence"] == curves["f1"] == curves["per_class"]["class 7"]["pr"]["precision"] == kept
    assert len(before["curves"]["confidence"]) == 101


def test_thin_evaluation__without_pictures_has_no_boxes_to_show() -> None:
    assert thin_evaluation(evaluation(1), has_pictures=False)["confusion"] == {"matrix": [[1]]}


@pytest.mark.parametrize(
    "broken", [{}, {"curves": 3, "suspicions": [], "confusion": "x"}, {"curves": {"per_class": 1}}]
)
def test_thin_evaluation__of_what_somebody_else_wrote(broken: dict) -> None:  # type: ignore[type-arg]
    assert thin_evaluation(broken, has_pictures=False).keys() == broken.keys()
