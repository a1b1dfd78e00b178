"""Weights to other runtimes: ONNX, TorchScript. Decoding is inside the graph, suppression is not.

input   images  (B, 3, H, W) float32, RGB, 0–1: a letterboxed canvas (see letterbox.py)
output  boxes   (B, P, 4) float32, x_min y_min x_max y_max in canvas pixels
        scores  (B, P, C) float32, 0–1
"""

import copy
import json
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from epochal.detectors.fast import Conv, Points
from epochal.detectors.weights import Weights
from epochal.errors import BadInput

OPSET = 18


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


def export_weights(weights: Weights, path: Path, export_format: str) -> None:
    """Write the net in another format, beside and renamed.

    Args:
        weights: loaded weights.
        path: the file to write.
        export_format: "onnx" or "torchscript".

    Raises:
        BadInput: another format.
    """
    beside = path.with_name(path.name + ".part")
    example = torch.zeros(1, 3, weights.canvas_wh[1], weights.canvas_wh[0])
    model = Decoded(weights).eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both tracers announce their successors
        if export_format == "onnx":
            _write_onnx(model, example, beside, weights)
        elif export_format == "torchscript":
            torch.jit.trace(model, example).save(str(beside))  # type: ignore[no-untyped-call]
        else:
            raise BadInput(f"Cannot export to {export_format!r}; choose onnx or torchscript.")
    beside.replace(path)


def _write_onnx(model: nn.Module, example: Tensor, path: Path, weights: Weights) -> None:
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
    onnx.helper.set_model_props(
        graph,
        {
            "epochal": "1",
            "model": weights.net.size_name,
            "class_names": json.dumps(list(weights.class_names)),
            "canvas_wh": json.dumps(list(weights.canvas_wh)),
        },
    )
    onnx.save(graph, str(path))
