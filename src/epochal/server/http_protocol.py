"""HTTP/1.1 by httptools, a parser in C, with the limits that it lacks.

uvicorn's own parser, h11, is Python: it took 0.2 to 1 ms of a request of 60 kB. httptools stores whatever comes as a
head or behind a body, for as long as it comes; here such bytes are counted, and a head has its time.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from epochal.server.errors import error_answer

HEAD_BYTES = 64 * 1024  # as uvicorn allows with h11
HEAD_WITHIN_S = 60.0
_REFUSAL = "Expected a request head of at most 65,536 bytes; more came."


class LimitedHttp(HttpToolsProtocol):
    """A connection. What brings neither a whole head nor a part of a body may have HEAD_BYTES, and HEAD_WITHIN_S."""

    _silent_bytes = 0  # since the last head was whole or the last part of a body came: names of headers, trailers …
    _is_too_large = False
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Begin; a connection that never says anything ends too."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, then see whether it was of any use."""
        self._silent_bytes += len(data)
        super().data_received(data)
        if self._silent_bytes > HEAD_BYTES and not self._is_too_large and not self.transport.is_closing():
            self._is_too_large = True
            self.send_400_response(_REFUSAL)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        if self._patience is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """A head is whole; httptools turns the error into `send_400_response`."""
        self._stop_waiting()
        self._silent_bytes = 0
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_BYTES:
            self._is_too_large = True
            raise ValueError(_REFUSAL)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body came."""
        self._silent_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._silent_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, in the one shape of errors, and close."""
        text = bytes(error_answer(400, "bad_request", _REFUSAL if self._is_too_large else msg).body)
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(text), text)
        )
        self.transport.close()

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(HEAD_WITHIN_S, self._close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _close(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()
