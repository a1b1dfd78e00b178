"""Strangers, on every route there is. Run: pytest tests/server/test_strangers.py.

The tables are made from the application itself, so a route that is added tomorrow is in them, and one that forgets to
ask who comes fails here. A route that is meant for more people goes into one of the lists, with its reason.
"""

import re

import httpx
import pytest
from fastapi.routing import APIRoute

from epochal.server import roboflow
from epochal.server.app import ROUTES

# These answer anybody.
OPEN = {
    "GET /health": "tells that the server is ready, and nothing else",
    "GET /metrics": "numbers without names, for programs of this machine; others are asked (test_metrics.py)",
    "POST /api/sign-in": "lets somebody in",
    "POST /api/sign-in/link": "lets somebody in",
    **{f"{method} /api/downloads/{{token}}/{{name}}": "the address is signed" for method in ("GET", "HEAD")},
    **{f"{method} /api/pictures/{{token}}": "the address is signed" for method in ("GET", "HEAD")},
    "PUT /api/uploads/zip/{token}": "the address is signed",
    "PUT /weights/upload/{token}": "the address is signed",
    "GET /universe/search": "public projects are for everybody, as the package asks without a key too",
    "GET /query/cliAuthToken/{token}": "the token is a key; one that is not good gets null (contract §4.8)",
    **{f"GET {prefix}/info": "the name and version of the server (contract §10)" for prefix in ("", "/serverless")},
    **{
        f"POST {prefix}/model/{word}": "inference-sdk sends no key; without one nothing is removed or told"
        for prefix in ("", "/serverless")
        for word in ("clear", "remove")
    },
}
# These are about whoever asks, so a key of any workspace may.
ABOUT_THE_ASKER = {
    "GET /api/me": "who asks",
    "GET /": "which workspace a key is of (contract §4.1)",
    "POST /": "which workspace a key is of (contract §4.1)",
    "GET /api/version-settings": "a table that is the same for all",
    "GET /api/universe": "public projects are for everybody of this server",
    "GET /model/registry": "what the key's own workspace has asked for",
    "GET /serverless/model/registry": "what the key's own workspace has asked for",
}
# These change nothing though their method is not GET, so who may read may ask; or they are about the asker.
FOR_READERS = {
    "POST /": "which workspace a key is of (contract §4.1)",
    "POST /{workspace}/search/v1": "searches",
    "POST /{workspace}/search/export": "searches",
    "POST /{workspace}/{project}/search": "searches",
    "POST /api/workspaces/{workspace}/projects/{project}/versions/{version}/exports": "a zip of what can be read",
    "POST /api/workspaces/{workspace}/models/{model:model}/exports": "a form of what can be read",
}
WORKER = "/api/worker/"  # asked with the key of a training's attempt, which is no key of a workspace
EXAMPLES = {"workspace": "my-workspace", "name": "log.txt", "split": "val"}
Row = tuple[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every route of ours and of the Roboflow surface, those that are not described too: method and path."""
    routers = [*(module.router for module in ROUTES), *roboflow.ROUTERS]
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return [(method, route.path) for route in routes for method in sorted(route.methods)]


def _ask(client: httpx.Client, row: Row, key: str | None) -> int:
    """The status that a stranger gets. No body is sent: who looks at it before asking who sent it answers otherwise."""
    method, path = row
    address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: EXAMPLES.get(found[1], "1"), path)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    parameters = {"api_key": key or "none"} if path == "/" else {}
    with client.stream(method, address, headers=headers, params=parameters) as answer:
        return answer.status_code


def _wrong(client: httpx.Client, rows: list[Row], key: str | None, expected: set[int], but: set[str]) -> str:
    asked = [(row, _ask(client, row, key)) for row in rows if f"{row[0]} {row[1]}" not in but]
    assert asked
    return "\n".join(f"{method} {path} answered {status}" for (method, path), status in asked if status not in expected)


def test_without_a_key__every_route_answers_401(client: httpx.Client, rows: list[Row]) -> None:
    assert _wrong(client, rows, None, {401}, set(OPEN)) == ""


def test_with_a_wrong_key__every_route_answers_401(client: httpx.Client, rows: list[Row]) -> None:
    assert _wrong(client, rows, "ep_" + "0" * 38, {401}, set(OPEN)) == ""


def test_with_a_viewers_key__every_writing_route_answers_403(
    client: httpx.Client, rows: list[Row], make_key: object
) -> None:
    writing = [row for row in rows if row[0] not in {"GET", "HEAD"} and not row[1].startswith(WORKER)]
    assert _wrong(client, writing, make_key("read"), {403}, set(OPEN) | set(FOR_READERS)) == ""


def test_with_a_key_of_another_workspace__nothing_is_there(
    client: httpx.Client, rows: list[Row], make_key: object
) -> None:
    key = make_key(workspace="another")
    named = [row for row in rows if "{workspace}" in row[1]]
    assert _wrong(client, named, key, {404}, set(OPEN) | set(ABOUT_THE_ASKER)) == ""
    # Whose address names no workspace is about the key's own, where nothing is, or about the data folder.
    others = [row for row in rows if "{workspace}" not in row[1]]
    refused = {400, 401, 403, 404, 422}
    assert _wrong(client, others, key, refused, set(OPEN) | set(ABOUT_THE_ASKER)) == ""
    folder = [row for row in others if row[1].startswith(("/api/runs", "/api/datasets", "/api/trainings"))]
    assert folder
    assert _wrong(client, folder, key, {404}, set()) == ""


@pytest.mark.parametrize("listed", [OPEN, ABOUT_THE_ASKER, FOR_READERS])
def test_lists__name_routes_that_there_are(rows: list[Row], listed: dict[str, str]) -> None:
    assert set(listed) <= {f"{method} {path}" for method, path in rows}


def test_key_without_any_scope_of_reading__sees_nothing(
    client: httpx.Client, rows: list[Row], make_key: object
) -> None:
    """A key that is given to a device predicts, and reads nothing."""
    reading = [row for row in rows if row[0] == "GET" and "{workspace}" in row[1]]
    assert _wrong(client, reading, make_key("infer"), {403}, set()) == ""
