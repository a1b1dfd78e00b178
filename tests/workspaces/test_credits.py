"""Training credits. Run: pytest tests/workspaces/test_credits.py."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochal.errors import BadInput, OutOfCredits
from epochal.storage.database import Database
from epochal.storage.migrating import migrate
from epochal.workspaces.credits import balance, charge, grant, ledger, refund
from epochal.workspaces.workspaces import create_workspace


def test_credits__start_at_three_and_say_why_they_changed(both_databases: Database) -> None:
    with both_databases.write() as session:
        workspace = create_workspace(session, "Cells")
        assert balance(session, workspace.id) == 3
        charge(session, workspace.id, "t1", "Night run")
        assert balance(session, workspace.id) == 2
        assert refund(session, workspace.id, "t1", "cancelled before its first epoch")
        assert grant(session, workspace.id, 5, note="for the exam") == 8
        entries = ledger(session, workspace.id)
        assert [line.note for line in entries if line.reason == "training"] == ["Night run"]
        lines = {(line.change, line.reason, line.training_id) for line in entries}
    assert lines == {(3, "start", None), (-1, "training", "t1"), (1, "refund", "t1"), (5, "grant", None)}


def test_charge__takes_one_for_a_training_and_gives_it_back_once(both_databases: Database) -> None:
    with both_databases.write() as session:
        workspace, other = create_workspace(session, "Cells"), create_workspace(session, "Other")
        charge(session, workspace.id, "t1")
        charge(session, workspace.id, "t1")
        assert balance(session, workspace.id) == 2
        assert not refund(session, other.id, "t1", "not theirs")
        assert not refund(session, workspace.id, "t2", "never charged")
        assert refund(session, workspace.id, "t1", "failed")
        assert not refund(session, workspace.id, "t1", "again")
        assert (balance(session, workspace.id), balance(session, other.id)) == (3, 3)


def test_charge__says_what_to_do_when_none_is_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as session:
        workspace = create_workspace(session, "Cells")
        for number in range(3):
            charge(session, workspace.id, f"t{number}")
        with pytest.raises(OutOfCredits, match="epochal credits grant"):
            charge(session, workspace.id, "t3")
        assert balance(session, workspace.id) == 0
        monkeypatch.setenv("EPOCHAL_CREDITS_METERED", "0")
        charge(session, workspace.id, "t3")
        assert balance(session, workspace.id) == 0


def test_charge__never_takes_more_than_there_is_though_many_ask_at_once(both_databases: Database) -> None:
    with both_databases.write() as session:
        workspace = create_workspace(session, "Cells")
    refused = []

    def start(training_id: str) -> None:
        try:
            with both_databases.write() as session:
                charge(session, workspace.id, training_id)
        except OutOfCredits:
            refused.append(training_id)

    threads = [threading.Thread(target=start, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with both_databases.read() as session:
        assert (balance(session, workspace.id), len(refused)) == (0, 5)


@pytest.fixture(scope="module")
def one_database() -> Iterator[Database]:
    """In memory, for all examples of the law."""
    database = Database("sqlite://")
    migrate(database)
    yield database
    database.close()


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(["charge", "refund", "grant"]), st.integers(0, 4)), max_size=12))
def test_balance__is_the_sum_of_the_ledger_and_never_below_zero(
    one_database: Database, steps: list[tuple[str, int]]
) -> None:
    with one_database.write() as session:
        workspace = create_workspace(session, "Cells")
        for step, number in steps:
            training_id = f"{workspace.id}-{number}"
            if step == "charge":
                with suppress(OutOfCredits):
                    charge(session, workspace.id, training_id)
            elif step == "refund":
                refund(session, workspace.id, training_id, "law")
            else:
                grant(session, workspace.id, number + 1)
            left = balance(session, workspace.id)
            assert left == sum(line.change for line in ledger(session, workspace.id))
            assert left >= 0


@pytest.mark.parametrize("count", [0, -1, 10**9])
def test_grant__takes_a_sensible_number(database: Database, count: int) -> None:
    with database.write() as session:
        workspace = create_workspace(session, "Cells")
        with pytest.raises(BadInput, match="credits"):
            grant(session, workspace.id, count)
