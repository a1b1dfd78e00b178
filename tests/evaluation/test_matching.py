"""Matches as flat columns. Run: pytest tests/evaluation/test_matching.py."""

import subprocess
import sys

import numpy as np
import pytest

from epochal.errors import Failed
from epochal.evaluation.matching import match_detections, mean_defined

LEFT, RIGHT = (0, 0, 40, 40), (50, 50, 90, 90)


def test_match_detections__by_hand(truth_of, detected):
    truths = [truth_of((1, RIGHT), (0, LEFT)), truth_of(), truth_of((0, (0, 0, 99, 99)), (0, LEFT), crowd=(0,))]
    found = [
        detected((0, 0.5, RIGHT), (1, 0.7, (50, 50, 90, 80)), (0, 0.9, LEFT)),  # the second has IoU 0.75
        detected((0, 0.6, LEFT)),
        detected((0, 0.5, LEFT), (0, 0.4, RIGHT)),
    ]
    numbers, matches = match_detections(truths, found, 2)
    assert matches.class_id.tolist() == [0, 0, 0, 0, 0, 1]
    assert matches.confidence.round(1).tolist() == pytest.approx([0.9, 0.6, 0.5, 0.5, 0.4, 0.7])
    assert matches.image.tolist() == [0, 1, 0, 2, 2, 0]  # of the two at 0.5 the one on the first image comes first
    assert matches.detection.tolist() == [2, 0, 0, 0, 1, 1]
    assert matches.truth[0].tolist() == [1, -1, -1, 1, 0, 0]
    assert matches.is_hit[0].tolist() == [True, False, False, True, False, True]
    assert matches.ignored[0].tolist() == [False] * 4 + [True, False]
    assert matches.is_hit[:, 5].tolist() == [True] * 6 + [False] * 4  # 0.50 … 0.75
    assert matches.truth_count.tolist() == [[1, 1], [0, 0], [1, 0]]
    assert [(s.start, s.stop) for s in matches.class_slices()] == [(0, 5), (5, 6)]
    assert numbers.precision.shape == (10, 101, 2, 4)


def test_match_detections__blocks_of_images_change_nothing(crowded_scene, monkeypatch):
    truths, found = crowded_scene(5, images=11)
    whole, matches = match_detections(truths, found, 3)
    monkeypatch.setattr("epochal.evaluation.matching._IMAGES_AT_ONCE", 4)
    in_blocks, same = match_detections(truths, found, 3)
    np.testing.assert_array_equal(whole.precision, in_blocks.precision)
    for name in ("image", "class_id", "confidence", "detection", "truth", "is_hit", "ignored", "truth_count"):
        np.testing.assert_array_equal(getattr(matches, name), getattr(same, name), err_msg=name)


def test_match_detections__a_block_without_any_box(truth_of, detected, monkeypatch):
    monkeypatch.setattr("epochal.evaluation.matching._IMAGES_AT_ONCE", 1)
    _, matches = match_detections([truth_of(), truth_of((0, LEFT))], [detected(), detected((0, 0.9, LEFT))], 1)
    assert matches.image.tolist() == [1]
    assert matches.is_hit.all()


def test_match_detections__nothing():
    numbers, matches = match_detections([], [], 2)
    assert np.isnan(numbers.summary()).all()
    assert matches.is_hit.shape == (10, 0)


def test_match_detections__without_hotcoco_says_what_to_install(truth_of, detected, monkeypatch):
    monkeypatch.setitem(sys.modules, "hotcoco", None)
    with pytest.raises(Failed, match=r"pip install 'epochal\[train\]'"):
        match_detections([truth_of((0, LEFT))], [detected()], 1)


def test_import__needs_neither_torch_nor_hotcoco():
    code = "import sys, epochal.evaluation; print([name for name in ('torch', 'hotcoco') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_mean_defined():
    assert mean_defined(np.array([1.0, np.nan, 0.0])) == 0.5
    assert np.isnan(mean_defined(np.array([np.nan])))
