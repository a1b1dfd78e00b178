"""Evaluation: how good are these detections? Matching, AP, curves, confusion matrix, bootstrap.

Pure functions of boxes and matches, by numpy and hotcoco; nothing here reads images, runs a net or imports torch.
Begin with `evaluation.py`.
"""

from epochal.evaluation.box_store import StoredBoxes, keep_boxes, load_boxes, save_boxes
from epochal.evaluation.coco_files import coco_ground_truth, coco_results, write_ground_truth, write_predictions
from epochal.evaluation.comparison import Comparison, Difference, compare_runs
from epochal.evaluation.evaluation import Evaluation, evaluate
from epochal.evaluation.ground_truth import GroundTruth
from epochal.evaluation.match_store import StoredMatches, load_matches, save_matches
from epochal.evaluation.recommendations import SplitSizes

__all__ = [
    "Comparison",
    "Difference",
    "Evaluation",
    "GroundTruth",
    "SplitSizes",
    "StoredBoxes",
    "StoredMatches",
    "coco_ground_truth",
    "coco_results",
    "compare_runs",
    "evaluate",
    "keep_boxes",
    "load_boxes",
    "load_matches",
    "save_boxes",
    "save_matches",
    "write_ground_truth",
    "write_predictions",
]
