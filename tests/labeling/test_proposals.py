"""Which boxes become drafts, under which names. Run: pytest tests/labeling/test_proposals.py."""

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.errors import BadInput
from epochal.labeling.proposals import Choice, check_choice, choice_from_json, choice_to_json, propose

NAMES = ("cat", "dog", "cow")
FOUND = Detections(
    np.float32([[0, 0, 9, 9], [1, 1, 5, 5], [2, 2, 8, 8], [3, 3, 7, 7]]),
    np.float32([0.9, 0.6, 0.4, 0.3]),
    np.array([0, 1, 2, 1]),
)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), [("cat", 0.9), ("dog", 0.6)]),
        (Choice(thresholds={"cow": 0.4, "cat": 0.95}), [("dog", 0.6), ("cow", 0.4)]),
        (Choice(confidence=0.3, classes={"dog": "hound", "cat": None}), [("hound", 0.6), ("cow", 0.4), ("hound", 0.3)]),
        (Choice(confidence=0.3, thresholds={"dog": 0.7}, classes={"cow": "dog"}), [("cat", 0.9), ("dog", 0.4)]),
    ],
)
def test_propose(choice: Choice, expected: list[tuple[str, float]]) -> None:
    drafts = propose(FOUND, NAMES, choice)
    assert [(one.class_name, pytest.approx(one.confidence)) for one in drafts] == expected
    assert all(one.is_draft and one.source == "model" for one in drafts)


def test_choice__lowest_names_and_rows() -> None:
    choice = Choice(0.5, 0.4, {"cow": 0.2}, {"dog": None})
    assert choice.lowest == 0.2
    assert choice_from_json(choice_to_json(choice)) == choice
    check_choice(choice, NAMES)
    with pytest.raises(BadInput, match="no class 'horse'; it has cat, dog, cow"):
        check_choice(Choice(thresholds={"horse": 0.2}), NAMES)
