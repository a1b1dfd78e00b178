"""Time to predict one canvas, batch 1, one thread, by runtime: python benchmarks/inference.py.

Openvino is measured where it is installed. The minimum and the median of 40 calls each, the runtimes in turn, so that
a busy machine slows all of them.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from epochal.detectors.export import Decoded, export_weights
from epochal.detectors.fast import FastNet
from epochal.detectors.weights import Weights

CANVASES, CALLS, NAMES = ((320, 256), (640, 640)), 40, ("RBC", "WBC", "Platelets")


def with_torch(weights: Weights, folder: Path) -> Callable[[Any], object]:
    model = Decoded(weights).eval()

    @torch.no_grad()
    def run(images: Any) -> object:
        return model(torch.from_numpy(images))

    return run


def with_onnx_runtime(weights: Weights, folder: Path) -> Callable[[Any], object]:
    export_weights(weights, folder / "net.onnx", "onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "net.onnx"), options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"images": images})


def with_openvino(precision: str) -> Callable[[Weights, Path], Callable[[Any], object]]:
    def build(weights: Weights, folder: Path) -> Callable[[Any], object]:
        import openvino

        export_weights(weights, folder / "net.xml", "openvino")
        settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": precision}
        compiled = openvino.Core().compile_model(str(folder / "net.xml"), "CPU", settings)
        return lambda images: compiled(images)

    return build


def main() -> None:
    torch.set_num_threads(1)
    runtimes = {"torch eager": with_torch, "ONNX Runtime": with_onnx_runtime}
    runtimes |= {"OpenVINO f32": with_openvino("f32"), "OpenVINO bf16": with_openvino("bf16")}
    for canvas_wh in CANVASES:
        torch.manual_seed(0)
        weights = Weights(FastNet("fast-n", len(NAMES)).eval(), NAMES, canvas_wh)
        images = np.random.default_rng(0).random((1, 3, canvas_wh[1], canvas_wh[0]), np.float32)
        with tempfile.TemporaryDirectory() as folder:
            ready: dict[str, Callable[[Any], object]] = {}
            for name, build in runtimes.items():
                try:
                    ready[name] = build(weights, Path(folder))
                except Exception as error:
                    print(f"{name}: left out ({error})")
            taken: dict[str, list[float]] = {name: [] for name in ready}
            for call in range(CALLS + 5):
                for name, run in ready.items():
                    begin = time.perf_counter()
                    run(images)
                    if call >= 5:  # the first ones warm up
                        taken[name].append((time.perf_counter() - begin) * 1000)
        for name, times in taken.items():
            print(
                f"{canvas_wh[0]}x{canvas_wh[1]} {name:14} min {min(times):6.1f} ms  median {np.median(times):6.1f} ms"
            )


if __name__ == "__main__":
    main()
