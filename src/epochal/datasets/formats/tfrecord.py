"""TFRecord: a file of `tf.train.Example`, each an image with its boxes as the Object Detection API reads them.

A record is its length (8 bytes), a checksum of these, the data, a checksum of that; the data is a protobuf message of
named lists. Both are simple enough to need no TensorFlow.

Source: https://www.tensorflow.org/tutorials/load_data/tfrecord (framing, masked CRC-32C),
https://protobuf.dev/programming-guides/encoding and tensorflow/core/example/feature.proto (message), and
https://github.com/tensorflow/models/blob/master/research/object_detection/g3doc/using_your_own_dataset.md (names).
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.formats.record import Record

Values = list[bytes] | list[float] | list[int]
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_RECORD_MAX_BYTES = 2**31  # of a protobuf message


@dataclass(frozen=True)
class Example:
    """One record: an image file's bytes, and lists of values by name."""

    encoded: bytes
    values: dict[str, Values]

    def text(self, name: str) -> str:
        """The first value of a list of texts; "" when there is none."""
        found = self.values.get(name) or [b""]
        return found[0].decode("utf-8", "replace") if isinstance(found[0], bytes) else ""

    def numbers(self, name: str) -> list[float]:
        """A list of numbers; empty when there is none."""
        return [float(value) for value in self.values.get(name, []) if not isinstance(value, bytes)]

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty when there is none."""
        return [v.decode("utf-8", "replace") for v in self.values.get(name, []) if isinstance(v, bytes)]


def format_record(record: Record, encoded: bytes, kind: str, class_ids: Sequence[int]) -> bytes:
    """One framed record.

    Args:
        record: the image's name, size and boxes, each with a class and corners in pixels.
        encoded: the image file's bytes.
        kind: what they are: "jpeg", "png", …
        class_ids: of each box, from 0; a label map counts from 1.
    """
    corners = np.array([box.box_xyxy for box in record.boxes], np.float64).reshape(-1, 4)
    corners = corners / np.array([*record.image_wh, *record.image_wh])
    name = record.image.encode()
    values: dict[str, Values] = {
        "image/encoded": [encoded],
        "image/filename": [name],
        "image/format": [kind.encode()],
        "image/height": [record.image_wh[1]],
        "image/object/bbox/xmax": corners[:, 2].tolist(),
        "image/object/bbox/xmin": corners[:, 0].tolist(),
        "image/object/bbox/ymax": corners[:, 3].tolist(),
        "image/object/bbox/ymin": corners[:, 1].tolist(),
        "image/object/class/label": [class_id + 1 for class_id in class_ids],
        "image/object/class/text": [box.class_name.encode() for box in record.boxes],
        "image/source_id": [name],
        "image/width": [record.image_wh[0]],
    }
    entries = (_field(1, _field(1, key.encode()) + _field(2, _feature(key, v))) for key, v in values.items())
    data = _field(1, b"".join(entries))
    length = struct.pack("<Q", len(data))
    return b"".join((length, _checksum(length), data, _checksum(data)))


def format_label_map(class_names: Sequence[str]) -> str:
    """The text of a label map; ids count from 1."""
    items = (
        f"item {{\n    name: {_quoted(name)},\n    id: {number},\n    display_name: {_quoted(name)}\n}}\n"
        for number, name in enumerate(class_names, 1)
    )
    return "".join(items)


def parse_label_map(text: str) -> tuple[str, ...]:
    """The names of a label map, in the order of their ids."""
    found = []
    for item in re.findall(r"item\s*\{(.*?)\n\s*\}", text, re.DOTALL):
        number = re.search(r"\bid\s*:\s*(\d+)", item)
        name = re.search(r"\bname\s*:\s*([\"'])((?:\\.|(?!\1).)*)\1", item)
        if number and name:
            plain = re.sub(r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], name[2])
            found.append((int(number[1]), plain))
    return tuple(name for _, name in sorted(found))


def _quoted(name: str) -> str:
    plain = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def _feature(name: str, values: Values) -> bytes:
    """A list: of bytes is field 1, of floats 2, of integers 3; numbers are packed."""
    if "/bbox/" in name:
        return _field(2, _field(1, np.array(values, "<f4").tobytes()))
    if values and isinstance(values[0], int):
        return _field(3, _field(1, b"".join(_varint(int(value)) for value in values)))
    return _field(1, b"".join(_field(1, value) for value in values if isinstance(value, bytes)))


def _field(number: int, content: bytes) -> bytes:
    return b"".join((_varint(number << 3 | 2), _varint(len(content)), content))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_examples(file: BinaryIO) -> Iterator[Example]:
    """The records of a file, one at a time.

    Raises:
        ValueError: it is no TFRecord file, or a record is damaged or cut; says which.
    """
    number = 0
    while head := file.read(12):
        number += 1
        length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else 0
        if len(head) < 12 or head[8:] != _checksum(head[:8]) or length > _RECORD_MAX_BYTES:
            raise ValueError(f"record {number} has no whole header")
        data, checksum = file.read(length), file.read(4)
        if len(data) < length or checksum != _checksum(data):
            raise ValueError(f"record {number} is damaged or cut")
        yield _parse_example(data, number)


def _parse_example(data: bytes, number: int) -> Example:
    values: dict[str, Values] = {}
    try:
        for features in _fields(data, 1):
            for entry in _fields(features, 1):
                key = next(_fields(entry, 1)).decode()
                for feature in _fields(entry, 2):
                    values[key] = _values(feature)
    except (IndexError, StopIteration, ValueError, struct.error) as error:
        raise ValueError(f"record {number} is no tf.train.Example ({error})") from None
    encoded = values.pop("image/encoded", [b""])
    return Example(encoded[0] if encoded and isinstance(encoded[0], bytes) else b"", values)


def _values(feature: bytes) -> Values:
    for kind, content in _tagged(feature):
        if kind == 1:
            return list(_fields(content, 1))
        found: list[float] = []
        for _, part in _tagged(content):  # packed, or each in a field of its own
            found += np.frombuffer(part, "<f4").tolist() if kind == 2 else _varints(part)
        return found
    return []


def _fields(data: bytes, wanted: int) -> Iterator[bytes]:
    return (content for number, content in _tagged(data) if number == wanted)


def _tagged(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, content) of each field; a single number's content is its own bytes."""
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        if tag & 7 == 2:
            size, at = _read_varint(data, at)
        elif tag & 7 == 0:
            size = _read_varint(data, at)[1] - at
        elif tag & 7 in (1, 5):
            size = 8 if tag & 7 == 1 else 4
        else:
            raise ValueError(f"wire type {tag & 7}")
        if at + size > len(data):
            raise ValueError("a field is cut")
        yield tag >> 3, data[at : at + size]
        at += size


