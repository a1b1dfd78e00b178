"""`Detections`: arrays of one length. Run: pytest tests/boxes."""

import numpy as np
import pytest

from epochal.boxes import Detections


def _detections(count: int = 3) -> Detections:
    confidence = np.linspace(0.9, 0.1, count, dtype=np.float32)
    return Detections(np.zeros((count, 4), np.float32), confidence, np.arange(count))


def test_detections__have_a_length() -> None:
    assert (len(_detections()), len(Detections.empty())) == (3, 0)


@pytest.mark.parametrize(("boxes", "classes"), [((2, 4), 3), ((3, 5), 3), ((3, 4), 2)])
def test_detections__refuse_arrays_of_different_length(boxes: tuple[int, int], classes: int) -> None:
    with pytest.raises(ValueError, match=r"need boxes \(N, 4\), confidence \(N,\), class_id \(N,\); got"):
        Detections(np.zeros(boxes, np.float32), np.zeros(3, np.float32), np.zeros(classes, np.int64))


def test_above__keeps_the_limit_itself() -> None:
    found = _detections().above(0.5)
    assert found.class_id.tolist() == [0, 1]
    assert len(found.above(0.95)) == 0
