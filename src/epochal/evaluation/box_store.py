"""The boxes of an evaluation on disk: which annotation, which detection, on which image, and who found whom.

With them the confusion matrix can be drawn at any confidence, and every image behind one of its cells be shown, long
after the detector is gone. One compressed npz without pickles.
"""

import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.errors import BadInput, NotFound, RunFolderError
from epochal.evaluation.confusion import Pairs, pair_up
from epochal.evaluation.evaluation import Evaluation
from epochal.evaluation.ground_truth import GroundTruth
from epochal.evaluation.matching import Matches
from epochal.storage.whole_files import write_whole

# Below this nobody deploys a detector; it keeps the file small.
LEAST_CONFIDENCE = 0.05
_FORMAT = 1
_TRUTH = {"truth_xyxy": (4,), "truth_class": (), "truth_crowd": (), "truth_image": ()}
_FOUND = {
    "found_xyxy": (4,),
    "found_class": (),
    "found_confidence": (),
    "found_image": (),
    "found_truth": (),
    "aside": (),
}


@dataclass(frozen=True, eq=False)
class StoredBoxes:
    """What was there and what was found, on I images.

    Attributes:
        image_names: I names, below the root of the dataset.
        sha256: of the bytes of each image.
        class_names: K names.
        truths: of each image.
        detections: of each image, those with a confidence of at least `least_confidence` that count (COCO's 100 most
            confident of a class).
        matches: of the two, at IoU 0.5 alone (T = 1).
        confidence: of the best mean F1; NaN when no detection is right.
        least_confidence: below it nothing was kept.
    """

    image_names: tuple[str, ...]
    sha256: tuple[str, ...]
    class_names: tuple[str, ...]
    truths: tuple[GroundTruth, ...]
    detections: tuple[Detections, ...]
    matches: Matches
    confidence: float
    least_confidence: float

    def pairs(self, confidence: float) -> Pairs:
        """Annotations and detections paired at IoU 0.5, as the confusion matrix counts them at a confidence."""
        return pair_up(self.truths, self.detections, self.matches, max(confidence, self.least_confidence))


def keep_boxes(evaluation: Evaluation, image_names: Sequence[str], sha256: Sequence[str]) -> StoredBoxes:
    """What is worth keeping of an evaluation.

    Args:
        evaluation: of I images.
        image_names: of these.
        sha256: of their bytes, hexadecimal.

    Raises:
        BadInput: not one name and one hash per image.
    """
    images = len(evaluation.truths)
    if not len(image_names) == len(sha256) == images:
        raise BadInput(f"{images} images need a name and a hash each; got {len(image_names)} and {len(sha256)}.")
    best = float(evaluation.operating_point.confidence)
    least = min(LEAST_CONFIDENCE, best) if math.isfinite(best) else LEAST_CONFIDENCE
    matches = evaluation.matches
    kept = np.flatnonzero(matches.confidence >= least)
    boxes = [
        evaluation.detections[i].boxes_xyxy[d]
        for i, d in zip(matches.image[kept], matches.detection[kept], strict=True)
    ]
    arrays = {
        "found_xyxy": np.array(boxes, np.float32).reshape(-1, 4),
        "found_class": matches.class_id[kept],
        "found_confidence": matches.confidence[kept],
        "found_image": matches.image[kept],
        "found_truth": np.where(matches.is_hit[0], matches.truth[0], -1)[kept],
        "aside": matches.ignored[0, kept],
    }
    detections, rebuilt = _rank(arrays, matches.truth_count)
    return StoredBoxes(
        tuple(image_names), tuple(sha256), evaluation.class_names, evaluation.truths, detections, rebuilt, best, least
    )


def save_boxes(path: Path, stored: StoredBoxes) -> None:
    """Write the file, beside and renamed.

    Raises:
        StorageFull: no space is left.
        Failed: the file cannot be written.
    """
    truths, matches = stored.truths, stored.matches
    about = {
        "format": _FORMAT,
        "images": stored.image_names,
        "sha256": stored.sha256,
        "classes": stored.class_names,
        "confidence": stored.confidence if math.isfinite(stored.confidence) else None,
        "least_confidence": stored.least_confidence,
    }
    found = [stored.detections[i].boxes_xyxy[d] for i, d in zip(matches.image, matches.detection, strict=True)]
    arrays: dict[str, Any] = {
        "image_wh": np.array([truth.image_wh for truth in truths], np.int32).reshape(-1, 2),
        "truth_xyxy": np.concatenate([np.zeros((0, 4), np.float32), *[truth.boxes_xyxy for truth in truths]]),
        "truth_class": _joined([truth.class_id for truth in truths], np.int32),
        "truth_crowd": _joined([truth.is_crowd for truth in truths], np.bool_),
        "truth_image": np.repeat(np.arange(len(truths), dtype=np.int32), [len(truth) for truth in truths]),
        "found_xyxy": np.array(found, np.float32).reshape(-1, 4),
        "found_class": matches.class_id,
        "found_confidence": matches.confidence,
        "found_image": matches.image,
        "found_truth": matches.truth[0],
        "aside": matches.ignored[0],
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
    }
    write_whole(path, lambda file: np.savez_compressed(file, **arrays))


