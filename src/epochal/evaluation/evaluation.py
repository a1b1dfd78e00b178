"""`evaluate`: detections against ground truth, to one `Evaluation` that the graph, the report and the web app read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.boxes import Detections
from epochal.boxes.overlap import compute_iou
from epochal.errors import BadInput
from epochal.evaluation.bootstrap import Intervals, compute_intervals
from epochal.evaluation.confusion import Pairs, pair_up
from epochal.evaluation.curves import OperatingPoint, find_operating_point
from epochal.evaluation.document import cells_json, chosen_json, diagnosis_json, numbers_json, suspicions_json
from epochal.evaluation.ground_truth import GroundTruth, check_pairs, keep_finite
from epochal.evaluation.matching import CocoNumbers, Matches, match_detections, mean_defined
from epochal.evaluation.recommendations import SplitSizes


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What detections are worth against ground truth. K classes; NaN where there is nothing to judge by, never 0.

    Attributes:
        class_names: K names.
        truths: as given.
        detections: as given, without boxes that are not finite.
        numbers: COCO's precision and recall tables.
        matches: what everything here rests on.
        operating_point: precision and recall at the confidence of the best mean F1.
        intervals: bootstrap 95 % of both mAPs; None where there is none (see `compute_intervals`).
    """

    class_names: tuple[str, ...]
    truths: tuple[GroundTruth, ...]
    detections: tuple[Detections, ...]
    numbers: CocoNumbers
    matches: Matches
    operating_point: OperatingPoint
    intervals: Intervals | None

    @property
    def map50(self) -> float:
        """The mAP at IoU 0.5."""
        return mean_defined(self.ap50)

    @property
    def map50_95(self) -> float:
        """The mAP over the IoU thresholds 0.50, 0.55 … 0.95."""
        return mean_defined(self.ap50_95)

    @property
    def ap50(self) -> NDArray[np.float64]:
        """(K,) AP at IoU 0.5."""
        ap: NDArray[np.float64] = self.numbers.precision[0, :, :, 0].mean(axis=0)
        return ap

    @property
    def ap75(self) -> NDArray[np.float64]:
        """(K,) AP at IoU 0.75."""
        ap: NDArray[np.float64] = self.numbers.precision[5, :, :, 0].mean(axis=0)
        return ap

    @property
    def ap50_95(self) -> NDArray[np.float64]:
        """(K,) AP over the ten IoU thresholds."""
        ap: NDArray[np.float64] = self.numbers.precision[:, :, :, 0].mean(axis=(0, 1))
        return ap

    @cached_property
    def pairs(self) -> Pairs:
        """Annotations and detections paired at IoU 0.5 and the confidence of the operating point."""
        return pair_up(self.truths, self.detections, self.matches, self.operating_point.confidence)

    def mean_iou(self) -> float:
        """Mean IoU of the right detections at the operating point with what they found; NaN when none is right."""
        pairs = self.pairs
        right = (pairs.truth_class == pairs.detected_class) & (pairs.truth >= 0) & (pairs.detection >= 0)
        found: list[float] = []
        for image in np.unique(pairs.image[right]):
            here = right & (pairs.image == image)
            truth = self.truths[image].boxes_xyxy[pairs.truth[here]]
            found += np.diagonal(compute_iou(truth, self.detections[image].boxes_xyxy[pairs.detection[here]])).tolist()
        return float(np.mean(found)) if found else float("nan")

    def series(self) -> dict[str, float]:
        """The numbers of one epoch under the graph's series keys; what is not defined is left out."""
        point = self.operating_point
        series = {"metrics/mAP_0.5": self.map50, "metrics/mAP_0.5:0.95": self.map50_95}
        if self.intervals is not None:
            for key, interval in (("mAP_0.5", self.intervals.map50), ("mAP_0.5:0.95", self.intervals.map50_95)):
                series[f"metrics/{key}/low"], series[f"metrics/{key}/high"] = interval.low, interval.high
        series["metrics/precision"], series["metrics/recall"] = point.precision, point.recall
        series["metrics/confidence"] = point.confidence
        for name, ap50, ap50_95 in zip(self.class_names, self.ap50, self.ap50_95, strict=True):
            series[f"class/{name}/AP_0.5:0.95"], series[f"class/{name}/AP_0.5"] = float(ap50_95), float(ap50)
        return {key: value for key, value in series.items() if np.isfinite(value)}

    def to_json(
        self,
        *,
        file_names: Sequence[str] | None = None,
        train_annotations: Sequence[int] | None = None,
        splits: SplitSizes | None = None,
        chosen_on: "Evaluation | None" = None,
        is_out_of_sample: bool = True,
    ) -> dict[str, Any]:
        """The numbers of `evaluation.json` (ARCHITECTURE.md); null where there is nothing to judge by.

        Args:
            file_names: of the images, in their order; with them the boxes behind the cells of the confusion matrix and
                the suspicious annotations are listed.
            train_annotations: K counts of the train split, which the recommendation on balance rests on.
            splits: sizes of the splits, for the recommendation on them.
            chosen_on: of the same detector on other images, such as val: the thresholds chosen there are checked here.
            is_out_of_sample: False when the detector was trained on these images: it agrees with their mistakes, so no
                annotation is called suspicious.

        Raises:
            BadInput: not one file name per image, not one count per class, or `chosen_on` has other classes.
        """
        for what, values, wanted in (
            ("file name per image", file_names, len(self.truths)),
            ("count per class", train_annotations, len(self.class_names)),
        ):
            if values is not None and len(values) != wanted:
                raise BadInput(f"One {what} is needed; got {len(values)} for {wanted}.")
        if chosen_on is not None and chosen_on.class_names != self.class_names:
            raise BadInput("Thresholds can be checked on images with the same classes alone; these have others.")
        document = numbers_json(self, chosen_on) | diagnosis_json(self, train_annotations, splits)
        if chosen_on is not None:
            document["chosen"] = chosen_json(self, chosen_on)
        if file_names is not None:
            document["confusion"]["cells"] = cells_json(self, file_names)
            if is_out_of_sample:
                document["suspicions"] = suspicions_json(self, file_names)
        return document


def evaluate(
    truths: Sequence[GroundTruth],
    detections: Sequence[Detections],
    class_names: Sequence[str],
    *,
    resamples: int = 200,
    seed: int = 0,
    time_limit_s: float | None = None,
) -> Evaluation:
    """Judge detections by ground truth, as COCO does.

    Args:
        truths: of I images.
        detections: of the same images in the same order; all boxes down to a confidence near 0, because mAP needs
            them. Of one image and class the 100 most confident count.
        class_names: K names; class ids index them.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        time_limit_s: of the bootstrap, see `compute_intervals`.

    Returns:
        The evaluation. No images or no annotation: all metrics NaN. No detection: they are 0, which is true.

    Raises:
        BadInput: the lists differ in length, or a class id has no name.
    """
    check_pairs(truths, detections, class_names)
    finite = keep_finite(detections)
    numbers, matches = match_detections(truths, finite, len(class_names))
    return Evaluation(
        tuple(class_names),
        tuple(truths),
        tuple(finite),
        numbers,
        matches,
        find_operating_point(matches),
        compute_intervals(matches, resamples=resamples, seed=seed, time_limit_s=time_limit_s),
    )
