"""How many images a net should compute at once: more is not better where the processor computes.

On the CPUs looked at, one thread takes a fifth more for each image of a group of eight than for a single one, whose
numbers stay in its cache (benchmarks/README.md, Serving); a card, or a net that waits for memory, is another matter.
So it is measured, with each net.
"""

import os
import time

import numpy as np

from epochal.detectors.predictor import BATCH_SIZE, Predictor

WORTH_IT = 0.97  # a larger group must cost less than this part of the smaller one for each image
# Of this thread alone, so that a busy machine does not count; on Windows that clock ticks 64 times a second.
_clock = time.thread_time if os.name == "posix" else time.perf_counter


def choose_group_size(predictor: Predictor) -> int:
    """1, 2, 4 or 8: doubled as long as it pays; takes the time of about six images where it does not.

    Args:
        predictor: computes with one thread, the caller's.
    """
    size, cost = 1, _cost_of(predictor, 1)
    while size < BATCH_SIZE:
        doubled = _cost_of(predictor, 2 * size)
        if doubled > WORTH_IT * cost:
            break
        size, cost = 2 * size, doubled
    return size


def _cost_of(predictor: Predictor, size: int) -> float:
    """Seconds an image; the better of two, for the first has to find its memory."""
    width, height = predictor.canvas_wh
    canvases = [np.full((height, width, 3), 114, np.uint8)] * size
    taken = []
    for _ in range(2):
        begin = _clock()
        predictor.compute(canvases)
        taken.append(_clock() - begin)
    return min(taken) / size
