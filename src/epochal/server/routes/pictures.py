"""Pictures by a signed address, to which answers of the Roboflow surface lead; and pictures made for a browser."""

from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from epochal.datasets.thumbnails import make_drawable
from epochal.server.bodies import takes
from epochal.server.callers import InfersSomewhere
from epochal.server.picture_links import PURPOSE, PictureKind, answer_picture
from epochal.server.services import Served

router = APIRouter(tags=["pictures"])
_IMAGE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
}
_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.api_route("/api/pictures/{token}", methods=["GET", "HEAD"], include_in_schema=False)
def get_picture(token: str, request: Request, served: Served) -> Response:
    """The picture that an address was signed for."""
    kind, project_id, image_id = served.signer.check(PURPOSE, token).split("/")
    return answer_picture(request, served, project_id, image_id, cast(PictureKind, kind))


@router.post("/api/drawable", response_class=Response, responses=_JPEG, openapi_extra=_IMAGE)
@takes("image")
async def draw_picture(request: Request, caller: InfersSomewhere) -> Response:
    """A JPEG of the image in the body, for a browser that cannot draw it, such as a TIFF; nothing of it is kept."""
    data = await request.body()
    return Response(await run_in_threadpool(make_drawable, data, "The image"), media_type="image/jpeg")
