"""Small pictures of a dataset's images. Run: pytest tests/datasets/test_thumbnails.py."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from epochal.datasets.thumbnails import make_thumbnail
from epochal.errors import DatasetError, NotFound


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """640 × 320 pixels, to be shown turned: a portrait of 320 × 640."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (640, 320), (200, 30, 30)).save(tmp_path / "wide.jpg", exif=exif)
    return tmp_path / "wide.jpg"


def test_make_thumbnail__is_upright_and_bounded(wide: Path) -> None:
    picture = Image.open(io.BytesIO(make_thumbnail(wide, 100)))
    assert (picture.format, picture.size) == ("JPEG", (50, 100))
    assert not picture.getexif()


def test_make_thumbnail__never_enlarges(wide: Path) -> None:
    assert Image.open(io.BytesIO(make_thumbnail(wide, 5000))).size == (320, 640)


def test_make_thumbnail__only_of_the_picture_that_was_meant(wide: Path) -> None:
    sha256 = hashlib.sha256(wide.read_bytes()).hexdigest()
    assert make_thumbnail(wide, 64, sha256=sha256)
    Image.new("RGB", (640, 320)).save(wide)
    with pytest.raises(NotFound, match="has changed since it was evaluated"):
        make_thumbnail(wide, 64, sha256=sha256)


def test_make_thumbnail__of_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(DatasetError, match="is no image"):
        make_thumbnail(tmp_path / "a.jpg", 64)
    with pytest.raises(NotFound):
        make_thumbnail(tmp_path / "gone.jpg", 64)
