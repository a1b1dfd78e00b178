"""The client's patience: what it sends again, how long it waits, what it makes of errors. Run: pytest tests/client.

Against a server that does to each connection what the test wrote down for it.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from epochal.client import Client
from epochal.client.http import FIRST_PAUSE_S, LONGEST_PAUSE_S, TRIES
from epochal.errors import (
    BadInput,
    Conflict,
    EpochalError,
    Failed,
    NotFound,
    NotSignedIn,
    OutOfCredits,
    ServerUnreachable,
    StorageFull,
    TooMany,
)

KEY = "ep_a-key-that-nobody-should-be-told"


def answer(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def told(status: int, code: str = "", message: str = "why", **headers: str) -> bytes:
    return answer(status, json.dumps({"error": {"code": code, "message": message}}).encode(), **headers)


OK = answer(200, b'{"a": 1}')
CUT = b""  # hangs up when it has heard the request
HALF = answer(200, b"x" * 1000)[:-400]  # hangs up within the body
SILENT = None  # says nothing until the client has gone


class Scripted:
    """A server with one thing to say to each connection, the last one for ever; remembers what it heard."""

    def __init__(self) -> None:
        self.script: list[bytes | None] = [OK]
        self.heard: list[tuple[str, bytes]] = []
        self.keys: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def methods(self) -> list[str]:
        return [line.split()[0] for line, _ in self.heard]

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        size = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length")), 0)
        while len(body) < size and (piece := connection.recv(65536)):
            body += piece
        self.heard.append((lines[0], body))
        self.keys.append(next((line.split(": ")[1] for line in lines if line.lower().startswith("idempotency")), ""))
        says = self.script[min(len(self.heard), len(self.script)) - 1]
        if says is SILENT:
            connection.settimeout(3)
            try:
                connection.recv(1)
            except TimeoutError:
                return
        else:
            connection.sendall(says)


@pytest.fixture
def server() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have waited."""
    waited: list[float] = []
    monkeypatch.setattr("epochal.client.http.time.sleep", waited.append)
    return waited


@pytest.fixture
def client(server: Scripted, pauses: list[float]) -> Iterator[Client]:
    with Client(server.url, KEY, timeout_s=5) as made:
        yield made


Ask = Callable[[Client], object]
ASK: dict[str, Ask] = {
    "GET": lambda client: client.get("/x"),
    "PUT": lambda client: client.put("/x", {"b": 2}),
    "DELETE": lambda client: client.delete("/x"),
    "POST": lambda client: client.post("/x", {"b": 2}),
}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("fault", [CUT, HALF, told(502), told(503), told(504), told(429)])
def test_what_may_be_repeated__is_sent_again(
    server: Scripted, client: Client, method: str, fault: bytes, pauses: list[float]
) -> None:
    server.script = [fault, fault, OK]
    assert ASK[method](client) == {"a": 1}
    assert server.methods == [method] * 3
    assert pauses == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S]
    assert len({body for _, body in server.heard}) == 1, "the same each time"


@pytest.mark.parametrize("fault", [told(429), told(503)])
def test_post__is_sent_again_where_the_server_has_not_begun(server: Scripted, client: Client, fault: bytes) -> None:
    server.script = [fault, OK]
    assert ASK["POST"](client) == {"a": 1}
    assert len(server.heard) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (CUT, ServerUnreachable),
        (HALF, ServerUnreachable),
        (told(502), Failed),
        (told(504), Failed),
        (told(500), Failed),
    ],
)
def test_post__that_may_have_been_done_is_not_sent_again(
    server: Scripted, client: Client, fault: bytes, kind: type[EpochalError]
) -> None:
    server.script = [fault, OK]
    with pytest.raises(kind):
        ASK["POST"](client)
    assert server.methods == ["POST"]


@pytest.mark.parametrize("method", ASK)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422, 500, 507])
def test_refusal__is_not_asked_again(server: Scripted, client: Client, method: str, status: int) -> None:
    server.script = [told(status), OK]
    with pytest.raises(EpochalError, match="why"):
        ASK[method](client)
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("said", "waits"),
    [("7", 7.0), ("0", FIRST_PAUSE_S), ("86400", LONGEST_PAUSE_S), ("", FIRST_PAUSE_S), ("-5", FIRST_PAUSE_S),
     ("soon", FIRST_PAUSE_S), ("Wed, 21 Oct 2026 07:28:00 GMT", FIRST_PAUSE_S), ("1e9", FIRST_PAUSE_S)],
)  # fmt: skip
def test_retry_after__is_heeded_up_to_a_limit(
    server: Scripted, client: Client, pauses: list[float], said: str, waits: float
) -> None:
    server.script = [told(429, Retry_After=said), OK]
    assert client.get("/x") == {"a": 1}
    assert pauses == [waits]


@pytest.mark.parametrize(
    ("fault", "kind"), [(told(429, "too_many"), TooMany), (told(503), Failed), (CUT, ServerUnreachable)]
)
def test_patience__ends_and_the_last_error_is_told(
    server: Scripted, client: Client, pauses: list[float], fault: bytes, kind: type[EpochalError]
) -> None:
    server.script = [fault]
    with pytest.raises(kind):
        client.get("/x")
    assert len(server.heard) == TRIES
    assert len(pauses) == TRIES - 1
    assert pauses == sorted(pauses)


