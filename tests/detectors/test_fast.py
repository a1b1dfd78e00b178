"""The net's sizes, shapes and decoding. Run: pytest tests/detectors/test_fast.py."""

import pytest
import torch

from epochal.detectors.fast import BINS, SIZES, FastNet, Points, resolve_model
from epochal.errors import BadInput


def test_resolve_model__fast_is_the_smallest() -> None:
    assert resolve_model("fast") == "fast-n"
    assert [resolve_model(name) for name in SIZES] == list(SIZES)


def test_resolve_model__names_the_choice() -> None:
    with pytest.raises(BadInput, match=r"'yolo' is not known; choose fast \(= fast-n\), fast-n, fast-s, fast-m"):
        resolve_model("yolo")


def test_sizes__grow_with_the_dial() -> None:
    parameters = [sum(p.numel() for p in FastNet(name, 3).parameters()) for name in SIZES]
    assert parameters == sorted(parameters)
    assert 1.3e6 < parameters[0] < 1.7e6  # fast-n was measured at 1.48 million
    assert parameters[1] > 2 * parameters[0]
    assert parameters[2] > 1.5 * parameters[1]


@pytest.mark.parametrize("name", SIZES)
def test_net__answers_for_every_point(name: str) -> None:
    net = FastNet(name, 5).eval()
    with torch.no_grad():
        box_bins, logits = net(torch.zeros(2, 3, 64, 96))
    points = 12 * 8 + 6 * 4 + 3 * 2
    assert box_bins.shape == (2, points, 4 * BINS)
    assert logits.shape == (2, points, 5)


def test_net__begins_with_the_prior_that_all_is_background() -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        _, logits = FastNet("fast-n", 3).eval()(torch.rand(1, 3, 64, 64))
    assert logits.sigmoid().mean().item() == pytest.approx(0.01, rel=0.3)


def test_points__stand_in_the_middle_of_their_cells_fine_maps_first() -> None:
    points = Points((64, 32))
    assert points.grids == [(8, 4, 8), (4, 2, 16), (2, 1, 32)]
    assert points.xy[[0, 1, 8]].tolist() == [[4, 4], [12, 4], [4, 12]]
    assert points.xy[-2:].tolist() == [[16, 16], [48, 16]]
    assert points.stride.unique(return_counts=True)[1].tolist() == [32, 8, 2]


def test_decode__a_distance_is_the_mean_of_its_distribution() -> None:
    points = Points((32, 32))
    bins = torch.full((1, len(points.xy), 4, BINS), -100.0)
    for side, steps in enumerate([(1,), (2,), (0, 1), (15,)]):  # left, top, right, bottom; two bins share a half each
        bins[:, :, side, list(steps)] = 100.0
    boxes = points.decode(bins.flatten(2))
    assert boxes[0, 5].tolist() == pytest.approx([12 - 8, 12 - 16, 12 + 4, 12 + 120])  # the point (12, 12), stride 8
    assert boxes[0, -1].tolist() == pytest.approx([16 - 32, 16 - 64, 16 + 16, 16 + 480])  # (16, 16), stride 32
