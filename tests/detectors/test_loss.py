"""The loss on cases small enough to compute by hand. Run: pytest tests/detectors/test_loss.py."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from epochal.detectors.fast import BINS, Points
from epochal.detectors.loss import (
    CLASS_GAIN,
    DFL_GAIN,
    LossSums,
    Target,
    _distribution_loss,
    compute_ciou,
    compute_loss,
)

POINTS = Points((32, 32))
COUNT = 21
NO_BOXES = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64))
ONE_BOX = Target(torch.tensor([[4.0, 4.0, 20.0, 28.0]]), torch.tensor([1]), torch.tensor([0]))


def _ciou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return compute_ciou(torch.tensor([a]), torch.tensor([b])).item()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 0, 10, 20), (0, 0, 10, 20), 1.0),
        # apart: IoU 0, centres 4 apart, the hull is 6 × 2 with the squared diagonal 40
        ((0, 0, 2, 2), (4, 0, 6, 2), -16 / 40),
        # half covered: IoU 2/6, centres 1 apart, the hull is 3 × 2
        ((0, 0, 2, 2), (1, 0, 3, 2), 1 / 3 - 1 / 13),
        # one inside the other, same centre, same shape: nothing but IoU
        ((0, 0, 4, 4), (1, 1, 3, 3), 1 / 4),
    ],
)
def test_compute_ciou__known_pairs(a: tuple[float, ...], b: tuple[float, ...], expected: float) -> None:
    assert _ciou(a, b) == pytest.approx(expected, abs=1e-5)


def test_compute_ciou__counts_the_aspect() -> None:
    iou = 4 / 12  # 4 × 2 and 2 × 4 share 2 × 2
    distance = 2 / 32  # centres (2, 1) and (1, 2); the hull is 4 × 4
    v = 4 / math.pi**2 * (math.atan(1 / 2) - math.atan(2)) ** 2
    assert _ciou((0, 0, 4, 2), (0, 0, 2, 4)) == pytest.approx(iou - distance - v * v / (1 - iou + v), abs=1e-5)


corner = st.floats(0, 100, width=32)
side = st.floats(0.5, 100, width=32)
box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


@given(box, box)
def test_compute_ciou__law_symmetric_and_bounded(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    one = _ciou(a, b)
    assert one == pytest.approx(_ciou(b, a), abs=1e-4)
    assert -1.5 - 1e-4 <= one <= 1 + 1e-4


def test_distribution_loss__of_a_whole_step_is_that_bin_alone() -> None:
    bins = torch.randn(1, 4, BINS, generator=torch.Generator().manual_seed(0))
    wanted = torch.tensor([[0.0, 3.0, 7.0, 14.0]])
    expected = [-bins[0, i].log_softmax(-1)[k].item() for i, k in enumerate((0, 3, 7, 14))]
    assert _distribution_loss(bins, wanted)[0].tolist() == pytest.approx(expected, abs=1e-5)


def test_distribution_loss__shares_between_two_bins() -> None:
    bins = torch.randn(1, 1, BINS, generator=torch.Generator().manual_seed(1))
    log_p = bins[0, 0].log_softmax(-1)
    expected = -(0.75 * log_p[3] + 0.25 * log_p[4]).item()
    assert _distribution_loss(bins, torch.tensor([[3.25]])).item() == pytest.approx(expected, abs=1e-5)


def test_distribution_loss__beyond_the_last_bin_stays_finite() -> None:
    assert torch.isfinite(_distribution_loss(torch.zeros(1, 4, BINS), torch.tensor([[-3.0, 15.0, 99.0, 1e9]]))).all()


def _outputs(classes: int = 2, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    box_bins = torch.randn(1, COUNT, 4 * BINS, generator=generator, requires_grad=True)
    logits = torch.randn(1, COUNT, classes, generator=generator, requires_grad=True)
    return box_bins, logits


def test_compute_loss__without_boxes_is_background_alone() -> None:
    box_bins, logits = _outputs()
    losses = compute_loss(box_bins, logits, NO_BOXES, POINTS)
    assert losses.box.item() == 0
    assert losses.weight.item() == 1
    expected = CLASS_GAIN * torch.nn.functional.softplus(logits).sum().item()  # BCE of a zero target
    assert losses.cls.item() == pytest.approx(expected, rel=1e-5)
    losses.total.backward()
    assert logits.grad is not None
    assert (logits.grad > 0).all()  # every score is pulled down
    assert box_bins.grad is not None  # multi-device training needs a gradient, if a zero one
    assert not box_bins.grad.any()


def test_compute_loss__gradient_reaches_the_points_of_the_box_alone() -> None:
    box_bins, logits = _outputs()
    compute_loss(box_bins, logits, ONE_BOX, POINTS).total.backward()
    assert box_bins.grad is not None
    touched = box_bins.grad.abs().sum(-1)[0].nonzero().flatten().tolist()
    inside = ((POINTS.xy > ONE_BOX.boxes_xyxy[0, :2]) & (POINTS.xy < ONE_BOX.boxes_xyxy[0, 2:])).all(1)
    assert touched
    assert set(touched) <= set(inside.nonzero().flatten().tolist())
    assert len(touched) <= 10
    assert logits.grad is not None
    assert logits.grad.all()


def _perfect(sure: float) -> tuple[Tensor, Tensor]:
    """Every point answers with the box itself, so far as whole bins allow, and a logit of `sure` for its class."""
    wanted = torch.cat([POINTS.xy - ONE_BOX.boxes_xyxy[:, :2], ONE_BOX.boxes_xyxy[:, 2:] - POINTS.xy], 1)
    left = (wanted / POINTS.stride).clamp(0, 14)
    floor = left.floor().long()
    p = torch.full((COUNT, 4, BINS), 1e-6)
    p.scatter_(2, floor[..., None], (1 - (left - floor))[..., None].clamp(min=1e-6))
    p.scatter_(2, floor[..., None] + 1, (left - floor)[..., None].clamp(min=1e-6))
    logits = torch.full((1, COUNT, 2), -10.0)
    logits[0, :, 1] = sure
    return p.log().flatten(1)[None], logits


def test_compute_loss__is_small_for_the_right_box() -> None:
    box_bins, logits = _perfect(2.0)
    right = compute_loss(box_bins, logits, ONE_BOX, POINTS)
    per_pair = (right.box / right.weight).item()
    assert per_pair < DFL_GAIN * 0.7  # nothing but the entropy of distances between two bins
    one_step_larger = box_bins.reshape(1, COUNT, 4, BINS).roll(1, -1).flatten(2)
    wrong = compute_loss(one_step_larger, logits, ONE_BOX, POINTS)
    assert (wrong.box / wrong.weight).item() > 5 * per_pair


def test_compute_loss__law_does_not_depend_on_the_order_of_boxes() -> None:
    target = Target(torch.tensor([[0.0, 0, 15, 15], [12, 8, 30, 30], [3, 18, 14, 31]]), torch.tensor([0, 1, 1]),
                    torch.tensor([0, 0, 0]))  # fmt: skip
    turned = Target(target.boxes_xyxy.flip(0), target.class_id.flip(0), target.image.flip(0))
    one, other = (compute_loss(*_outputs(), t, POINTS) for t in (target, turned))
    assert one.total.item() == pytest.approx(other.total.item(), rel=1e-5)


def test_loss_sums__total_weighs_a_batch_once() -> None:
    sums = LossSums(torch.tensor(6.0), torch.tensor(2.0), torch.tensor(4.0))
    assert sums.total.item() == 2.0
