"""Evaluation: how good are these detections? Matching, AP, curves, confusion matrix, bootstrap.

Pure functions of boxes and matches, by numpy and hotcoco; nothing here reads images, runs a net or imports torch.
Begin with `evaluation.py`.
"""

from epochal.evaluation.coco_files import coco_ground_truth, coco_results, write_ground_truth, write_predictions
from epochal.evaluation.evaluation import Evaluation, evaluate
from epochal.evaluation.ground_truth import GroundTruth

__all__ = [
    "Evaluation",
    "GroundTruth",
    "coco_ground_truth",
    "coco_results",
    "evaluate",
    "write_ground_truth",
    "write_predictions",
]
