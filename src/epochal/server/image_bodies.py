"""Images in requests: as a file, in a form, as base64 under whatever type the client claims, or behind an address."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.datastructures import UploadFile

from epochal.config import read_settings
from epochal.datasets.fetching import fetch_url
from epochal.errors import BadInput

_DATA_URL = re.compile(rb"data:[\w/+.-]*;base64,")
# The first bytes of the formats that are decoded; base64 of any of them begins otherwise.
_BEGINNINGS = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"GIF8")
_EXPECTED = "expected an image: its bytes, base64 of them, a form with the field `file`, or `image=URL`"


async def read_image(request: Request) -> bytes:
    """The image that a request brings. The body counts before an address in the query.

    A hosted client sends base64 as `application/x-www-form-urlencoded` or `application/json`, and it is neither: a
    form would make spaces of its plus signs.

    Raises:
        BadInput: there is none, or it is no base64.
        NotFetched: its address is not allowed or does not answer.
    """
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _read_form(request)
    body = await request.body()
    if body:
        return decode_body(body)
    url = request.query_params.get("image")
    if url:
        return await fetch_image(url)
    raise BadInput(f"The request has no image; {_EXPECTED}.")


async def fetch_image(url: str) -> bytes:
    """The image at an address, fetched without reaching private ones. Raises NotFetched."""
    return await fetch_url(url, limit_bytes=int(read_settings()["max_image_bytes"]))


def decode_body(body: bytes) -> bytes:
    """An image file from a body that is one, or base64 of one.

    Raises:
        BadInput: it is neither.
    """
    if body.startswith(_BEGINNINGS) or body[4:12] in (b"ftypavif", b"ftypavis"):
        return body
    return decode_base64(unquote_to_bytes(body) if b"%" in body[:10_000] else body)


def decode_base64(text: bytes | str) -> bytes:
    """Bytes of base64, with or without a `data:` in front, in either alphabet.

    Raises:
        BadInput: it is none.
    """
    raw = text.encode("ascii", "replace") if isinstance(text, str) else text
    begin = _DATA_URL.match(raw)
    raw = (raw[begin.end() :] if begin else raw).strip()
    if b" " in raw:  # somebody on the way took it for a form
        raw = raw.replace(b" ", b"+")
    if b"-" in raw or b"_" in raw:
        raw = raw.translate(bytes.maketrans(b"-_", b"+/"))
    if b"\n" in raw:
        raw = raw.replace(b"\r", b"").replace(b"\n", b"")
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(f"The body is neither an image nor base64; {_EXPECTED}.") from None


async def _read_form(request: Request) -> bytes:
    async with request.form(max_files=4, max_fields=50) as form:
        for name in ("file", "image"):
            given = form.get(name)
            if isinstance(given, UploadFile):
                return await given.read()
            if isinstance(given, str) and given:
                return await fetch_image(given) if given.startswith("http") else decode_base64(given)
    raise BadInput(f"The form has no field `file`; {_EXPECTED}.")
