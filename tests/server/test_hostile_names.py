"""Names and ids that would be paths lead nowhere, on every route. Run: pytest tests/server/test_hostile_names.py.

Each way to write `..` goes into each parameter of each route that reads; a file outside the data folder, whose content
is known, is never in an answer, and no answer is a server error.
"""

import http.client
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute

from epochal.server import roboflow
from epochal.server.app import ROUTES

CANARY = "canary-that-never-leaves-5f3a"
UP = ("../", "..\\", "..;/", "....//", "./../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "..%c0%af")
BEFORE = ("", "/", "a/", "file://", "C:\\")
AFTER = ("", "#", "?", "%00.jpg", ";.jpg")
HOSTILE = [f"{before}{up * 3}canary.txt{after}" for up in UP for before in BEFORE for after in AFTER]


@pytest.fixture
def canary(root: Path) -> Path:
    """A file beside the data folder, and its content."""
    file = root.parent / "canary.txt"
    file.write_text(CANARY)
    return file


def _reading() -> list[str]:
    routers = [*(module.router for module in ROUTES), *roboflow.ROUTERS]
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return sorted({route.path for route in routes if "GET" in route.methods and "{" in route.path})


def _filled(path: str, hostile: str) -> list[str]:
    """The path with the hostile text in each parameter by turns: as it is, and quoted whole."""
    names = re.findall(r"\{(\w+)(?::\w+)?\}", path)
    found = []
    for wanted in names:
        for text in (hostile, quote(hostile, safe="")):
            plain = {"workspace": "my-workspace", "split": "val"}
            values = {name: text if name == wanted else plain.get(name, "1") for name in names}
            found.append(re.sub(r"\{(\w+)(?::\w+)?\}", lambda one, v=values: v[one[1]], path))
    return found


def test_there_are_enough_ways() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 60


def test_no_parameter_of_a_reading_route_leads_out(keyed: httpx.Client, canary: Path) -> None:
    paths = _reading()
    assert len(paths) > 20
    asked = 0
    # http.client sends a path as it is; others tidy it up before it is sent. Each route gets some of the ways, and each
    # way some of the routes: all of both would take minutes.
    connection = http.client.HTTPConnection(keyed.base_url.host, keyed.base_url.port, timeout=20)
    headers = {"Authorization": keyed.headers["Authorization"]}
    for number, path in enumerate(paths):
        for hostile in HOSTILE[number % 37 :: 37]:
            for address in _filled(path, hostile):
                connection.request("GET", address, headers=headers)
                answer = connection.getresponse()
                assert not answer.headers["Content-Type"].startswith("text/event-stream"), address
                content = answer.read()
                asked += 1
                assert CANARY.encode() not in content, address
                assert answer.status < 500, (address, answer.status)
    connection.close()
    assert asked > 500
    assert canary.read_text() == CANARY
