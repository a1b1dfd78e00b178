"""Datasets: images, their boxes, classes and splits, read from whatever people have; findings about them. No torch.

Begin with `dataset.py` (the words), then `opening.py` (how a folder becomes a dataset).
"""

from epochal.datasets.dataset import SPLITS, Dataset, Finding, Image
from epochal.datasets.exporting import write_dataset
from epochal.datasets.health import check_dataset, dataset_health
from epochal.datasets.near_duplicates import find_near_duplicates, mend_leaks
from epochal.datasets.one_image import ImageAnnotations, read_annotation_file
from epochal.datasets.opening import open_dataset
from epochal.datasets.pictures import decode_image
from epochal.datasets.ready_zip import Source, write_export
from epochal.datasets.splits import assign_splits, require_trainable, split_dataset

__all__ = [
    "SPLITS",
    "Dataset",
    "Finding",
    "Image",
    "ImageAnnotations",
    "Source",
    "assign_splits",
    "check_dataset",
    "dataset_health",
    "decode_image",
    "find_near_duplicates",
    "mend_leaks",
    "open_dataset",
    "read_annotation_file",
    "require_trainable",
    "split_dataset",
    "write_dataset",
    "write_export",
]
