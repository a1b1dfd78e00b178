"""On a GPU: what each step repeats is recorded once as a CUDA graph and replayed from then on.

A training step of a small net is some three thousand short kernels. Starting them one by one from Python takes about
80 ms beside a fast GPU, whatever the size of a batch; a recorded graph is started as a whole.
Source: docs.pytorch.org, CUDA semantics, CUDA graphs. On the CPU nothing here does anything.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

# Steps that run as usual before the recording, so that libraries have made what they make at their first call.
WARM_UP = 2

Work = Callable[[list[Tensor], list[Tensor]], list[Tensor]]


class Recorder:
    """Calls `work(inputs, states)`; on a GPU a recording of it, from the third call on.

    `work` changes `states` in place and gives new tensors. It is recorded anew when other states are given.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._calls = 0
        self._states: list[int] = []
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: list[Tensor] = []
        self._outputs: list[Tensor] = []

    def __call__(self, inputs: list[Tensor], states: list[Tensor]) -> list[Tensor]:
        """Give what `work` gives; on a GPU these tensors hold until the next call."""
        if not inputs or not inputs[0].is_cuda:
            return self._work(inputs, states)
        places = [state.data_ptr() for state in states]
        if places != self._states:
            self._states, self._calls, self._graph = places, 0, None
        self._calls += 1
        if self._calls <= WARM_UP:
            return self._work(inputs, states)
        if self._graph is None:
            self._record(inputs, states)
        assert self._graph is not None
        torch._foreach_copy_(self._inputs, inputs)
        self._graph.replay()
        return self._outputs

    def _record(self, inputs: list[Tensor], states: list[Tensor]) -> None:
        self._inputs = [torch.empty_like(tensor) for tensor in inputs]
        self._graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(self._graph):
            self._outputs = self._work(self._inputs, states)


def record_net(net: nn.Module, shape: tuple[int, ...], context: torch.autocast) -> None:
    """Let the forward and backward pass of a net in training mode be replayed; a net in evaluation mode stays as it is.

    Args:
        net: on a GPU, channels last in memory, called with one tensor.
        shape: of that tensor, (B, 3, H, W), the same at each step.
        context: the precision to compute in; its cache must be off.
    """
    device = next(net.parameters()).device
    sample = torch.zeros(shape, device=device).to(memory_format=torch.channels_last)
    buffers = list(net.buffers())
    kept = [buffer.clone() for buffer in buffers]
    net.train()
    with context:
        torch.cuda.make_graphed_callables(net, (sample,))
    restore(buffers, kept)  # the passes before the recording counted in batch norm's statistics


def restore(buffers: Iterable[Tensor], kept: Iterable[Tensor]) -> None:
    """Copy tensors back into their places."""
    with torch.no_grad():
        for buffer, value in zip(buffers, kept, strict=True):
            buffer.copy_(value)
