"""How much may be sent. Run: pytest tests/server/test_bodies.py."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException

from epochal.server.bodies import limited, takes

LIMITS = {"json": 10, "image": 100, "annotations": 100, "archive": 1000, "weights": 1000}


@takes("image")
def upload() -> None:
    """Takes a picture."""


def _read(chunks: list[bytes], *, declared: int | None = None, endpoint: object = None) -> int:
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    scope = {"type": "http", "headers": headers, "endpoint": endpoint}
    left: Iterator[bytes] = iter(chunks)
    came = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": next(left), "more_body": True}

    async def read_all() -> None:
        nonlocal came
        counted = limited(scope, receive, LIMITS)
        for _ in chunks:
            came += len((await counted())["body"])

    asyncio.run(read_all())
    return came


def test_limited__passes_on_what_the_route_takes() -> None:
    assert _read([b"x" * 10]) == 10
    assert _read([b"x" * 50, b"x" * 50], endpoint=upload) == 100


@pytest.mark.parametrize(("chunks", "declared", "endpoint"), [
    ([b"x" * 11], None, None),
    ([b"x" * 6, b"x" * 6], None, None),
    ([b"x"], 11, None),
    ([b"x" * 60, b"x" * 60], None, upload),
    ([b"x"], 101, upload),
])  # fmt: skip
def test_limited__refuses_more_however_it_is_sent(chunks: list[bytes], declared: int | None, endpoint: object) -> None:
    with pytest.raises(HTTPException) as caught:
        _read(chunks, declared=declared, endpoint=endpoint)
    assert caught.value.status_code == 413
