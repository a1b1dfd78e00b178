"""Numbers in either scale; nonsense is one sentence. Run: pytest tests/deploy/test_asking.py."""

import pytest

from epochal.deploy.asking import Question, read_confidence, read_count, read_fraction
from epochal.errors import BadInput


@pytest.mark.parametrize(
    ("given", "fraction"),
    [(0.4, 0.4), ("0.4", 0.4), (40, 0.4), ("40", 0.4), (0, 0.0), (1, 0.01), ("1.0", 0.01), (100, 1.0), (0.999, 0.999)],
)
def test_read_fraction__one_and_more_are_percent(given: object, fraction: float) -> None:
    assert read_fraction(given, "confidence") == pytest.approx(fraction)


@pytest.mark.parametrize("given", [-0.1, 101, "much", "", None, True, "nan", "inf", [0.4]])
def test_read_fraction__nonsense(given: object) -> None:
    with pytest.raises(BadInput, match=r"overlap is .*; expected a fraction \(0\.4\) or percent \(40\)"):
        read_fraction(given, "overlap")


def test_read_confidence__words_leave_it_to_the_model() -> None:
    assert read_confidence("best") is None
    assert read_confidence("default") is None
    assert read_confidence("50") == 0.5


@pytest.mark.parametrize(("given", "count"), [(5, 5), ("12", 12), (9999, 300)])
def test_read_count__is_held_to_the_most(given: object, count: int) -> None:
    assert read_count(given, "max_detections", 300) == count


@pytest.mark.parametrize("given", [0, -3, "1.5", "x", None])
def test_read_count__nonsense(given: object) -> None:
    with pytest.raises(BadInput, match="max_detections is"):
        read_count(given, "max_detections", 300)


def test_question__unknown_classes_are_never_found() -> None:
    assert Question().wanted(["a", "b"]) is None
    assert Question(classes=("b", "zebra")).wanted(["a", "b"]) == [1]
    assert Question(classes=()).wanted(["a", "b"]) == []
