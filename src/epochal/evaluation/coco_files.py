"""Predictions and ground truth as COCO JSON, so that pycocotools or any other tool can judge the same boxes.

Images are numbered from 1 in the order given; `category_id` is `class_id` + 1. Each row also names `file_name` and
`category_name`, so that a file can be joined with a ground truth that numbers its images otherwise.
"""

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from epochal.boxes import Detections
from epochal.errors import BadInput, Failed, StorageFull
from epochal.evaluation.ground_truth import GroundTruth, keep_finite
from epochal.evaluation.matching import boxes_xywh_exact

LEAST_CONFIDENCE = 0.001
MOST_PER_IMAGE = 300


def coco_results(
    file_names: Sequence[str], detections: Sequence[Detections], class_names: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of a COCO results file: `image_id`, `file_name`, `category_id`, `category_name`, `bbox`, `score`.

    All boxes with a confidence of at least 0.001, of each image the 300 most confident, by falling confidence.
    Numbers are not rounded: rounding moves mAP.
    """
    _check_lengths(file_names, detections, "detections")
    rows: list[dict[str, Any]] = []
    for index, (name, entry) in enumerate(zip(file_names, keep_finite(detections), strict=True)):
        order = np.argsort(-entry.confidence, kind="stable")[:MOST_PER_IMAGE]
        boxes = boxes_xywh_exact([entry.boxes_xyxy])
        for at in order[entry.confidence[order] >= LEAST_CONFIDENCE]:
            class_id = int(entry.class_id[at])
            rows.append(
                {
                    "image_id": index + 1,
                    "file_name": name,
                    "category_id": class_id + 1,
                    "category_name": class_names[class_id],
                    "bbox": boxes[at].tolist(),
                    "score": float(entry.confidence[at]),
                }
            )
    return rows


def coco_ground_truth(
    file_names: Sequence[str], truths: Sequence[GroundTruth], class_names: Sequence[str]
) -> dict[str, Any]:
    """A COCO ground-truth document that fits `coco_results` of the same images; areas are those of the boxes."""
    _check_lengths(file_names, truths, "ground truths")
    annotations: list[dict[str, Any]] = []
    for index, truth in enumerate(truths):
        for box, class_id, is_crowd in zip(
            boxes_xywh_exact([truth.boxes_xyxy]).tolist(), truth.class_id, truth.is_crowd, strict=True
        ):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": index + 1,
                    "category_id": int(class_id) + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(is_crowd),
                }
            )
    return {
        "info": {"description": "Ground truth of an Epochal evaluation; image_id counts from 1 in file order."},
        "images": [
            {"id": i + 1, "file_name": name, "width": int(truth.image_wh[0]), "height": int(truth.image_wh[1])}
            for i, (name, truth) in enumerate(zip(file_names, truths, strict=True))
        ],
        "categories": [{"id": k + 1, "name": name} for k, name in enumerate(class_names)],
        "annotations": annotations,
    }


def write_predictions(
    path: Path, file_names: Sequence[str], detections: Sequence[Detections], class_names: Sequence[str]
) -> None:
    """Write `coco_results` as JSON, beside and renamed: the file is whole or is not there.

    Raises:
        BadInput: the lists differ in length.
        StorageFull: no space is left.
        Failed: the file cannot be written.
    """
    _write_whole(path, coco_results(file_names, detections, class_names))


def write_ground_truth(
    path: Path, file_names: Sequence[str], truths: Sequence[GroundTruth], class_names: Sequence[str]
) -> None:
    """Write `coco_ground_truth` as JSON, beside and renamed; raises as `write_predictions` does."""
    _write_whole(path, coco_ground_truth(file_names, truths, class_names))


def _write_whole(path: Path, document: Any) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise StorageFull(f"No space is left to write {path}; make room and run the command again.") from error
        raise Failed(f"Cannot write {path}: {error.strerror}. Choose another place for the file.") from error


def _check_lengths(file_names: Sequence[str], entries: Sequence[object], what: str) -> None:
    if len(file_names) != len(entries):
        raise BadInput(f"One file name per image is needed; got {len(file_names)} names for {len(entries)} {what}.")
