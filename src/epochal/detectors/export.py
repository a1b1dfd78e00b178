"""Weights to other runtimes: ONNX, TorchScript, OpenVINO. Decoding is inside the graph, suppression is not.

input   images  (B, 3, H, W) float32, RGB, 0–1: a letterboxed canvas (see letterbox.py); B is free
output  boxes   (B, P, 4) float32, x_min y_min x_max y_max in canvas pixels
        scores  (B, P, C) float32, 0–1

Every file carries `describe_export`: as metadata of the ONNX graph, as `epochal.json` inside the TorchScript archive,
as runtime information of the OpenVINO model. `deploy` reads the ONNX file.
"""

import copy
import errno
import json
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from epochal.detectors.fast import Conv, Points
from epochal.detectors.weights import Weights
from epochal.errors import BadInput, Failed, StorageFull

OPSET = 18
EXPORT_SUFFIXES = {"onnx": ".onnx", "torchscript": ".torchscript", "openvino": ".xml"}


class Decoded(nn.Module):
    """A net that answers with boxes and scores instead of raw outputs."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.net = fuse(weights.net)
        self.points = Points(weights.canvas_wh)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        box_bins, logits = self.net(images)
        return self.points.decode(box_bins), logits.sigmoid()


def fuse(net: nn.Module) -> nn.Module:
    """A copy of the net with every batch norm folded into its convolution: the same numbers, fewer operations."""
    net = copy.deepcopy(net).eval().float()
    for module in net.modules():
        if isinstance(module, Conv):
            conv, norm = module[0], module[1]
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            module[0], module[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return net


def describe_export(weights: Weights) -> dict[str, str]:
    """What a reader of an exported file has to know; lists are JSON texts, because metadata are texts."""
    return {
        "epochal": "1",
        "model": weights.net.size_name,
        "class_names": json.dumps(list(weights.class_names)),
        "canvas_wh": json.dumps(list(weights.canvas_wh)),
    }


def export_weights(weights: Weights, path: Path, export_format: str) -> None:
    """Write the net in another format, beside and renamed: the file is whole or is not there.

    Args:
        weights: loaded weights.
        path: the file to write; OpenVINO's numbers go beside it, into a file of the same stem that ends in `.bin`.
        export_format: "onnx", "torchscript" or "openvino".

    Raises:
        BadInput: another format, OpenVINO is wanted and not installed or `path` does not end in `.xml` then, or the
            folder of `path` does not exist.
        StorageFull: the disk is full.
        Failed: the file cannot be written for another reason.
    """
    if export_format not in EXPORT_SUFFIXES:
        raise BadInput(f"Cannot export to {export_format!r}; choose {', '.join(EXPORT_SUFFIXES)}.")
    if not path.parent.is_dir() or path.is_dir():
        raise BadInput(f"Cannot write {path}: expected the name of a file in a folder that exists; choose another.")
    if export_format == "openvino":
        if path.suffix != EXPORT_SUFFIXES[export_format]:
            raise BadInput(f"Cannot write {path}: OpenVINO names its file NAME.xml, with NAME.bin beside it.")
        _require_openvino()
    model = Decoded(weights).eval()
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as beside:
            draft = Path(beside) / path.name
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # both tracers announce their successors
                _write_draft(model, weights, draft, export_format)
            for file in sorted(draft.parent.iterdir()):  # OpenVINO's .bin goes before the .xml that needs it
                file.replace(path.parent / file.name)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise StorageFull(f"No space is left to write {path}; make room and export again.") from error
        raise Failed(f"Cannot export to {path}: {error}. Choose another place or another format.") from error


def _write_draft(model: nn.Module, weights: Weights, draft: Path, export_format: str) -> None:
    example = torch.zeros(1, 3, weights.canvas_wh[1], weights.canvas_wh[0])
    about = describe_export(weights)
    if export_format == "onnx":
        _write_onnx(model, example, draft, about)
    elif export_format == "torchscript":
        traced = torch.jit.trace(model, example, check_trace=False)  # type: ignore[no-untyped-call]  # torch has no types here
        traced.save(str(draft), _extra_files={"epochal.json": json.dumps(about)})
    else:
        between = draft.with_name("between.onnx")
        _write_onnx(model, example, between, about)
        _write_openvino(between, draft, about)
        between.unlink()


def _write_onnx(model: nn.Module, example: Tensor, path: Path, about: dict[str, str]) -> None:
    import onnx

    dynamic = {"images": {0: "batch"}, "boxes": {0: "batch"}, "scores": {0: "batch"}}
    torch.onnx.export(
        model,
        (example,),
        str(path),
        input_names=["images"],
        output_names=["boxes", "scores"],
        dynamic_axes=dynamic,
        opset_version=OPSET,
        dynamo=False,
    )
    graph = onnx.load(str(path))
    onnx.helper.set_model_props(graph, about)
    onnx.save(graph, str(path))


def _write_openvino(onnx_path: Path, path: Path, about: dict[str, str]) -> None:
    import openvino

    model = openvino.convert_model(str(onnx_path))
    for key, text in about.items():
        model.set_rt_info(text, ["epochal", key])
    # Numbers stay 32 bits wide: halving them moves boxes, and the runtime chooses its own width anyway.
    openvino.save_model(model, str(path), compress_to_fp16=False)


def _require_openvino() -> None:
    try:
        import openvino  # noqa: F401  # only looks whether it is there
    except ImportError:
        raise BadInput(
            "Export to OpenVINO needs the package openvino, which is not installed; "
            "install it with: pip install 'epochal[openvino]'"
        ) from None
