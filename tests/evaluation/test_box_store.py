"""Boxes to disk and back, and the images behind a cell. Run: pytest tests/evaluation/test_box_store.py."""

import numpy as np
import pytest

from epochal.errors import BadInput, NotFound, RunFolderError
from epochal.evaluation import evaluate, keep_boxes, load_boxes, save_boxes
from epochal.evaluation.gallery import count_confusion, describe_image, find_images

CLASSES = ("cat", "dog", "bird")
NAMES = tuple(f"a/ü{i}.jpg" for i in range(12))
HASHES = tuple(f"{i:064x}" for i in range(12))
LEFT, RIGHT, FAR = (0, 0, 40, 40), (50, 50, 90, 90), (0, 60, 30, 90)


@pytest.fixture
def crowded(crowded_scene):
    return evaluate(*crowded_scene(3), CLASSES, resamples=0)


@pytest.fixture
def path(crowded, tmp_path):
    save_boxes(tmp_path / "boxes.npz", keep_boxes(crowded, NAMES, HASHES))
    return tmp_path / "boxes.npz"


def test_load_boxes__gives_the_same_confusion_at_the_best_confidence(crowded, path):
    back = load_boxes(path)
    np.testing.assert_array_equal(count_confusion(back, back.confidence), crowded.pairs.matrix(3))
    assert back.confidence == crowded.operating_point.confidence
    assert (back.image_names, back.sha256, back.class_names) == (NAMES, HASHES, CLASSES)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("confidence", [0.05, 0.3, 0.71, 1.0])
def test_load_boxes__gives_the_same_confusion_at_any_confidence(crowded, path, confidence):
    from epochal.evaluation.confusion import pair_up

    whole = pair_up(crowded.truths, crowded.detections, crowded.matches, confidence)
    np.testing.assert_array_equal(count_confusion(load_boxes(path), confidence), whole.matrix(3))


def test_count_confusion__never_goes_below_what_was_kept(path):
    back = load_boxes(path)
    assert back.least_confidence == 0.05
    np.testing.assert_array_equal(count_confusion(back, 0), count_confusion(back, 0.05))


def test_find_images__of_all_cells_together_hold_every_box_once(path):
    back = load_boxes(path)
    real = sum(int((~truth.is_crowd).sum()) for truth in back.truths)
    galleries = [find_images(back, 0.4, (t, d)) for t in range(4) for d in range(4)]
    assert sum(len(boxes) for g in galleries for boxes in g.truth_in_cell.values()) == real
    assert sum(g.pairs for g in galleries) == count_confusion(back, 0.4).sum()


def test_find_images__the_surest_first_and_its_boxes_are_marked(truth_of, detected):
    truths = [truth_of((0, LEFT)), truth_of((0, LEFT), (0, RIGHT)), truth_of((1, FAR))]
    found = [detected((0, 0.6, LEFT), (1, 0.5, FAR)), detected((0, 0.9, LEFT)), detected()]
    stored = keep_boxes(evaluate(truths, found, CLASSES, resamples=0), NAMES[:3], HASHES[:3])
    right = find_images(stored, 0.5, (0, 0))
    assert (right.images.tolist(), right.pairs) == ([1, 0], 2)
    first = describe_image(stored, right, 0)
    assert [(box["class_name"], box["in_cell"]) for box in first["predictions"]] == [("cat", True), ("dog", False)]
    missed = find_images(stored, 0.5, (0, 3))
    assert missed.images.tolist() == [1]
    assert [box["in_cell"] for box in describe_image(stored, missed, 1)["ground_truth"]] == [False, True]
    every = find_images(stored, 0.55, None)
    assert (every.images.tolist(), every.pairs) == ([0, 1, 2], None)
    assert describe_image(stored, every, 0)["predictions"] == [
        {"box_xyxy": [0.0, 0.0, 40.0, 40.0], "class_name": "cat", "confidence": 0.6}
    ]


def test_keep_boxes__when_nothing_is_right_or_there_is_nothing(truth_of, detected, tmp_path):
    for truths, found in (([truth_of((0, LEFT))], [detected((0, 0.9, RIGHT))]), ([], [])):
        stored = keep_boxes(evaluate(truths, found, CLASSES, resamples=0), NAMES[: len(truths)], HASHES[: len(truths)])
        save_boxes(tmp_path / "b.npz", stored)
        back = load_boxes(tmp_path / "b.npz")
        assert np.isnan(back.confidence)
        assert count_confusion(back, 0.5).sum() == 2 * len(truths)


def test_keep_boxes__needs_a_name_and_a_hash_each(crowded):
    with pytest.raises(BadInput, match="12 images need a name and a hash each; got 12 and 11"):
        keep_boxes(crowded, NAMES, HASHES[1:])


def test_load_boxes__missing(tmp_path):
    with pytest.raises(NotFound, match=r"none\.npz"):
        load_boxes(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("truth_xyxy", None),
        ("image_wh", np.zeros((3, 2), np.int32)),
        ("found_confidence", np.zeros(1, np.float32)),
        ("found_image", lambda a: np.full_like(a, 12)),
        ("found_class", lambda a: a[::-1]),
        ("found_truth", lambda a: np.full_like(a, 99)),
        ("truth_class", lambda a: np.full_like(a, -1)),
        ("about", np.frombuffer(b'{"format": 2}', np.uint8)),
        ("about", np.array([object()])),
    ],
    ids=["missing", "sizes", "too short", "no image", "order", "no truth", "no class", "newer", "a pickle"],
)
def test_load_boxes__damaged(path, name, value):
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive.files}
    arrays[name] = value(arrays[name]) if callable(value) else value
    np.savez(path, **{key: array for key, array in arrays.items() if array is not None})
    with pytest.raises(RunFolderError, match="should hold the boxes of an evaluation"):
        load_boxes(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\xff\xd8 a photo"])
def test_load_boxes__no_archive(path, content):
    path.write_bytes(content)
    with pytest.raises(RunFolderError):
        load_boxes(path)
