"""Who asks, and may they? Run: pytest tests/server/test_callers.py."""

import time

import httpx
import pytest

from epochal.errors import StorageFull
from epochal.server.keyring import KEPT_S, KeyRing
from epochal.server.services import Services
from epochal.storage.database import Database
from epochal.workspaces.keys import create_key, list_keys, revoke_key
from epochal.workspaces.workspaces import ensure_first_workspace

HERE = "/my-workspace"


def test_caller__is_known_by_bearer_or_query_on_the_roboflow_surface(client: httpx.Client, make_key: object) -> None:
    key = make_key()
    assert client.get(HERE, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert client.get(HERE, params={"api_key": key}).json()["workspace"]["url"] == "my-workspace"


@pytest.mark.parametrize("key", ["wrong", "ep_" + "0" * 38, "MISTYPED"])
def test_caller__nobody_known_is_answered_401_in_the_shape_of_the_surface(client: httpx.Client, key: str) -> None:
    for answer in (
        client.get(HERE),
        client.get(HERE, params={"api_key": key}),
        client.get(HERE, headers={"Authorization": f"Bearer {key}"}),
        client.post("/", params={"api_key": key}),
    ):
        assert answer.status_code == 401
        told = answer.json()
        assert told["message"] == told["error"]["message"]
        assert (told["error"]["type"], "epochal key create" in told["error"]["hint"]) == ("not_signed_in", True)


def test_caller__of_another_workspace_finds_nothing(client: httpx.Client, make_key: object) -> None:
    other = make_key(workspace="other")
    there, nowhere = (client.get(path, params={"api_key": other}) for path in (HERE, "/none"))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.json()["message"].replace("my-workspace", "none") == nowhere.json()["message"]


def test_caller__without_the_scope_is_told_which(client: httpx.Client, make_key: object) -> None:
    answer = client.get(HERE, params={"api_key": make_key("infer")})
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "not_allowed")
    assert "'read'" in answer.json()["message"]
    assert client.post("/", params={"api_key": make_key("infer")}).status_code == 200


def test_key_ring__asks_the_database_once_in_two_seconds(database: Database) -> None:
    now = [time.time()]
    ring = KeyRing(database, clock=lambda: now[0])
    with database.write() as session:
        workspace = ensure_first_workspace(session)
        text, key = create_key(session, workspace.id)
    assert ring.recall(text) is None
    assert ring.check(text) is not None
    assert ring.recall(text) is not None
    with database.write() as session:
        assert list_keys(session, workspace.id)[0].last_used_at == now[0]
        revoke_key(session, workspace.id, key.id)
    assert ring.recall(text) is not None, "known a moment ago"
    now[0] += KEPT_S
    assert ring.recall(text) is None
    assert ring.check(text) is None


def test_key_ring__knows_a_key_though_the_disk_is_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as session:
        text, _ = create_key(session, ensure_first_workspace(session).id)

    def refuse(work: object) -> None:
        raise StorageFull("No space is left for the database.")

    monkeypatch.setattr(database, "write_grouped", refuse)
    assert KeyRing(database).check(text) is not None


def test_key_ring__never_keeps_a_key_beyond_its_end(database: Database) -> None:
    now = [time.time()]
    ring = KeyRing(database, clock=lambda: now[0])
    with database.write() as session:
        text, _ = create_key(session, ensure_first_workspace(session).id, expires_at=now[0] + 1)
    assert ring.check(text) is not None
    now[0] += 1
    assert ring.recall(text) is None


def test_caller__is_not_known_by_a_key_in_an_address_of_the_native_api(served: Services) -> None:
    from fastapi import Request

    from epochal.server.callers import find_caller
    from epochal.server.routes import runs

    scope = {"type": "http", "method": "GET", "path": "/api/x", "headers": [], "query_string": b"api_key=x"}
    scope |= {"route": runs.router.routes[0], "path_params": {}}

    async def ask() -> None:
        await find_caller(Request(scope), served)

    import asyncio

    from epochal.errors import NotSignedIn

    with pytest.raises(NotSignedIn, match="Bearer"):
        asyncio.run(ask())
