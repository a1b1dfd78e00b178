"""The size of the groups that a net computes. Run: pytest tests/deploy/test_grouping.py"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.deploy import grouping
from epochal.deploy.grouping import choose_group_size
from epochal.detectors.predictor import BATCH_SIZE, Predictor


@pytest.mark.parametrize(
    ("cost_of_group", "expected"),
    [
        (lambda size: 1.0 * size, 1),  # nothing gained
        (lambda size: 1.0 * size**1.1, 1),  # the cache is too small
        (lambda size: 1.0, BATCH_SIZE),  # a card
        (lambda size: size * {1: 1.0, 2: 0.8, 4: 0.7, 8: 0.9}[size], 4),
    ],
)
def test_group__grows_while_an_image_costs_less(
    monkeypatch: pytest.MonkeyPatch, cost_of_group: Callable[[int], float], expected: int
) -> None:
    now = 0.0

    def compute(images: NDArray[np.float32], /) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        nonlocal now
        now += cost_of_group(len(images))
        return np.zeros((len(images), 1, 4), np.float32), np.zeros((len(images), 1, 1), np.float32)

    monkeypatch.setattr(grouping, "_clock", lambda: now)
    assert choose_group_size(Predictor(compute, ["cat"], (32, 32))) == expected
