"""Small pictures of a project's images, made when somebody first looks; the perceptual hash comes with them."""

import io

import numpy as np
from PIL import Image as PillowImage
from sqlalchemy import update

from epochal.datasets.near_duplicates import hash_pictures
from epochal.datasets.tables import ImageRow
from epochal.datasets.thumbnails import make_thumbnail
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

SIDE_PX = 320
_HASHED_PX = 32


def ensure_thumbnail(database: Database, blobs: BlobStore, image_id: str, sha256: str, known: str | None) -> str:
    """The blob of an image's small picture, at most 320 px a side: a JPEG, upright, without the original's metadata.

    Args:
        database: gets its name.
        blobs: gets its bytes.
        image_id: of the image.
        sha256: of the image's own bytes.
        known: the blob that its row names already.

    Raises:
        DatasetError: the image cannot be decoded.
        NotFound: its bytes are gone.
    """
    if known is not None and blobs.has(known):
        return known
    content = make_thumbnail(blobs.local_path(sha256), SIDE_PX)
    made = blobs.put(content)
    values = {"thumbnail_sha256": made, "perceptual_hash": _perceptual_hash(content)}
    database.write_grouped(
        lambda session: session.execute(update(ImageRow).where(ImageRow.id == image_id).values(**values))
    )
    return made


def _perceptual_hash(small: bytes) -> str:
    """128 bits in hex, of `near_duplicates`."""
    with PillowImage.open(io.BytesIO(small), formats=["JPEG"]) as picture:
        grey = picture.convert("L").resize((_HASHED_PX, _HASHED_PX), PillowImage.Resampling.BOX)
    return np.packbits(hash_pictures(np.asarray(grey)[None])[0]).tobytes().hex()
