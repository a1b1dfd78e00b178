"""Decode image files: RGB, upright, within limits. Everything that looks at pixels comes through here."""

import io
import os
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)
from PIL import Image as PillowImage

from epochal.config import read_settings
from epochal.datasets.headers import Header, parse_header, parse_orientation
from epochal.errors import DatasetError, NotFound

# The formats that are decoded (MPO, of many phones, comes with JPEG). What a file is, its bytes say, not its name.
# Trap: Pillow registers most of them only when asked to, so they are named by their modules.
FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        AvifImagePlugin.AvifImageFile,
        BmpImagePlugin.BmpImageFile,
        TiffImagePlugin.TiffImageFile,
        GifImagePlugin.GifImageFile,
        PpmImagePlugin.PpmImageFile,
    )
)
_JPEG, _OTHERS = ".jpg .jpeg .jpe .jfif", ".png .webp .avif .bmp .tif .tiff .gif .ppm .pgm .pbm"
_UNKNOWN = ".heic .heif .jp2 .jxl"  # not decoded: counted as unreadable, rather than overlooked
SUFFIXES = frozenset(f"{_JPEG} {_OTHERS} {_UNKNOWN}".split())
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, MemoryError, ZeroDivisionError)


class Decoder(Protocol):
    """What decodes in the place of this process; see `decoders.py`."""

    def header(self, data: bytes, name: str, limit_pixels: int) -> Header:
        """As `read_header`."""

    def pixels(
        self, data: bytes, name: str, at_least_wh: tuple[int, int] | None, limit_pixels: int
    ) -> PillowImage.Image:
        """As `decode_bytes`."""

    def scale_into(self, into: NDArray[np.uint8], data: bytes, name: str, limit_pixels: int) -> None:
        """As `pictures.scale_into`."""

    def thumbnail(self, data: bytes, name: str, side_px: int, quality: int, limit_pixels: int) -> bytes:
        """As `thumbnails.draw_thumbnail` of the decoded picture."""


_elsewhere: Decoder | None = None

# Our own limit, `max_image_pixels`, is checked on the header before any pixel is decoded; Pillow's would only warn.
PillowImage.MAX_IMAGE_PIXELS = None


def decode_elsewhere(decoder: Decoder | None) -> None:
    """From now on, let another decode for this process; None: this process itself."""
    global _elsewhere
    _elsewhere = decoder


def find_decoder() -> Decoder | None:
    """Who decodes for this process; None: itself."""
    return _elsewhere


def decode_image(path: Path, at_least_wh: tuple[int, int] | None = None) -> PillowImage.Image:
    """Decode a picture, turned upright by its EXIF orientation, as RGB.

    Transparent parts become white; 16-bit grey is scaled to 8 bits; of an animation, the first frame is taken.

    Args:
        path: the file.
        at_least_wh: a size in pixels, as displayed, that is enough. A JPEG is then decoded at a half, a quarter or
            an eighth where that still covers it, which is several times faster; otherwise the full size comes.

    Returns:
        An image in mode RGB.

    Raises:
        NotFound: there is no such file.
        DatasetError: it is no picture, is damaged, or is larger than `max_image_pixels` or `max_image_bytes`.
    """
    return decode_bytes(read_bytes(path), path, at_least_wh)


def decode_bytes(
    data: bytes, name: Path | str, at_least_wh: tuple[int, int] | None = None, limit_pixels: int | None = None
) -> PillowImage.Image:
    """`decode_image` of bytes in memory.

    Args:
        data: a whole image file.
        name: for messages.
        at_least_wh: as in `decode_image`.
        limit_pixels: refuse pictures with more; `max_image_pixels` when None.

    Raises:
        DatasetError: it is no picture, is damaged, or is too large.
    """
    if _elsewhere is not None:
        return _elsewhere.pixels(data, str(name), at_least_wh, _limit(limit_pixels))
    return decode_here(data, name, at_least_wh, limit_pixels)


def decode_here(
    data: bytes, name: Path | str, at_least_wh: tuple[int, int] | None = None, limit_pixels: int | None = None
) -> PillowImage.Image:
    """`decode_bytes` in this process, whoever decodes otherwise."""
    image = _open(data, name, limit_pixels)
    try:
        if at_least_wh is not None:
            image.draft("RGB", at_least_wh[::-1] if _orientation(image) >= 5 else at_least_wh)
        pixels = _to_rgb(image)
        return _upright(pixels, _orientation(image))  # now, for that of a PNG may stand behind its pixels
    except _BROKEN as error:
        raise DatasetError(_damaged(name, error)) from None


def scale_into(into: NDArray[np.uint8], data: bytes, name: Path | str, limit_pixels: int | None = None) -> None:
    """Decode a picture, scaled to the size of an array, into it; no more of it is decoded than that needs.

    Args:
        into: (H, W, 3), filled with RGB; may be a part of a larger array.
        data: a whole image file.
        name: for messages.
        limit_pixels: refuse pictures with more; `max_image_pixels` when None.

    Raises:
        DatasetError: it is no picture, is damaged, or is too large.
    """
    if _elsewhere is not None:
        _elsewhere.scale_into(into, data, str(name), _limit(limit_pixels))
        return
    height, width, _ = into.shape
    into[...] = np.asarray(scale(decode_here(data, name, (width, height), limit_pixels), (width, height)))


