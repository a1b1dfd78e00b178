"""What is stored is whole, or it is told what is not. Run: pytest tests/jobs/test_doctor.py."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from stored_project import store_project

from epochal.jobs.doctor import examine
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database


def _kinds(database: Database, blobs: BlobStore, root: Path) -> list[str]:
    return [problem.kind for problem in examine(database, blobs, root).problems]


def _blob_file(root: Path, sha256: str) -> Path:
    return root / "blobs" / sha256[:2] / sha256


def test_what_is_whole_has_no_problem(both_databases: Database, both_blobs: BlobStore, tmp_path: Path) -> None:
    stored = store_project(both_databases, both_blobs, tmp_path)
    found = examine(both_databases, both_blobs, tmp_path)
    assert found.problems == []
    assert (found.versions, found.blobs) == (1, len(list(both_blobs.names())))
    assert set(stored.image_hashes) <= set(both_blobs.names())
    assert found.named_blobs >= len(stored.image_hashes)


def test_an_altered_a_lost_blob_and_a_lost_version_are_told(
    database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    stored = store_project(database, blobs, tmp_path)
    altered, lost = stored.image_hashes[:2]
    file = _blob_file(tmp_path, altered)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    blobs.delete(lost)
    shutil.rmtree(stored.version_folder)
    problems = {problem.kind: problem for problem in examine(database, blobs, tmp_path).problems}
    assert set(problems) == {"blob_missing", "blob_altered", "version_missing"}
    assert lost in problems["blob_missing"].what
    assert "the image" in problems["blob_missing"].what
    assert altered in problems["blob_altered"].what
    assert str(stored.version_folder) in problems["version_missing"].what


@pytest.mark.parametrize("table", ["models", "version_exports", "images"])
def test_every_kind_of_row_that_names_a_blob_is_looked_at(
    database: Database, blobs: BlobStore, tmp_path: Path, table: str
) -> None:
    stored = store_project(database, blobs, tmp_path)
    blobs.delete(stored.blob_of[table])
    assert _kinds(database, blobs, tmp_path) == ["blob_missing"]


def test_a_damaged_database_is_told(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    store_project(database, blobs, tmp_path)
    database.close()
    file = tmp_path / "epochal.sqlite"
    content = bytearray(file.read_bytes())
    content[4096 * 2 : -4096] = bytes(len(content) - 4096 * 3)
    file.write_bytes(content)
    again = Database(f"sqlite:///{file}")
    assert "database" in _kinds(again, blobs, tmp_path)
    again.close()


def _run(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "epochal", "doctor", "--json", "--data-dir", str(root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_command_leaves_with_1_when_something_is_wrong(
    database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    stored = store_project(database, blobs, tmp_path)
    whole = _run(tmp_path)
    assert (whole.returncode, json.loads(whole.stdout)["ok"]) == (0, True), whole.stderr
    blobs.delete(stored.image_hashes[0])
    wrong = _run(tmp_path)
    assert (wrong.returncode, json.loads(wrong.stdout)["ok"]) == (1, False)
    nowhere = _run(tmp_path / "nowhere")
    assert nowhere.returncode == 2
    assert "--data-dir" in nowhere.stderr
    assert not (tmp_path / "nowhere").exists()
