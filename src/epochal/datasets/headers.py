"""What the bytes of an image file say without being decoded: size, orientation, whether the end is there.

JPEG and PNG are read here, because a dataset has a hundred thousand of them and Pillow's own opening costs several
times as much; every other format, and every file with an oddity, is left to Pillow.

Source: JPEG markers: ITU-T T.81, annex B; PNG chunks: W3C PNG, section 5; orientation: Exif 2.32, tag 0x0112;
WebP flags: RFC 9649, section 2.7.1.
"""

import struct
import zlib
from dataclasses import dataclass

_SOF_PLAIN = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what libjpeg decodes
_SOF_OTHER = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_WEBP_EXIF, _WEBP_MOVES = 0x08, 0x02  # flags of a VP8X chunk
_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}


@dataclass(frozen=True)
class Header:
    """Size and orientation of a picture.

    Attributes:
        stored_wh: pixels as stored in the file.
        orientation: EXIF's, 1–8; 1 is upright, 5–8 swap width and height.
    """

    stored_wh: tuple[int, int]
    orientation: int

    @property
    def image_wh(self) -> tuple[int, int]:
        """Pixels as displayed."""
        width, height = self.stored_wh
        return (height, width) if self.orientation >= 5 else (width, height)


def parse_header(data: bytes, ending: bytes | None = None) -> Header | None:
    """Read the header of a JPEG or PNG file that looks whole.

    Args:
        data: the whole file; of a JPEG its beginning is enough when there is an `ending`.
        ending: the file's last bytes, behind `data`.

    Returns:
        None when the format is another one, when anything is out of the ordinary, or when the end of the file is
        missing: then only decoding (or the whole file) can tell.
    """
    try:
        if data[:2] == b"\xff\xd8":
            return _parse_jpeg(data, ending)
        if ending is not None:
            return None
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return _parse_png(data)
    except (IndexError, struct.error):
        return None
    return None


def draws_everywhere(data: bytes) -> bool:
    """Whether every browser draws a whole image file, and as it is understood here: upright, its first frame.

    Args:
        data: the file. JPEG, PNG and WebP can be drawn; turned or moving ones are left to us where browsers differ.
    """
    if data[:2] == b"\xff\xd8":
        return True  # its orientation too
    if data[8:12] == b"WEBP":
        return data[12:16] != b"VP8X" or not data[20] & (_WEBP_EXIF | _WEBP_MOVES)
    header = parse_header(data)
    return header is not None and header.orientation == 1


def _parse_jpeg(data: bytes, ending: bytes | None) -> Header | None:
    at, wh, orientation = 2, None, None
    while True:
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in _NO_LENGTH:
            at += 2
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        if marker in _SOF_PLAIN:
            depth, height, width = struct.unpack_from(">BHH", data, at + 4)
            if depth != 8 or not height or not width:
                return None
            wh = (width, height)
        elif marker == 0xE1 and orientation is None and data[at + 4 : at + 10] == b"Exif\0\0":  # others go on with it
            orientation = parse_orientation(data[at + 10 : at + 2 + length])
        elif marker == 0xDA:
            # Trap: a thumbnail in the EXIF block has an end marker of its own, so only one behind the scan counts.
            is_whole = data.rfind(b"\xff\xd9") > at if ending is None else b"\xff\xd9" in ending
            return Header(wh, orientation or 1) if wh and is_whole else None
        elif marker in _SOF_OTHER:
            return None
        at += 2 + length


def _parse_png(data: bytes) -> Header | None:
    at, wh, orientation, has_pixels = 8, None, 1, False
    view = memoryview(data)
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        checksum = struct.unpack_from(">I", data, at + 8 + length)[0]
        if zlib.crc32(view[at + 4 : at + 8 + length]) != checksum:
            return None
        if (kind == b"IHDR") != (at == 8):
            return None
        if kind == b"IHDR":
            wh = struct.unpack_from(">II", data, at + 8)
        elif kind == b"eXIf":
            orientation = parse_orientation(data[at + 8 : at + 8 + length])
        elif kind == b"IDAT":
            has_pixels = True
        elif kind == b"acTL":
            return None
        elif kind == b"IEND":
            return Header((wh[0], wh[1]), orientation) if wh and all(wh) and has_pixels else None
        at += 12 + length


def parse_orientation(exif: bytes) -> int:
    """The orientation, 1–8, from an EXIF block (TIFF header first); 1 when there is none or it is broken."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        directory = struct.unpack_from(order + "I", exif, 4)[0]
        for entry in range(struct.unpack_from(order + "H", exif, directory)[0]):
            at = directory + 2 + 12 * entry
            if struct.unpack_from(order + "H", exif, at)[0] == 0x0112:
                value = int(struct.unpack_from(order + "H", exif, at + 8)[0])
                return value if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1