@pytest.mark.parametrize("method", ASK)
def test_nobody_listens__is_tried_again_and_told(pauses: list[float], method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Client(url, KEY) as client, pytest.raises(ServerUnreachable, match="is it running there"):
        ASK[method](client)
    assert len(pauses) == TRIES - 1, "it never reached the server, so a POST too"


@pytest.mark.parametrize(("method", "tries"), [("GET", 2), ("POST", 1)])
def test_silence__ends_in_time(server: Scripted, pauses: list[float], method: str, tries: int) -> None:
    server.script = [SILENT]
    with Client(server.url, KEY, timeout_s=0.2, tries=2) as client, pytest.raises(ServerUnreachable, match="timed out"):
        ASK[method](client)
    assert len(pauses) == tries - 1


def test_send_file__sends_all_of_it_each_time(server: Scripted, client: Client, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    (tmp_path / "weights").write_bytes(content)
    server.script = [CUT, told(503), answer(204, b"")]
    assert client.send_file("/x", tmp_path / "weights") is None
    assert [body for _, body in server.heard] == [content] * 3
    with pytest.raises(NotFound, match="no file"):
        client.send_file("/x", tmp_path / "none")


def test_fetch_file__is_whole_after_a_cut(server: Scripted, client: Client, tmp_path: Path) -> None:
    content = b"y" * 5000
    server.script = [answer(200, content)[:-3000], CUT, answer(200, content)]
    target = client.fetch_file("/x", tmp_path / "new" / "file")
    assert target.read_bytes() == content
    assert [one.name for one in target.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("fault", [HALF, told(404, "not_found")])
def test_fetch_file__that_fails_leaves_the_old_file(
    server: Scripted, client: Client, tmp_path: Path, fault: bytes
) -> None:
    (tmp_path / "file").write_text("old")
    server.script = [fault]
    with pytest.raises(EpochalError):
        client.fetch_file("/x", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_stream__that_is_cut_is_told(server: Scripted, client: Client) -> None:
    server.script = [HALF]

    def read() -> int:
        with client.stream("/x") as pieces:
            return sum(len(piece) for piece in pieces)

    with pytest.raises(ServerUnreachable):
        read()
    server.script = [told(404, "not_found")]
    with pytest.raises(NotFound):
        read()


@pytest.mark.parametrize(
    ("says", "kind", "words"),
    [
        (told(404, "not_found", "No such image."), NotFound, "No such image."),
        (told(409, "conflict"), Conflict, "why"),
        (told(402, "out_of_credits"), OutOfCredits, "why"),
        (told(400, "dataset_error"), EpochalError, "why"),
        (told(507), StorageFull, "why"),  # by the status, when the code is none of ours
        (told(401, "something_new"), NotSignedIn, "why"),
        (told(400, "os"), BadInput, "why"),  # a name of the module that is no error
        (told(418, "teapot"), Failed, "why"),
        (answer(404, b"<html>not found</html>"), NotFound, "answered 404 to GET /x"),
        (answer(500, b""), Failed, "answered 500"),
        (answer(400, b'{"error": "text"}'), BadInput, "answered 400"),
        (answer(400, b"[1]"), BadInput, "answered 400"),
        (answer(400, b"\xff\xfe"), BadInput, "answered 400"),
    ],
)
def test_error__is_of_our_kind(
    server: Scripted, client: Client, says: bytes, kind: type[EpochalError], words: str
) -> None:
    server.script = [says]
    with pytest.raises(kind, match=words):
        client.get("/x")


def test_redirect__is_not_followed_so_no_other_server_hears_the_key(server: Scripted, client: Client) -> None:
    other = Scripted()
    server.script = [answer(302, b"", Location=f"{other.url}/y")]
    with pytest.raises(Failed, match="answered 302"):
        client.get("/x")
    other.close()
    assert other.heard == []


def test_key__is_in_no_error_and_no_picture_of_the_client(server: Scripted, client: Client) -> None:
    server.script = [CUT]
    with pytest.raises(ServerUnreachable) as caught:
        client.get("/x")
    assert KEY not in f"{caught.value} {caught.value!r} {client!r}"


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://a.example", "file:///etc/passwd", "http://", "javascript:1"]
)
def test_address__that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="no address of a server"):
        Client(url, KEY)


@pytest.mark.parametrize("fault", [CUT, HALF, told(502), told(503), told(504), told(429)])
def test_create__is_sent_again_with_the_same_key(
    server: Scripted, client: Client, fault: bytes, pauses: list[float]
) -> None:
    server.script = [fault, fault, OK]
    assert client.create("/x", {"b": 2}) == {"a": 1}
    assert client.create("/x", {"b": 2}) == {"a": 1}
    assert server.methods == ["POST"] * 4
    assert len(set(server.keys[:3])) == 1
    assert len(server.keys[0]) >= 32
    assert server.keys[3] != server.keys[0], "another request"
