"""What stands before every route: who may ask, how much may be sent, what a browser may do with the answer.

Who asks is known by key or session (`callers.py`). That keeps other people out, not other pages in the browser of
somebody who is signed in; these do:

- Host must name this server: a page whose own name is made to point to 127.0.0.1 (DNS rebinding) gets 421.
- Origin and Sec-Fetch-Site of a request that changes something must be ours: a foreign page gets 403.
- No CORS header is ever sent, so no foreign page reads an answer.
- The Content-Security-Policy lets our pages load from here alone and lets nobody frame them.
"""

import ipaddress
import math
import re
import socket
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from epochal.errors import BadInput, TooMany
from epochal.server.bodies import limited
from epochal.server.errors import error_answer
from epochal.server.rates import Rates

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
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can ask at an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_of_address(host: str) -> frozenset[str]:
    """What a browser may call a server that listens on an address; all names of this machine for 0.0.0.0."""
    if host not in {"0.0.0.0", "::"}:
        return frozenset({_bracketed(host.lower())})
    import psutil

    addresses = {
        one.address.partition("%")[0]
        for of_one_card in psutil.net_if_addrs().values()
        for one in of_one_card
        if one.family in {socket.AF_INET, socket.AF_INET6}
    }
    return frozenset({socket.gethostname().lower(), *map(_bracketed, addresses)})


def allowed_hosts(setting: str) -> frozenset[str]:
    """The names in the setting `allowed_hosts`.

    Raises:
        BadInput: one is a pattern or has a port; a name that is not looked at exactly keeps nobody out.
    """
    names = frozenset(name.strip().lower() for name in setting.split(",") if name.strip())
    for name in names:
        if not re.fullmatch(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", name):
            raise BadInput(f"allowed_hosts has {name!r}; expected names such as epochal.example.org, without a port.")
    return names


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class Guard:
    """ASGI middleware; see the top of this file."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], limits: Mapping[str, int], rates: Rates) -> None:
        """Stand before an application.

        Args:
            app: what comes behind.
            hosts: names in the Host header that are ours, without port, lower case.
            limits: bytes that a body may have, of `bodies.body_limits`; a larger one is refused with 413.
            rates: how often one network address may ask.
        """
        self._app = app
        self._hosts = frozenset(hosts)
        self._limits = limits
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused; pass on any other, its answer with our headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        headers = Headers(scope=scope)
        refusal = self._refuse_host(headers, scope["path"])
        if refusal is None:
            refusal = self._refuse_rate(scope)
        if refusal is None and scope["method"] not in SAFE_METHODS:
            refusal = _refuse_origin(headers, scope["path"])
        await (refusal or self._app)(scope, limited(scope, receive, self._limits), send)

    def _refuse_host(self, headers: Headers, path: str) -> Response | None:
        values = headers.getlist("host")
        if len(values) == 1 and _without_port(values[0]) in self._hosts:
            return None
        shown = ", ".join(values)[:100]
        expected = ", ".join(sorted(self._hosts))
        message = (
            f"Expected this server's own name ({expected}); got {shown!r}. A further name of this server goes into the "
            "setting allowed_hosts."
        )
        return error_answer(421, "host_not_allowed", message, path=path)

    def _refuse_rate(self, scope: Scope) -> Response | None:
        try:
            self._rates.take(scope["client"][0] if scope.get("client") else "")
        except TooMany as error:
            headers = {"Retry-After": str(math.ceil(error.retry_after_s or 1))}
            return error_answer(429, "too_many", str(error), headers, path=scope["path"])
        return None


def _refuse_origin(headers: Headers, path: str) -> Response | None:
    """None for our own pages and for programs that are no browser, which send neither header."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    is_ours = site in {None, "same-origin", "none"}
    if origin is not None:
        parts = urlsplit(origin)
        is_ours = is_ours and parts.scheme in {"http", "https"} and parts.netloc.lower() == headers["host"].lower()
    if is_ours:
        return None
    message = "Only this server's own pages may change something; this came from another."
    return error_answer(403, "cross_site", message, path=path)


def _without_port(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdigit() else host.lower()


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            own = {name.lower() for name, _ in headers}
            message["headers"] = headers + [header for header in _RAW_HEADERS if header[0] not in own]
        await send(message)

    return send_with_headers
