"""Addresses from strangers reach nothing that is not public. Run: pytest tests/datasets/test_fetching.py."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from epochal.datasets.fetching import NotFetched, Resolve, fetch_url, is_public, send_json, shown


class _Answers(BaseHTTPRequestHandler):
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        type(self).asked.append((self.path, self.headers["Host"]))
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.send_response({"/broken": 503, "/absent": 404}.get(self.path, 200))
            self.end_headers()
            self.wfile.write(b"x" * 1000)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other_server() -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """A server on loopback: its port, and what it was asked."""
    handler = type("Answers", (_Answers,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, handler.asked
    server.shutdown()
    server.server_close()


def fetch(url: str, limit_bytes: int = 10_000, time_limit_s: float = 5, resolve: Resolve | None = None) -> bytes:
    return asyncio.run(fetch_url(url, limit_bytes=limit_bytes, time_limit_s=time_limit_s, resolve=resolve))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",
    ],
)
def test_fetch_url__does_not_reach_this_machine(host: str, other_server: tuple[int, list[tuple[str, str]]]) -> None:
    port, asked = other_server
    with pytest.raises(NotFetched, match=r"not public|not known"):
        fetch(f"http://{host}:{port}/image.jpg")
    assert asked == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("169.254.169.254", False),
        ("10.0.0.1", False),
        ("172.16.5.5", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_is_public__knows_private_ranges_in_all_their_forms(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/x", "//a", "http://", "gopher://x", "http://[", ""]
)
def test_fetch_url__takes_http_alone(url: str) -> None:
    with pytest.raises(NotFetched, match="no address"):
        fetch(url)


def test_fetch_url__of_an_allowed_host_gives_the_bytes(
    other_server: tuple[int, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = other_server
    monkeypatch.setenv("EPOCHAL_FETCH_ALLOW", "files.example, 127.0.0.1")
    assert fetch(f"http://127.0.0.1:{port}/a.jpg?x=1#y") == b"x" * 1000
    assert asked == [("/a.jpg?x=1", f"127.0.0.1:{port}")]
    with pytest.raises(NotFetched, match="more than 10 bytes"):
        fetch(f"http://127.0.0.1:{port}/a.jpg", limit_bytes=10)
    with pytest.raises(NotFetched, match="status 404") as absent:
        fetch(f"http://127.0.0.1:{port}/absent")
    with pytest.raises(NotFetched, match="status 503") as broken:
        fetch(f"http://127.0.0.1:{port}/broken")
    assert (absent.value.is_passing, broken.value.is_passing) == (False, True)


def test_fetch_url__checks_where_a_redirect_leads(
    other_server: tuple[int, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host that may be fetched answers with a redirect to one that may not."""
    port, asked = other_server
    monkeypatch.setenv("EPOCHAL_FETCH_ALLOW", "files.example")

    async def resolve(host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    with pytest.raises(NotFetched, match="not public"):
        fetch(f"http://files.example:{port}/to/http://127.0.0.1:{port}/secret", resolve=resolve)
    assert [path for path, _ in asked] == [f"/to/http://127.0.0.1:{port}/secret"]
    assert fetch(f"http://files.example:{port}/to//a.jpg", resolve=resolve) == b"x" * 1000
    endless = f"http://files.example:{port}/to/" + "/to/" * 9
    with pytest.raises(NotFetched, match="more than 3 times"):
        fetch(endless, resolve=resolve)


def test_fetch_url__connects_to_the_address_that_it_checked(
    other_server: tuple[int, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when asked first and ours when asked again is asked once."""
    port, asked = other_server
    answers = [["192.0.2.1"], ["127.0.0.1"]]  # the first is of a range that leads nowhere
    monkeypatch.setattr("epochal.datasets.fetching.is_public", lambda address: address != "127.0.0.1")

    async def resolve(host: str, _port: int) -> list[str]:
        return answers.pop(0)

    with pytest.raises(NotFetched):
        fetch(f"http://rebinding.example:{port}/a.jpg", time_limit_s=0.5, resolve=resolve)
    assert len(answers) == 1
    assert asked == []


def test_fetch_url__refuses_a_name_one_of_whose_addresses_is_not_public() -> None:
    async def resolve(host: str, _port: int) -> list[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(NotFetched, match="not public"):
        fetch("http://both.example/a.jpg", resolve=resolve)


def test_fetch_url__ends_in_time_though_bytes_keep_dripping(
    other_server: tuple[int, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, _ = other_server
    monkeypatch.setenv("EPOCHAL_FETCH_ALLOW", "127.0.0.1")
    start = time.monotonic()
    with pytest.raises(NotFetched, match="did not answer within") as slow:
        fetch(f"http://127.0.0.1:{port}/slow", time_limit_s=0.4)
    assert slow.value.is_passing
    assert time.monotonic() - start < 3


def test_shown__hides_passwords_and_keys() -> None:
    assert shown("https://me:secret@a.example/x.jpg?key=1") == "a.example/x.jpg"


def test_send_json__reaches_an_allowed_host_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204 if self.path == "/good" else 302)
            self.send_header("Location", "/good")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        with pytest.raises(NotFetched, match="not public"):
            asyncio.run(send_json(f"{address}/good", b'{"a": 1}'))
        assert taken == []
        monkeypatch.setenv("EPOCHAL_FETCH_ALLOW", "127.0.0.1")
        asyncio.run(send_json(f"{address}/good", b'{"a": 1}'))
        assert taken == [{"a": 1}]
        with pytest.raises(NotFetched, match="status 302"):  # where it leads was not checked
            asyncio.run(send_json(f"{address}/other", b'{"a": 2}'))
    finally:
        server.shutdown()
        server.server_close()
