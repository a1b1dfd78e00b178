"""Our split of errors against hotcoco's TIDE. Run: pytest tests/reference/test_tide.py."""

import dataclasses

import numpy as np
import pytest
from test_coco import draw_scene

from epochal.evaluation.error_types import classify_errors, compute_error_gains
from epochal.evaluation.matching import _judge, match_detections

THEIR_NAME = {
    "location": "Loc",
    "classification": "Cls",
    "duplicate": "Dupe",
    "background": "Bkg",
    "both": "Both",
    "missed": "Miss",
    "all_false_positives": "FP",
    "all_missed": "FN",
}


@pytest.mark.parametrize("seed", range(5))
def test_compute_error_gains__agrees_with_hotcoco(seed):
    # Without crowds: hotcoco calls a detection on the rim of a crowd badly placed, for us a crowd takes no part.
    truths, found = draw_scene(seed, images=25, most=60)
    truths = [dataclasses.replace(truth, is_crowd=np.zeros(len(truth), bool)) for truth in truths]
    rng = np.random.default_rng(seed)
    for entry in found:
        entry.confidence[:] = rng.random(len(entry))  # without ties, whose order is nobody's rule
    judge = _judge(truths, found, 4)
    judge.evaluate()
    judge.accumulate()
    theirs = judge.tide_errors()
    _, matches = match_detections(truths, found, 4)
    base, gains = compute_error_gains(classify_errors(truths, found, matches), matches)
    assert base == pytest.approx(theirs["ap_base"], abs=1e-9)
    assert {theirs_: gains[ours].count for ours, theirs_ in THEIR_NAME.items() if theirs_ in theirs["counts"]} == (
        theirs["counts"]
    )
    for ours, theirs_ in THEIR_NAME.items():
        assert gains[ours].gain == pytest.approx(theirs["delta_ap"][theirs_], abs=1e-9), ours
