"""What stands before every route: who may ask, how much may be sent, what a browser may do with the answer.

There are no accounts yet, so the server listens on loopback alone. That keeps other machines out, not other pages in
the same browser; these do:

- Host must name this machine: a page whose own name is made to point to 127.0.0.1 (DNS rebinding) gets 421.
- Origin and Sec-Fetch-Site of a request that changes something must be ours: a foreign page gets 403.
- No CORS header is ever sent, so no foreign page reads an answer.
- The Content-Security-Policy lets our pages load from here alone and lets nobody frame them.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from epochal.errors import BadInput
from epochal.server.bodies import limited
from epochal.server.errors import error_answer

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def check_listen_address(host: str) -> str:
    """Refuse to listen where other machines can ask, as long as there are no keys to ask them for.

    Args:
        host: `localhost` or an address.

    Returns:
        The host, as given.

    Raises:
        BadInput: it is no address of this machine's own.
    """
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise BadInput(
            f"--host {host} would let other machines start trainings and read data without a key, which this version "
            "cannot ask for; expected 127.0.0.1, ::1 or localhost. From another machine, use a tunnel: "
            "ssh -L 8000:127.0.0.1:8000 THIS_MACHINE."
        )
    return host


class Guard:
    """ASGI middleware; see the top of this file."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] = LOOPBACK_NAMES, limits: Mapping[str, int]):
        """Stand before an application.

        Args:
            app: what comes behind.
            hosts: names in the Host header that are ours, without port, lower case.
            limits: bytes that a body may have, of `bodies.body_limits`; a larger one is refused with 413.
        """
        self._app = app
        self._hosts = frozenset(hosts)
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused; pass on any other, its answer with our headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        headers = Headers(scope=scope)
        refusal = self._refuse_host(headers)
        if refusal is None and scope["method"] not in SAFE_METHODS:
            refusal = _refuse_origin(headers)
        await (refusal or self._app)(scope, limited(scope, receive, self._limits), send)

    def _refuse_host(self, headers: Headers) -> Response | None:
        values = headers.getlist("host")
        if len(values) == 1 and _without_port(values[0]) in self._hosts:
            return None
        shown = ", ".join(values)[:100]
        expected = ", ".join(sorted(self._hosts))
        return error_answer(421, "host_not_allowed", f"Expected this server's own name ({expected}); got {shown!r}.")


def _refuse_origin(headers: Headers) -> Response | None:
    """None for our own pages and for programs that are no browser, which send neither header."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    is_ours = site in {None, "same-origin", "none"}
    if origin is not None:
        parts = urlsplit(origin)
        is_ours = is_ours and parts.scheme in {"http", "https"} and parts.netloc.lower() == headers["host"].lower()
    if is_ours:
        return None
    return error_answer(403, "cross_site", "Only this server's own pages may change something; this came from another.")


def _without_port(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdigit() else host.lower()


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
