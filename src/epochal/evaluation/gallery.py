"""The images behind the confusion matrix, or behind one of its cells, with all their boxes, to look at."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.evaluation.box_store import StoredBoxes

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Gallery:
    """Images at one confidence.

    Attributes:
        confidence: detections with at least this are shown.
        images: (N,) int64, their indices, in the order in which they are shown.
        pairs: how many pairs of annotation and detection lie in the cell; None without a cell.
        truth_in_cell: by image, the annotations in the cell.
        detection_in_cell: by image, the detections in the cell.
    """

    confidence: float
    images: NDArray[np.int64]
    pairs: int | None
    truth_in_cell: dict[int, set[int]]
    detection_in_cell: dict[int, set[int]]


def count_confusion(stored: StoredBoxes, confidence: float) -> NDArray[np.int64]:
    """(K + 1, K + 1) counts at a confidence and IoU 0.5: rows truth, columns detection, background last."""
    return stored.pairs(confidence).matrix(len(stored.class_names))


def find_images(stored: StoredBoxes, confidence: float, cell: Cell | None) -> Gallery:
    """The images behind a cell, the most confident detection first, then most pairs first; without a cell all of them.

    Args:
        stored: of the evaluation.
        confidence: as of the matrix.
        cell: row and column of the confusion matrix; K is background.
    """
    used = max(confidence, stored.least_confidence)
    if cell is None:
        return Gallery(used, np.arange(len(stored.image_names)), None, {}, {})
    pairs = stored.pairs(used)
    of_cell = pairs.of_cell(*cell)
    truths: dict[int, set[int]] = {}
    detections: dict[int, set[int]] = {}
    sureness: dict[int, float] = {}
    count: dict[int, int] = {}
    for at in of_cell:
        image, truth, found = int(pairs.image[at]), int(pairs.truth[at]), int(pairs.detection[at])
        count[image] = count.get(image, 0) + 1
        if truth >= 0:
            truths.setdefault(image, set()).add(truth)
        if found >= 0:
            detections.setdefault(image, set()).add(found)
            sureness[image] = max(sureness.get(image, 0.0), float(stored.detections[image].confidence[found]))
    images = sorted(count, key=lambda image: (-sureness.get(image, 0.0), -count[image], image))
    return Gallery(used, np.array(images, np.int64), len(of_cell), truths, detections)


def describe_image(stored: StoredBoxes, gallery: Gallery, image: int) -> dict[str, Any]:
    """One image with its boxes, in the form of an example of `evaluation.json`; `in_cell` marks those of the cell."""
    names, truth, found = stored.class_names, stored.truths[image], stored.detections[image]

    def mark(boxes: dict[int, set[int]], at: int) -> dict[str, bool]:
        return {} if gallery.pairs is None else {"in_cell": at in boxes.get(image, set())}

    return {
        "image": image,
        "file_name": stored.image_names[image],
        "image_wh": list(truth.image_wh),
        "ground_truth": [
            {"box_xyxy": _box(box), "class_name": names[class_id], **mark(gallery.truth_in_cell, at)}
            for at, (box, class_id) in enumerate(zip(truth.boxes_xyxy, truth.class_id, strict=True))
        ],
        "predictions": [
            {
                "box_xyxy": _box(found.boxes_xyxy[at]),
                "class_name": names[found.class_id[at]],
                "confidence": round(float(found.confidence[at]), 4),
                **mark(gallery.detection_in_cell, int(at)),
            }
            for at in np.flatnonzero(found.confidence >= gallery.confidence)
        ],
    }


def _box(box: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 1) for value in box]