def _varints(data: bytes) -> list[float]:
    found: list[float] = []
    at = 0
    while at < len(data):
        value, at = _read_varint(data, at)
        found.append(value - (1 << 64) if value >> 63 else value)
    return found


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number is too long")


def _checksum(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _make_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, np.uint32(0x82F63B78) ^ (table >> np.uint32(1)), table >> np.uint32(1))
    return table


_TABLE = _make_table()
_LANE_BYTES = 256


def _make_shift() -> list[list[int]]:
    """For each byte of a CRC, what it becomes when `_LANE_BYTES` zeros follow; a CRC is linear, so their XOR is all."""
    crc = (np.arange(256, dtype=np.uint32)[None] << (np.arange(4, dtype=np.uint32)[:, None] * np.uint32(8))).copy()
    for _ in range(_LANE_BYTES):
        crc = _TABLE[crc & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    shift: list[list[int]] = crc.tolist()
    return shift


_SHIFT = _make_shift()


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum: lanes of `_LANE_BYTES` side by side, then put together.

    Source: RFC 3720, appendix B.4.
    """
    whole = len(data) // _LANE_BYTES * _LANE_BYTES
    lanes = np.frombuffer(data, np.uint8, whole).reshape(-1, _LANE_BYTES)
    sums = np.zeros(len(lanes), np.uint32)
    for column in np.ascontiguousarray(lanes.T):
        sums = _TABLE[(sums ^ column) & np.uint32(0xFF)] ^ (sums >> np.uint32(8))
    crc = 0xFFFFFFFF
    s0, s1, s2, s3 = _SHIFT
    for own in sums.tolist():
        crc = s0[crc & 0xFF] ^ s1[crc >> 8 & 0xFF] ^ s2[crc >> 16 & 0xFF] ^ s3[crc >> 24] ^ own
    table: list[int] = _TABLE.tolist()
    for byte in data[whole:]:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF
