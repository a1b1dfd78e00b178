"""Is one run better than another, or were it only these images? The paired bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.errors import BadInput
from epochal.evaluation.average_precision import compute_average_precision
from epochal.evaluation.bootstrap import draw_weights, mean_of_defined
from epochal.evaluation.match_store import StoredMatches
from epochal.evaluation.matching import Ranking


@dataclass(frozen=True)
class Difference:
    """A metric of two runs on the same images.

    Attributes:
        first: of the first run, 0–1.
        second: of the second run, 0–1.
        low: 95 % of the resampled differences, second minus first, lie from here …
        high: … to here.
        chance_second_better: share of resamples in which the second is better, ties by half.
    """

    first: float
    second: float
    low: float
    high: float
    chance_second_better: float

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first

    @property
    def is_real(self) -> bool:
        """Zero lies outside the interval: other images of the same kind would show the same winner."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Comparison:
    """Two runs on the images and classes that both know.

    Attributes:
        images: how many are compared.
        resamples: how many the intervals rest on.
        map50: mAP_0.5.
        map50_95: mAP_0.5:0.95.
        per_class: AP_0.5:0.95 by class name, of the classes with annotations.
        classes_left_out: known to one run alone.
    """

    images: int
    resamples: int
    map50: Difference
    map50_95: Difference
    per_class: dict[str, Difference]
    classes_left_out: tuple[str, ...]

    def sentence(self, first_name: str, second_name: str) -> str:
        """What to tell a person about mAP_0.5:0.95, in points of a hundredth."""
        d = self.map50_95
        if np.isnan(d.low):
            return f"{first_name} and {second_name} cannot be compared: it needs two images or more, with annotations."
        if not d.is_real:
            return (
                f"{first_name} and {second_name} cannot be told apart on {self.images} images: the difference in "
                f"mAP_0.5:0.95 lies between {100 * d.low:+.1f} and {100 * d.high:+.1f} points."
            )
        better, worse = (second_name, first_name) if d.low > 0 else (first_name, second_name)
        size, half = 100 * abs(d.difference), 50 * (d.high - d.low)
        gain = f"{size:.1f} ± {half:.1f} points of mAP_0.5:0.95"
        return f"{better} is better than {worse} by {gain} on {self.images} images."


def compare_runs(first: StoredMatches, second: StoredMatches, *, resamples: int = 1000, seed: int = 0) -> Comparison:
    """Difference of two runs, by drawing the same images again for both.

    It says whether other images would show the same winner. It does not say whether another seed would: for that, train
    each more than once.

    Args:
        first: matches of one run.
        second: matches of another; images are joined by name.
        resamples: how often as many images are drawn with replacement.
        seed: of the draws.

    Raises:
        BadInput: no image or class in common, or an image whose annotations differ between the runs.

    Source: Everingham and Williams, "Assessing the significance of performance differences on the PASCAL VOC
        challenges via bootstrapping"; images are drawn, not boxes, because boxes of one image are not independent.
    """
    images = sorted(set(first.image_names) & set(second.image_names))
    classes = [name for name in first.class_names if name in set(second.class_names)]
    if not images or not classes:
        raise BadInput(
            "Two runs can be compared on the images and classes that both were evaluated on; these have no "
            f"{'image' if not images else 'class'} in common. Evaluate both on one split of one dataset."
        )
    one, two = (_restrict(stored, images, classes) for stored in (first, second))
    _check_same_truth(one, two, images, classes)
    drawn = resamples if len(images) > 1 else 0  # one image drawn again is the same image: it shows no spread
    weights = np.concatenate([np.ones((1, len(images)), np.int32), draw_weights(len(images), drawn, seed)])
    ap = np.stack([compute_average_precision(ranking, weights) for ranking in (one, two)])
    ap50, ap50_95 = ap[:, :, :, 0], ap.mean(axis=3)
    left_out = set(first.class_names) ^ set(second.class_names)
    return Comparison(
        len(images),
        drawn,
        _difference(np.stack([mean_of_defined(values) for values in ap50])),
        _difference(np.stack([mean_of_defined(values) for values in ap50_95])),
        {name: _difference(ap50_95[:, :, k]) for k, name in enumerate(classes) if one.truth_count[:, k].any()},
        tuple(sorted(left_out)),
    )


def _difference(values: NDArray[np.float64]) -> Difference:
    """From (2, 1 + R) values of both runs, those without resampling first; resamples without the class are left out."""
    change = values[1, 1:] - values[0, 1:]
    change = change[~np.isnan(change)]
    if not len(change):  # one image alone, or no annotation
        return Difference(float(values[0, 0]), float(values[1, 0]), float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(change, [2.5, 97.5])
    chance = float((change > 0).mean() + (change == 0).mean() / 2)
    return Difference(float(values[0, 0]), float(values[1, 0]), float(low), float(high), chance)


def _restrict(stored: StoredMatches, images: list[str], classes: list[str]) -> Ranking:
    """The ranking of these images and classes alone, numbered as they stand in the lists."""
    ranking = stored.ranking
    image_at, class_at = _rows(images, stored.image_names), _rows(classes, stored.class_names)
    image, class_id = image_at[ranking.image], class_at[ranking.class_id]
    kept = np.flatnonzero((image >= 0) & (class_id >= 0))
    kept = kept[np.lexsort((image[kept], -ranking.confidence[kept], class_id[kept]))]
    return Ranking(
        image[kept],
        class_id[kept],
        ranking.confidence[kept],
        ranking.is_hit[:, kept],
        ranking.ignored[:, kept],
        ranking.truth_count[np.ix_(_rows(stored.image_names, images), _rows(stored.class_names, classes))],
    )


def _rows(names: Sequence[str], wanted: Sequence[str]) -> NDArray[np.int32]:
    """Where each wanted name stands among the names; -1 for nowhere."""
    at = {name: index for index, name in enumerate(names)}
    return np.array([at.get(name, -1) for name in wanted], np.int32)


def _check_same_truth(one: Ranking, two: Ranking, images: list[str], classes: list[str]) -> None:
    differs = np.argwhere(one.truth_count != two.truth_count)
    if not len(differs):
        return
    image, class_id = (int(index) for index in differs[0])
    raise BadInput(
        f"Two runs can be compared when both were judged by the same annotations; of {classes[class_id]}, "
        f"{images[image]} has {one.truth_count[image, class_id]} in one run and {two.truth_count[image, class_id]} in "
        f"the other ({len(np.unique(differs[:, 0]))} images differ). Evaluate both on the same version of the dataset."
    )
