"""Fetch a file from an address that a stranger gave, without reaching what only this machine can reach.

A name is resolved once, every address that it has must be public, and the connection goes to that very address: a name
that points elsewhere a moment later (DNS rebinding) changes nothing. A redirect is a new address and checked as one.
Hosts of the setting `fetch_allow` are allowed whatever their address.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from epochal.config import read_settings
from epochal.errors import BadInput

Resolve = Callable[[str, int], Awaitable[list[str]]]
TIME_LIMIT_S, REDIRECTS_MAX = 30.0, 3
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotFetched(BadInput):
    """What is at an address could not be had.

    Attributes:
        is_passing: the other side had an error of its own; trying again may help.
    """

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing


@dataclass(frozen=True)
class _Target:
    """An address to connect to, the Host header to send there, and the name that its certificate is checked by."""

    url: str
    host: str
    name: str


async def fetch_url(
    url: str, *, limit_bytes: int, time_limit_s: float = TIME_LIMIT_S, resolve: Resolve | None = None
) -> bytes:
    """The bytes at an http or https address.

    Args:
        url: as given by a stranger.
        limit_bytes: more is refused, and not read.
        time_limit_s: for all of it together.
        resolve: gives the addresses of a name and port; the system's when None.

    Raises:
        NotFetched: the address is not allowed, does not answer in time, answers with an error, or with too much.
    """
    allowed = _allowed_hosts()
    try:
        async with asyncio.timeout(time_limit_s):
            for _ in range(REDIRECTS_MAX + 1):
                target = await _check(url, allowed, resolve or _resolve)
                answer = await _get(target, limit_bytes)
                if isinstance(answer, bytes):
                    return answer
                url = urljoin(url, answer)
    except TimeoutError:
        raise NotFetched(f"{shown(url)} did not answer within {time_limit_s:g} s.", is_passing=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = str(error) or type(error).__name__
        raise NotFetched(f"{shown(url)} could not be reached ({why}).", is_passing=True) from None
    raise NotFetched(f"{shown(url)} leads on more than {REDIRECTS_MAX} times; give the address it ends at.")


async def send_json(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    resolve: Resolve | None = None,
) -> None:
    """Send JSON to an http or https address that a stranger gave, such as a webhook. A redirect is not followed.

    Args:
        url: as given by a stranger.
        body: JSON, sent as it is.
        headers: more of them.
        time_limit_s: for all of it together.
        resolve: as in `fetch_url`.

    Raises:
        NotFetched: the address is not allowed, does not answer in time, or answers with anything but a 2xx.
    """
    try:
        async with asyncio.timeout(time_limit_s):
            target = await _check(url, _allowed_hosts(), resolve or _resolve)
            async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=10.0) as client:
                own = {"Host": target.host, "Connection": "close", "Content-Type": "application/json"}
                request = client.build_request(
                    "POST",
                    target.url,
                    content=body,
                    headers={**(headers or {}), **own},
                    extensions={"sni_hostname": target.name},
                )
                answer = await client.send(request, stream=True)  # what it says is not read
                await answer.aclose()
    except TimeoutError:
        raise NotFetched(f"{shown(url)} did not answer within {time_limit_s:g} s.", is_passing=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = str(error) or type(error).__name__
        raise NotFetched(f"{shown(url)} could not be reached ({why}).", is_passing=True) from None
    if not answer.is_success:
        raise NotFetched(f"{target.host} answered with status {answer.status_code}.", is_passing=True)


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet reaches."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def shown(url: str) -> str:
    """An address for messages: without user, password, query and letters that cannot be shown."""
    host = url.split("?")[0].split("#")[0].rpartition("@")[2] if "@" in url.split("?")[0] else url.split("?")[0]
    return "".join(letter for letter in host if letter.isprintable())[:200]


def _allowed_hosts() -> list[str]:
    return [host.strip().lower() for host in str(read_settings()["fetch_allow"]).split(",") if host.strip()]


async def _check(url: str, allowed: Iterable[str], resolve: Resolve) -> _Target:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotFetched(f"{shown(url)} is no address; expected http:// or https:// and a host.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise NotFetched(f"{shown(url)} is no address that is fetched; expected http:// or https:// and a host.")
    try:
        addresses = await resolve(host, port)
    except (OSError, UnicodeError):
        raise NotFetched(f"The host of {shown(url)} is not known; check its name.", is_passing=True) from None
    if host.lower() not in allowed and not all(is_public(address) for address in addresses):
        raise NotFetched(
            f"{shown(url)} leads to an address that is not public, which is not fetched; upload the file itself, or "
            "have the server's owner name the host in the setting fetch_allow."
        )
    address = addresses[0]
    literal = f"[{address}]" if ":" in address else address
    path = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))
    said = f"[{host}]" if ":" in host else host
    return _Target(path, said if port in (80, 443) else f"{said}:{port}", host)


async def _get(target: _Target, limit_bytes: int) -> bytes | str:
    """The body, or the address that the answer leads on to."""
    headers = {"Host": target.host, "Accept": "image/*, application/octet-stream;q=0.5", "Accept-Encoding": "identity"}
    # The certificate is checked against the name, though the connection goes to the address.
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=10.0) as client,
        client.stream("GET", target.url, headers=headers, extensions={"sni_hostname": target.name}) as answer,
    ):
        if answer.is_redirect:
            return answer.headers["location"]
        if answer.status_code != 200:
            raise NotFetched(
                f"{target.host} answered with status {answer.status_code}.", is_passing=answer.status_code >= 500
            )
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > limit_bytes:
                raise NotFetched(f"{target.host} sent more than {limit_bytes:,} bytes; expected an image within that.")
        return bytes(body)


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))
