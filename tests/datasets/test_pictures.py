"""Decoding: every kind of picture comes as upright RGB, or is refused. Run: pytest tests/datasets/test_pictures.py."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps

from epochal.datasets import decode_image, open_dataset
from epochal.datasets.headers import parse_header, parse_orientation
from epochal.datasets.pictures import decode_bytes, read_header
from epochal.errors import DatasetError, NotFound

LIMIT = 10**9


def _grid(mode: str = "RGB", wh: tuple[int, int] = (12, 8)) -> PillowImage.Image:
    """A picture whose corners differ: red, green, blue, white."""
    pixels = np.zeros((wh[1], wh[0], 3), np.uint8)
    pixels[: wh[1] // 2, : wh[0] // 2] = (255, 0, 0)
    pixels[: wh[1] // 2, wh[0] // 2 :] = (0, 255, 0)
    pixels[wh[1] // 2 :, : wh[0] // 2] = (0, 0, 255)
    pixels[wh[1] // 2 :, wh[0] // 2 :] = 255
    return PillowImage.fromarray(pixels).convert(mode)


def _corners(image: PillowImage.Image) -> list[tuple[int, ...]]:
    """Top left, top right, bottom left, bottom right."""
    width, height = image.size
    pixels = np.asarray(image)
    return [tuple(pixels[y, x].tolist()) for y in (0, height - 1) for x in (0, width - 1)]


RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


@pytest.mark.parametrize("suffix", ["png", "webp", "bmp", "tif", "gif", "avif"])
def test_decode_image__format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    _grid().save(
        path, **({"lossless": True} if suffix == "webp" else {}), **({"quality": 100} if suffix == "avif" else {})
    )
    image = decode_image(path)
    assert (image.mode, image.size) == ("RGB", (12, 8))
    np.testing.assert_allclose(_corners(image), [RED, GREEN, BLUE, WHITE], atol=12)


def _palette_with_hole() -> PillowImage.Image:
    image = PillowImage.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((0, 0), 0)
    image.info["transparency"] = 0
    return image


def _sixteen_bit() -> PillowImage.Image:
    return PillowImage.fromarray(np.array([[0, 257], [128 * 257, 65535]], np.uint16))


def _half_clear(mode: str) -> PillowImage.Image:
    image = PillowImage.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.putpixel((3, 3), (255, 0, 0, 255))
    return image.convert(mode)


MODES: list[tuple[str, str, Callable[[], PillowImage.Image], tuple[int, ...], tuple[int, ...]]] = [
    ("1-bit", "png", lambda: _grid("1"), (0, 0, 0), WHITE),
    ("grey", "png", lambda: _grid("L"), (76, 76, 76), WHITE),
    ("palette", "png", lambda: _grid("P"), RED, WHITE),
    ("palette with a clear colour", "png", _palette_with_hole, WHITE, GREEN),
    ("16-bit grey", "png", _sixteen_bit, BLACK, WHITE),
    ("clear parts become white", "png", lambda: _half_clear("RGBA"), WHITE, RED),
    ("clear grey", "png", lambda: _half_clear("LA"), WHITE, (76, 76, 76)),
    ("CMYK", "tif", lambda: _grid("CMYK"), RED, WHITE),
    ("32-bit integers", "tif", lambda: PillowImage.fromarray(np.array([[0, 5], [7, 70000]], np.int32)), BLACK, WHITE),
    ("floats", "tif", lambda: PillowImage.fromarray(np.array([[-1, 0], [0, 300]], np.float32)), BLACK, WHITE),
]


@pytest.mark.parametrize(("kind", "suffix", "build", "first", "last"), MODES, ids=[row[0] for row in MODES])
def test_decode_image__mode(
    tmp_path: Path,
    kind: str,
    suffix: str,
    build: Callable[[], PillowImage.Image],
    first: tuple[int, ...],
    last: tuple[int, ...],
) -> None:
    build().save(tmp_path / f"a.{suffix}")
    image = decode_image(tmp_path / f"a.{suffix}")
    assert image.mode == "RGB"
    corners = _corners(image)
    if kind != "1-bit":  # dithered
        assert corners[0] == first
    assert corners[-1] == last


def test_decode_image__16_bit_keeps_its_middle(tmp_path: Path) -> None:
    _sixteen_bit().save(tmp_path / "a.png")
    assert np.asarray(decode_image(tmp_path / "a.png"))[..., 0].tolist() == [[0, 1], [128, 255]]


def test_decode_image__first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [PillowImage.new("RGB", (4, 4), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert _corners(decode_image(tmp_path / "a.gif")) == [RED] * 4


def test_decode_image__believes_bytes_and_not_names(tmp_path: Path) -> None:
    _grid("RGBA").save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert _corners(decode_image(tmp_path / "a.jpg")) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_decode_image__turns_by_exif_as_pillow_does(tmp_path: Path, suffix: str, orientation: int) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{suffix}"
    _grid(wh=(48, 32)).save(path, exif=exif)
    with PillowImage.open(path) as stored:
        expected = ImageOps.exif_transpose(stored).convert("RGB")
    image = decode_image(path)
    assert image.size == ((32, 48) if orientation >= 5 else (48, 32))
    np.testing.assert_array_equal(np.asarray(image), np.asarray(expected))
    assert read_header(path.read_bytes(), path, LIMIT).image_wh == image.size


def test_decode_image__reduced_still_covers_the_wish(tmp_path: Path) -> None:
    _grid(wh=(800, 600)).save(tmp_path / "a.jpg", quality=95)
    sizes = {wish: decode_image(tmp_path / "a.jpg", wish).size for wish in [(100, 75), (101, 75), (400, 300), (801, 9)]}
    assert sizes == {(100, 75): (100, 75), (101, 75): (200, 150), (400, 300): (400, 300), (801, 9): (800, 600)}
    _grid(wh=(800, 600)).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png", (100, 75)).size == (800, 600)


def test_decode_image__reduced_counts_in_the_displayed_frame(tmp_path: Path) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    _grid(wh=(800, 400)).save(tmp_path / "a.jpg", exif=exif)
    # displayed 400 × 800; half of it is 200 × 400
    assert decode_image(tmp_path / "a.jpg", (200, 400)).size == (200, 400)
    assert decode_image(tmp_path / "a.jpg", (400, 200)).size == (400, 800)


def test_decode_image__what_cannot_be_decoded(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        decode_image(tmp_path / "gone.jpg")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(DatasetError, match=r"empty\.jpg is empty; expected JPEG, PNG"):
        decode_image(tmp_path / "empty.jpg")
    (tmp_path / "a.svg").write_text("<svg/>")
    with pytest.raises(DatasetError, match="is no image that can be read"):
        decode_image(tmp_path / "a.svg")
    with pytest.raises(DatasetError, match="cannot be read"):
        decode_image(tmp_path)


def test_parse_header__agrees_with_pillow_on_published_images(shared_data: Path) -> None:
    paths = sorted((shared_data / "datasets").rglob("*.jpg"))
    assert len(paths) == 597
    for path in paths:
        header = parse_header(path.read_bytes())
        with PillowImage.open(path) as image:
            assert header is not None
            assert (header.stored_wh, header.orientation) == (image.size, image.getexif().get(0x0112, 1)), path


def test_parse_header__leaves_what_is_odd_to_the_decoder(tmp_path: Path) -> None:
    for suffix in ("jpg", "png"):
        _grid(wh=(64, 64)).save(tmp_path / f"a.{suffix}")
        data = (tmp_path / f"a.{suffix}").read_bytes()
        assert parse_header(data) is not None
        for length in range(0, len(data) - 2):
            assert parse_header(data[:length]) is None, f"{suffix} cut after {length} of {len(data)} bytes"
    broken = bytearray((tmp_path / "a.png").read_bytes())
    broken[len(broken) // 2] ^= 1
    assert parse_header(bytes(broken)) is None


TURNED, UPRIGHT = (b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, turn, 0, 0) for turn in (6, 1))


def _jpeg_with(*blocks: bytes) -> bytes:
    out = io.BytesIO()
    _grid(wh=(60, 40)).save(out, "JPEG")
    exif = [b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block for block in blocks]
    return out.getvalue()[:2] + b"".join(exif) + out.getvalue()[2:]


def _png_with(at: int, kind: bytes, content: bytes) -> bytes:
    out = io.BytesIO()
    _grid(wh=(60, 40)).save(out, "PNG")
    data, chunk = out.getvalue(), kind + content
    return data[:at] + struct.pack(">I", len(content)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[at:]


@pytest.mark.parametrize(
    ("data", "wh"),
    [
        (_jpeg_with(TURNED), (40, 60)),
        (_jpeg_with(TURNED, b"what did not fit into the first"), (40, 60)),
        (_jpeg_with(TURNED, UPRIGHT), (40, 60)),
        (_jpeg_with(UPRIGHT, TURNED), (60, 40)),
        (_png_with(33, b"eXIf", TURNED), (40, 60)),
        (_png_with(-12, b"eXIf", TURNED), (40, 60)),
        (_png_with(-12, b"IHDR", struct.pack(">IIBBBBB", 5, 7, 8, 2, 0, 0, 0)), (60, 40)),
    ],
    ids=["exif", "long exif", "6 and 1", "1 and 6", "before pixels", "behind pixels", "two sizes"],
)
def test_size__is_that_of_the_pixels_wherever_the_orientation_stands(data: bytes, wh: tuple[int, int]) -> None:
    """Boxes and the canvas of a net go by the header; where it said otherwise, the picture would be squeezed."""
    assert read_header(data, "a", LIMIT).image_wh == wh
    assert decode_bytes(data, "a").size == decode_bytes(data, "a", (30, 30)).size == wh


def test_parse_orientation__broken_blocks_mean_upright() -> None:
    for block in (b"", b"II", b"XX*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\x01\x01\x12"):
        assert parse_orientation(block) == 1


KINDS: dict[str, tuple[str, Callable[[], PillowImage.Image], dict[str, object]]] = {
    "1-bit PNG": ("a.png", lambda: _grid().convert("1"), {}),
    "palette PNG": ("a.png", lambda: _grid().convert("P"), {}),
    "palette PNG with a hole": ("a.png", _palette_with_hole, {}),
    "16-bit PNG": ("a.png", _sixteen_bit, {}),
    "RGBA PNG": ("a.png", lambda: _grid("RGBA"), {}),
    "grey and alpha PNG": ("a.png", lambda: _grid("LA"), {}),
    "grey JPEG": ("a.jpg", lambda: _grid("L"), {}),
    "CMYK JPEG": ("a.jpg", lambda: _grid("CMYK"), {}),
    "progressive JPEG": ("a.jpg", _grid, {"progressive": True}),
    "WebP": ("a.webp", _grid, {}),
    "WebP with alpha": ("a.webp", lambda: _grid("RGBA"), {}),
    "AVIF": ("a.avif", _grid, {}),
    "BMP": ("a.bmp", _grid, {}),
    "TIFF": ("a.tif", _grid, {}),
    "packed TIFF": ("a.tiff", _grid, {"compression": "tiff_lzw"}),
    "16-bit TIFF": ("a.tif", _sixteen_bit, {}),
    "PPM": ("a.ppm", _grid, {}),
    "GIF of two frames": ("a.gif", _grid, {"save_all": True, "append_images": [PillowImage.new("RGB", (12, 8))]}),
    "PNG named .jpg": ("a.jpg", _grid, {"format": "PNG"}),
    "JPEG of many phones": ("a.jpg", _grid, {"format": "MPO"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_open_dataset__every_kind_of_picture_with_its_boxes(tmp_path: Path, kind: str, orientation: int) -> None:
    name, make, save = KINDS[kind]
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    picture = make()
    has_exif = orientation != 1 and not name.endswith((".bmp", ".gif", ".ppm"))
    picture.save(tmp_path / name, **save, **({"exif": exif} if has_exif else {}))
    shown = picture.size[::-1] if has_exif else picture.size
    (tmp_path / "a.xml").write_text(
        f"<annotation><size><width>{shown[0]}</width><height>{shown[1]}</height></size><object><name>x</name><bndbox>"
        f"<xmin>0</xmin><ymin>0</ymin><xmax>{shown[0] / 2}</xmax><ymax>{shown[1]}</ymax></bndbox></object></annotation>"
    )
    (image,) = open_dataset(tmp_path).images
    assert image.image_wh == shown
    assert image.boxes_xyxy.tolist() == [[0, 0, shown[0] / 2, shown[1]]]
    decoded = decode_image(image.path)
    assert (decoded.mode, decoded.size) == ("RGB", shown)


def test_open_dataset__picture_that_nobody_here_decodes_is_counted(tmp_path: Path) -> None:
    _grid().save(tmp_path / "a.png")
    (tmp_path / "b.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (finding,) = (f for f in open_dataset(tmp_path).findings if f.id == "unreadable_image")
    assert "b.heic is a HEIC picture, which is not read here; convert it to JPEG" in finding.examples[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\0\0\0\x18ftypheix\0\0\0\0", "a HEIC picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "a JPEG 2000 picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ", "a JPEG XL picture"),
        (b"\xff\x0a\0\0", "a JPEG XL picture"),
        (b"\0\0\0\x18ftypmp42", "no image that can be read; expected JPEG"),
        (b"", "empty; expected JPEG"),
    ],
)
def test_decode__of_a_format_that_is_not_read_says_which_and_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(DatasetError, match=f"photo is {said}"):
        decode_bytes(data, "photo")
