"""Muon, the groups, the schedule. Run: pytest tests/training/test_optimizers.py."""

import math
from collections import Counter

import pytest
import torch
from torch import nn

from epochal.detectors.fast import FastNet
from epochal.training.optimizers import MOMENTUM, Muon, build_optimizers, orthogonalise, scheduled
from epochal.training.recipe import Recipe

RECIPE = Recipe("fast-n", (96, 96), 10, 8, 0, "cpu", "fp32", 1, warmup=0.1, final_lr=0.02)


@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (16, 144), (144, 16), (1, 9), (64, 3)])
def test_orthogonalise__keeps_directions_and_brings_singular_values_near_one(rows: int, columns: int) -> None:
    torch.manual_seed(0)
    matrices = torch.randn(3, rows, columns)
    result = orthogonalise(matrices).float()
    assert result.shape == matrices.shape
    # Jordan's coefficients give up an exact 1 for speed: 0.7 to 1.2 in fp32, a little more in bf16.
    values = torch.linalg.svdvals(result)
    assert (values > 0.5).all()
    assert (values < 1.3).all()
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    nearest = left @ right
    alike = (result * nearest).sum((1, 2)) / (result.norm(dim=(1, 2)) * nearest.norm(dim=(1, 2)))
    assert (alike > 0.95).all()


def test_orthogonalise__of_zeros_is_zeros() -> None:
    assert torch.equal(orthogonalise(torch.zeros(1, 4, 4)).float(), torch.zeros(1, 4, 4))


def test_muon__one_step_by_hand() -> None:
    weight = nn.Parameter(torch.zeros(4, 2, 1, 1))
    muon = Muon([weight], lr=0.1, weight_decay=0.5)
    with torch.no_grad():
        weight.fill_(1.0)
    torch.manual_seed(0)
    gradient = torch.randn(4, 2, 1, 1)
    weight.grad = gradient.clone()
    muon.step()
    momentum = (1 - MOMENTUM) * gradient
    update = (1 - MOMENTUM) * gradient + MOMENTUM * momentum
    step = orthogonalise(update.reshape(1, 4, 2)).float().reshape(4, 2, 1, 1)
    torch.testing.assert_close(weight.data, 1 - 0.1 * 0.5 - 0.1 * math.sqrt(4 / 2) * step)


def test_muon__parameters_of_one_shape_do_not_mix() -> None:
    torch.manual_seed(0)
    gradients = torch.randn(2, 6, 6)
    together = [nn.Parameter(torch.zeros(6, 6)) for _ in range(2)]
    alone = [nn.Parameter(torch.zeros(6, 6)) for _ in range(2)]
    for group in (together, alone):
        for parameter, gradient in zip(group, gradients, strict=True):
            parameter.grad = gradient.clone()
    Muon(together, 0.1, 0.0).step()
    for parameter in alone:
        Muon([parameter], 0.1, 0.0).step()
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(a, b, atol=1e-3, rtol=0)


def test_muon__leaves_what_has_no_gradient() -> None:
    weight = nn.Parameter(torch.ones(2, 2))
    Muon([weight], 0.1, 0.5).step()
    assert torch.equal(weight.data, torch.ones(2, 2))


@pytest.mark.parametrize("model", ["fast-n", "fast-m"])
def test_build_optimizers__hold_every_parameter_once(model: str) -> None:
    net = FastNet(model, 3)
    held = Counter(
        id(parameter)
        for optimizer in build_optimizers(net, RECIPE)
        for group in optimizer.param_groups
        for parameter in group["params"]
    )
    assert held == Counter(id(parameter) for parameter in net.parameters())


def test_build_optimizers__muon_has_filters_alone_and_norms_do_not_decay() -> None:
    net = FastNet("fast-n", 3)
    muon, adamw = build_optimizers(net, RECIPE)
    assert all(parameter.dim() == 4 for parameter in muon.param_groups[0]["params"])
    decayed, plain = adamw.param_groups
    assert decayed["weight_decay"] == RECIPE.weight_decay
    assert plain["weight_decay"] == 0.0
    assert all(parameter.dim() == 1 for parameter in plain["params"])
    outputs = [head.output.weight for head in (*net.box_head, *net.class_head)]  # type: ignore[union-attr]
    assert {id(weight) for weight in outputs} <= {id(parameter) for parameter in decayed["params"]}


@pytest.mark.parametrize(
    ("fraction", "factor", "why"),
    [
        (0.0, 0.001, "never quite zero"),
        (0.05, 0.5, "half of the warm-up"),
        (0.1, 1.0, "its end"),
        (0.55, 0.51, "half of the cosine: the mean of 1 and 0.02"),
        (1.0, 0.02, "the end"),
    ],
)
def test_scheduled__hand_cases(fraction: float, factor: float, why: str) -> None:
    assert scheduled(fraction, RECIPE) == pytest.approx(factor), why


def test_scheduled__rises_then_falls() -> None:
    factors = [scheduled(step / 200, RECIPE) for step in range(1, 201)]
    top = factors.index(max(factors))
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
