"""The little of Protocol Buffers' wire format that event files need.

Source: protobuf.dev/programming-guides/encoding; TFRecord framing: length (8 bytes), its
masked CRC-32C (4), data, CRC (4).
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_MASK_DELTA = 0xA282EAD8
# Event files hold scalars, small texts and pictures; a longer record is a sign of a broken length.
_LONGEST_RECORD = 64_000_000


def _make_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC = _make_table()


def masked_crc(data: bytes) -> int:
    """CRC-32C (Castagnoli), rotated and shifted as TFRecord stores it."""
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    value ^= 0xFFFFFFFF
    return (((value >> 15) | (value << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def is_record_start(head: bytes) -> bool:
    """Whether bytes begin with a TFRecord: a length and its checksum."""
    if len(head) < 12:
        return False
    length, crc = struct.unpack_from("<QI", head)
    return bool(0 < length <= _LONGEST_RECORD and masked_crc(head[:8]) == crc)


def read_records(data: bytes) -> Iterator[bytes]:
    """The records of a TFRecord file up to its end or the first broken one.

    The checksum of the length is checked, that of the data is not: it would cost more than all the rest.
    """
    at = 0
    while at + 12 <= len(data) and is_record_start(data[at : at + 12]):
        (length,) = struct.unpack_from("<Q", data, at)
        end = at + 12 + length
        if end > len(data):
            return
        yield data[at + 12 : end]
        at = end + 4


def read_fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """The fields of a message: (number, wire type, value); ends quietly where the bytes make no sense."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if wire == VARINT:
            value, at = _read_varint(data, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
            value, at = data[at : at + size], at + size
        elif wire == BYTES:
            size, at = _read_varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            return
        if at > end:
            return
        yield number, wire, value


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    return value, len(data) + 1
