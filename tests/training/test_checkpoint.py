"""A checkpoint brings a training back to the last bit. Run: pytest tests/training/test_checkpoint.py."""

from pathlib import Path

import pytest
import torch
from torch import nn

from epochal.errors import RunFolderError
from epochal.training.averaging import Average
from epochal.training.checkpoint import NO_MAP, TrainingState, load_checkpoint, save_checkpoint
from epochal.training.optimizers import build_optimizers
from epochal.training.recipe import Recipe

RECIPE = Recipe("fast-n", (96, 96), 4, 8, 0, "cpu", "fp32", 1)


def make_state(seed: int, channels: int = 4) -> TrainingState:
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Conv2d(3, channels, 3, bias=False), nn.BatchNorm2d(channels), nn.Conv2d(channels, 2, 1))
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return TrainingState(net, Average(net, 10.0), build_optimizers(net, RECIPE))


def take_steps(state: TrainingState, seed: int) -> None:
    torch.manual_seed(seed)
    for _ in range(3):
        state.net(torch.randn(2, 3, 8, 8)).square().mean().backward()
        for optimizer in state.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        state.average.update()


def everything(state: TrainingState) -> list[torch.Tensor]:
    tensors = [*state.net.state_dict().values(), *state.average.net.state_dict().values()]
    for optimizer in state.optimizers:
        tensors += [value for values in optimizer.state_dict()["state"].values() for value in values.values()]
    return tensors


def test_checkpoint__goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    first = make_state(0)
    take_steps(first, 1)
    first.epoch, first.best_epoch, first.best_map = 7, 5, 0.25
    save_checkpoint(tmp_path / "checkpoint.pt", first)
    second = make_state(99)
    load_checkpoint(tmp_path / "checkpoint.pt", second)
    assert (second.epoch, second.best_epoch, second.best_map, second.average.updates) == (7, 5, 0.25, 3)
    for state in (first, second):
        take_steps(state, 2)
    assert len(everything(first)) > 20
    assert all(torch.equal(a, b) for a, b in zip(everything(first), everything(second), strict=True))


def test_checkpoint__before_any_step(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint.pt", make_state(0))
    state = make_state(1)
    load_checkpoint(tmp_path / "checkpoint.pt", state)
    assert (state.epoch, state.best_map) == (0, NO_MAP)


def test_save_checkpoint__replaces_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, make_state(0))
    save_checkpoint(path, make_state(1))
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_load_checkpoint__refuses_a_truncated_file(tmp_path: Path, share: float) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, make_state(0))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(RunFolderError, match=r"checkpoint\.pt cannot be resumed from .*start a new run"):
        load_checkpoint(path, make_state(0))


def test_load_checkpoint__refuses_what_is_none(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    foreign: list[object] = [{"schema": 1, "kind": "epochal-weights"}, {"schema": 2, "kind": "epochal-checkpoint"}, [1]]
    for content in foreign:
        torch.save(content, path)
        with pytest.raises(RunFolderError, match="cannot be resumed from"):
            load_checkpoint(path, make_state(0))


def test_load_checkpoint__refuses_one_of_another_net(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, make_state(0, channels=5))
    with pytest.raises(RunFolderError, match="RuntimeError: Error"):
        load_checkpoint(path, make_state(0))


def test_load_checkpoint__runs_no_code_from_the_file(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"schema": 1, "kind": "epochal-checkpoint", "net": Trap()}, tmp_path / "checkpoint.pt")
    with pytest.raises(RunFolderError, match="UnpicklingError"):
        load_checkpoint(tmp_path / "checkpoint.pt", make_state(0))
    assert not (tmp_path / "ran").exists()
