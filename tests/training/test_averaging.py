"""The moving average against a plain loop. Run: pytest tests/training/test_averaging.py."""

import torch
from torch import nn

from epochal.training.averaging import Average


def make_net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3))


def test_update__is_the_formula_in_a_plain_loop() -> None:
    net = make_net()
    average = Average(net, horizon=5.0)
    plain = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
    for update in range(1, 12):
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(torch.randn_like(parameter))
        net(torch.randn(4, 2, 3, 3))
        average.update()
        share = 1 / min(5.0, (10 + update) / 9)
        for name, parameter in net.named_parameters():
            plain[name] += share * (parameter.detach() - plain[name])
    for name, parameter in average.net.named_parameters():
        torch.testing.assert_close(parameter, plain[name])
    assert average.updates == 11


def test_update__copies_the_statistics_of_batch_norm() -> None:
    net = make_net()
    average = Average(net, horizon=5.0)
    for _ in range(3):
        net(torch.randn(4, 2, 3, 3))
        average.update()
    for own, followed in zip(average.net.buffers(), net.buffers(), strict=True):
        assert torch.equal(own, followed)


def test_update__follows_at_once_in_the_beginning() -> None:
    net = make_net()
    average = Average(net, horizon=1e9)
    with torch.no_grad():
        net[0].weight.fill_(11.0)
        average.net[0].weight.fill_(0.0)  # type: ignore[index]
    average.update()
    torch.testing.assert_close(average.net[0].weight, torch.full((3, 2, 1, 1), 9.0))  # type: ignore[index]


def test_update__without_a_ramp_has_its_horizon_at_once_and_averages_the_statistics_of_batch_norm() -> None:
    net = make_net()
    average = Average(net, horizon=5.0, ramps=False)
    plain = {name: tensor.detach().clone() for name, tensor in net.state_dict().items()}
    for _ in range(3):
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(torch.randn_like(parameter))
        net(torch.randn(4, 2, 3, 3))
        average.update()
        for name, tensor in net.state_dict().items():
            plain[name] = plain[name] + (tensor - plain[name]) / 5 if tensor.is_floating_point() else tensor.clone()
    for name, tensor in average.net.state_dict().items():
        torch.testing.assert_close(tensor, plain[name])


def test_average__is_a_copy_that_neither_learns_nor_trains() -> None:
    net = make_net()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    average = Average(net, horizon=3.0)
    assert not average.net.training
    assert not any(parameter.requires_grad for parameter in average.net.parameters())
    with torch.no_grad():
        net[0].weight.zero_()
    assert all(torch.equal(tensor, before[name]) for name, tensor in average.net.state_dict().items())
