"""Event files of TensorBoard, written from the description of the format."""

import struct

from epochal.graphs.readers.protobuf import masked_crc


def write_record(data: bytes) -> bytes:
    """One TFRecord."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


def write_events(scalars: list[tuple[str, int, float]], *, as_tensor: bool = False) -> bytes:
    """An event file: the version first, then one event per scalar."""

    def varint(value: int) -> bytes:
        parts = bytearray()
        while value >= 0x80:
            parts.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*parts, value])

    def message(number: int, content: bytes) -> bytes:
        return varint(number << 3 | 2) + varint(len(content)) + content

    def scalar(tag: str, step: int, value: float) -> bytes:
        if as_tensor:
            tensor = varint(1 << 3) + varint(1) + message(4, struct.pack("<f", value))
            number = message(8, tensor)
        else:
            number = varint(2 << 3 | 5) + struct.pack("<f", value)
        summary = message(1, message(1, tag.encode()) + number)
        return (
            varint(1 << 3 | 1) + struct.pack("<d", 1.7e9 + step) + varint(2 << 3) + varint(step) + message(5, summary)
        )

    version = varint(1 << 3 | 1) + struct.pack("<d", 1.7e9) + message(3, b"brain.Event:2")
    return write_record(version) + b"".join(write_record(scalar(*one)) for one in scalars)
