"""A blob as an answer: with its length, its hash as ETag, and without the client ever naming a path."""

from collections.abc import Iterator
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from epochal.server.services import Services


def answer_blob(
    request: Request, served: Services, sha256: str, media_type: str, *, file_name: str | None = None
) -> Response:
    """Give a blob out; to HEAD its headers alone, and 304 to whoever has it already.

    Args:
        request: GET or HEAD.
        served: with the blobs.
        sha256: of the blob.
        media_type: that we know it to be; never what somebody claimed.
        file_name: it is saved under this name instead of shown.

    Raises:
        NotFound: there is no such blob.
    """
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, max-age=31536000, immutable"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    # Content-Length is not left out: the roboflow package cannot download without it.
    headers["Content-Length"] = str(served.blobs.size_bytes(sha256))
    if file_name is not None:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"
    pieces: Iterator[bytes] = iter(()) if request.method == "HEAD" else served.blobs.stream(sha256)
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
