"""`epochal version`: a dataset frozen from the command line. Run: pytest tests/cli/test_version.py."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from epochal.datasets.export_layouts import READY


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "epochal", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_version__create_list_show(shapes: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"augmentation": {"flip": {"horizontal": True}}}))
    options = ("--settings", settings, "--resize", 32, "--resize-mode", "white", "--outputs", 2, "--name", "first")
    made = _run("version", "create", shapes, *options, "--data-dir", tmp_path)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "versions" / "shapes" / "1"
    assert made.stdout == f"{folder}\n"
    assert (folder / "train" / "_annotations.coco.json").is_file()
    listed = json.loads(_run("version", "list", "--json", "--data-dir", tmp_path).stdout)["versions"]
    shown = json.loads(_run("version", "show", "shapes/1", "--data-dir", tmp_path).stdout)
    assert listed == [shown]
    assert shown["settings"]["preprocessing"]["resize"]["format"] == "Fit (white edges) in"
    assert _run("version", "list", "--data-dir", tmp_path).stdout.endswith("  first\n")


def test_version__bad_input_is_one_sentence(shapes: Path, tmp_path: Path) -> None:
    result = _run("version", "create", shapes, "--resize", 0, "--data-dir", tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("epochal: settings: preprocessing: resize: width is 0; expected")
    missing = _run("version", "show", "shapes/7", "--data-dir", tmp_path)
    assert missing.returncode == 2
    assert "is no version" in missing.stderr


def test_version__export(shapes: Path, tmp_path: Path) -> None:
    assert _run("version", "create", shapes, "--data-dir", tmp_path).returncode == 0
    made = _run(
        "version",
        "export",
        "shapes/1",
        tmp_path / "x.zip",
        "--to",
        "yolov8",
        "--license",
        "MIT",
        "--data-dir",
        tmp_path,
    )
    assert (made.returncode, made.stdout) == (0, f"{tmp_path / 'x.zip'}\n"), made.stderr
    report = json.loads(_run("check", tmp_path / "x.zip", "--json").stdout)
    assert (report["format"], report["images"], report["splits"]["train"]["images"]) == ("yolo", 26, 16)
    wrong = _run("version", "export", "shapes/1", tmp_path / "x.zip", "--to", "svg", "--data-dir", tmp_path)
    assert wrong.returncode == 2
    assert "'svg' is no format that can be exported" in wrong.stderr


def test_version__export_help_names_every_format() -> None:
    text = (Path(__file__).parents[2] / "src/epochal/cli/version.py").read_text("utf-8")
    words = set(re.findall(r"[\w-]+", text[text.index("def export(") : text.index("def _read_wanted(")]))
    assert set(READY) - words == set()


def test_version__without_opencv_names_the_extra_before_any_work(shapes: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"augmentation": {"rotate": {"degrees": 5}}}))
    script = "import sys; sys.modules['cv2'] = None; from epochal.cli.main import main; main()"
    command = [sys.executable, "-c", script, "version", "create", str(shapes), "--data-dir", str(tmp_path / "data")]
    varied = subprocess.run(
        [*command, "--settings", str(tmp_path / "settings.json")], capture_output=True, text=True, timeout=60
    )
    assert (varied.returncode, varied.stdout) == (2, "")
    assert "this needs cv2, which is not installed: pip install 'epochal[server]'" in varied.stderr
    assert not (tmp_path / "data").exists()
    plain = subprocess.run([*command, "--resize", "32"], capture_output=True, text=True, timeout=60)
    assert plain.returncode == 0, plain.stderr


def test_version__leaks_are_mended_on_wish(shapes: Path, tmp_path: Path) -> None:
    source = tmp_path / "leaking"
    shutil.copytree(shapes, source)
    leaked = sorted((source / "train").glob("*.png"))[0].read_bytes()
    sorted((source / "val").glob("*.png"))[0].write_bytes(leaked)
    for options, stays in (((), True), (("--mend-leaks",), False)):
        made = _run("version", "create", source, *options, "--data-dir", tmp_path)
        assert made.returncode == 0, made.stderr
        folder = Path(made.stdout.strip())
        assert (leaked in [path.read_bytes() for path in folder.glob("train/*.png")]) is stays
        assert leaked in [path.read_bytes() for path in folder.glob("valid/*.png")]
