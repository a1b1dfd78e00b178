"""Small pictures to look at, made of a dataset's images."""

import hashlib
import io
from pathlib import Path

from PIL import Image as PillowImage

from epochal.config import read_settings
from epochal.datasets.pictures import decode_bytes, find_decoder, read_bytes
from epochal.errors import NotFound

QUALITY, FINE_QUALITY = 80, 95
DRAWN_MAX_PX = 8192  # more than a screen shows, and within what a JPEG and a canvas can hold


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
    return _redraw(data, str(path), side_px, QUALITY)


def make_drawable(data: bytes, name: str) -> bytes:
    """A JPEG in the size of a picture, upright, for a browser that cannot draw the file itself, such as a TIFF.

    Args:
        data: the file.
        name: for messages.

    Raises:
        DatasetError: it cannot be decoded.
    """
    return _redraw(data, name, DRAWN_MAX_PX, FINE_QUALITY)


def _redraw(data: bytes, name: str, side_px: int, quality: int) -> bytes:
    decoder = find_decoder()
    if decoder is not None:
        return decoder.thumbnail(data, name, side_px, quality, int(read_settings()["max_image_pixels"]))
    return draw_thumbnail(decode_bytes(data, name, (side_px, side_px)), side_px, quality)


def draw_thumbnail(picture: PillowImage.Image, side_px: int, quality: int = QUALITY) -> bytes:
    """A JPEG of a decoded picture, its longer side at most `side_px`; without the original's metadata."""
    picture.thumbnail((side_px, side_px), PillowImage.Resampling.BILINEAR)
    out = io.BytesIO()
    # Fine ones keep the colour of each pixel: thin lines are labelled by it.
    picture.save(out, "JPEG", quality=quality, subsampling=0 if quality >= FINE_QUALITY else 2)
    return out.getvalue()
