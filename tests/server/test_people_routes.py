"""Signing in and workspaces over HTTP. Run: pytest tests/server/test_people_routes.py."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from epochal.server.owner import let_owner_in
from epochal.server.rates import FREE_TRIES
from epochal.server.services import Services

HERE = "/api/workspaces/my-workspace"


@pytest.fixture
def visit(client: httpx.Client) -> Callable[[], httpx.Client]:
    """`visit()`: a new browser, signed in nowhere."""

    @contextmanager
    def visit_it() -> Iterator[httpx.Client]:
        with httpx.Client(base_url=client.base_url, timeout=20, trust_env=False) as browser:
            yield browser

    return visit_it


@pytest.fixture
def owner(client: httpx.Client, served: Services) -> httpx.Client:
    """A browser in which the server's owner is signed in."""
    served.tries.note_right("address:127.0.0.1")
    _, token = let_owner_in(served.database)
    assert client.post("/api/sign-in/link", json={"token": token}).status_code == 200
    return client


def test_sign_in__by_link_gives_a_cookie_that_no_script_and_no_other_site_gets(
    client: httpx.Client, served: Services
) -> None:
    _, token = let_owner_in(served.database)
    answer = client.post("/api/sign-in/link", json={"token": token})
    assert answer.json()["workspaces"] == [
        {"slug": "my-workspace", "name": "My workspace", "role": "owner", "is_first": True}
    ]
    said = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=2592000"} <= set(said.split("; "))
    assert token not in said
    assert client.get("/api/runs").status_code == 200
    assert client.get("/my-workspace").status_code == 401, "a session is no key of the Roboflow surface"


def test_sign_out__ends_the_session_and_not_only_the_cookie(owner: httpx.Client) -> None:
    cookies = dict(owner.cookies)
    assert owner.post("/api/sign-out").status_code == 204
    assert dict(owner.cookies) == {}
    for name, value in cookies.items():
        owner.cookies.set(name, value)
    assert owner.get("/api/runs").status_code == 401


def test_password__signs_in_and_wrong_ones_have_to_wait(
    owner: httpx.Client, visit: Callable[[], httpx.Client], served: Services
) -> None:
    email = owner.get("/api/me").json()["user"]["email"]
    changed = owner.patch("/api/me", json={"new_password": "correct horse"})
    assert changed.json()["user"]["has_password"] is True
    with visit() as browser:
        wrong = {"email": email, "password": "wrong"}
        statuses = [browser.post("/api/sign-in", json=wrong).status_code for _ in range(FREE_TRIES + 1)]
        assert statuses == [401] * FREE_TRIES + [429]
        assert int(browser.post("/api/sign-in", json=wrong).headers["Retry-After"]) >= 1
        served.tries.note_right("address:127.0.0.1", f"account:{email}")
        unknown = browser.post("/api/sign-in", json={"email": "nobody@example.org", "password": "correct horse"})
        known = browser.post("/api/sign-in", json=wrong)
        assert unknown.json() == known.json(), "who has an account is not told"
        assert browser.post("/api/sign-in", json={"email": email, "password": "correct horse"}).status_code == 200
        assert browser.get("/api/me").json()["user"]["email"] == email
        refused = owner.patch("/api/me", json={"new_password": "another horse", "current_password": "wrong"})
        assert refused.status_code == 403
        given = {"new_password": "another horse", "current_password": "correct horse"}
        assert owner.patch("/api/me", json=given).status_code == 200
        assert browser.get("/api/me").status_code == 401, "other browsers are signed out"
        assert owner.get("/api/me").status_code == 200


def test_workspace__is_made_shared_and_left(owner: httpx.Client, visit: Callable[[], httpx.Client]) -> None:
    made = owner.post("/api/workspaces", json={"name": "Cells"})
    assert (made.status_code, made.json()["slug"], made.json()["credits"]) == (201, "cells", 3)
    there = "/api/workspaces/cells"
    invited = owner.post(f"{there}/members", json={"email": "ada@example.org", "role": "viewer"}).json()
    with visit() as ada:
        assert ada.post("/api/sign-in/link", json={"token": invited["token"]}).status_code == 200
        assert [one["slug"] for one in ada.get("/api/me").json()["workspaces"]] == ["cells"]
        assert ada.get(there).json()["scopes"] == ["read"]
        for path in (HERE, f"{HERE}/members", "/api/runs", "/api/workspaces/none"):
            assert ada.get(path).status_code == 404, path
        for method, path, body in (
            ("POST", f"{there}/keys", {"scopes": ["read"]}),
            ("POST", f"{there}/credits", {"credits": 5}),
            ("GET", f"{there}/audit", None),
            ("POST", "/api/workspaces", {"name": "Mine"}),
        ):
            assert ada.request(method, path, json=body).status_code == 403, path
        user_id = invited["member"]["user_id"]
        assert owner.patch(f"{there}/members/{user_id}", json={"role": "owner"}).json()["role"] == "owner"
        assert ada.post(f"{there}/credits", json={"credits": 5}).json()["balance"] == 8
        assert owner.delete(f"{there}/members/{user_id}").status_code == 204
        assert ada.get(there).status_code == 404
    lines = owner.get(f"{there}/audit").json()["entries"]
    assert {line["who"] for line in lines} == {owner.get("/api/me").json()["user"]["email"], "ada@example.org"}
    actions = [line["action"] for line in lines]
    assert sorted(actions) == [
        "credits.grant", "member.invite", "member.remove", "member.role", "workspace.create"
    ]  # fmt: skip


def test_keys__are_made_shown_once_and_revoked(owner: httpx.Client, visit: Callable[[], httpx.Client]) -> None:
    made = owner.post(f"{HERE}/keys", json={"name": "laptop", "scopes": ["infer", "read"]}).json()
    listed = owner.get(f"{HERE}/keys").text
    assert made["key"] not in listed
    assert made["made"]["id"] in listed
    with visit() as program:
        program.headers["Authorization"] = f"Bearer {made['key']}"
        me = program.get("/api/me").json()
        assert (me["user"], me["workspaces"][0]["role"]) == (None, "key")
        assert program.get(f"{HERE}/keys").status_code == 403
        assert program.post("/api/sign-out").status_code == 403
        assert owner.delete(f"{HERE}/keys/{made['made']['id']}").json()["revoked_at"] is not None
        assert program.get("/api/me").status_code == 401


def test_session__is_of_no_use_to_another_site(owner: httpx.Client) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        answer = owner.request(method, f"{HERE}/credits", json={"credits": 5}, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_site")


def test_key__that_asks_too_often_is_told_when_to_go_on(keyed: httpx.Client, served: Services) -> None:
    served.rates._per_s, before = 0.1, served.rates._per_s
    try:
        answers = [keyed.get("/api/me") for _ in range(3)]
    finally:
        served.rates._per_s = before
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
