"""Predictions and ground truth as COCO JSON, so that pycocotools or any other tool can judge the same boxes.

Images are numbered from 1 in the order given; `category_id` is `class_id` + 1. Each row also names `file_name` and
`category_name`, so that a file can be joined with a ground truth that numbers its images otherwise; where those other
numbers are known, `coco_results` takes them.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from epochal.boxes import Detections
from epochal.errors import BadInput
from epochal.evaluation.ground_truth import GroundTruth, keep_finite
from epochal.evaluation.matching import boxes_xywh_exact
from epochal.storage.whole_files import write_whole

LEAST_CONFIDENCE = 0.001
MOST_PER_IMAGE = 300


def coco_results(
    file_names: Sequence[str],
    detections: Sequence[Detections],
    class_names: Sequence[str],
    *,
    image_ids: Sequence[int | str] | None = None,
    category_ids: Sequence[int | str] | None = None,
) -> list[dict[str, Any]]:
    """Rows of a COCO results file: `image_id`, `file_name`, `category_id`, `category_name`, `bbox`, `score`.

    All boxes with a confidence of at least 0.001, of each image the 300 most confident, by falling confidence.
    Numbers are not rounded: rounding moves mAP.

    Args:
        file_names: one for each image.
        detections: one entry for each image.
        class_names: index is the class_id.
        image_ids: one for each image; from 1 when None.
        category_ids: one for each class; from 1 when None.

    Raises:
        BadInput: the lists differ in length.
    """
    _check_lengths(file_names, detections, "detections")
    image_ids = range(1, len(file_names) + 1) if image_ids is None else image_ids
    category_ids = range(1, len(class_names) + 1) if category_ids is None else category_ids
    _check_lengths(file_names, image_ids, "image ids")
    rows: list[dict[str, Any]] = []
    for index, (name, entry) in enumerate(zip(file_names, keep_finite(detections), strict=True)):
        order = np.argsort(-entry.confidence, kind="stable")[:MOST_PER_IMAGE]
        boxes = boxes_xywh_exact([entry.boxes_xyxy])
        for at in order[entry.confidence[order] >= LEAST_CONFIDENCE]:
            class_id = int(entry.class_id[at])
            rows.append(
                {
                    "image_id": image_ids[index],
                    "file_name": name,
                    "category_id": category_ids[class_id],
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
    path: Path,
    file_names: Sequence[str],
    detections: Sequence[Detections],
    class_names: Sequence[str],
    *,
    image_ids: Sequence[int | str] | None = None,
    category_ids: Sequence[int | str] | None = None,
) -> None:
    """Write `coco_results` as JSON, beside and renamed: the file is whole or is not there.

    Raises:
        BadInput: the lists differ in length.
        StorageFull: no space is left.
        Failed: the file cannot be written.
    """
    rows = coco_results(file_names, detections, class_names, image_ids=image_ids, category_ids=category_ids)
    _write_json(path, rows)


def write_ground_truth(
    path: Path, file_names: Sequence[str], truths: Sequence[GroundTruth], class_names: Sequence[str]
) -> None:
    """Write `coco_ground_truth` as JSON, beside and renamed; raises as `write_predictions` does."""
    _write_json(path, coco_ground_truth(file_names, truths, class_names))


def _write_json(path: Path, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    write_whole(path, lambda file: file.write(text.encode()))


def _check_lengths(file_names: Sequence[str], entries: Sequence[object], what: str) -> None:
    if len(file_names) != len(entries):
        raise BadInput(f"One file name per image is needed; got {len(file_names)} names for {len(entries)} {what}.")
