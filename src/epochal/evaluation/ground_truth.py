"""`GroundTruth`: what is really on one image; and the check that truths and detections fit together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.errors import BadInput


@dataclass(frozen=True)
class GroundTruth:
    """The annotations of one image.

    Attributes:
        boxes_xyxy: (N, 4) float32, pixels of the image as displayed.
        class_id: (N,) int64, 0-based.
        is_crowd: (N,) bool; a crowd box stands for many objects: detections on it count neither for nor against.
        image_wh: width and height of the image, pixels.
    """

    boxes_xyxy: NDArray[np.float32]
    class_id: NDArray[np.int64]
    is_crowd: NDArray[np.bool_]
    image_wh: tuple[int, int]

    def __post_init__(self) -> None:
        n = len(self.class_id)
        if self.boxes_xyxy.shape != (n, 4) or self.class_id.shape != (n,) or self.is_crowd.shape != (n,):
            raise ValueError(
                f"GroundTruth needs boxes (N, 4), class_id (N,), is_crowd (N,); got {self.boxes_xyxy.shape}, "
                f"{self.class_id.shape}, {self.is_crowd.shape}."
            )

    def __len__(self) -> int:
        return len(self.class_id)


def check_pairs(truths: Sequence[GroundTruth], detections: Sequence[Detections], class_names: Sequence[str]) -> None:
    """Refuse what cannot be evaluated.

    Raises:
        BadInput: the sequences differ in length, a class id has no name, or a name stands twice.
    """
    if len(truths) != len(detections):
        raise BadInput(
            f"Evaluation needs one entry per image in both lists; got {len(truths)} ground truths and "
            f"{len(detections)} detections. Pass `Detections.empty()` for an image without detections."
        )
    if len(set(class_names)) != len(class_names):
        twice = next(name for name in class_names if list(class_names).count(name) > 1)
        raise BadInput(f"Class names must differ; {twice!r} stands more than once. Rename or merge these classes.")
    for kind, entries in (("an annotation", truths), ("a detection", detections)):
        for index, ids in enumerate(entry.class_id for entry in entries):
            if len(ids) and (ids.min() < 0 or ids.max() >= len(class_names)):
                wrong = ids.min() if ids.min() < 0 else ids.max()
                raise BadInput(
                    f"Class ids must be 0 to {len(class_names) - 1}; image number {index + 1} has {kind} of class "
                    f"{wrong}. Evaluate on a dataset that has the classes of the model."
                )


def keep_finite(detections: Sequence[Detections]) -> list[Detections]:
    """Without the boxes whose place or confidence is NaN or infinite: they can be neither ranked nor placed."""
    kept = []
    for entry in detections:
        finite = np.isfinite(entry.confidence) & np.isfinite(entry.boxes_xyxy).all(axis=1)
        kept.append(
            entry
            if finite.all()
            else Detections(entry.boxes_xyxy[finite], entry.confidence[finite], entry.class_id[finite])
        )
    return kept
