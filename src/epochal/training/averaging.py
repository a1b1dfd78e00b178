"""The moving average of a net's weights, which is what is validated and kept."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average over about `horizon` steps, shorter at the beginning where it ramps.

    It ramps from random weights. The statistics of batch norm are copied then, not averaged: they are averages already,
    and averaged twice they lag so far behind the weights that val losses of the first epochs rise to ten times their
    place. From weights that are good already it has its horizon from the first step, and averages the statistics too:
    those of a net that a high learning rate throws about do not fit the calm weights (LOG.md).

    Attributes:
        net: the averaged net, in evaluation mode; it follows the net given at the start.
        updates: how often it was updated.
    """

    def __init__(self, net: nn.Module, horizon: float, *, ramps: bool = True) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.horizon, self.ramps, self.updates = max(1.0, horizon), ramps, 0
        # Kept as lists: walking the modules anew in every step cost 5 % of a training.
        self._own: list[Tensor] = list(self.net.parameters())
        self._followed: list[Tensor] = list(net.parameters())
        # By type, because one call copies tensors of one type.
        self._buffers: dict[torch.dtype, tuple[list[Tensor], list[Tensor]]] = {}
        for own, followed in zip(self.net.buffers(), net.buffers(), strict=True):
            pair = self._buffers.setdefault(own.dtype, ([], []))
            pair[0].append(own)
            pair[1].append(followed)

    @torch.no_grad()
    def update(self) -> None:
        """Take one step towards the net."""
        self.updates += 1
        share = 1 / (min(self.horizon, (10 + self.updates) / 9) if self.ramps else self.horizon)
        torch._foreach_lerp_(self._own, self._followed, share)
        for dtype, (own, followed) in self._buffers.items():
            if self.ramps or not dtype.is_floating_point:
                torch._foreach_copy_(own, followed)
            else:
                torch._foreach_lerp_(own, followed, share)
