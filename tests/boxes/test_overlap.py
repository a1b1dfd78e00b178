"""IoU and suppression: cases drawn on paper, laws, and torchless speed. Run: pytest tests/boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from epochal.boxes import compute_iou, suppress


def _boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("first", "second", "expected", "reason"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1, "the same"),
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3, "half of each: 50 of 150"),
        ((0, 0, 10, 10), (0, 0, 5, 5), 1 / 4, "one inside the other"),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0, "they touch"),
        ((0, 0, 10, 10), (20, 20, 30, 30), 0, "apart"),
        ((5, 5, 5, 5), (5, 5, 5, 5), 0, "without area there is no share"),
    ],
)
def test_compute_iou__case_on_paper(
    first: tuple[float, ...], second: tuple[float, ...], expected: float, reason: str
) -> None:
    found = compute_iou(np.array([first], np.float32), np.array([second], np.float32))
    assert found[0, 0] == pytest.approx(expected), reason


def test_compute_iou__gives_each_pair_its_place() -> None:
    first = _boxes((0, 0, 10, 10), (100, 100, 110, 110))
    second = _boxes((100, 100, 110, 110), (0, 0, 10, 10), (50, 50, 60, 60))
    np.testing.assert_array_equal(compute_iou(first, second), [[0, 1, 0], [1, 0, 0]])
    assert compute_iou(first, _boxes()).shape == (2, 0)


corners = st.tuples(*[st.integers(0, 50)] * 4)
drawn = st.lists(corners, max_size=12).map(
    lambda rows: _boxes(*[(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in rows])
)


@given(drawn, drawn)
def test_compute_iou__is_symmetric_and_a_fraction(first: NDArray[np.float32], second: NDArray[np.float32]) -> None:
    iou = compute_iou(first, second)
    assert ((iou >= 0) & (iou <= 1)).all()
    np.testing.assert_array_equal(iou, compute_iou(second, first).T)


def _suppress_slowly(
    boxes: NDArray[np.float32], confidence: NDArray[np.float32], class_id: NDArray[np.int64], threshold: float
) -> list[int]:
    """The definition, word by word: go by falling confidence, drop what overlaps a kept one of its class."""
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: (-confidence[i], i)):
        rivals = [k for k in kept if class_id[k] == class_id[i]]
        if all(compute_iou(boxes[k : k + 1], boxes[i : i + 1])[0, 0] <= threshold for k in rivals):
            kept.append(i)
    return kept


@given(drawn, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]))
def test_suppress__does_what_its_definition_says(boxes: NDArray[np.float32], seed: int, threshold: float) -> None:
    draw = np.random.default_rng(seed)
    confidence = draw.integers(0, 4, len(boxes)).astype(np.float32) / 4  # ties are likely
    class_id = draw.integers(0, 2, len(boxes))
    found = suppress(boxes, confidence, class_id, iou_threshold=threshold)
    assert found.tolist() == _suppress_slowly(boxes, confidence, class_id, threshold)


def test_suppress__case_on_paper() -> None:
    boxes = _boxes((0, 0, 10, 10), (1, 0, 11, 10), (1, 0, 11, 10), (50, 50, 60, 60))
    confidence = np.array([0.8, 0.9, 0.7, 0.1], np.float32)
    class_id = np.array([0, 0, 1, 0])
    # the second beats the first; the third is of another class; the last stands apart
    assert suppress(boxes, confidence, class_id, iou_threshold=0.5).tolist() == [1, 2, 3]
    assert suppress(boxes, confidence, class_id, iou_threshold=0.5, limit=2).tolist() == [1, 2]
    assert suppress(_boxes(), np.zeros(0, np.float32), np.zeros(0, np.int64)).tolist() == []


def test_suppress__takes_all_candidates_of_a_net() -> None:
    draw = np.random.default_rng(0)
    corner = draw.uniform(0, 600, (8400, 2)).astype(np.float32)
    boxes = np.concatenate([corner, corner + 40], axis=1)
    confidence, class_id = draw.random(8400, np.float32), draw.integers(0, 80, 8400)
    kept = suppress(boxes, confidence, class_id, limit=300)
    assert len(kept) == 300
    assert (np.diff(confidence[kept]) <= 0).all()
