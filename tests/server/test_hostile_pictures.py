"""Damaged and hostile pictures over HTTP: refused with a sentence, and the server goes on.

Run: pytest tests/server/test_hostile_pictures.py.
"""

import io
import struct
import zlib

import httpx
import psutil
import pytest
from PIL import Image

HERE = "/api/workspaces/my-workspace/projects"


@pytest.fixture
def project(keyed: httpx.Client) -> str:
    return f"{HERE}/{keyed.post(HERE, json={'name': 'Hostile pictures'}).json()['slug']}"


def encoded(form: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((200, 150), 80).convert("RGB").save(out, form)
    return out.getvalue()


def huge_png(side_px: int) -> bytes:
    """A PNG that says it is huge and is a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


HOSTILE = {
    "nothing": b"",
    "text": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<html><script>alert(1)</script></html>",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "bomb": huge_png(60_000),
    **{f"half a {form}": encoded(form)[: len(encoded(form)) // 2] for form in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_upload__is_refused_with_a_sentence(keyed: httpx.Client, project: str, name: str) -> None:
    answer = keyed.post(f"{project}/images", files={"file": ("a.jpg", HOSTILE[name])})
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["message"]
    assert keyed.get("/health").status_code == 200
    assert keyed.get(f"{project}/images").json()["total"] == 0


def test_upload__of_a_whole_header_before_broken_pixels_is_seen_when_it_is_drawn(
    keyed: httpx.Client, project: str
) -> None:
    """The header of a JPEG is read without its pixels; whoever looks later gets a sentence, and the server lives."""
    data = bytearray(encoded("JPEG"))
    middle = len(data) // 2
    data[middle : middle + 200] = b"\xff\xc4" * 100
    made = keyed.post(f"{project}/images", files={"file": ("a.jpg", bytes(data))})
    assert made.is_success
    small = keyed.get(f"{project}/images/{made.json()['id']}/thumbnail")
    assert small.status_code in {200, 400, 422}
    assert small.headers["content-type"] == "image/jpeg" or small.json()["error"]["message"]


def test_decoding__is_done_by_processes_of_their_own(keyed: httpx.Client, project: str) -> None:
    made = keyed.post(f"{project}/images", files={"file": ("a.webp", encoded("WEBP"))})
    assert made.is_success
    small = keyed.get(f"{project}/images/{made.json()['id']}/thumbnail")
    assert Image.open(io.BytesIO(small.content)).size == (200, 150)
    assert [one for one in psutil.Process().children() if "epochal.datasets.decoder_process" in one.cmdline()]
