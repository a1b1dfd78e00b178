"""Keys of requests on both databases. Run: pytest tests/workspaces/test_answered.py."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from epochal.errors import Conflict, KeyReused
from epochal.storage.database import Database
from epochal.workspaces.answered import KEPT_S, KeyedRequest, begin, end
from epochal.workspaces.workspaces import ensure_first_workspace


@pytest.fixture
def request_of_key(both_databases: Database) -> KeyedRequest:
    with both_databases.write() as session:
        return KeyedRequest(ensure_first_workspace(session).id, "key:a", "once", "0" * 64)


def test_begin__two_at_once_make_one_and_the_second_gets_the_firsts_answer(
    both_databases: Database, request_of_key: KeyedRequest
) -> None:
    made, at_once = list[int](), threading.Barrier(2)

    def ask(number: int) -> object:
        at_once.wait(10)
        with both_databases.write() as session:
            if (said := begin(session, request_of_key)) is not None:
                return said
            made.append(number)
            end(session, request_of_key, {"number": number})
            return {"number": number}

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(ask, range(2))
    assert len(made) == 1
    assert first == second == {"number": made[0]}


def test_begin__what_was_undone_is_new_again(both_databases: Database, request_of_key: KeyedRequest) -> None:
    def fail() -> None:
        with both_databases.write() as session:
            assert begin(session, request_of_key) is None
            raise Conflict("It is there already.")

    with pytest.raises(Conflict):
        fail()
    with both_databases.write() as session:
        assert begin(session, request_of_key) is None


def test_begin__refuses_another_request_until_a_day_has_passed(
    both_databases: Database, request_of_key: KeyedRequest
) -> None:
    other = KeyedRequest(request_of_key.workspace_id, request_of_key.actor, request_of_key.key, "1" * 64)
    with both_databases.write() as session:
        assert begin(session, request_of_key, now=1000.0) is None
        end(session, request_of_key, {"a": 1})
    with both_databases.write() as session:
        assert begin(session, request_of_key, now=1000.0 + KEPT_S - 1) == {"a": 1}
        with pytest.raises(KeyReused, match="'once' came with another request"):
            begin(session, other, now=1000.0 + KEPT_S - 1)
        assert begin(session, other, now=1000.0 + KEPT_S) is None
