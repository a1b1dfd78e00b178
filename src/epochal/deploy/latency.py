"""Latencies in buckets: a few counts a minute, from which percentiles are read well enough."""

import bisect
import math
from collections.abc import Mapping

# Upper bounds in ms, each about 1.4 times the one before; beyond the last one is one more bucket.
BOUNDS_MS = (
    1,
    1.5,
    2,
    3,
    4,
    6,
    8,
    12,
    16,
    23,
    32,
    45,
    64,
    90,
    128,
    180,
    256,
    360,
    512,
    720,
    1024,
    1450,
    2048,
    2900,
    4096,
    8192,
)
BEYOND = "inf"


def bucket_of(latency_ms: float) -> str:
    """The name of the bucket, its upper bound, such as `16` or `inf`."""
    index = bisect.bisect_left(BOUNDS_MS, latency_ms)
    return f"{BOUNDS_MS[index]:g}" if index < len(BOUNDS_MS) else BEYOND


def percentile_ms(buckets: Mapping[str, int], fraction: float) -> float | None:
    """The latency that this fraction of all requests stayed below, even within its bucket; None without requests.

    Args:
        buckets: {upper bound in ms: count}.
        fraction: 0–1, such as 0.95.
    """
    counts = sorted((math.inf if name == BEYOND else float(name), count) for name, count in buckets.items() if count)
    rank = fraction * sum(count for _, count in counts)
    for bound, count in counts:
        if rank <= count:
            if math.isinf(bound):
                return float(BOUNDS_MS[-1])
            below = bisect.bisect_left(BOUNDS_MS, bound)
            lower = BOUNDS_MS[below - 1] if below else 0.0
            return lower + (bound - lower) * rank / count
        rank -= count
    return None
