"""Pictures of images as answers, and addresses of them that need no key, for clients that fetch plainly."""

import io
from typing import Literal

import numpy as np
from fastapi import Request
from fastapi.responses import Response

from epochal.boxes import Detections
from epochal.datasets.classes import list_classes
from epochal.datasets.headers import draws_everywhere
from epochal.datasets.image_thumbnails import ensure_thumbnail
from epochal.datasets.labels import live_image, read_annotations
from epochal.datasets.pictures import decode_image, read_bytes
from epochal.datasets.thumbnails import make_drawable
from epochal.deploy.drawing import draw_detections
from epochal.server.blob_answers import answer_blob
from epochal.server.services import Services

PictureKind = Literal["original", "thumb", "annotation", "drawable"]
PURPOSE = "picture"
_DRAWN_PX = 1024


def picture_address(request: Request, served: Services, project_id: str, image_id: str, kind: PictureKind) -> str:
    """An absolute address of a picture for a day, on the host by which the client asked."""
    token = served.signer.token(PURPOSE, f"{kind}/{project_id}/{image_id}")
    return f"{str(request.base_url).rstrip('/')}/api/pictures/{token}"


def answer_picture(request: Request, served: Services, project_id: str, image_id: str, kind: PictureKind) -> Response:
    """The picture itself: as uploaded, in small, with its boxes drawn, or as browsers draw it.

    Raises:
        NotFound: the image is not there (any more).
    """
    with served.database.read() as session:
        row = live_image(session, project_id, image_id)
        sha256, media_type, known = row.sha256, row.media_type, row.thumbnail_sha256
    if kind == "original":
        return answer_blob(request, served, sha256, media_type)
    if kind == "thumb":
        small = ensure_thumbnail(served.database, served.blobs, image_id, sha256, known)
        return answer_blob(request, served, small, "image/jpeg")
    if kind == "drawable":
        return _answer_drawable(request, served, sha256, media_type)
    return _answer_drawn(request, served, project_id, image_id)


def _answer_drawable(request: Request, served: Services, sha256: str, media_type: str) -> Response:
    """The file itself where browsers draw it, else a JPEG of it, which they keep: it is made once for each of them."""
    headers = {"ETag": f'"{sha256}-drawable"', "Cache-Control": "private, max-age=31536000, immutable"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if media_type == "image/jpeg":
        return answer_blob(request, served, sha256, media_type)
    data = read_bytes(served.blobs.local_path(sha256))
    if draws_everywhere(data):
        return answer_blob(request, served, sha256, media_type)
    return Response(make_drawable(data, "The image"), media_type="image/jpeg", headers=headers)


def _answer_drawn(request: Request, served: Services, project_id: str, image_id: str) -> Response:
    with served.database.read() as session:
        row = live_image(session, project_id, image_id)
        classes = list_classes(session, project_id)
        boxes = read_annotations(session, project_id, [image_id])[image_id]
    picture = decode_image(served.blobs.local_path(row.sha256), (_DRAWN_PX, _DRAWN_PX))
    picture.thumbnail((_DRAWN_PX, _DRAWN_PX))
    scale = np.array([picture.width / row.width_px, picture.height / row.height_px] * 2, np.float32)
    ids = {one.name: one.class_id for one in classes}
    found = Detections(
        np.array([box.box_xyxy for box in boxes], np.float32).reshape(-1, 4) * scale,
        np.array([np.nan if box.confidence is None else box.confidence for box in boxes], np.float32),
        np.array([ids[box.class_name] for box in boxes], np.int64),
    )
    drawn = draw_detections(picture, found, [one.name for one in classes])
    stream = io.BytesIO()
    drawn.save(stream, "JPEG", quality=85)
    content = b"" if request.method == "HEAD" else stream.getvalue()
    headers = {"Content-Length": str(len(stream.getvalue())), "Cache-Control": "private, no-cache"}
    return Response(content, media_type="image/jpeg", headers=headers)
