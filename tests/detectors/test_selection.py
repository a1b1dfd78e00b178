"""From the answers of all points to the detections of an image. Run: pytest tests/detectors/test_selection.py."""

import numpy as np

from epochal.detectors.letterbox import place
from epochal.detectors.selection import CANDIDATES, select_detections

SAME = place((100, 100), (100, 100))


def rows(*values: tuple[float, ...]) -> np.ndarray:
    return np.array(values, np.float32)


def test_select_detections__by_falling_confidence_above_the_lowest() -> None:
    boxes = rows((0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10))
    found = select_detections(boxes, rows((0.3, 0), (0, 0.9), (0.0005, 0)), SAME)
    assert found.confidence.tolist() == rows((0.9, 0.3))[0].tolist()
    assert found.class_id.tolist() == [1, 0]
    assert found.boxes_xyxy.tolist() == [[20, 0, 30, 10], [0, 0, 10, 10]]
    assert (found.boxes_xyxy.dtype, found.confidence.dtype, found.class_id.dtype) == (np.float32, np.float32, np.int64)


def test_select_detections__one_of_two_alike_within_a_class_only() -> None:
    boxes = rows((0, 0, 10, 10), (1, 0, 10, 10), (1, 0, 10, 10))
    found = select_detections(boxes, rows((0.5, 0), (0.6, 0), (0, 0.4)), SAME)
    assert found.class_id.tolist() == [0, 1]
    assert found.confidence.tolist() == rows((0.6, 0.4))[0].tolist()
    assert len(select_detections(boxes, rows((0.5, 0), (0.6, 0), (0, 0.4)), SAME, iou_threshold=0.95)) == 3


def test_select_detections__a_point_may_answer_with_two_classes() -> None:
    found = select_detections(rows((0, 0, 10, 10)), rows((0.7, 0.6)), SAME, confidence=0.65)
    assert found.class_id.tolist() == [0]
    assert select_detections(rows((0, 0, 10, 10)), rows((0.7, 0.6)), SAME).class_id.tolist() == [0, 1]


def test_select_detections__in_pixels_of_the_image() -> None:
    at = place((640, 480), (320, 256))
    found = select_detections(rows((50, 33, 100, 83), (-20, 0, 30, 30)), rows((0.9,), (0.8,)), at)
    assert found.boxes_xyxy.tolist() == [[100, 50, 200, 150], [0, 0, 60, 44]]


def test_select_detections__leaves_out_what_lies_in_the_border_and_what_is_no_number() -> None:
    at = place((640, 480), (320, 256))
    boxes = rows(
        (10, 0, 50, 7), (10, 10, 10, 50), (10, np.nan, 50, 50), (10, 10, 50, 50), (10, 30, 50, 50), (60, 10, 90, 50)
    )
    found = select_detections(boxes, rows((0.9,), (0.9,), (0.9,), (np.nan,), (np.inf,), (0.5,)), at)
    assert found.confidence.tolist() == [0.5]


def test_select_detections__keeps_the_limit_and_the_best_candidates() -> None:
    count = CANDIDATES + 500
    x = np.arange(count, dtype=np.float32) * 3
    boxes = np.stack([x, x * 0, x + 2, x * 0 + 2], 1)
    scores = np.linspace(0.01, 0.99, count, dtype=np.float32)[:, None]
    wide = place((count * 3, 4), (count * 3, 4))
    found = select_detections(boxes, scores, wide, limit=5)
    assert found.confidence.tolist() == scores[::-1, 0][:5].tolist()
    assert len(select_detections(boxes, scores, wide)) == 300
    assert len(select_detections(boxes, scores, wide, limit=count)) == CANDIDATES


def test_select_detections__of_nothing() -> None:
    assert len(select_detections(np.zeros((0, 4), np.float32), np.zeros((0, 2), np.float32), SAME)) == 0
    assert len(select_detections(rows((0, 0, 9, 9)), rows((0.0, 0.0)), SAME)) == 0
