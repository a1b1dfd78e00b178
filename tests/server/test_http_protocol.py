"""What a parser must refuse, byte by byte, over real connections. Run: pytest tests/server/test_http_protocol.py"""

import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from epochal.server import http_protocol
from epochal.server.http_protocol import HEAD_BYTES

FILLING = b"a" * 16_384
SOON = 20_000_000  # the buffers of both ends are somewhere below
HEAD = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def connection(keyed: httpx.Client) -> Iterator[socket.socket]:
    with socket.create_connection((keyed.base_url.host, keyed.base_url.port or 80), timeout=20) as made:
        yield made


def answer_to(connection: socket.socket, request_bytes: bytes) -> bytes:
    """What the server says until it closes."""
    connection.sendall(request_bytes)
    said = b""
    with suppress(ConnectionResetError):
        while more := connection.recv(65_536):
            said += more
    return said


def offer(connection: socket.socket, begin: bytes) -> int:
    """Send 160 MB more; how many bytes of them the connection took until the server closed it."""
    taken = 0
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(begin)
        for _ in range(10_000):
            connection.sendall(FILLING)
            taken += len(FILLING)
    return taken


@pytest.mark.parametrize(
    "begin",
    [b"GET /", HEAD + b"X-", HEAD + b"X-Long: ", HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(10))],
    ids=["address", "name", "value", "many"],
)
def test_head__that_never_ends_is_refused(connection: socket.socket, begin: bytes) -> None:
    assert offer(connection, begin) < SOON


@pytest.mark.parametrize("headers", [1, 4000])
def test_head__that_comes_whole_and_is_too_large_is_refused(connection: socket.socket, headers: int) -> None:
    size = HEAD_BYTES // headers
    lines = b"".join(b"X-%d: %b\r\n" % (number, b"a" * size) for number in range(headers))
    said = answer_to(connection, HEAD + lines + b"\r\n")
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"at most 65,536 bytes" in said


def test_head__below_the_limit_is_answered(connection: socket.socket) -> None:
    said = answer_to(connection, HEAD + b"Connection: close\r\nX-Long: " + b"a" * (HEAD_BYTES - 200) + b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("endless", [b"1;", b"1\r\na\r\n0\r\nX-", b"1\r\na\r\n0\r\nX-Long: "])
def test_chunks__endless_extensions_and_trailers_are_refused(connection: socket.socket, endless: bytes) -> None:
    assert offer(connection, CHUNKED + endless) < SOON


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: 1\r\n folded\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["two lengths", "two content lengths", "negative", "folded", "space", "version", "tls"],
)
def test_request__that_two_readers_would_read_differently_is_refused(
    connection: socket.socket, request_bytes: bytes
) -> None:
    assert answer_to(connection, request_bytes).startswith(b"HTTP/1.1 400 ")


def test_requests__sent_one_behind_another_are_answered_in_order(connection: socket.socket) -> None:
    one = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    said = answer_to(connection, one * 20 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert said.count(b"HTTP/1.1 200 ") == 21


@pytest.mark.parametrize("begin", [b"", b"GET /health HTTP/1.1\r\nHost: 127."])
def test_head__that_does_not_come_in_time_ends_the_connection(
    keyed: httpx.Client, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_WITHIN_S", 0.2)
    with socket.create_connection((keyed.base_url.host, keyed.base_url.port or 80), timeout=20) as connection:
        assert answer_to(connection, begin) == b""
