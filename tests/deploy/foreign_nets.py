"""ONNX files as other detectors write them, that always find the same; imported as `deploy.foreign_nets`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_constant_net(
    path: Path, output: np.ndarray, *, wh: tuple[int, int] = (64, 64), about: dict[str, str] | None = None,
    fixed: bool = True, kind: int = TensorProto.FLOAT, inputs: Sequence[object] = (),
) -> Path:  # fmt: skip
    """A net whose answer to any picture is `output` (1, …), repeated for a batch; the picture is touched, not used."""
    half = kind == TensorProto.FLOAT16
    value = output.astype(np.float16 if half else np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["images", "axes"], ["mean"], keepdims=1),
        helper.make_node("Reshape", ["mean", "shape"], ["flat"]),
        helper.make_node("Mul", ["flat", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "answer"], ["output0"]),
    ]
    constants = {
        "axes": np.array([1, 2, 3], np.int64),
        "shape": np.array([-1, 1, 1], np.int64),
        "zero": np.zeros(1, value.dtype),
        "answer": value,
    }
    batch = 1 if fixed else "batch"
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("images", kind, list(inputs) or [batch, 3, wh[1], wh[0]])],
        [helper.make_tensor_value_info("output0", kind, [batch, *output.shape[1:]])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, about or {})
    onnx.save(model, str(path))
    return path


def yolo_output(
    boxes: Sequence[tuple[float, float, float, float, int, float]], classes: int, points: int
) -> np.ndarray:
    """(1, 4 + C, P) of centre, size, class and score in the first points; the others find nothing."""
    out = np.zeros((1, 4 + classes, points), np.float32)
    for index, (x, y, w, h, class_id, score) in enumerate(boxes):
        out[0, :4, index] = x, y, w, h
        out[0, 4 + class_id, index] = score
    return out
