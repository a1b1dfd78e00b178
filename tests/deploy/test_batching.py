"""Calls are grouped while the net is busy, none waits when it is idle. Run: pytest tests/deploy/test_batching.py."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from epochal.deploy.batching import Batcher


class Net:
    """Doubles numbers; keeps its groups, and waits where it is told to."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may_go = threading.Event()
        self.begun = threading.Semaphore(0)

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        self.begun.release()
        assert self.may_go.wait(20)
        return [2 * item for item in items]


def _wait_for_queue(batcher: Batcher[int, int], length: int) -> None:
    pause = threading.Event()
    while len(batcher._queue) < length:
        pause.wait(0.001)


def test_batcher__an_idle_net_is_asked_at_once_and_alone() -> None:
    net = Net()
    net.may_go.set()
    batcher = Batcher(net, limit=8, places=1)
    assert [batcher(3), batcher(4)] == [6, 8]
    assert net.groups == [[3], [4]]


@pytest.mark.parametrize(
    ("limit", "places", "later"), [(8, 1, [6]), (4, 1, [4, 2]), (8, 2, [3, 2, 1]), (1, 1, [1] * 6)]
)
def test_batcher__what_has_queued_is_shared_among_the_places(limit: int, places: int, later: list[int]) -> None:
    net = Net()
    batcher = Batcher(net, limit=limit, places=places)
    with ThreadPoolExecutor(20) as pool:
        first = [pool.submit(batcher, 100 + n) for n in range(places)]
        for _ in range(places):
            assert net.begun.acquire(timeout=20)
        rest = [pool.submit(batcher, n) for n in range(6)]
        _wait_for_queue(batcher, 6)
        net.may_go.set()
        assert [f.result(20) for f in first] == [200 + 2 * n for n in range(places)]
        assert [f.result(20) for f in rest] == [2 * n for n in range(6)]
    sizes = [len(group) for group in net.groups[places:]]
    assert sorted(item for group in net.groups[places:] for item in group) == list(range(6))
    assert max(sizes) == later[0]
    assert max(sizes) <= limit
    assert batcher._busy == 0


def test_batcher__many_threads_get_each_their_own() -> None:
    batcher = Batcher[int, int](lambda items: [item + 1 for item in items], limit=5, places=2)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(batcher, range(2000))) == list(range(1, 2001))
    assert (batcher._busy, len(batcher._queue)) == (0, 0)


def test_batcher__a_failure_is_told_to_its_group_and_the_next_is_answered() -> None:
    def fail_at_seven(items: Sequence[int]) -> list[int]:
        if 7 in items:
            raise ValueError("seven")
        return list(items)

    batcher = Batcher(fail_at_seven, limit=8, places=1)
    with pytest.raises(ValueError, match="seven"):
        batcher(7)
    assert batcher(1) == 1
