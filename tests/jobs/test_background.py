"""Work runs once at a time, can be asked to stop, and a failure takes nothing else down."""

import threading

import pytest

from epochal.errors import BadInput, Conflict, StorageFull
from epochal.jobs.background import Background


def test_work_of_one_name_runs_once_at_a_time() -> None:
    background, may_end, runs = Background(), threading.Event(), []
    assert background.submit("a", lambda _: (runs.append(1), may_end.wait(10)))
    assert background.is_running("a")
    assert not background.submit("a", lambda _: runs.append(2))
    may_end.set()
    background.close()
    assert runs == [1]
    assert not background.is_running("a")


def test_work_is_told_that_it_was_cancelled() -> None:
    background, stopped = Background(), threading.Event()

    def work(is_cancelled: object) -> None:
        while not is_cancelled():  # type: ignore[operator]
            threading.Event().wait(0.01)
        stopped.set()

    background.submit("a", work)
    assert background.cancel("a")
    assert stopped.wait(10)
    assert not background.cancel("b")
    background.close()


def test_closing_asks_all_work_to_stop_and_takes_no_more() -> None:
    background, started = Background(), threading.Event()

    def work(is_cancelled: object) -> None:
        started.set()
        while not is_cancelled():  # type: ignore[operator]
            threading.Event().wait(0.01)

    background.submit("a", work)
    assert started.wait(10)
    background.close()
    with pytest.raises(Conflict):
        background.submit("b", lambda _: None)


@pytest.mark.parametrize("error", [BadInput("no"), RuntimeError("unforeseen")])
def test_work_that_fails_leaves_the_rest_running(error: Exception) -> None:
    background, done = Background(threads=1), threading.Event()

    def fail(_: object) -> None:
        raise error

    background.submit("bad", fail)
    background.submit("good", lambda _: done.set())
    assert done.wait(10)
    background.close()


def test_work_whose_end_a_full_disk_did_not_take_is_tried_again() -> None:
    background, runs, done = Background(room_looked_for_every_s=0.01), list[int](), threading.Event()

    def work(_: object) -> None:
        runs.append(1)
        if len(runs) < 3:
            raise StorageFull("No space is left for the database.")
        done.set()

    background.submit("a", work)
    assert done.wait(10)
    background.close()
    assert len(runs) == 3
    assert not background.is_running("a")


def test_closing_does_not_wait_for_room() -> None:
    background, came = Background(room_looked_for_every_s=60), threading.Event()

    def work(_: object) -> None:
        came.set()
        raise StorageFull("No space is left for the database.")

    background.submit("a", work)
    assert came.wait(10)
    background.close()
    assert not background.is_running("a")
