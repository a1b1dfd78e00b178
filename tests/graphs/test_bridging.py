"""Lines go on over missing values and break at NaN. Run: pytest tests/graphs/test_bridging.py."""

import numpy as np
import pytest

from epochal.graphs.bridging import drawn_column

NAN = np.nan


@pytest.mark.parametrize(
    ("values", "marked", "drawn"),
    [
        ([1, 2, 3, 4], [], [1, 2, 3, 4]),
        ([None, 2, None, 4], [], [NAN, 2, 3, 4]),
        ([1, None, None, None], [], [1, NAN, NAN, NAN]),
        ([0, None, None, 3], [2], [0, NAN, NAN, 3]),
        ([None, 1, None, 3], [1], [NAN, 1, 2, 3]),
        ([0, None, 2, None], [4], [0, 1, 2, NAN]),
        ([None, None, None, None], [], [NAN] * 4),
    ],
)
def test_drawn_column__by_hand(values: list[float | None], marked: list[int], drawn: list[float]) -> None:
    marks = [{"series": "x", "epoch": epoch, "value": "NaN"} for epoch in marked]
    found = drawn_column({"epochs": [1, 2, 3, 4], "series": {"x": values}, "marks": marks}, "x")
    np.testing.assert_array_equal(found, drawn)


def test_drawn_column__goes_along_epochs_not_rows() -> None:
    document = {"epochs": [1, 2, 11], "series": {"x": [0, None, 10]}, "marks": []}
    assert drawn_column(document, "x")[1] == 1