def load_boxes(path: Path) -> StoredBoxes:
    """Read what `save_boxes` wrote.

    Raises:
        NotFound: there is no such file.
        RunFolderError: it is not such a file, or it is damaged.
    """
    if not path.is_file():
        raise NotFound(f"No boxes at {path}; they are written at the end of a training.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in (*_TRUTH, *_FOUND, "image_wh", "about")}
        return _rebuild(arrays, json.loads(arrays["about"].tobytes()))
    except (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise RunFolderError(
            f"{path} should hold the boxes of an evaluation and cannot be read ({error}); train the run again to have "
            "them anew."
        ) from error


def _rebuild(arrays: dict[str, NDArray[Any]], about: dict[str, Any]) -> StoredBoxes:
    """Raises ValueError, KeyError or TypeError for arrays that do not fit together."""
    if about["format"] != _FORMAT:
        raise ValueError(f"format {about['format']}, this version reads {_FORMAT}")
    names, hashes, classes = (tuple(map(str, about[key])) for key in ("images", "sha256", "classes"))
    _check(arrays, len(names), len(hashes), len(classes))
    real = ~arrays["truth_crowd"].astype(bool)
    truth_count = np.zeros((len(names), len(classes)), np.int32)
    np.add.at(truth_count, (arrays["truth_image"][real], arrays["truth_class"][real]), 1)
    bounds = np.searchsorted(arrays["truth_image"], np.arange(len(names) + 1))
    truths = tuple(
        GroundTruth(
            arrays["truth_xyxy"][begin:end].astype(np.float32),
            arrays["truth_class"][begin:end].astype(np.int64),
            arrays["truth_crowd"][begin:end].astype(bool),
            (int(width), int(height)),
        )
        for (begin, end), (width, height) in zip(pairwise(bounds), arrays["image_wh"], strict=True)
    )
    detections, matches = _rank(arrays, truth_count)
    per_image = np.array([len(truth) for truth in truths], np.int64)
    if np.any(arrays["found_truth"] >= per_image[arrays["found_image"]]):
        raise ValueError("found_truth goes beyond the annotations of its image")
    best = about["confidence"]
    return StoredBoxes(
        names,
        hashes,
        classes,
        truths,
        detections,
        matches,
        float("nan") if best is None else float(best),
        float(about["least_confidence"]),
    )


def _check(arrays: dict[str, NDArray[Any]], images: int, hashes: int, classes: int) -> None:
    if hashes != images or arrays["image_wh"].shape != (images, 2):
        raise ValueError(f"{images} images, {hashes} hashes, sizes {arrays['image_wh'].shape}")
    for group in (_TRUTH, _FOUND):
        count = len(arrays[next(iter(group))])
        for name, rest in group.items():
            if arrays[name].shape != (count, *rest):
                raise ValueError(f"{name} has shape {arrays[name].shape}, not {(count, *rest)}")
    limits = {"truth_class": classes, "truth_image": images, "found_class": classes, "found_image": images}
    for name, limit in limits.items():
        if len(arrays[name]) and (arrays[name].min() < 0 or arrays[name].max() >= limit):
            raise ValueError(f"{name} goes beyond {limit}")
    if np.any(np.diff(arrays["truth_image"]) < 0) or np.any(np.diff(arrays["found_class"]) < 0):
        raise ValueError("annotations are not in order of images, or detections not in order of classes")


def _rank(arrays: dict[str, NDArray[Any]], truth_count: NDArray[np.int32]) -> tuple[tuple[Detections, ...], Matches]:
    """The detections of each image, and the matches that point to them."""
    image = arrays["found_image"].astype(np.int32)
    order = np.lexsort((-arrays["found_confidence"], image))
    bounds = np.searchsorted(image[order], np.arange(len(truth_count) + 1))
    detection = np.zeros(len(image), np.int32)
    detections = []
    for begin, end in pairwise(bounds):
        at = order[begin:end]
        detection[at] = np.arange(len(at))
        detections.append(
            Detections(
                arrays["found_xyxy"][at].astype(np.float32),
                arrays["found_confidence"][at].astype(np.float32),
                arrays["found_class"][at].astype(np.int64),
            )
        )
    truth = arrays["found_truth"].astype(np.int32)[None]
    matches = Matches(
        image,
        arrays["found_class"].astype(np.int32),
        arrays["found_confidence"].astype(np.float32),
        truth >= 0,
        arrays["aside"].astype(bool)[None],
        truth_count,
        detection,
        truth,
    )
    return tuple(detections), matches


def _joined(parts: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)
