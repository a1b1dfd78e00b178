"""A weights file to a `Predictor` that computes with torch."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes
from epochal.detectors.export import Decoded
from epochal.detectors.predictor import Predictor
from epochal.detectors.weights import Weights, load_weights


def load_torch_predictor(path: Path, device: str = "cpu") -> Predictor:
    """Read a weights file of ours for predicting.

    Raises:
        WeightsError: see `load_weights`.
    """
    return build_predictor(load_weights(path), device)


def build_predictor(weights: Weights, device: str = "cpu") -> Predictor:
    """A predictor of a net in memory; the net itself is copied and stays as it is."""
    model = Decoded(weights).eval().to(device)
    model.points.xy, model.points.stride = model.points.xy.to(device), model.points.stride.to(device)

    @torch.no_grad()
    def compute(images: NDArray[np.float32], /) -> tuple[Boxes, NDArray[np.float32]]:
        boxes, scores = model(torch.from_numpy(images).to(device))
        return boxes.cpu().numpy(), scores.cpu().numpy()

    return Predictor(compute, weights.class_names, weights.canvas_wh)
