"""`epochal check`: exactly the contract on stdout, the rest on stderr. Run: pytest tests/cli/test_check.py."""

import json
import subprocess
import sys
from pathlib import Path

from PIL import Image as PillowImage


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "epochal", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_check__json_is_the_contract_and_nothing_else(shared_data: Path) -> None:
    result = _run(shared_data / "datasets" / "bccd_voc", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["format"], report["images"], report["annotations"]) == ("voc", 364, 4886)
    assert report["classes"] == ["Platelets", "RBC", "WBC"]
    assert {split: count["images"] for split, count in report["splits"].items()} == {
        "train": 205,
        "val": 87,
        "test": 72,
    }
    assert sum(count["annotations"] for count in report["splits"].values()) == 4886
    zero = next(finding for finding in report["findings"] if finding["id"] == "zero_area_box")
    assert set(zero) == {"id", "count", "examples", "action", "meaning", "trigger", "remedy", "where"}
    assert (zero["count"], zero["action"], len(zero["examples"])) == (2, "skipped", 2)


def test_check__json_gives_splits_as_published(shared_data: Path) -> None:
    report = json.loads(_run(shared_data / "datasets" / "raccoon_voc_csv", "--json").stdout)
    assert {split: count["images"] for split, count in report["splits"].items()} == {"train": 160, "val": 0, "test": 40}
    assert {s: c["images"] for s, c in report["training_splits"].items()} == {"train": 128, "val": 32, "test": 40}


def test_check__report_says_what_to_do(tmp_path: Path) -> None:
    PillowImage.new("RGB", (20, 20)).save(tmp_path / "a[1].jpg")
    (tmp_path / "a[1].txt").write_text("0 0.5 0.5 0.2 0.2\n3 0.5 0.5 0.2 0.2\n")
    (tmp_path / "classes.txt").write_text("cat\n")
    result = _run(tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Read as YOLO, from a[1].txt." in result.stdout
    assert "class_id_out_of_range (skipped, 1 ×): boxes of a class that has no name" in result.stdout
    assert "a[1].txt line 2: class id 3, but there are 1 classes, 0 to 0" in result.stdout
    assert "To do: add the missing names" in result.stdout


def test_check__bad_input_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    for path, message in [(tmp_path / "gone", "does not exist"), (tmp_path, "holds no images")]:
        result = _run(path, "--json")
        assert (result.returncode, result.stdout) == (2, "")
        assert message in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1


def test_check__near_duplicates_are_compared_on_wish(shared_data: Path) -> None:
    folder = shared_data / "datasets" / "bccd_voc"
    found = {f["id"]: f["count"] for f in json.loads(_run(folder, "--json").stdout)["findings"]}
    assert (found["near_duplicate_images"], found["leak_between_splits"]) == (1, 1)
    result = _run(folder, "--no-near-duplicates")
    assert "Near-duplicates were not looked for; --near-duplicates does." in result.stdout
    assert "leak_between_splits" not in result.stdout
