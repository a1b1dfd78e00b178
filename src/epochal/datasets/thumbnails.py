"""Small pictures to look at, made of a dataset's images."""

import hashlib
import io
from pathlib import Path

from PIL import Image as PillowImage

from epochal.config import read_settings
from epochal.datasets.pictures import decode_bytes, find_decoder, read_bytes
from epochal.errors import NotFound

QUALITY = 80


def make_thumbnail(path: Path, side_px: int, *, sha256: str | None = None) -> bytes:
    """A JPEG of a picture, upright, its longer side at most `side_px`; never larger than the picture.

    Args:
        path: of the picture.
        side_px: of the longer side.
        sha256: of the file's bytes as they were; the picture is refused when it has others now.

    Raises:
        NotFound: there is no such file, or it is another picture by now.
        DatasetError: it cannot be decoded.
    """
    data = read_bytes(path)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise NotFound(
            f"{path} has changed since it was evaluated, so its boxes may not fit any more; put the old file back, or "
            "train again on the new one."
        )
    decoder = find_decoder()
    if decoder is not None:
        return decoder.thumbnail(data, str(path), side_px, int(read_settings()["max_image_pixels"]))
    return draw_thumbnail(decode_bytes(data, path, (side_px, side_px)), side_px)


def draw_thumbnail(picture: PillowImage.Image, side_px: int) -> bytes:
    """A JPEG of a decoded picture, its longer side at most `side_px`; without the original's metadata."""
    picture.thumbnail((side_px, side_px), PillowImage.Resampling.BILINEAR)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
