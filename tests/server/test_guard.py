"""Strangers are kept out. Run: pytest tests/server/test_guard.py."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from epochal.config import SETTINGS
from epochal.errors import BadInput
from epochal.server.guard import Guard, allowed_hosts, is_loopback, names_of_address
from epochal.server.rates import Rates

STOP = "/api/runs/cells-1/stop"
MAX_BODY_BYTES = int(next(one.default for one in SETTINGS if one.name == "max_body_bytes"))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("[::1]", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1:80@evil.example", 421),
        ("localhost:", 421),
        ("0.0.0.0", 421),
        ("", 421),
    ],
)
def test_guard__answers_to_its_own_names_alone(client: httpx.Client, host: str, status: int) -> None:
    answer = client.get("/health", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert "allowed_hosts" in answer.json()["error"]["message"]
        assert answer.json()["error"]["code"] == "host_not_allowed"


def test_guard__refuses_two_hosts(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as raw:
        raw.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert raw.recv(4096).split()[1] in {b"400", b"421"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},  # another program's page on this machine
        {"Origin": "https://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "OURS", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_guard__lets_no_foreign_page_change_anything(
    client: httpx.Client, run: Path, method: str, headers: dict[str, str]
) -> None:
    ours = f"http://{client.base_url.netloc.decode()}"
    sent = {name: ours if value == "OURS" else value for name, value in headers.items()}
    answer = client.request(method, STOP, json={"when": "now"}, headers=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_site")
    assert not (run / "stop").exists()


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "OURS"}, {"Sec-Fetch-Site": "none"}]
)
def test_guard__lets_our_own_page_and_programs_through(keyed: httpx.Client, run: Path, headers: dict[str, str]) -> None:
    ours = f"http://{keyed.base_url.netloc.decode()}"
    sent = {name: ours if value == "OURS" else value for name, value in headers.items()}
    assert keyed.post(STOP, json={"when": "now"}, headers=sent).status_code == 200
    assert (run / "stop").read_text() == "now"


def test_guard__takes_no_form_for_json(keyed: httpx.Client, run: Path) -> None:
    answer = keyed.post(STOP, content='{"when": "now"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422
    assert not (run / "stop").exists()


def test_guard__refuses_a_large_body_before_it_is_read(keyed: httpx.Client, run: Path) -> None:
    def endless() -> "object":
        for _ in range(100):
            yield b"x" * (MAX_BODY_BYTES // 10)

    for content in (b"x" * (MAX_BODY_BYTES + 1), endless()):
        try:
            answer = keyed.post(STOP, content=content, headers={"Content-Type": "application/json"})
        except httpx.WriteError:  # it was hung up on while it was still sending
            continue
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/", "/health", "/api/runs", "/api/none", "/assets/app-1.js"])
def test_guard__tells_the_browser_what_an_answer_may_do(client: httpx.Client, path: str) -> None:
    headers = client.get(path, headers={"Origin": "http://evil.example"}).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not [name for name in headers if name.lower().startswith("access-control-")]


def test_guard__gives_no_leave_for_a_foreign_request(client: httpx.Client) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client.options(STOP, headers=asked)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.7", "::1", "localhost"])
def test_is_loopback__knows_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "evil.example", "", "127.0.0.1.evil.example"])
def test_is_loopback__knows_what_others_can_reach(host: str) -> None:
    assert not is_loopback(host)


def test_names_of_address__are_those_that_a_browser_may_use() -> None:
    assert names_of_address("192.168.1.7") == {"192.168.1.7"}
    assert names_of_address("fe80::1") == {"[fe80::1]"}
    assert {"127.0.0.1", socket.gethostname().lower()} <= names_of_address("0.0.0.0")


def test_allowed_hosts__are_names_and_no_patterns() -> None:
    assert allowed_hosts(" Epochal.example.org, [::1] ,") == {"epochal.example.org", "[::1]"}
    for bad in ("*", "*.example.org", "example.org:8000", "http://example.org", "a b"):
        with pytest.raises(BadInput, match="without a port"):
            allowed_hosts(bad)


def test_guard__answers_an_address_that_asks_too_often_429() -> None:
    async def inner(scope: object, receive: object, send: object) -> None:
        await PlainTextResponse("fine")(scope, receive, send)

    guard = Guard(inner, hosts={"testserver"}, limits={"json": 9}, rates=Rates(0.2))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://testserver") as asking:
            return [await asking.get("/x") for _ in range(3)]

    answers = asyncio.run(ask())
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == "too_many"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 5
