"""What settings would make of an image of a project, as a picture with its boxes, before anything is generated."""

import io

from PIL import ImageDraw
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.datasets.classes import color_of
from epochal.datasets.images import find_image
from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.tables import ImageRow
from epochal.errors import Conflict
from epochal.storage.blobs import BlobStore
from epochal.versions.rendering import preview
from epochal.versions.settings import VersionSettings

_SIDE_MAX_PX = 960
_OTHERS = 8  # images that a mosaic may take its parts from


def preview_project(
    session: Session,
    blobs: BlobStore,
    project_id: str,
    settings: VersionSettings,
    draw: int,
    image_id: str | None = None,
) -> bytes:
    """A JPEG of one image as the settings make it, its boxes drawn.

    Args:
        session: that reads.
        blobs: with the pictures.
        project_id: of the project.
        settings: of the version that is thought of; another seed shows another variation.
        draw: which labelled image is shown; they come round.
        image_id: of the project: this image is shown, labelled or not.

    Raises:
        NotFound: the project has no such image.
        Conflict: nothing is labelled yet.
        DatasetError: the image cannot be decoded.
    """
    chosen = _choose(session, project_id, draw)
    if image_id is not None:
        chosen = [find_image(session, project_id, image_id).id, *chosen[1:]]
    images = load_dataset(session, blobs, project_id, only_in_dataset=False, image_ids=chosen).images
    shown = next(image for image in images if image.sha256 == _sha256(session, chosen[0]))
    pictures = preview(shown, settings, train=images, varies=True)
    picture = next((one for one in pictures if len(one.boxes_xyxy)), pictures[0] if pictures else None)
    if picture is None:
        raise Conflict("These settings leave nothing of this image; another one may show more.")
    pixels = picture.pixels.convert("RGB")
    scale = min(1.0, _SIDE_MAX_PX / max(pixels.size))
    pixels = pixels.resize((max(1, round(pixels.width * scale)), max(1, round(pixels.height * scale))))
    drawing = ImageDraw.Draw(pixels)
    for class_id, box in zip(picture.class_id.tolist(), (picture.boxes_xyxy * scale).tolist(), strict=True):
        drawing.rectangle(box, outline=color_of(class_id), width=2)
    buffer = io.BytesIO()
    pixels.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _choose(session: Session, project_id: str, draw: int) -> list[str]:
    """The id of the image that is shown, then of some more."""
    labelled = (ImageRow.project_id == project_id, ImageRow.deleted_at.is_(None), ImageRow.is_labelled)
    count = session.scalar(select(func.count()).select_from(ImageRow).where(*labelled)) or 0
    if not count:
        raise Conflict("No image of this project is labelled yet; label one to see a preview.")
    ordered = select(ImageRow.id).where(*labelled).order_by(ImageRow.created_at, ImageRow.id)
    first = session.scalars(ordered.offset(draw * 7 % count).limit(1)).all()  # neighbours are often alike
    return [*first, *session.scalars(ordered.limit(_OTHERS))]


def _sha256(session: Session, image_id: str) -> str:
    return str(session.scalar(select(ImageRow.sha256).where(ImageRow.id == image_id)))
