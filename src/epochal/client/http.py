"""Requests to a server: kept connections, errors as ours, patience while the server is away.

    client = Client("http://127.0.0.1:8000", "KEY")
    client.get("/api/workspaces/lab/trainings")

A request is sent again when that is safe: when it never reached the server, when the server says "later" (429, 503),
and, for one that may be repeated (GET, PUT, DELETE, and a POST of `create`), when the connection broke.
"""

import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from epochal import errors
from epochal.errors import BadInput, EpochalError, Failed, NotFound, ServerUnreachable, TooMany
from epochal.storage.whole_files import whole_file

TRIES, FIRST_PAUSE_S, LONGEST_PAUSE_S = 4, 0.25, 10.0
_AGAIN = {429, 502, 503, 504}
_REPEATABLE = {"GET", "HEAD", "PUT", "DELETE"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_BY_STATUS: dict[int, type[EpochalError]] = {
    400: BadInput, 401: errors.NotSignedIn, 402: errors.OutOfCredits, 403: errors.NotAllowed, 404: NotFound,
    409: errors.Conflict, 413: BadInput, 422: BadInput, 429: TooMany, 507: errors.StorageFull,
}  # fmt: skip


class Client:
    """A server, asked with one key. Safe to use from several threads."""

    def __init__(self, url: str, key: str = "", *, timeout_s: float = 60.0, tries: int = TRIES) -> None:
        """Name a server; nothing is asked yet.

        Args:
            url: its address, such as `http://127.0.0.1:8000`.
            key: an API key of a workspace, or of a worker's attempt.
            timeout_s: how long one answer may take to begin.
            tries: how often a request that may be sent again is sent.

        Raises:
            BadInput: the address is none.
            NotSignedIn: the key holds what no key does.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadInput(f"{url[:200]!r} is no address of a server; expected one such as http://127.0.0.1:8000.")
        if not (key.isascii() and key.isprintable()):  # no header can hold it
            raise errors.NotSignedIn("This API key holds other signs than letters and digits; copy it again.")
        self._tries = tries
        self._client = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=timeout_s,
            trust_env=parts.hostname not in _LOOPBACK,  # a proxy of the environment does not know this machine
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return str(self._client.base_url).rstrip("/")

    def move_to(self, url: str) -> None:
        """Ask another address from now on: the server has started again there."""
        self._client.base_url = httpx.URL(url)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path. Raises an EpochalError, see `ask`."""
        return self.ask("GET", path, query=query).json()

    def post(self, path: str, fields: Any = None, *, content: bytes | None = None, **query: Any) -> Any:
        """Send JSON (or bytes) and read JSON; None when the answer is empty."""
        return _read(self.ask("POST", path, query=query, fields=fields, content=content))

    def create(self, path: str, fields: Any = None) -> Any:
        """As `post`, for what is made once though the request is sent again: it has a key that the server remembers."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        return _read(self.ask("POST", path, fields=fields, headers=headers))

    def put(self, path: str, fields: Any = None, *, content: bytes | None = None, **query: Any) -> Any:
        """As `post`, for what may be repeated."""
        return _read(self.ask("PUT", path, query=query, fields=fields, content=content))

    def delete(self, path: str, **query: Any) -> Any:
        """Delete what is at a path."""
        return _read(self.ask("DELETE", path, query=query))

    def send_file(self, path: str, file: Path | str, *, method: str = "PUT", **query: Any) -> Any:
        """Send a file of any size as the body, streamed.

        Raises:
            NotFound: there is no such file here.
        """
        file = Path(file)
        if not file.is_file():
            raise NotFound(f"There is no file {file} to send.")

        def attempt() -> httpx.Response:
            with file.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
                return self._client.request(
                    method, path, params=_known(query), content=_pieces(stream, size), headers=headers
                )

        return _read(self._patiently(attempt, may_repeat=method in _REPEATABLE))

    def fetch_file(self, path: str, target: Path | str, **query: Any) -> Path:
        """Get a file of any size, written beside and renamed.

        Raises:
            BadInput: `target` is a folder.
            NotFound: the server has none there.
        """
        target = Path(target)
        if target.is_dir():
            raise BadInput(f"{target} is a folder; name the file to write.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as part:

            def attempt() -> httpx.Response:
                with self._client.stream("GET", path, params=_known(query)) as answer, part.open("wb") as stream:
                    if answer.is_success:
                        for piece in answer.iter_bytes(1 << 18):
                            stream.write(piece)
                    else:
                        answer.read()
                    return answer

            self._patiently(attempt, may_repeat=True)
        return target

    @contextmanager
    def stream(self, path: str, **query: Any) -> Iterator[Iterator[bytes]]:
        """The answer of a GET piece by piece as it comes, such as a log that is followed."""
        with self._told_plainly(path), self._client.stream("GET", path, params=_known(query)) as answer:
            if not answer.is_success:
                answer.read()
                raise _error_of(answer)
            yield answer.iter_bytes()

    def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, fields: Any = None,
        content: bytes | None = None, headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Send a request and wait for a good answer.

        Args:
            method: of HTTP.
            path: below the server's address.
            query: those that are None are left out.
            fields: a JSON body.
            content: a body as it is.
            headers: further ones; with `Idempotency-Key` a POST is one that may be repeated.

        Raises:
            ServerUnreachable: no answer came, with all tries.
            EpochalError: the server refused; of the class that the server raised.
        """
        return self._patiently(
            lambda: self._client.request(
                method, path, params=_known(query or {}), json=fields, content=content, headers=headers
            ),
            may_repeat=method in _REPEATABLE or "Idempotency-Key" in (headers or {}),
        )

    def _patiently(self, attempt: Any, *, may_repeat: bool) -> httpx.Response:
        pause_s = FIRST_PAUSE_S
        for number in range(self._tries):
            is_last = number == self._tries - 1
            try:
                answer: httpx.Response = attempt()
            except httpx.ConnectError as error:
                if is_last:
                    raise self._unreachable(error) from error
            except httpx.TransportError as error:
                if is_last or not may_repeat:
                    raise self._unreachable(error) from error
            else:
                if answer.is_success:
                    return answer
                if is_last or answer.status_code not in _AGAIN or not (may_repeat or answer.status_code in {429, 503}):
                    raise _error_of(answer)
                wanted = answer.headers.get("retry-after", "")
                pause_s = max(pause_s, float(wanted) if wanted.isdigit() else 0.0)
            time.sleep(min(pause_s, LONGEST_PAUSE_S))
            pause_s *= 2
        raise AssertionError("unreachable")

    @contextmanager
    def _told_plainly(self, path: str) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        why = str(error) or type(error).__name__
        return ServerUnreachable(f"The server at {self.url} does not answer ({why}); is it running there?")


def _error_of(answer: httpx.Response) -> EpochalError:
    """The server's error in our classes, by its code where it is one of ours, else by its status."""
    code, message = "", ""
    try:
        told = answer.json()["error"]
        code, message = str(told.get("code", "")), str(told["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        message = f"The server answered {answer.status_code} to {answer.request.method} {answer.request.url.path}."
    kind = getattr(errors, "".join(word.capitalize() for word in code.split("_")), None)
    if not (isinstance(kind, type) and issubclass(kind, EpochalError)):
        kind = _BY_STATUS.get(answer.status_code, Failed)
    return kind(message)


def _read(answer: httpx.Response) -> Any:
    return answer.json() if answer.content else None


def _known(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _pieces(stream: Any, size: int) -> Iterable[bytes]:
    """Exactly as many bytes as were promised, though the file may grow meanwhile."""
    while size > 0 and (piece := stream.read(min(1 << 18, size))):
        size -= len(piece)
        yield piece
