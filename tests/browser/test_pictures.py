"""Pictures that a browser draws otherwise than we do, or not. Run: pytest -m browser tests/browser/test_pictures.py."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from browser.projects import ServedProject, add_project
from browser.signing_in import signed_in
from epochal.server.serving import ServerThread

pytestmark = pytest.mark.browser

WH, BOX = (96, 64), (64, 8, 88, 24)  # as displayed; the box is red, all else is green
TURNED = 6  # EXIF: the picture is stored with its left side up


def _picture() -> Image.Image:
    shown = Image.new("RGB", WH, (0, 160, 0))
    shown.paste((220, 0, 0), BOX)
    return shown


def _file(kind: str) -> bytes:
    shown, out, exif = _picture(), io.BytesIO(), Image.Exif()
    stored = shown.transpose(Image.Transpose.ROTATE_90)
    exif[0x0112] = TURNED
    if kind == "deep.png":
        light = np.where(np.asarray(shown)[..., 0] > 100, 40_000, 20_000).astype(np.uint16)
        Image.fromarray(light).save(out, "PNG")
    elif kind == "moving.gif":
        shown.save(out, "GIF", save_all=True, append_images=[Image.new("RGB", WH, "blue")], duration=50, loop=0)
    elif kind == "run-length.bmp":
        out.write(_run_length_bmp(shown))
    elif kind == "cmyk.jpg":
        stored.convert("CMYK").save(out, "JPEG", quality=95, exif=exif)
    elif kind == "plain.ppm":
        shown.save(out, "PPM")
    else:
        form = {"tif": "TIFF", "jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[kind.rpartition(".")[2]]
        stored.save(out, form, exif=exif, **({"compression": "tiff_lzw"} if form == "TIFF" else {}))
    return out.getvalue()


def _run_length_bmp(shown: Image.Image) -> bytes:
    """Two colours, each row as runs: BI_RLE8, which not every browser knows."""
    flags = np.asarray(shown)[::-1, :, 0] > 100
    rows = b"".join(b"".join(bytes([1, int(flag)]) for flag in row) + b"\0\0" for row in flags) + b"\0\1"
    colours = bytes([0, 160, 0, 0, 0, 0, 220, 0])  # blue, green, red, nothing
    start = 14 + 40 + len(colours)
    head = b"BM" + np.array([start + len(rows), 0, start, 40, *WH], "<u4").tobytes()
    head += np.array([1, 8], "<u2").tobytes() + np.array([1, len(rows), 2835, 2835, 2, 2], "<u4").tobytes()
    return head + colours + rows


KINDS = (
    "turned.tif", "turned.jpg", "turned.png", "turned.webp", "deep.png", "cmyk.jpg", "run-length.bmp", "moving.gif",
    "plain.ppm",
)  # fmt: skip


@pytest.fixture(scope="module")
def pictures(server: ServerThread) -> Iterator[tuple[ServedProject, dict[str, str]]]:
    """A project with one picture of each kind and its box."""
    project = add_project(server, "Pictures")
    ids = {}
    for kind in KINDS:
        sent = project.client.post(f"{project.url}/images", files={"file": (kind, _file(kind))}).raise_for_status()
        ids[kind] = sent.json()["id"]
        boxes = [{"class_name": "wombat", "box_xyxy": BOX}]
        project.client.put(f"{project.url}/images/{ids[kind]}/annotations", json={"boxes": boxes}).raise_for_status()
    yield project, ids
    project.client.close()


def _colours(shown: Locator, kind: str) -> None:
    """Red within the box and green around it, where the page draws the box."""
    picture = np.asarray(Image.open(io.BytesIO(shown.screenshot())).convert("RGB"), np.int64)
    scale_x, scale_y = picture.shape[1] / WH[0], picture.shape[0] / WH[1]
    for x, y, is_red in ((76, 16, True), (68, 20, True), (50, 16, False), (76, 40, False), (10, 10, False)):
        red, green, blue = picture[int(y * scale_y), int(x * scale_x)]
        if kind == "deep.png":
            assert abs(red - (156 if is_red else 78)) < 25, f"{kind} at {x}, {y}: {red}"
        else:
            assert (red > green) == is_red, f"{kind} at {x}, {y}: {red}, {green}, {blue}"


@pytest.mark.parametrize("kind", KINDS)
def test_picture__is_drawn_upright_below_its_boxes(
    server: ServerThread, pictures: tuple[ServedProject, dict[str, str]], open_page: Callable[..., Page], kind: str
) -> None:
    project, ids = pictures
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/annotate/{ids[kind]}"))
    page.wait_for_load_state("networkidle")
    _colours(page.get_by_test_id("stage").locator("image"), kind)
    page.get_by_role("link", name="← Images of").click()
    page.get_by_role("button", name=f"{kind}, 1 box").click()
    page.wait_for_load_state("networkidle")
    _colours(page.get_by_role("img", name=kind).locator("image"), kind)
    page.close()


def test_models__are_tried_on_them_too(
    server: ServerThread,
    pictures: tuple[ServedProject, dict[str, str]],
    open_page: Callable[..., Page],
    tmp_path: Path,
) -> None:
    project, _ = pictures
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/deploy"))
    page.get_by_role("button", name="Choose one of the dataset").click()
    for kind in KINDS:
        page.get_by_role("button", name=kind).click()
        expect(page.locator("p", has_text=kind)).to_be_visible()
        assert page.get_by_test_id("picture").evaluate("it => [it.width, it.height]") == list(WH), kind
        shown = np.asarray(Image.open(io.BytesIO(page.get_by_test_id("picture").screenshot())).convert("RGB"))
        red, green, _ = shown[shown.shape[0] * 40 // 64, shown.shape[1] * 50 // 96].tolist()
        assert kind == "deep.png" or green > red, kind
    own = tmp_path / "turned.tif"
    own.write_bytes(_file("turned.tif"))
    page.get_by_label("Choose a picture").set_input_files(own)
    expect(page.locator("p", has_text="plain.ppm")).to_have_count(0)
    assert page.get_by_test_id("picture").evaluate("it => [it.width, it.height]") == list(WH)
    page.close()


def test_file_of_another_kind__is_refused_with_a_sentence(
    server: ServerThread,
    pictures: tuple[ServedProject, dict[str, str]],
    open_page: Callable[..., Page],
    tmp_path: Path,
) -> None:
    project, _ = pictures
    url = signed_in(server, f"/w/my-workspace/projects/{project.slug}/deploy")
    page = open_page(url, may_complain=True)  # of the 400
    own = tmp_path / "letter.png"
    own.write_bytes(b"Dear wombat")
    page.get_by_label("Choose a picture").set_input_files(own)
    expect(page.get_by_text("is no image that can be read")).to_be_visible()
    page.close()
