"""Log lines that a person reads and a program parses: time, level, event, then `name=value` pairs.

2026-11-23T09:00:00.123Z info request method=GET path=/api/runs status=200 ms=3.1 request_id=9f86d081884c7d65

All that is written while a request is answered has its id, which its answer has too (`X-Request-Id`). No query, no
header and no body is ever written: that is where secrets would be.
"""

import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from typing import TextIO

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from epochal.server.metrics import Metrics

LOG = logging.getLogger("epochal.server.requests")
_PLAIN = re.compile(r"[\w./:+%@~()\[\],-]+", re.ASCII)
_PATH_SHOWN = 200
_KEY_IN_PATH = "/query/cliAuthToken/"  # of `roboflow.login()`: what follows is a key
_REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


class Formatter(logging.Formatter):
    """Writes one line for each record; values that are not plain words stand as JSON strings."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what was raised follows on lines of its own."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = f"{stamp}.{int(record.msecs):03d}Z {record.levelname.lower()} {_quote_message(record.getMessage())}"
        fields = dict(getattr(record, "fields", {}))
        if request_id := _REQUEST_ID.get():
            fields["request_id"] = request_id
        line += "".join(f" {name}={_quote(value)}" for name, value in fields.items())
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def configure_logs(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send the log of the server, and of the HTTP library below it, to a stream.

    Args:
        level: what is less is not written.
        stream: stderr when None.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Formatter())
    for name, least in (("epochal", level), ("uvicorn", max(level, logging.WARNING))):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(least)
        logger.propagate = False


class RequestLog:
    """ASGI middleware: an id for each request, one line when it ends with its status and time, and its count."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        """Stand before an application; each request is counted in `metrics`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, then write the line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status, answered_s = 0, None  # of a request that ended without an answer
        request_id = secrets.token_hex(8)  # never the client's: it stands in our log
        within = _REQUEST_ID.set(request_id)

        async def send_and_see(message: Message) -> None:
            nonlocal status, answered_s
            if message["type"] == "http.response.start":
                status, answered_s = message["status"], time.perf_counter() - begun
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        finally:
            took_s = time.perf_counter() - begun
            path = scope.get("raw_path", b"").decode("ascii", "backslashreplace")[:_PATH_SHOWN]
            path = f"{_KEY_IN_PATH}..." if scope["path"].startswith(_KEY_IN_PATH) else path
            fields = {"method": scope["method"], "path": path, "status": status, "ms": round(took_s * 1000, 1)}
            LOG.info("request", extra={"fields": fields})
            self._metrics.count(scope["method"], status, took_s if answered_s is None else answered_s)
            _REQUEST_ID.reset(within)


def _quote(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _quote_message(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)
