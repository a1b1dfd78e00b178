"""One look at every picture, without reading what need not be read. Run: pytest tests/datasets/test_scanning.py."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from epochal.datasets import open_dataset
from epochal.datasets.findings import FindingLog
from epochal.datasets.scanning import Picture, scan_pictures
from epochal.errors import NotFound

Draw = Any


def _noise(path: Path, **save: Any) -> bytes:
    """A JPEG of some 200 kB, so that not all of it is read."""
    pixels = np.random.default_rng(0).integers(0, 256, (300, 500, 3), np.uint8)
    PillowImage.fromarray(pixels).save(path, "JPEG", **save)
    return path.read_bytes()


def _scan(root: Path) -> tuple[dict[str, Picture], FindingLog]:
    log = FindingLog()
    return scan_pictures(root, sorted(path.name for path in root.iterdir()), log), log


@pytest.mark.parametrize(
    ("spoil", "is_whole"),
    [
        (lambda data: data, True),
        (lambda data: data + b"\0" * 5000, True),  # cameras and servers pad files
        (lambda data: data[: len(data) // 2], False),
        (lambda data: data[:-2], False),
        # an end mark of a thumbnail is none of the picture
        (lambda data: data[:2] + b"\xff\xe2\x00\x06\xff\xd9\xff\xd9" + data[2 : len(data) // 2], False),
    ],
)
def test_scan_pictures__big_jpeg(tmp_path: Path, spoil: Any, is_whole: bool) -> None:
    data = _noise(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(spoil(data))
    pictures, log = _scan(tmp_path)
    assert bool(pictures) is is_whole
    assert [finding.id for finding in log.findings()] == ([] if is_whole else ["unreadable_image"])
    if is_whole:
        assert pictures["a.jpg"].image_wh == (500, 300)


def test_scan_pictures__header_behind_a_long_block(tmp_path: Path) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    _noise(tmp_path / "a.jpg", exif=exif, comment=b"x" * 40_000)
    pictures, _ = _scan(tmp_path)
    assert pictures["a.jpg"].image_wh == (300, 500)
    assert pictures["a.jpg"].orientation == 6


def test_image_sha256__is_computed_when_asked_and_kept(draw: Draw) -> None:
    path = draw.image("a.jpg")
    draw.voc("a.xml", [(1, 1, 9, 9)])
    image = open_dataset(draw.root).images[0]
    moved = image.changed(split="val", tags=("x",))
    assert "sha256" not in image.__dict__
    assert (moved.split, moved.tags, image.split, image.tags) == ("val", ("x",), None, ())
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert image.sha256 == expected
    path.unlink()
    assert image.sha256 == expected
    assert replace(image, split="test").sha256 == expected
    with pytest.raises(NotFound, match="does not exist any more"):
        _ = moved.sha256
    assert image.changed(sha256="0" * 64).sha256 == "0" * 64
    with pytest.raises(AttributeError):
        _ = image.width  # type: ignore[attr-defined]


def test_copies__are_found_though_few_files_are_hashed(draw: Draw, counts: Any) -> None:
    data = _noise(draw.root / "train.jpg")
    (draw.root / "copy.jpg").write_bytes(data)
    # equal in length and end, and yet no copy
    (draw.root / "other.jpg").write_bytes(data[:20_000] + bytes([data[20_000] ^ 1]) + data[20_001:])
    draw.image("alone.jpg")
    dataset = open_dataset(draw.root)
    assert counts(dataset)["duplicate_images"] == (1, "note")
    assert [image.name for image in dataset.images if "sha256" in image.__dict__] == [
        "copy.jpg", "other.jpg", "train.jpg",
    ]  # fmt: skip
