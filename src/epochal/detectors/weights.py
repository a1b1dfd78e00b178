"""The weights file: what predicting needs, no more. Written beside and renamed; read with `weights_only=True`.

A weights file is a dict: {"schema": 1, "kind": "epochal-weights", "model": "fast-n", "class_names": […],
"canvas_wh": [w, h], "state": {name: tensor}}.
"""

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from epochal.detectors.fast import SIZES, STRIDES, Branch, FastNet
from epochal.errors import StorageFull, WeightsError
from epochal.storage.whole_files import whole_file

SCHEMA = 1
LARGEST_SIDE_PX = 8192
NEVER = -30.0  # sigmoid 1e-13, far below any confidence that is kept


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


@dataclass(frozen=True)
class Taken:
    """What a net has taken over from other weights.

    Attributes:
        tensors: taken over, wholly or, of class outputs, in part.
        in_all: tensors of the net.
        new_classes: that the other weights do not know.
    """

    tensors: int
    in_all: int
    new_classes: tuple[str, ...]


def save_atomically(content: dict[str, Any], path: Path) -> None:
    """`torch.save` beside the target, flushed to the disk, then renamed over it.

    Raises:
        StorageFull: the disk is full; an earlier file at `path` is untouched.
    """
    try:
        with whole_file(path) as part, part.open("wb") as stream:
            torch.save(content, stream)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        raise StorageFull(
            f"Could not write {path}: {_reason(error)}. Free some space on that disk, then continue with --resume."
        ) from error


def _reason(error: BaseException) -> str:
    """What the system said about a failed write, which torch's own error hides behind a line of its source."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    return str(error) if cause is None else (cause.strerror or str(cause))


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
    class_names, canvas_wh = _class_names(content, path), _canvas_wh(content, path)
    net = FastNet(_model(content, path), len(class_names))
    try:
        net.load_state_dict(_state(content, path))
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit {content['model']}: {str(error).splitlines()[0]}") from error
    return Weights(net.to(device).eval(), class_names, canvas_wh)


def copy_matching(net: FastNet, path: Path, class_names: Sequence[str]) -> Taken:
    """Start from other weights: copy every tensor of equal name and shape into `net`, the class outputs by name.

    A class is one row of each last class layer, so a class that both know keeps its rows wherever it stands in either
    list; the rows of a new one stay as `net` has them.

    Args:
        net: of len(class_names) classes.
        path: a weights file of ours.
        class_names: what the rows of `net` are to find.

    Raises:
        WeightsError: see `load_weights`; or they are of another model size, or no tensor fits.
    """
    content = _read(path)
    given, known, model = _state(content, path), _class_names(content, path), _model(content, path)
    if model != net.size_name:  # a few tensors of any two sizes have one shape, and are no start
        raise WeightsError(
            f"{path} is {model}, not {net.size_name}; choose the model {model}, or weights of {net.size_name}."
        )
    own = net.state_dict()
    outputs = {f"class_head.{at}.{len([*branch.children()]) - 1}.{kind}" for at, branch in enumerate(net.class_head)
               for kind in ("weight", "bias")}  # fmt: skip
    fitting = {
        name: tensor
        for name, tensor in given.items()
        if name in own and name not in outputs and own[name].shape == tensor.shape
    }
    shared = [(row, known.index(name)) for row, name in enumerate(class_names) if name in known]
    for name in outputs & given.keys() if shared else ():
        if given[name].shape == (len(known), *own[name].shape[1:]):
            rows, from_rows = map(list, zip(*shared, strict=True))
            own[name][rows] = given[name][from_rows].to(own[name].dtype)
            fitting[name] = own[name]
    if not fitting:
        raise WeightsError(f"{path} shares no tensor with {net.size_name}; train again.")
    net.load_state_dict({**own, **fitting})
    return Taken(len(fitting), len(own), tuple(name for name in class_names if name not in known))


def for_classes(weights: Weights, class_names: Sequence[str]) -> Weights:
    """The same net, answering with these classes, matched by name: others are left out, a missing one is never found.

    A class is one row of each last class layer, so rows are picked; a missing one is a row whose sigmoid is 0.
    """
    rows = torch.tensor([weights.class_names.index(n) if n in weights.class_names else -1 for n in class_names])
    net = copy.deepcopy(weights.net)
    net.class_count = len(rows)
    with torch.no_grad():
        for branch in net.class_head:
            assert isinstance(branch, Branch)
            old, new = branch.output, nn.Conv2d(branch.output.in_channels, len(rows), 1)
            assert old.bias is not None
            assert new.bias is not None
            new.weight.copy_(old.weight[rows] * (rows >= 0)[:, None, None, None])
            new.bias.copy_(torch.where(rows >= 0, old.bias[rows], torch.tensor(NEVER)))
            branch[-1] = new
    return Weights(net.eval(), tuple(class_names), weights.canvas_wh)


def _model(content: dict[str, Any], path: Path) -> str:
    model = content.get("model")
    if model not in SIZES:
        raise WeightsError(f"{path} names the model {model!r}; expected one of {', '.join(SIZES)}.")
    return str(model)


def _class_names(content: dict[str, Any], path: Path) -> tuple[str, ...]:
    names = content.get("class_names")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise WeightsError(f"{path} is damaged: expected a list of class names, got {names!r:.60}; train again.")
    return tuple(names)


def _canvas_wh(content: dict[str, Any], path: Path) -> tuple[int, int]:
    wh = content.get("canvas_wh")
    if (
        not isinstance(wh, list)
        or [type(v) for v in wh] != [int, int]
        or not all(0 < v <= LARGEST_SIDE_PX and v % STRIDES[-1] == 0 for v in wh)
    ):
        raise WeightsError(
            f"{path} is damaged: expected a canvas of two multiples of {STRIDES[-1]}, got {wh!r:.60}; train again."
        )
    return wh[0], wh[1]


def _state(content: dict[str, Any], path: Path) -> dict[str, Tensor]:
    state = content.get("state")
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise WeightsError(f"{path} is damaged: it holds no tensors; train again.")
    return state


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}; expected a file such as RUN/weights/best.pt.")
    if path.suffix.lower() == ".onnx":
        raise WeightsError(
            f"{path} is an ONNX file, which can only be run; expected a file such as RUN/weights/best.pt."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch explains foreign files at length; the sentence below is enough
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a foreign file
        raise WeightsError(
            f"{path} is no weights file of Epochal, or is damaged ({type(error).__name__}); expected a file such as "
            "RUN/weights/best.pt."
        ) from error
    if not isinstance(content, dict) or content.get("kind") != "epochal-weights":
        raise WeightsError(f"{path} is no weights file of Epochal; expected a file such as RUN/weights/best.pt.")
    if content.get("schema") != SCHEMA:
        raise WeightsError(f"{path} has schema {content.get('schema')!r}, this version reads {SCHEMA}: update Epochal.")
    return content
