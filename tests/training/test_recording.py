"""Recorded steps on a GPU. Run: pytest tests/training/test_recording.py."""

import pytest
import torch
from torch import Tensor, nn

from epochal.detectors.fast import FastNet
from epochal.training.optimizers import Muon
from epochal.training.precision import in_precision
from epochal.training.recording import WARM_UP, Recorder, record_net

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def add(inputs: list[Tensor], states: list[Tensor]) -> list[Tensor]:
    for state, given in zip(states, inputs, strict=True):
        state.add_(given)
    return [state * 2 for state in states]


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_gpu)])
def test_recorder__gives_what_the_work_gives_at_each_call(device: str) -> None:
    recorder, state = Recorder(add), torch.zeros(3, device=device)
    for call in range(1, WARM_UP + 4):
        (given,) = recorder([torch.full((3,), float(call), device=device)], [state])
        assert state.tolist() == [call * (call + 1) / 2] * 3
        assert given.tolist() == [call * (call + 1)] * 3


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_gpu)])
def test_recorder__follows_when_the_states_are_others(device: str) -> None:
    recorder, given = Recorder(add), [torch.ones(3, device=device)]
    first = torch.zeros(3, device=device)
    for _ in range(WARM_UP + 2):
        recorder(given, [first])
    second = torch.full((3,), 10.0, device=device)
    for _ in range(WARM_UP + 2):
        recorder(given, [second])
    assert first.tolist() == [WARM_UP + 2] * 3
    assert second.tolist() == [10 + WARM_UP + 2] * 3


@needs_gpu
def test_muon__recorded_steps_are_the_same_as_plain_ones() -> None:
    torch.manual_seed(0)
    shapes = [(8, 4, 3, 3), (8, 4, 3, 3), (4, 16, 1, 1), (32, 8, 1, 1)]
    start = [torch.randn(shape, device="cuda") for shape in shapes]
    recorded, plain = ([nn.Parameter(tensor.clone()) for tensor in start] for _ in range(2))
    muon = Muon(recorded, 0.02, 0.1)
    for _ in range(WARM_UP + 4):
        others = Muon(plain, 0.02, 0.1)  # a new one each time never comes to its recording
        others.state.update(
            {
                b: {"momentum": muon.state[a]["momentum"].clone()}
                for a, b in zip(recorded, plain, strict=True)
                if a in muon.state
            }
        )
        for a, b in zip(recorded, plain, strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        muon.step()
        others.step()
        for a, b in zip(recorded, plain, strict=True):
            assert torch.equal(a, b)


@needs_gpu
def test_record_net__passes_are_the_same_and_the_statistics_stay() -> None:
    torch.manual_seed(0)
    plain = FastNet("fast-n", 3).cuda().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    recorded = FastNet("fast-n", 3).cuda().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    recorded.load_state_dict(plain.state_dict())
    context = in_precision("bf16", "cuda")
    record_net(recorded, (2, 3, 64, 64), context)
    for key, value in plain.state_dict().items():
        assert torch.equal(recorded.state_dict()[key], value), key
    plain.train()
    for _ in range(2):
        images = torch.rand(2, 3, 64, 64, device="cuda").to(memory_format=torch.channels_last)
        for net in (plain, recorded):
            net.zero_grad(set_to_none=True)
            with context:
                bins, logits = net(images)
            (bins.float().square().mean() + logits.float().square().mean()).backward()
        for (name, a), b in zip(plain.named_parameters(), recorded.parameters(), strict=True):
            torch.testing.assert_close(b.grad, a.grad, rtol=2e-2, atol=1e-4, msg=name)
        for (name, a), b in zip(plain.named_buffers(), recorded.buffers(), strict=True):
            torch.testing.assert_close(b, a, msg=name)
