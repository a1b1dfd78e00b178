"""What to do next to make a detector better: five recommendations, each with the numbers that trigger it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Triggers, as Roboflow documents them for its model evaluation, so that users find what they know.
FEW_ANNOTATIONS, FEW_BY_ROOT, FEW_OF_MEDIAN = 30, 0.05, 0.25
MANY_DETECTIONS, MANY_FALSE_ALARMS, LOW_PRECISION = 30, 30, 0.65
FEW_TEST_IMAGES, LOW_TEST_SHARE, LOW_VAL_SHARE = 50, 0.05, 0.10


@dataclass(frozen=True)
class Recommendation:
    """One thing to do.

    Attributes:
        id: `missed_detection`, `wrong_class`, `class_imbalance`, `overconfident_false_positives` or `dataset_health`.
        classes: names concerned; for `wrong_class` the true one, then the one it was taken for.
        evidence: the numbers behind it.
        message: one sentence: what is so.
        remedy: one sentence: what to do.
    """

    id: str
    classes: tuple[str, ...]
    evidence: Mapping[str, float | int]
    message: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """As in `evaluation.json`."""
        return {
            "id": self.id,
            "classes": list(self.classes),
            "evidence": dict(self.evidence),
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class SplitSizes:
    """Images in each split of the dataset, before augmentation."""

    train: int
    val: int
    test: int

    @property
    def total(self) -> int:
        """Images in all."""
        return self.train + self.val + self.test


def recommend(
    matrix: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    annotations: Sequence[int] | None = None,
    splits: SplitSizes | None = None,
) -> list[Recommendation]:
    """Recommendations that the numbers call for: mistakes first, the one that concerns most boxes at their head.

    Args:
        matrix: (K + 1, K + 1) confusion matrix, rows truth, columns detection, background last.
        class_names: K names.
        annotations: K counts to judge the balance of classes by, best those of train; without, those of the matrix.
        splits: sizes of the splits; without, nothing is said about them.
    """
    counts = matrix[:-1].sum(axis=1) if annotations is None else np.asarray(annotations)
    mistakes = [
        *_missed(matrix, class_names),
        *_wrong_class(matrix, class_names),
        *_overconfident(matrix, class_names),
    ]
    # The first number of the evidence is how many boxes are concerned.
    mistakes.sort(key=lambda found: -next(iter(found.evidence.values())))
    return [*mistakes, *_imbalance(counts, class_names), *([] if splits is None else _small_splits(splits))]


def _missed(matrix: NDArray[np.int64], names: Sequence[str]) -> list[Recommendation]:
    """The class with the most annotations that nothing was detected on."""
    missed = matrix[:-1, -1]
    if not len(missed) or not missed.max():
        return []
    k = int(missed.argmax())
    total = int(matrix[k].sum())
    return [
        Recommendation(
            "missed_detection",
            (names[k],),
            {"missed": int(missed[k]), "annotations": total},
            f"{missed[k]} of {total} annotations of {names[k]} are not found, the most of all classes.",
            f"Look at the missed {names[k]} boxes; add images like theirs, train at a larger image size if they are "
            "small, or lower the confidence.",
        )
    ]


def _wrong_class(matrix: NDArray[np.int64], names: Sequence[str]) -> list[Recommendation]:
    """The pair of classes most often taken one for the other."""
    confused = matrix[:-1, :-1].copy()
    np.fill_diagonal(confused, 0)
    if not confused.size or not confused.max():
        return []
    t, d = (int(i) for i in np.unravel_index(int(confused.argmax()), confused.shape))
    count, total, back = int(confused[t, d]), int(matrix[t].sum()), int(confused[d, t])
    return [
        Recommendation(
            "wrong_class",
            (names[t], names[d]),
            {"count": count, "the_other_way": back, "annotations": total},
            f"{names[t]} is taken for {names[d]} on {count} of {total} boxes, the most common mix-up.",
            "Both ways are common: check that the two classes can be told apart in the images, or merge them."
            if 2 * back >= count
            else f"Check the annotations of {names[t]} for swapped classes, then add images that show the difference.",
        )
    ]


def _overconfident(matrix: NDArray[np.int64], names: Sequence[str]) -> list[Recommendation]:
    """Classes that are often detected where they are not."""
    found: list[Recommendation] = []
    for k, name in enumerate(names):
        detected, right = int(matrix[:, k].sum()), int(matrix[k, k])
        wrong = detected - right
        if detected < MANY_DETECTIONS or wrong < MANY_FALSE_ALARMS or right / detected >= LOW_PRECISION:
            continue
        found.append(
            Recommendation(
                "overconfident_false_positives",
                (name,),
                {"false_positives": wrong, "detections": detected, "precision": right / detected},
                f"{wrong} of {detected} detections of {name} are wrong (precision {right / detected:.2f}).",
                f"First look whether these are {name} that nobody annotated; then add images without {name}, or raise "
                "the confidence.",
            )
        )
    return found


def _imbalance(counts: NDArray[np.int64], names: Sequence[str]) -> list[Recommendation]:
    """Classes with too few annotations, by themselves or beside the others."""
    if not len(counts):
        return []
    least = max(FEW_ANNOTATIONS, FEW_BY_ROOT * float(np.sqrt(counts.sum())))
    median = float(np.median(counts))
    return [
        Recommendation(
            "class_imbalance",
            (names[k],),
            {"annotations": int(counts[k]), "least": least, "median": median},
            f"{names[k]} has {counts[k]} annotations; the median class has {median:g}.",
            f"Add images with {names[k]} until it has at least {int(np.ceil(max(least, FEW_OF_MEDIAN * median)))}.",
        )
        for k in np.argsort(counts, kind="stable")
        if counts[k] < least or counts[k] < FEW_OF_MEDIAN * median
    ]


def _small_splits(splits: SplitSizes) -> list[Recommendation]:
    total = max(splits.total, 1)
    test_share, val_share = splits.test / total, splits.val / total
    shortages: list[tuple[str, float, str]] = []
    if splits.test < FEW_TEST_IMAGES:
        shortages.append(("test_images", splits.test, f"test has {splits.test} images, under {FEW_TEST_IMAGES}"))
    if test_share < LOW_TEST_SHARE:
        shortages.append(("test_share", test_share, f"test is {test_share:.1%} of the images, under 5 %"))
    if val_share < LOW_VAL_SHARE:
        shortages.append(("val_share", val_share, f"val is {val_share:.1%} of the images, under 10 %"))
    if not shortages:
        return []
    return [
        Recommendation(
            "dataset_health",
            (),
            {key: value for key, value, _ in shortages},
            "Too few images to judge by: " + "; ".join(sentence for _, _, sentence in shortages) + ".",
            "Move images into the small splits (whole scenes, so that no near copy stays in train); until then read "
            "the intervals, not the digits.",
        )
    ]
