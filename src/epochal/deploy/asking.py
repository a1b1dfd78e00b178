"""What is asked of a model: which boxes count. The same for every way in; numbers in other scales are turned here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from epochal.errors import BadInput

CONFIDENCE = 0.4  # what a hosted model answers with when nothing is asked; also the client's own default
OVERLAP = 0.5
MAX_DETECTIONS, MAX_CANDIDATES = 300, 1000
MOST_DETECTIONS, MOST_CANDIDATES = 3000, 10_000


@dataclass(frozen=True)
class Question:
    """Which boxes count.

    Attributes:
        confidence: lower ones are left out, 0–1; None: where the model's F1 on its test images was best.
        overlap: of two boxes of a class whose IoU is larger, the less sure one is dropped, 0–1.
        classes: names that count; all when None. A name that the model does not know is never found.
        class_agnostic: boxes of different classes suppress each other too.
        max_detections: how many are kept at most, an image.
        max_candidates: how many of the surest enter the suppression at most.
    """

    confidence: float | None = CONFIDENCE
    overlap: float = OVERLAP
    classes: tuple[str, ...] | None = None
    class_agnostic: bool = False
    max_detections: int = MAX_DETECTIONS
    max_candidates: int = MAX_CANDIDATES

    def wanted(self, class_names: Sequence[str]) -> list[int] | None:
        """The class ids that count; None for all."""
        if self.classes is None:
            return None
        return [index for index, name in enumerate(class_names) if name in self.classes]


def read_fraction(given: object, name: str) -> float:
    """A fraction from a number or text in either scale: 1 and more are percent, as the hosted clients send them.

    Args:
        given: such as 0.4, "40", 40.
        name: of the field, for the message.

    Raises:
        BadInput: it is no number from 0 to 100.
    """
    try:
        number = float(str(given))
    except ValueError:
        number = math.nan
    if isinstance(given, bool) or not 0 <= number <= 100:
        raise BadInput(f"{name} is {given!r}; expected a fraction (0.4) or percent (40).")
    return number / 100 if number >= 1 else number


def read_confidence(given: object) -> float | None:
    """`read_fraction`, and None for the words of the clients that leave the choice to the model."""
    return None if given in ("best", "default") else read_fraction(given, "confidence")


def read_count(given: object, name: str, most: int) -> int:
    """A whole number from 1, held to `most`.

    Raises:
        BadInput: it is none.
    """
    try:
        number = int(str(given))
    except ValueError:
        number = 0
    if number < 1:
        raise BadInput(f"{name} is {given!r}; expected a whole number from 1.")
    return min(number, most)
