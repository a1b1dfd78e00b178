"""How much may be sent, by route: `@takes("archive")` on its function.

Counted while it streams, so a body without an announced length is cut off too.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from epochal.config import Value

Kind = Literal["json", "image", "annotations", "archive", "weights"]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
# Base64 is a third larger than what it stands for, and a form has its own lines around the file.
_BASE64, _AROUND = 4 / 3, 100_000


def takes(kind: Kind) -> Callable[[Endpoint], Endpoint]:
    """Say what a route's body is, and with it how large it may be; without it: `json`, the setting `max_body_bytes`.

    Args:
        kind: `image` (a picture, as a file, form or base64), `annotations`, `archive` (a zip) or `weights`.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.body_kind = kind  # type: ignore[attr-defined]  # functions take attributes, their type does not say so
        return endpoint

    return mark


def body_limits(settings: Mapping[str, Value]) -> dict[str, int]:
    """Bytes that a body of each kind may have, from the settings."""
    return {
        "json": int(settings["max_body_bytes"]),
        "image": int(int(settings["max_image_bytes"]) * _BASE64) + _AROUND,
        "annotations": int(settings["max_annotation_bytes"]),
        "archive": int(settings["max_upload_bytes"]) + _AROUND,
        "weights": int(settings["max_weights_bytes"]) + _AROUND,
    }


def limited(scope: Scope, receive: Receive, limits: Mapping[str, int]) -> Receive:
    """A `receive` that refuses with 413 when more comes than the route takes.

    The route is known by the time it reads: the router has written its function into the scope.
    """
    headers = {name: value for name, value in scope["headers"] if name == b"content-length"}
    declared = headers.get(b"content-length", b"")
    came = int(declared) if declared.isdigit() else 0
    is_first, seen = True, 0

    async def receive_counted() -> Message:
        nonlocal is_first, seen
        limit = limits[getattr(scope.get("endpoint"), "body_kind", "json")]
        if is_first and came > limit:
            raise _too_large(limit)
        is_first = False
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
        return message

    return receive_counted


def _too_large(limit: int) -> HTTPException:
    return HTTPException(
        413, f"Expected a body of at most {limit:,} bytes here; more came.", headers={"Connection": "close"}
    )
