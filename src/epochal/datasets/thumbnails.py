"""Small pictures to look at, made of a dataset's images."""

import hashlib
import io
from pathlib import Path

from PIL import Image as PillowImage

from epochal.datasets.pictures import decode_image, read_bytes
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
    if sha256 is not None and hashlib.sha256(read_bytes(path)).hexdigest() != sha256:
        raise NotFound(
            f"{path} has changed since it was evaluated, so its boxes may not fit any more; put the old file back, or "
            "train again on the new one."
        )
    picture = decode_image(path, at_least_wh=(side_px, side_px))
    picture.thumbnail((side_px, side_px), PillowImage.Resampling.BILINEAR)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
