"""Killed at any instant, an import or export leaves nothing half-made. Run: pytest tests/datasets/test_kills.py."""

import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from epochal.datasets import Source, open_dataset, write_export
from epochal.datasets.formats.record import Record, RecordBox
from epochal.datasets.formats.tfrecord import format_record

Draw = Any
IMAGES = 120
IMPORT = """
import sys; from pathlib import Path
from epochal.datasets import open_dataset
print("ready", flush=True)
open_dataset(Path(sys.argv[1]), unpack_into=Path(sys.argv[2]))
print("done", flush=True)
"""
EXPORT = """
import sys; from pathlib import Path
from epochal.datasets import Source, open_dataset, write_export
dataset = open_dataset(Path(sys.argv[1]))
print("ready", flush=True)
write_export(dataset, "yolov8", Path(sys.argv[2]) / "x.zip", source=Source("a", "b", 1))
print("done", flush=True)
"""


def _run(script: str, source: Path, target: Path, kill_after_s: float | None) -> float:
    """Run a script, killed so long after it is ready; gives the seconds from ready to done."""
    command = [sys.executable, "-c", script, str(source), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        start = time.monotonic()
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            process.send_signal(signal.SIGKILL)
        else:
            assert process.stdout.readline() == "done\n"
        return time.monotonic() - start


def _make(draw: Draw, kind: str) -> Path:
    """A folder, a zip of it, or a TFRecord of its images."""
    draw.root = draw.root / "set"
    data = b""
    for i in range(IMAGES):
        path = draw.image(f"train/{i:03}.jpg")
        path.write_bytes(path.read_bytes() + bytes(20_000))
        draw.voc(f"train/{i:03}.xml", [(10, 20, 40, 60)])
        if kind == "tfrecord":
            record = Record(f"{i:03}.jpg", (RecordBox(1, "cat", (10, 20, 40, 60)),), (100, 80))
            data += format_record(record, path.read_bytes(), "jpeg", [0])
    if kind == "zip":
        with zipfile.ZipFile(draw.root.parent / "set.zip", "w") as archive:
            for path in sorted(draw.root.rglob("*.*")):
                archive.write(path, path.relative_to(draw.root))
        return Path(draw.root.parent / "set.zip")
    if kind == "tfrecord":
        (draw.root.parent / "records").mkdir()
        (draw.root.parent / "records" / "train.tfrecord").write_bytes(data)
        return Path(draw.root.parent / "records")
    return Path(draw.root)


def _kill_imports(draw: Draw, tmp_path: Path, kind: str, moments: int) -> None:
    source, rng = _make(draw, kind), random.Random(kind)
    whole_s = _run(IMPORT, source, tmp_path / "first", None)
    for moment in range(moments):
        into = tmp_path / f"into-{moment}"
        _run(IMPORT, source, into, rng.uniform(0, whole_s))
        for folder in into.glob("[!.]*"):  # what is in view is whole
            assert len(list(folder.rglob("*.jpg"))) == IMAGES
        found = open_dataset(source, unpack_into=into)
        assert (len(found.images), found.annotation_count) == (IMAGES, IMAGES)
        assert [path.name for path in into.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("kind", ["zip", "tfrecord"])
def test_import__killed_leaves_no_half(draw: Draw, tmp_path: Path, kind: str) -> None:
    _kill_imports(draw, tmp_path, kind, moments=2)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["zip", "tfrecord"])
def test_import__killed_at_any_of_20_moments_leaves_no_half(draw: Draw, tmp_path: Path, kind: str) -> None:
    _kill_imports(draw, tmp_path, kind, moments=20)


def _kill_exports(draw: Draw, tmp_path: Path, moments: int) -> None:
    source, rng = _make(draw, "folder"), random.Random(0)
    whole_s = _run(EXPORT, source, tmp_path / "first", None)
    for moment in range(moments):
        into = tmp_path / f"into-{moment}"
        _run(EXPORT, source, into, rng.uniform(0, whole_s))
        if (into / "x.zip").exists():
            assert zipfile.ZipFile(into / "x.zip").testzip() is None
        made = write_export(open_dataset(source), "yolov8", into / "x.zip", source=Source("a", "b", 1))
        assert made.read_bytes() == (tmp_path / "first" / "x.zip").read_bytes()
        assert [path.name for path in into.iterdir()] == ["x.zip"]


def test_export__killed_leaves_no_half(draw: Draw, tmp_path: Path) -> None:
    _kill_exports(draw, tmp_path, moments=1)


@pytest.mark.soak
def test_export__killed_at_any_of_20_moments_leaves_no_half(draw: Draw, tmp_path: Path) -> None:
    _kill_exports(draw, tmp_path, moments=20)
