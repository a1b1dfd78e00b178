"""One random net for all tests of this folder, and one thread."""

from collections.abc import Iterator

import pytest
import torch

from detectors.nets import random_weights
from epochal.detectors.weights import Weights


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Nets this small are slower on two threads, which wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def weights() -> Weights:
    return random_weights()
