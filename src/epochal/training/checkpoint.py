"""The checkpoint: all that a resume needs, in one file that is whole at every instant."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from epochal.detectors.weights import save_atomically
from epochal.errors import RunFolderError
from epochal.training.averaging import Average

SCHEMA = 1
NO_MAP = -1.0  # below any mAP: there was none yet


@dataclass
class TrainingState:
    """What changes during a training and must survive a kill.

    Attributes:
        net: being trained.
        average: its moving average.
        optimizers: in a fixed order.
        epoch: the last one that is complete, 0 at the start.
        best_epoch: with the highest mAP_0.5:0.95, 0 for none.
        best_map: that value, `NO_MAP` for none.
    """

    net: nn.Module
    average: Average
    optimizers: tuple[Optimizer, ...]
    epoch: int = 0
    best_epoch: int = 0
    best_map: float = NO_MAP


def save_checkpoint(path: Path, state: TrainingState) -> None:
    """Write the checkpoint beside and rename it. Raises StorageFull."""
    content = {
        "schema": SCHEMA,
        "kind": "epochal-checkpoint",
        "net": state.net.state_dict(),
        "average": state.average.net.state_dict(),
        "average_updates": state.average.updates,
        "optimizers": [optimizer.state_dict() for optimizer in state.optimizers],
        "epoch": state.epoch,
        "best_epoch": state.best_epoch,
        "best_map": state.best_map,
    }
    save_atomically(content, path)


def load_checkpoint(path: Path, state: TrainingState) -> None:
    """Bring a state to where the checkpoint was taken.

    Raises:
        RunFolderError: the file is damaged or of another net or version.
    """
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if content["schema"] != SCHEMA or content["kind"] != "epochal-checkpoint":
            raise ValueError(f"schema {content['schema']!r}")
        state.net.load_state_dict(content["net"])
        state.average.net.load_state_dict(content["average"])
        state.average.updates = int(content["average_updates"])
        for optimizer, saved in zip(state.optimizers, content["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        state.epoch, state.best_epoch = int(content["epoch"]), int(content["best_epoch"])
        state.best_map = float(content["best_map"])
    except Exception as error:  # a damaged file raises many kinds
        raise RunFolderError(
            f"{path} cannot be resumed from ({type(error).__name__}: {(str(error) or '-').splitlines()[0]}); start a "
            f"new run, with --from {path.parent / 'weights' / 'last.pt'} to keep what was learned."
        ) from error
