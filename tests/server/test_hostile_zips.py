"""Hostile zips over HTTP: refused with the reason, nothing written outside, no path of the server told.

Run: pytest tests/server/test_hostile_zips.py.
"""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from project_rows import picture

WaitUntil = Callable[[Callable[[], bool]], None]


def packed(*entries: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return stream.getvalue()


def link() -> bytes:
    stream, entry = io.BytesIO(), zipfile.ZipInfo("train/a.jpg")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return stream.getvalue()


def encrypted() -> bytes:
    data = bytearray(packed(("train/a.jpg", picture(1))))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def million() -> bytes:
    """A zip that says it has a million entries."""
    data = bytearray(packed(("a.txt", b"")))
    end = data.find(b"PK\x05\x06")
    size = 1_000_000 * 47
    data[end + 12 : end + 16] = size.to_bytes(4, "little")
    return bytes(data)


HOSTILE = {
    "zip-slip": (packed(("../../evil.jpg", b"x")), "leads out of the folder"),
    "absolute": (packed(("/tmp/evil.jpg", b"x")), "leads out of the folder"),
    "drive": (packed(("C:/evil.jpg", b"x")), "Windows"),
    "device": (packed(("train/NUL.jpg", b"x")), "device on Windows"),
    "bomb": (packed(("a.bin", bytes(60_000_000))), "only a zip bomb does"),
    "nested": (packed(("b.zip", packed(("a.jpg", b"x")))), "archive within the archive"),
    "link": (link(), "link or device"),
    "encrypted": (encrypted(), "is encrypted"),
    "million": (million(), "zip"),
    "no pictures": (packed(("a.txt", b"hello")), "holds no images"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip__fails_with_the_reason(
    keyed: httpx.Client, root: Path, wait_until: WaitUntil, name: str
) -> None:
    data, reason = HOSTILE[name]
    made = keyed.post("/api/workspaces/my-workspace/projects", json={"name": f"Of {name}", "annotation_group": "x"})
    project = f"/api/workspaces/my-workspace/projects/{made.json()['slug']}"
    before = {path.name for path in root.parent.iterdir()}
    answer = keyed.post(f"{project}/uploads/zip", content=data)
    assert answer.status_code == 202, answer.text
    task = f"/api/workspaces/my-workspace/tasks/{answer.json()['id']}"
    wait_until(lambda: keyed.get(task).json()["state"] in ("completed", "failed"))
    told = keyed.get(task).json()
    assert told["state"] == "failed"
    assert reason in told["message"]
    assert str(root) not in told["message"]
    assert {path.name for path in root.parent.iterdir()} == before
    assert [path for path in (root / "uploads").rglob("*") if path.is_file()] == []
    assert keyed.get(f"{project}/images").json()["total"] == 0
