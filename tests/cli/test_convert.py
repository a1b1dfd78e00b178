"""`epochal convert`: one format in, another out. Run: pytest tests/cli/test_convert.py."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from epochal.datasets.export_layouts import EXPORTS


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "epochal", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for i in range(5):
        PillowImage.new("RGB", (20, 20), (i, 0, 0)).save(folder / f"{i}.png")
        (folder / f"{i}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    (folder / "classes.txt").write_text("cat\n")
    return folder


def test_convert__folder_to_zip(source: Path, tmp_path: Path) -> None:
    result = _run("convert", source, tmp_path / "out.zip", "--to", "coco")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == f"Wrote {tmp_path / 'out.zip'}: 5 images, 5 boxes, coco."
    assert "Read as YOLO" in result.stderr
    assert "No split is published" in result.stderr
    report = json.loads(_run("check", tmp_path / "out.zip", "--json").stdout)
    assert (report["format"], report["annotations"], report["findings"]) == ("coco", 5, [])


def test_convert__split_is_drawn_on_wish(source: Path, tmp_path: Path) -> None:
    result = _run("convert", source, tmp_path / "out", "--to", "yolo", "--split")
    assert result.returncode == 0, result.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"train", "valid", "test", "data.yaml"}


def test_convert__bad_input(source: Path, tmp_path: Path) -> None:
    for arguments, message in [
        ((source, tmp_path / "out", "--to", "svg"), "'svg' is no format that can be written"),
        ((source, source, "--to", "coco"), "exists already"),
        ((tmp_path / "gone", tmp_path / "out", "--to", "coco"), "does not exist"),
    ]:
        result = _run("convert", *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert message in result.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"source"}


def test_convert__help_names_every_format() -> None:
    text = (Path(__file__).parents[2] / "src/epochal/cli/convert.py").read_text("utf-8")
    words = set(re.findall(r"[\w-]+", text[text.index("typer.Option(") :]))
    assert set(EXPORTS) - words == set()


def test_convert__leaks_are_mended_on_wish(shared_data: Path, tmp_path: Path) -> None:
    result = _run("convert", shared_data / "datasets" / "bccd_voc", tmp_path / "out", "--to", "yolo", "--mend-leaks")
    assert result.returncode == 0, result.stderr
    assert "leak_between_splits (mended): 1" in result.stderr
    report = json.loads(_run("check", tmp_path / "out", "--json").stdout)
    assert {split: count["images"] for split, count in report["splits"].items()} == {
        "train": 204,
        "val": 87,
        "test": 72,
    }
    assert "leak_between_splits" not in {finding["id"] for finding in report["findings"]}
