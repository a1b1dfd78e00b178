"""Models at work: predict with ONNX Runtime, draw what was found. Never: torch.

Begin with `onnx_predictor.py`; what a prediction is, and its letterbox, stands in `detectors/predictor.py`.
"""

from epochal.deploy.drawing import draw_detections
from epochal.deploy.on_datasets import detect_images
from epochal.deploy.onnx_predictor import load_predictor
from epochal.detectors.predictor import Predictor

__all__ = ["Predictor", "detect_images", "draw_detections", "load_predictor"]
