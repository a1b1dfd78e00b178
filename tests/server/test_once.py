"""A request that makes something, sent again with its `Idempotency-Key`. Run: pytest tests/server/test_once.py."""

import threading

import httpx
import pytest

from epochal.server.services import Services
from epochal.storage.ids import new_id
from epochal.workspaces.tables import AnsweredRequestRow

WORKSPACE = "/api/workspaces/my-workspace"
PROJECTS, CREDITS = f"{WORKSPACE}/projects", f"{WORKSPACE}/credits"


def make(keyed: httpx.Client, path: str, body: object, key: str | None) -> httpx.Response:
    return keyed.post(path, json=body, headers={} if key is None else {"Idempotency-Key": key})


def count(keyed: httpx.Client, name: str) -> int:
    return sum(one["name"] == name for one in keyed.get(PROJECTS).json()["projects"])


def what_is_there(keyed: httpx.Client) -> tuple[int, int]:
    return len(keyed.get(PROJECTS).json()["projects"]), keyed.get(CREDITS).json()["balance"]


def test_the_same_request__makes_one_thing_and_gets_the_same_answer(keyed: httpx.Client) -> None:
    name, key = f"Once {new_id()}", new_id()
    first = make(keyed, PROJECTS, {"name": name}, key)
    keyed.patch(f"{PROJECTS}/{first.json()['slug']}", json={"license": "MIT"}).raise_for_status()
    again = make(keyed, PROJECTS, {"name": name}, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert count(keyed, name) == 1


def test_without_a_key__each_request_makes_one(keyed: httpx.Client) -> None:
    before = keyed.get(CREDITS).json()["balance"]
    for _ in range(2):
        assert make(keyed, CREDITS, {"credits": 2}, None).status_code == 201
    assert keyed.get(CREDITS).json()["balance"] == before + 4


def test_credits__are_granted_once(keyed: httpx.Client) -> None:
    before, key = keyed.get(CREDITS).json()["balance"], new_id()
    answers = [make(keyed, CREDITS, {"credits": 3, "note": "more"}, key).json() for _ in range(3)]
    assert answers[0]["balance"] == before + 3
    assert answers[1] == answers[2] == answers[0]
    assert keyed.get(CREDITS).json()["balance"] == before + 3


@pytest.mark.parametrize(
    ("path", "body"), [(PROJECTS, {"name": "Another"}), (CREDITS, {"credits": 1})], ids=["body", "address"]
)
def test_another_request_with_the_key__is_refused(keyed: httpx.Client, path: str, body: object) -> None:
    name, key = f"First {new_id()}", new_id()
    make(keyed, PROJECTS, {"name": name}, key).raise_for_status()
    before = what_is_there(keyed)
    answer = make(keyed, path, body, key)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "key_reused"
    assert error["message"].endswith("Choose another key for another request.")
    assert what_is_there(keyed) == before


def test_the_key_of_somebody_else__is_another_key(keyed: httpx.Client, make_key: object) -> None:
    name, key = f"Two {new_id()}", new_id()
    make(keyed, PROJECTS, {"name": name}, key).raise_for_status()
    headers = {"Authorization": f"Bearer {make_key()}"}  # type: ignore[operator]  # a fixture that makes keys
    with httpx.Client(base_url=keyed.base_url, headers=headers, trust_env=False) as other:
        assert make(other, PROJECTS, {"name": name}, key).json()["slug"] not in {"", None}
    assert count(keyed, name) == 2


def test_a_request_that_made_nothing__leaves_its_key_free(keyed: httpx.Client) -> None:
    key, versions = new_id(), f"{PROJECTS}/not-there/versions"
    assert make(keyed, versions, {"name": "x"}, key).status_code == 404
    assert make(keyed, PROJECTS, {"name": f"Free {new_id()}"}, key).status_code == 201


def test_many_at_once__make_one_thing(keyed: httpx.Client) -> None:
    name, key, answers = f"At once {new_id()}", new_id(), list[httpx.Response]()

    def ask() -> None:
        with httpx.Client(base_url=keyed.base_url, headers=keyed.headers, timeout=60, trust_env=False) as client:
            answers.append(make(client, PROJECTS, {"name": name}, key))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert count(keyed, name) == 1


def test_a_day_later__the_key_is_free(keyed: httpx.Client, served: Services) -> None:
    name, key = f"Daily {new_id()}", new_id()
    make(keyed, PROJECTS, {"name": name}, key).raise_for_status()
    with served.database.write() as session:
        session.query(AnsweredRequestRow).filter_by(key=key).update({"made_at": AnsweredRequestRow.made_at - 86_401})
    make(keyed, PROJECTS, {"name": name}, key).raise_for_status()
    assert count(keyed, name) == 2


@pytest.mark.parametrize("key", ["", "a" * 201, "two words"])
def test_a_key_that_is_none__is_refused(keyed: httpx.Client, key: str) -> None:
    answer = make(keyed, PROJECTS, {"name": "No key"}, key)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["error"]["message"]
