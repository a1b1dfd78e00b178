"""Two runs on the same images. Run: pytest tests/evaluation/test_comparison.py."""

import math

import numpy as np
import pytest

from epochal.errors import BadInput
from epochal.evaluation import StoredMatches, compare_runs
from epochal.evaluation.matching import match_detections

BOX = (0, 0, 10, 10)


def run_of(truth_of, detected, hits, names=None, classes=("cat",)):
    """One annotation an image, found where `hits` is true."""
    truths = [truth_of((0, BOX))] * len(hits)
    _, matches = match_detections(truths, [detected((0, 0.9, BOX)) if h else detected() for h in hits], len(classes))
    return StoredMatches(matches, names or tuple(f"{i:03}.jpg" for i in range(len(hits))), classes)


def test_compare_runs__a_real_difference(truth_of, detected):
    first = run_of(truth_of, detected, [i % 2 for i in range(80)])
    second = run_of(truth_of, detected, [i % 10 != 0 for i in range(80)])
    result = compare_runs(first, second)
    assert result.map50.difference == pytest.approx(0.4, abs=0.02)
    assert result.map50_95.is_real
    assert result.map50_95.chance_second_better == 1
    assert result.sentence("A", "B").startswith("B is better than A by 3")
    assert result.sentence("A", "B").endswith("points of mAP_0.5:0.95 on 80 images.")
    assert compare_runs(second, first).sentence("B", "A").startswith("B is better than A by 3")


def test_compare_runs__cannot_be_told_apart(truth_of, detected):
    first = run_of(truth_of, detected, [i % 2 for i in range(20)])
    second = run_of(truth_of, detected, [i % 2 == 0 for i in range(20)])
    result = compare_runs(first, second)
    assert not result.map50_95.is_real
    assert "A and B cannot be told apart on 20 images" in result.sentence("A", "B")


def test_compare_runs__pairing_sees_what_two_intervals_cannot(truth_of, detected):
    # The second run finds all that the first finds and 4 of 100 more: each alone is uncertain by ± 0.1.
    first = run_of(truth_of, detected, [i < 50 for i in range(100)])
    second = run_of(truth_of, detected, [i < 56 for i in range(100)])
    assert compare_runs(first, second).map50.is_real


def test_compare_runs__a_run_with_itself(crowded_scene):
    truths, found = crowded_scene(1)
    _, matches = match_detections(truths, found, 3)
    run = StoredMatches(matches, tuple(f"{i}.jpg" for i in range(12)), ("a", "b", "c"))
    result = compare_runs(run, run, resamples=50)
    assert (result.map50.difference, result.map50.low, result.map50.high) == (0, 0, 0)
    assert result.map50.chance_second_better == 0.5
    assert list(result.per_class) == ["a", "b"]  # nothing of "c" is annotated


def test_compare_runs__joins_images_and_classes_by_name(crowded_scene):
    truths, found = crowded_scene(2)
    _, matches = match_detections(truths, found, 3)
    names = tuple(f"{i:02}.jpg" for i in range(12))
    first = StoredMatches(matches, names, ("a", "b", "c"))
    order = list(range(11, -1, -1))  # the other way round, classes renumbered, an image and a class more
    renumbered = [type(t)(t.boxes_xyxy, (t.class_id + 1) % 3, t.is_crowd, t.image_wh) for t in truths]
    for entry in found:
        entry.class_id[:] = (entry.class_id + 1) % 3
    _, matches = match_detections(
        [*(renumbered[i] for i in order), renumbered[0]], [*(found[i] for i in order), found[0]], 4
    )
    second = StoredMatches(matches, (*(names[i] for i in order), "more.jpg"), ("c", "a", "b", "d"))
    result = compare_runs(first, second, resamples=20)
    assert result.images == 12
    assert result.classes_left_out == ("d",)
    assert result.map50_95.difference == pytest.approx(0, abs=1e-12)
    assert result.map50_95.first > 0


def test_compare_runs__one_image_shows_no_spread(truth_of, detected):
    result = compare_runs(run_of(truth_of, detected, [True]), run_of(truth_of, detected, [False]))
    assert math.isnan(result.map50.low)
    assert not result.map50.is_real
    assert "cannot be compared" in result.sentence("A", "B")
    assert result.resamples == 0


def test_compare_runs__refuses_what_is_not_comparable(truth_of, detected):
    one = run_of(truth_of, detected, [True, True])
    with pytest.raises(BadInput, match="no image in common"):
        compare_runs(one, run_of(truth_of, detected, [True], names=("other.jpg",)))
    with pytest.raises(BadInput, match="no class in common"):
        compare_runs(one, run_of(truth_of, detected, [True, True], classes=("dog",)))
    _, matches = match_detections([truth_of((0, BOX)), truth_of()], [detected(), detected()], 1)
    with pytest.raises(BadInput, match=r"of cat, 001\.jpg has 1 in one run and 0 in the other \(1 images differ\)"):
        compare_runs(one, StoredMatches(matches, one.image_names, ("cat",)))


def test_compare_runs__same_seed_same_numbers(truth_of, detected):
    rng = np.random.default_rng(0)
    runs = [run_of(truth_of, detected, list(rng.random(30) < p)) for p in (0.5, 0.6)]
    assert compare_runs(*runs, seed=3).map50 == compare_runs(*runs, seed=3).map50
    assert compare_runs(*runs, seed=3).map50 != compare_runs(*runs, seed=4).map50
