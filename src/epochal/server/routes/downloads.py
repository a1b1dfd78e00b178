"""Downloads by a signed address, for clients that fetch plainly and bring no key."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from epochal.errors import NotFound
from epochal.server.blob_answers import answer_blob
from epochal.server.services import Served, Services

router = APIRouter(tags=["downloads"])
_PURPOSE = "download"
_MEDIA_TYPES = {".zip": "application/zip", ".onnx": "application/octet-stream", ".pt": "application/octet-stream"}


@router.api_route("/api/downloads/{token}/{name}", methods=["GET", "HEAD"], include_in_schema=False)
def download(token: str, name: str, request: Request, served: Served) -> Response:
    """The file that an address was signed for."""
    sha256, _, signed_name = served.signer.check(_PURPOSE, token).partition("/")
    if signed_name != name:
        raise NotFound("This address was signed for another file name; ask for a new one.")
    suffix = name[name.rfind(".") :]
    media_type = _MEDIA_TYPES.get(suffix, "application/octet-stream")
    return answer_blob(request, served, sha256, media_type, file_name=name)


def download_address(request: Request, served: Services, sha256: str, name: str) -> str:
    """An absolute address that needs no key, on the host by which the client asked; for a day.

    Args:
        request: that is being answered.
        served: with the signer.
        sha256: of the blob.
        name: under which it is saved: letters, digits, dots, dashes and underscores.
    """
    token = served.signer.token(_PURPOSE, f"{sha256}/{name}")
    return f"{str(request.base_url).rstrip('/')}/api/downloads/{token}/{name}"
