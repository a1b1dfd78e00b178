"""The weights file: what predicting needs, no more. Written beside and renamed; read with `weights_only=True`.

A weights file is a dict: {"schema": 1, "kind": "epochal-weights", "model": "fast-n", "class_names": […],
"canvas_wh": [w, h], "state": {name: tensor}}.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from epochal.detectors.fast import SIZES, FastNet
from epochal.errors import StorageFull, WeightsError

SCHEMA = 1


@dataclass(frozen=True)
class Weights:
    """A net with what is needed to use it.

    Attributes:
        net: in evaluation mode.
        class_names: index is the class_id.
        canvas_wh: the canvas that it was trained on, pixels.
    """

    net: FastNet
    class_names: tuple[str, ...]
    canvas_wh: tuple[int, int]


def save_atomically(content: dict[str, Any], path: Path) -> None:
    """`torch.save` beside the target, flushed to the disk, then renamed over it.

    Raises:
        StorageFull: the disk is full; an earlier file at `path` is untouched.
    """
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as stream:
            torch.save(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        beside.unlink(missing_ok=True)
        raise StorageFull(
            f"Could not write {path}: {error}. Free some space on that disk, then continue with --resume."
        ) from error


def save_weights(path: Path, state: dict[str, Tensor], *, model: str, class_names: tuple[str, ...],
                 canvas_wh: tuple[int, int]) -> None:  # fmt: skip
    """Write a weights file; `state` is a FastNet's. Raises StorageFull."""
    content = {
        "schema": SCHEMA,
        "kind": "epochal-weights",
        "model": model,
        "class_names": list(class_names),
        "canvas_wh": list(canvas_wh),
        "state": {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in state.items()},
    }
    save_atomically(content, path)


def load_weights(path: Path, device: str = "cpu") -> Weights:
    """Read a weights file of ours.

    Raises:
        WeightsError: the file is absent, no weights file of Epochal, damaged, or of a newer schema.
    """
    content = _read(path)
    if content.get("model") not in SIZES or not isinstance(content.get("state"), dict):
        raise WeightsError(f"{path} names the model {content.get('model')!r}; expected one of {', '.join(SIZES)}.")
    class_names = tuple(str(name) for name in content["class_names"])
    net = FastNet(content["model"], len(class_names))
    try:
        net.load_state_dict(content["state"])
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit {content['model']}: {str(error).splitlines()[0]}") from error
    width, height = content["canvas_wh"]
    return Weights(net.to(device).eval(), class_names, (int(width), int(height)))


def copy_matching(net: FastNet, path: Path) -> tuple[int, int]:
    """Start from other weights: copy every tensor of equal name and shape into `net`.

    Returns:
        How many tensors were copied, and how many the net has. The class outputs differ when the classes do.
    """
    given = _read(path).get("state", {})
    own = net.state_dict()
    fitting = {name: tensor for name, tensor in given.items() if name in own and own[name].shape == tensor.shape}
    if not fitting:
        raise WeightsError(f"{path} shares no tensor with {net.size_name}; choose weights of the same model size.")
    net.load_state_dict({**own, **fitting})
    return len(fitting), len(own)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a foreign file
        raise WeightsError(f"{path} is no weights file of Epochal ({type(error).__name__}).") from error
    if not isinstance(content, dict) or content.get("kind") != "epochal-weights":
        raise WeightsError(f"{path} is no weights file of Epochal; expected a file such as RUN/weights/best.pt.")
    if content.get("schema") != SCHEMA:
        raise WeightsError(f"{path} has schema {content.get('schema')!r}, this version reads {SCHEMA}: update Epochal.")
    return content
