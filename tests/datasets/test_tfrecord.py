"""TFRecords written and read without TensorFlow. Run: pytest tests/datasets/test_tfrecord.py."""

import io
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.datasets import open_dataset
from epochal.datasets.formats.record import Record, RecordBox
from epochal.datasets.formats.table import parse_table
from epochal.datasets.formats.tfrecord import (
    crc32c,
    format_label_map,
    format_record,
    parse_label_map,
    read_examples,
)
from epochal.errors import DatasetError

Draw = Any
CORNERS = ("xmin", "ymin", "xmax", "ymax")
fraction = st.floats(0, 1, width=32)


def _slow_crc32c(data: bytes) -> int:
    """Bit by bit, as RFC 3720 defines it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0), (b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E), (bytes(reversed(range(32))), 0x113FDB5C),
    ],
)  # fmt: skip
def test_crc32c__published_values(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected  # RFC 3720, B.4


@given(st.binary(max_size=2000))
def test_crc32c__lanes_are_put_together_rightly(data: bytes) -> None:
    assert crc32c(data) == _slow_crc32c(data)


@given(
    st.lists(st.tuples(st.sampled_from("ab猫"), fraction, fraction, fraction, fraction), max_size=5),
    st.integers(1, 20_000),
    st.integers(1, 20_000),
    st.binary(max_size=300),
)
def test_tfrecord__round_trip(rows: list[Any], width: int, height: int, encoded: bytes) -> None:
    boxes = tuple(
        RecordBox(i, name, (min(a, c) * width, min(b, d) * height, max(a, c) * width, max(b, d) * height))
        for i, (name, a, b, c, d) in enumerate(rows, 1)
    )
    data = format_record(Record("größe 1.jpg", boxes, (width, height)), encoded, "jpeg", [3] * len(boxes))
    one, two = read_examples(io.BytesIO(data + data))
    assert one == two
    assert one.encoded == encoded
    assert (one.text("image/filename"), one.text("image/format")) == ("größe 1.jpg", "jpeg")
    assert (one.numbers("image/width"), one.numbers("image/height")) == ([width], [height])
    assert one.texts("image/object/class/text") == [box.class_name for box in boxes]
    assert one.numbers("image/object/class/label") == [4] * len(boxes)
    corners = [one.numbers(f"image/object/bbox/{side}") for side in CORNERS]
    found = np.array(corners).T.reshape(-1, 4) * [width, height, width, height]
    np.testing.assert_allclose(found, np.array([b.box_xyxy for b in boxes]).reshape(-1, 4), atol=0.01, rtol=0)


def test_read_examples__published_file(shared_data: Path) -> None:
    data = shared_data / "datasets" / "raccoon_voc_csv" / "data"
    with (data / "test.record").open("rb") as file:
        examples = list(read_examples(file))
    table = parse_table((data / "test_labels.csv").read_text())
    assert table is not None
    in_table = Counter((row.image, row.box_xyxy) for row in table.rows)
    in_records: Counter[Any] = Counter()
    for example in examples:
        wh = [*example.numbers("image/width"), *example.numbers("image/height")] * 2
        corners = [example.numbers(f"image/object/bbox/{side}") for side in CORNERS]
        for box in zip(*corners, strict=True):
            rounded = tuple(float(round(v * side)) for v, side in zip(box, wh, strict=True))
            in_records[example.text("image/filename"), rounded] += 1
    assert in_records == in_table
    picture = shared_data / "datasets" / "raccoon_voc_csv" / "images" / examples[0].text("image/filename")
    assert picture.read_bytes() == examples[0].encoded


def test_format_record__is_what_tensorflow_wrote(shared_data: Path) -> None:
    # the same fields in another order: a map of protobuf has none
    path = shared_data / "datasets" / "raccoon_voc_csv" / "data" / "test.record"
    data = path.read_bytes()
    first = data[: 16 + struct.unpack("<Q", data[:8])[0]]
    example = next(iter(read_examples(io.BytesIO(first))))
    wh = (int(example.numbers("image/width")[0]), int(example.numbers("image/height")[0]))
    box = [example.numbers(f"image/object/bbox/{s}")[0] * n for s, n in zip(CORNERS, wh * 2, strict=True)]
    record = Record("raccoon-129.jpg", (RecordBox(1, "raccoon", (box[0], box[1], box[2], box[3])),), wh)
    ours = format_record(record, example.encoded, "jpg", [0])
    assert len(ours) == len(first)
    assert sorted(ours[12:-4]) == sorted(first[12:-4])


def test_label_map__round_trip() -> None:
    names = ('a "b"', "c\\d", "猫", "plain one")
    assert parse_label_map(format_label_map(names)) == names
    assert parse_label_map("item {\n  id: 2\n  name: 'b'\n}\nitem {\n  name: 'a'\n  id: 1\n}\n") == ("a", "b")


def _records(draw: Draw) -> bytes:
    picture = draw.image("source/a.jpg").read_bytes()
    box = RecordBox(1, "cat", (10, 20, 40, 60))
    return format_record(Record("a.jpg", (box,), (100, 80)), picture, "jpeg", [0]) + format_record(
        Record("x/../a.jpg", (), (100, 80)), picture + b"\0", "jpeg", []
    )


def test_open_dataset__tfrecords_are_unpacked_once(draw: Draw, tmp_path: Path) -> None:
    data = _records(draw)
    draw.text("set/train/cats.tfrecord", data)
    draw.text("set/train/cats_label_map.pbtxt", format_label_map(["dog", "cat"]))
    draw.text("set/valid.record-00000-of-00001", data[: 16 + struct.unpack("<Q", data[:8])[0]])
    found = open_dataset(tmp_path / "set", unpack_into=tmp_path / "unpacked")
    assert (found.format, found.class_names) == ("tfrecord", ("dog", "cat"))
    assert [(i.name, i.split, i.labelled, i.boxes_xyxy.tolist()) for i in found.images] == [
        ("train/cats.tfrecord/a-2.jpg", "train", True, []),
        ("train/cats.tfrecord/a.jpg", "train", True, [[10, 20, 40, 60]]),
        ("valid.record-00000-of-00001/a.jpg", "val", True, [[10, 20, 40, 60]]),
    ]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "unpacked").rglob("*")}
    open_dataset(tmp_path / "set", unpack_into=tmp_path / "unpacked")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "unpacked").rglob("*")} == before


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[:-3], "record 2 is damaged or cut"),
        (lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:], "record 1 is damaged or cut"),
        (lambda data: data[:5], "record 1 has no whole header"),
        (lambda data: b"\x1f\x8b" + data, "record 1 has no whole header"),
    ],
)
def test_open_dataset__damaged_tfrecord(
    draw: Draw, tmp_path: Path, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    draw.text("set/a.tfrecord", spoil(_records(draw)))
    with pytest.raises(DatasetError, match=reason):
        open_dataset(tmp_path / "set", unpack_into=tmp_path / "unpacked")
    assert list((tmp_path / "unpacked").iterdir()) == []
