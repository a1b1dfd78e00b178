"""Requests that come while the net is busy are computed together; one that comes to an idle net never waits.

There is no thread of its own and no timer: who finds a free place computes at once, for itself. Everybody else queues,
and who has computed hands its place to the first in the queue, with a share of all that has queued by then.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass
class _Waiting(Generic[Item, Answer]):
    """One request; its thread sleeps until it is answered or has a group to compute."""

    item: Item
    wake: threading.Event = field(default_factory=threading.Event)
    group: "list[_Waiting[Item, Answer]] | None" = None
    answer: Answer | None = None
    error: BaseException | None = None


class Batcher(Generic[Item, Answer]):
    """Groups the calls of many threads. Safe to use from all of them."""

    def __init__(self, compute: Callable[[Sequence[Item]], Sequence[Answer]], *, limit: int, places: int) -> None:
        """Make a batcher.

        Args:
            compute: answers a group, one answer for each item, in order.
            limit: a group has no more items.
            places: so many groups are computed at once.
        """
        self._compute = compute
        self._limit, self._places = limit, places
        self._lock = threading.Lock()
        self._queue: deque[_Waiting[Item, Answer]] = deque()
        self._busy = 0

    def __call__(self, item: Item) -> Answer:
        """The answer to one item; raises what `compute` raised for its group."""
        mine = _Waiting[Item, Answer](item)
        with self._lock:
            if self._busy < self._places:  # then nobody waits
                self._busy += 1
                mine.group = [mine]
            else:
                self._queue.append(mine)
        if mine.group is None:
            mine.wake.wait()
        if mine.group is not None:
            self._answer(mine.group)
        if mine.error is not None:
            raise mine.error
        return cast(Answer, mine.answer)

    def _answer(self, group: list[_Waiting[Item, Answer]]) -> None:
        try:
            answers = self._compute([one.item for one in group])
            for one, answer in zip(group, answers, strict=True):
                one.answer = answer
        except BaseException as error:
            for one in group:
                one.error = error
        finally:
            self._hand_over()
            group[0].group = None  # a ring of references would keep pictures until the next collection
            for one in group[1:]:  # the first is this thread
                one.wake.set()

    def _hand_over(self) -> None:
        with self._lock:
            if not self._queue:
                self._busy -= 1
                return
            share = min(self._limit, -(-len(self._queue) // self._places))
            group = [self._queue.popleft() for _ in range(share)]
        group[0].group = group
        group[0].wake.set()
