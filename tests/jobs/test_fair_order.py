"""Workspaces take turns. Run: pytest tests/jobs/test_fair_order.py."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from epochal.jobs.fair_order import Waiting, fair_order


def wait(workspace: str, *times: float, attempt: int = 0) -> list[Waiting]:
    return [Waiting(f"{workspace}{at:g}", workspace, at, attempt) for at in times]


def ids(order: list[Waiting]) -> list[str]:
    return [one.id for one in order]


def test_order__a_single_one_does_not_wait_for_a_hundred() -> None:
    waiting = wait("a", 1, 2, 3) + wait("b", 9)
    assert ids(fair_order(waiting, {}, {"a": 100.0})) == ["b9", "a1", "a2", "a3"]
    assert ids(fair_order(waiting, {}, {})) == ["a1", "b9", "a2", "a3"]


def test_order__the_workspace_with_fewer_running_goes_first() -> None:
    assert ids(fair_order(wait("a", 1) + wait("b", 2), {"a": 1}, {"b": 50.0})) == ["b2", "a1"]


def test_order__what_lost_its_worker_goes_before_all() -> None:
    assert ids(fair_order(wait("b", 1) + wait("a", 7, attempt=1), {"a": 5}, {"a": 99.0}))[0] == "a7"


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 50)), max_size=40, unique=True))
def test_order__is_a_permutation_and_oldest_first_in_a_workspace(drawn: list[tuple[str, int]]) -> None:
    waiting = [one for name, at in drawn for one in wait(name, at)]
    order = fair_order(waiting, {}, {})
    assert sorted(ids(order)) == sorted(ids(waiting))
    for name in "abcd":
        times = [one.queued_at for one in order if one.workspace_id == name]
        assert times == sorted(times)


@given(st.integers(1, 5), st.integers(1, 6))
def test_order__in_equal_queues_every_round_serves_each_workspace_once(workspaces: int, each: int) -> None:
    names = [chr(ord("a") + number) for number in range(workspaces)]
    order = fair_order([one for name in names for one in wait(name, *range(each))], {}, {})
    for start in range(0, workspaces * each, workspaces):
        assert Counter(one.workspace_id for one in order[start : start + workspaces]) == Counter(names)
