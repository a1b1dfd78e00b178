"""Pictures by a signed address: what the addresses in answers of the Roboflow surface lead to."""

from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from epochal.server.picture_links import PURPOSE, PictureKind, answer_picture
from epochal.server.services import Served

router = APIRouter(tags=["pictures"])


@router.api_route("/api/pictures/{token}", methods=["GET", "HEAD"], include_in_schema=False)
def get_picture(token: str, request: Request, served: Served) -> Response:
    """The picture that an address was signed for."""
    kind, project_id, image_id = served.signer.check(PURPOSE, token).split("/")
    return answer_picture(request, served, project_id, image_id, cast(PictureKind, kind))