def scale(image: PillowImage.Image, wh: tuple[int, int]) -> PillowImage.Image:
    """A picture in mode RGB in another size, by the one filter that nets are trained and asked with."""
    if image.size == wh:  # as a JPEG that is decoded at a half often is; Pillow would copy it
        return image
    return image.resize(wh, PillowImage.Resampling.BILINEAR, reducing_gap=None)


def read_bytes(path: Path | str, limit_bytes: int | None = None) -> bytes:
    """The bytes of an image file.

    Raises:
        NotFound: there is no such file.
        DatasetError: the file cannot be read or has more bytes than `limit_bytes`, else `max_image_bytes`.
    """
    limit = int(read_settings()["max_image_bytes"]) if limit_bytes is None else limit_bytes
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(size, limit) + 1) or b""
            # Trap: an unbuffered read may give less than asked for; a file that is whole gives one byte less.
            while len(data) < size <= limit and (more := file.read(size - len(data))):
                data += more
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist; expected an image file.") from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check the file and its permissions.") from None
    if len(data) > limit:
        raise DatasetError(
            f"{path} has more than {limit:,} bytes; shrink the image or raise the setting max_image_bytes."
        )
    return data


def read_header(data: bytes, path: Path | str, limit_pixels: int) -> Header:
    """Size and orientation of an image, having made sure as cheaply as possible that it can be decoded.

    Args:
        data: the whole file.
        path: for messages.
        limit_pixels: refuse pictures with more.

    Raises:
        DatasetError: it is no picture, is damaged, or is too large.
    """
    header = parse_header(data)
    if header is not None:
        check_pixels(header.stored_wh, path, limit_pixels)
        return header
    if _elsewhere is not None:
        return _elsewhere.header(data, str(path), limit_pixels)
    image = _open(data, path, limit_pixels)
    try:
        image.load()
        return Header(image.size, _orientation(image))
    except _BROKEN as error:
        raise DatasetError(_damaged(path, error)) from None


_SIGNATURES = (
    (b"\xff\xd8", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    *((b"P%d" % number, "image/x-portable-anymap") for number in range(1, 7)),
)


def media_type_of(data: bytes) -> str:
    """The media type of an image that can be decoded, by its first bytes."""
    for signature, media_type in _SIGNATURES:
        if data.startswith(signature):
            return media_type
    return "image/webp" if data[8:12] == b"WEBP" else "image/avif"


def _open(data: bytes, path: Path | str, limit_pixels: int | None = None) -> PillowImage.Image:
    try:
        image = PillowImage.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise DatasetError(_unknown(data, path)) from None
    except _BROKEN as error:
        raise DatasetError(_damaged(path, error)) from None
    check_pixels(image.size, path, _limit(limit_pixels))
    return image


def _limit(limit_pixels: int | None) -> int:
    return int(read_settings()["max_image_pixels"]) if limit_pixels is None else limit_pixels


# No decoder of these comes under a permissive licence and through Pillow (libheif is LGPL, x265 beside it GPL).
_NAMED_BY_BRAND = {b"jp2 ": "JPEG 2000", b"jpx ": "JPEG 2000", b"jxl ": "JPEG XL"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def _unknown(data: bytes, path: Path | str) -> str:
    """Why a file is none of `FORMATS`, and what to do, where its first bytes tell which other one it is."""
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    known = _NAMED_BY_BRAND.get(data[20:24] if data[4:8] in {b"jP  ", b"JXL "} else brand)
    if brand in _HEIF_BRANDS:
        return (
            f"{path} is a HEIC picture, which is not read here; convert it to JPEG and send that. iPhones take JPEGs "
            "with Settings, Camera, Formats, Most Compatible."
        )
    if known or data[:2] == b"\xff\x0a":
        return f"{path} is a {known or 'JPEG XL'} picture, which is not read here; convert it to JPEG or PNG."
    what = "is empty" if not data else "is no image that can be read"
    return f"{path} {what}; expected {', '.join(FORMATS)}."


def check_pixels(wh: tuple[int, int], path: Path | str, limit: int) -> None:
    """Raise DatasetError when a picture has more than `limit` pixels."""
    if wh[0] * wh[1] > limit:
        raise DatasetError(
            f"{path} is {wh[0]} × {wh[1]} pixels, more than {limit:,} in all; "
            "shrink the image or raise the setting max_image_pixels."
        )


def _damaged(path: Path | str, error: BaseException) -> str:
    return f"{path} is damaged ({error}); replace the file or take it out of the dataset."


def _orientation(image: PillowImage.Image) -> int:
    if image.format == "TIFF":  # Pillow turns these itself
        return 1
    exif = image.info.get("exif")
    if isinstance(exif, bytes):
        return parse_orientation(exif.removeprefix(b"Exif\0\0"))
    return 1


_TURNS = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}


def _upright(image: PillowImage.Image, orientation: int) -> PillowImage.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _to_rgb(image: PillowImage.Image) -> PillowImage.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        image.load()
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = PillowImage.new("RGBA", layer.size, "white")
        return PillowImage.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _deep_grey(image: PillowImage.Image) -> PillowImage.Image:
    """16-bit grey by its upper byte; integers and floats beyond that by their own range."""
    values = np.asarray(image, np.float64)
    if image.mode.startswith("I;16") or (values.min(initial=0) >= 0 and 255 < values.max(initial=0) <= 65535):
        values = values / 257
    elif values.size and (values.min() < 0 or values.max() > 255):
        low, high = values.min(), values.max()
        values = (values - low) * (255 / (high - low))
    return PillowImage.fromarray(np.round(values).astype(np.uint8))
