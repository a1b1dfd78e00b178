"""Small nets with known behaviour for tests; imported as `detectors.nets`."""

from pathlib import Path

import torch
from torch import nn

from epochal.detectors.fast import FastNet, Points
from epochal.detectors.loss import Target, compute_loss
from epochal.detectors.weights import Weights, save_weights

NAMES = ("cat", "dog", "ä b")
CANVAS_WH = (96, 64)


def random_weights(
    seed: int = 0, class_names: tuple[str, ...] = NAMES, canvas_wh: tuple[int, int] = CANVAS_WH
) -> Weights:
    """A net whose batch norms are not the identity and whose scores spread over 0–1."""
    torch.manual_seed(seed)
    net = FastNet("fast-n", len(class_names))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.7, 1.6)
    for branch in net.class_head:
        nn.init.normal_(branch.output.weight, std=1.0)
        nn.init.constant_(branch.output.bias, -1.0)
    return Weights(net.eval(), class_names, canvas_wh)


def write_weights(path: Path, weights: Weights) -> Path:
    """Save and give the path."""
    save_weights(
        path,
        weights.net.state_dict(),
        model=weights.net.size_name,
        class_names=weights.class_names,
        canvas_wh=weights.canvas_wh,
    )
    return path


def train_some_steps(images: torch.Tensor, target: Target, class_names: tuple[str, ...], *, steps: int) -> Weights:
    """A net that has learned a little of one batch: (B, 3, H, W) in 0–1."""
    torch.manual_seed(0)
    canvas_wh = (images.shape[3], images.shape[2])
    net, points = FastNet("fast-n", len(class_names)), Points(canvas_wh)
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        compute_loss(*net(images), target, points).total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
    return Weights(net.eval(), class_names, canvas_wh)
