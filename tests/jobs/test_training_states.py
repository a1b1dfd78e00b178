"""The states of a training and their steps. Run: pytest tests/jobs/test_training_states.py."""

import pytest

from epochal.errors import Conflict
from epochal.jobs.training_states import ACTIVE, ENDED, STATES, TRANSITIONS, may_follow, require_transition


def test_table__names_every_state_and_only_states() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert set().union(*TRANSITIONS.values()) <= set(STATES)
    assert ACTIVE | ENDED | {"queued"} == set(STATES)
    assert not ACTIVE & ENDED


@pytest.mark.parametrize("state", STATES)
def test_state__never_follows_itself(state: str) -> None:
    assert not may_follow(state, state)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_ended__only_a_new_try_follows(state: str) -> None:
    assert all(after == "queued" for after in STATES if may_follow(state, after))


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_active__can_end_in_every_way_and_be_tried_again(state: str) -> None:
    assert all(may_follow(state, after) for after in ENDED | {"queued"})


def test_every_state__is_reached_from_queued() -> None:
    seen, edge = {"queued"}, {"queued"}
    while edge := {after for state in edge for after in STATES if may_follow(state, after)} - seen:
        seen |= edge
    assert seen == set(STATES)


def test_require_transition__says_what_may_come() -> None:
    require_transition("T", "queued", "starting")
    with pytest.raises(Conflict, match="Training T is queued, after which cancelled, failed, starting may come"):
        require_transition("T", "queued", "finished")
    assert not may_follow("nonsense", "queued")
