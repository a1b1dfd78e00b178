"""From what a model found to drafts: which of its boxes count, under which class of the project. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from epochal.boxes import Detections
from epochal.datasets.labels import LabelledBox
from epochal.errors import BadInput


@dataclass(frozen=True)
class Choice:
    """Which boxes of a model become drafts.

    Attributes:
        confidence: lower ones are left out, 0–1.
        overlap: IoU from which two boxes of a class are one object, 0–1.
        thresholds: {class of the model: confidence}, where it differs from `confidence`.
        classes: {class of the model: class of the project, or None to leave it out}; others keep their name.
    """

    confidence: float = 0.5
    overlap: float = 0.5
    thresholds: Mapping[str, float] = field(default_factory=dict)
    classes: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def lowest(self) -> float:
        """The least confidence of any class."""
        return min([self.confidence, *self.thresholds.values()])


def check_choice(choice: Choice, class_names: Sequence[str]) -> None:
    """Refuse names that the model does not know, which would silently do nothing.

    Raises:
        BadInput: such a name; says which there are.
    """
    for name in [*choice.thresholds, *choice.classes]:
        if name not in class_names:
            raise BadInput(f"The model has no class {name[:60]!r}; it has {', '.join(class_names)[:300]}.")


def propose(detections: Detections, class_names: Sequence[str], choice: Choice) -> list[LabelledBox]:
    """The drafts of one image, by falling confidence.

    Args:
        detections: with at least `choice.lowest`.
        class_names: of the model.
        choice: which of them count.
    """
    drafts = []
    for box, confidence, class_id in zip(
        detections.boxes_xyxy.tolist(), detections.confidence.tolist(), detections.class_id.tolist(), strict=True
    ):
        name = class_names[class_id]
        target = choice.classes.get(name, name)
        if target is not None and confidence >= choice.thresholds.get(name, choice.confidence):
            x_min, y_min, x_max, y_max = box
            drafts.append(LabelledBox(target, (x_min, y_min, x_max, y_max), confidence, is_draft=True, source="model"))
    return drafts


def choice_to_json(choice: Choice) -> dict[str, object]:
    """A choice as it is kept in a row."""
    return {
        "confidence": choice.confidence,
        "overlap": choice.overlap,
        "thresholds": dict(choice.thresholds),
        "classes": dict(choice.classes),
    }


def choice_from_json(stored: Mapping[str, object]) -> Choice:
    """A choice of a row."""
    thresholds, classes = stored["thresholds"], stored["classes"]
    assert isinstance(thresholds, dict)
    assert isinstance(classes, dict)
    return Choice(float(str(stored["confidence"])), float(str(stored["overlap"])), thresholds, classes)
