"""Which points learn which box, on a canvas of 32 × 32: 16 points of stride 8, 4 of 16, 1 of 32.

Run: pytest tests/detectors/test_assignment.py.
"""

import pytest
import torch
from torch import Tensor

from epochal.detectors.assignment import ALPHA, BETA, TOP_K, Assignment, assign
from epochal.detectors.fast import Points

POINTS = Points((32, 32))
COUNT = 21


def make(boxes: list[tuple[float, ...]], *, images: list[int] | None = None, predicted: Tensor | None = None,
         logits: Tensor | None = None) -> Assignment:  # fmt: skip
    """Assign with a prediction that fits no box better than another: the whole canvas, one class, score 0.5."""
    batch = 1 + max(images or [0])
    whole = torch.tensor([0.0, 0.0, 32.0, 32.0]).expand(batch, COUNT, 4)
    return assign(
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        torch.zeros(len(boxes), dtype=torch.int64),
        torch.tensor(images or [0] * len(boxes), dtype=torch.int64),
        predicted_xyxy=whole if predicted is None else predicted,
        logits=torch.zeros(batch, COUNT, 1) if logits is None else logits,
        points=POINTS,
    )


def test_assign__only_points_inside_the_box() -> None:
    pairs = make([(0, 0, 16, 16)])
    # centres 4 and 12 of stride 8, centre 8 of stride 16; (16, 16) of stride 32 lies on the edge, which is outside
    assert sorted(pairs.point.tolist()) == [0, 1, 4, 5, 16]
    assert pairs.box.tolist() == [0] * 5


def test_assign__a_box_smaller_than_a_cell_has_points_too() -> None:
    pairs = make([(7, 7, 9, 9)])  # between four centres of stride 8, none of which is inside
    assert sorted(pairs.point.tolist()) == [0, 1, 4, 5, 16]


def test_assign__takes_the_best_ten() -> None:
    logits = torch.linspace(-2, 2, COUNT).reshape(1, COUNT, 1)
    pairs = make([(0, 0, 32, 32)], logits=logits)
    assert len(pairs.point) == TOP_K == 10
    assert sorted(pairs.point.tolist()) == list(range(11, 21))  # the ten with the highest scores


def test_assign__ties_go_to_the_earlier_point() -> None:
    assert sorted(make([(0, 0, 32, 32)]).point.tolist()) == list(range(10))


def test_assign__a_point_in_two_boxes_learns_the_one_it_overlaps_most() -> None:
    small, large = (0.0, 0.0, 16.0, 16.0), (0.0, 0.0, 32.0, 32.0)
    predicted = torch.tensor(small).expand(1, COUNT, 4)
    pairs = make([small, large], predicted=predicted)
    assert len(pairs.point.unique()) == len(pairs.point)
    box_of_point = dict(zip(pairs.point.tolist(), pairs.box.tolist(), strict=True))
    assert [box_of_point[p] for p in (0, 1, 4, 5, 16)] == [0] * 5
    assert set(box_of_point.values()) == {0, 1}


def test_assign__images_do_not_share_points() -> None:
    pairs = make([(0, 0, 16, 16), (0, 0, 16, 16), (16, 16, 32, 32)], images=[1, 0, 1])
    where = {(i, p): b for i, p, b in zip(pairs.image.tolist(), pairs.point.tolist(), pairs.box.tolist(), strict=True)}
    assert len(where) == 15
    assert {b for (i, _), b in where.items() if i == 0} == {1}
    assert {b for (i, _), b in where.items() if i == 1} == {0, 2}


def test_assign__without_boxes() -> None:
    pairs = make([])
    assert [len(t) for t in (pairs.image, pairs.point, pairs.box, pairs.quality)] == [0, 0, 0, 0]


def test_assign__quality_is_alignment_scaled_to_the_best_overlap() -> None:
    box = (0.0, 0.0, 16.0, 16.0)
    predicted = torch.tensor([0.0, 0.0, 8.0, 16.0]).expand(1, COUNT, 4).clone()  # IoU 0.5
    predicted[0, 5] = torch.tensor([0.0, 0.0, 16.0, 12.0])  # IoU 0.75
    logits = torch.zeros(1, COUNT, 1)
    logits[0, 0] = 3.0
    pairs = make([box], predicted=predicted, logits=logits)
    quality = dict(zip(pairs.point.tolist(), pairs.quality.tolist(), strict=True))
    best = 0.5**ALPHA * 0.75**BETA
    assert quality[5] == pytest.approx(0.75, rel=1e-4)
    assert quality[1] == pytest.approx(0.5**ALPHA * 0.5**BETA / best * 0.75, rel=1e-4)
    sure = torch.sigmoid(torch.tensor(3.0)).item()
    assert quality[0] == pytest.approx(sure**ALPHA * 0.5**BETA / best * 0.75, rel=1e-4)


def test_assign__a_box_that_nothing_overlaps_teaches_with_quality_zero() -> None:
    predicted = torch.tensor([20.0, 20.0, 30.0, 30.0]).expand(1, COUNT, 4)
    pairs = make([(0, 0, 16, 16)], predicted=predicted)
    assert pairs.quality.tolist() == [0.0] * 5
