"""The moving average of a net's weights, which is what is validated and kept."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average over about `horizon` steps, shorter at the beginning.

    Attributes:
        net: the averaged net, in evaluation mode; it follows the net given at the start.
        updates: how often it was updated.
    """

    def __init__(self, net: nn.Module, horizon: float) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.horizon, self.updates = max(1.0, horizon), 0
        # Kept as lists: walking the modules anew in every step cost 5 % of a training.
        self._own, self._followed = _sort_tensors(self.net), _sort_tensors(net)

    @torch.no_grad()
    def update(self) -> None:
        """Take one step towards the net; counters of batch norm are copied."""
        self.updates += 1
        share = 1 / min(self.horizon, (10 + self.updates) / 9)
        torch._foreach_lerp_(self._own[0], self._followed[0], share)
        for own, given in zip(self._own[1], self._followed[1], strict=True):
            own.copy_(given)


def _sort_tensors(net: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """All parameters and buffers: those of real numbers, and the others."""
    tensors = [*net.parameters(), *net.buffers()]
    return [t for t in tensors if t.is_floating_point()], [t for t in tensors if not t.is_floating_point()]
