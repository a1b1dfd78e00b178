"""Backup and restore give back the same rows, blobs and versions. Run: pytest tests/jobs/test_backup.py."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select
from stored_project import StoredProject, store_project

from epochal.datasets import open_dataset
from epochal.errors import BadInput, Conflict, EpochalError, Failed, NotFound
from epochal.jobs.backup import MANIFEST, back_up, restore
from epochal.jobs.doctor import examine
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.migrating import migrate
from epochal.storage.tables import Table
from epochal.versions.project_versions import find_version, version_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from epochal.jobs import backup
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
left = int(sys.argv[1])
whole = backup._pieces
stream = BlobStore.stream
def kill_when_due():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
def pieces(one):
    kill_when_due()
    yield from whole(one)
def blob(*given):
    kill_when_due()
    yield from stream(*given)
backup._pieces, BlobStore.stream = pieces, blob
root, target = Path(sys.argv[3]), Path(sys.argv[4])
if sys.argv[2] == "restore":
    backup.restore(root, target)
else:
    backup.back_up(Database(f"sqlite:///{root}/epochal.sqlite"), BlobStore(root / "blobs", root / "c"), root, target)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def kept(root: Path) -> Database:
    database = Database(f"sqlite:///{root / 'epochal.sqlite'}")
    migrate(database)
    return database


@pytest.fixture
def folder_blobs(root: Path) -> BlobStore:
    return BlobStore(root / "blobs", root / "cache")


@pytest.fixture
def stored(kept: Database, folder_blobs: BlobStore, root: Path) -> StoredProject:
    (root / "runs" / "one").mkdir(parents=True)
    (root / "runs" / "one" / "metrics.jsonl").write_text("{}\n")
    return store_project(kept, folder_blobs, root)


def _rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as session:
        return {
            name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for name, table in Table.metadata.tables.items()
        }


@pytest.mark.parametrize("name", ["backup.zip", "backup"])
def test_restored_rows_blobs_and_versions_are_the_same(
    kept: Database, folder_blobs: BlobStore, root: Path, stored: StoredProject, tmp_path: Path, name: str
) -> None:
    made = back_up(kept, folder_blobs, root, tmp_path / name)
    new = tmp_path / "new"
    assert restore(tmp_path / name, new) == made
    database, blobs = Database(f"sqlite:///{new / 'epochal.sqlite'}"), BlobStore(new / "blobs", new / "cache")
    rows = _rows(database)
    assert rows == _rows(kept)
    assert len(rows["images"]) == len(rows["annotations"]) == 4
    assert sorted(blobs.names()) == sorted(folder_blobs.names())
    assert all(blobs.get(one) == folder_blobs.get(one) for one in blobs.names())
    with database.read() as session:
        assert find_version(session, stored.project_id, 1).content_hash == stored.content_hash
    assert len(open_dataset(version_folder(new, stored.project_id, 1)).images) == 4
    assert (new / "runs" / "one" / "metrics.jsonl").read_text() == "{}\n"
    assert examine(database, blobs, new).problems == []
    database.close()


def test_blobs_kept_elsewhere_are_in_the_backup(
    kept: Database, both_blobs: BlobStore, root: Path, tmp_path: Path
) -> None:
    stored = store_project(kept, both_blobs, root)
    back_up(kept, both_blobs, root, tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "new")
    blobs = BlobStore(tmp_path / "new" / "blobs", tmp_path / "cache-new")
    assert set(stored.image_hashes) <= set(blobs.names())


@pytest.mark.usefixtures("stored")
def test_an_altered_or_missing_file_restores_nothing(
    kept: Database, folder_blobs: BlobStore, root: Path, tmp_path: Path
) -> None:
    back_up(kept, folder_blobs, root, tmp_path / "b")
    names = json.loads((tmp_path / "b" / MANIFEST).read_text())["files"]
    assert len(names) > 8
    for name in names:
        file = tmp_path / "b" / name
        whole = file.read_bytes()
        file.chmod(0o644)
        file.write_bytes(whole + b" ")
        with pytest.raises(Failed, match="altered"):
            restore(tmp_path / "b", tmp_path / "new")
        file.unlink()
        with pytest.raises(Failed, match="missing"):
            restore(tmp_path / "b", tmp_path / "new")
        file.write_bytes(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "data"]
    restore(tmp_path / "b", tmp_path / "new")


@pytest.mark.usefixtures("stored")
def test_nothing_that_is_there_is_overwritten(
    kept: Database, folder_blobs: BlobStore, root: Path, tmp_path: Path
) -> None:
    back_up(kept, folder_blobs, root, tmp_path / "b.zip")
    with pytest.raises(Conflict, match="is there already"):
        back_up(kept, folder_blobs, root, tmp_path / "b.zip")
    with pytest.raises(Conflict, match="holds something"):
        restore(tmp_path / "b.zip", root)
    with pytest.raises(BadInput, match="outside"):
        back_up(kept, folder_blobs, root, root / "b.zip")
    with pytest.raises(NotFound):
        restore(tmp_path / "none.zip", tmp_path / "new")
    (tmp_path / "new").mkdir()  # an empty folder is as good as none
    restore(tmp_path / "b.zip", tmp_path / "new")


def test_a_lost_blob_makes_no_backup(
    kept: Database, folder_blobs: BlobStore, root: Path, stored: StoredProject, tmp_path: Path
) -> None:
    folder_blobs.delete(stored.image_hashes[0])
    with pytest.raises(Failed, match="epochal doctor"):
        back_up(kept, folder_blobs, root, tmp_path / "b.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("name", ["../out", "blobs/../../out", "/out", "blobs//x", "other/x", "blobs\\..\\x", "runs"])
def test_a_manifest_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    manifest = {"format": 1, "created_at": 1.0, "files": {"epochal.sqlite": "0" * 64, name: "0" * 64}}
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(MANIFEST, json.dumps(manifest))
        archive.writestr(name, "out")
    with pytest.raises(BadInput, match="no backup"):
        restore(tmp_path / "b.zip", tmp_path / "new" / "data")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "new" / "data").exists()


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(EpochalError, match=r"b\.zip is no"):
        restore(tmp_path / "b.zip", tmp_path / "new")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("name", ["b.zip", "b"])
def test_a_kill_leaves_nothing_half(
    kept: Database, folder_blobs: BlobStore, root: Path, tmp_path: Path, name: str
) -> None:
    def run(after: int, what: str, source: Path, target: Path) -> int:
        command = [sys.executable, "-c", KILLED, str(after), what, str(source), str(target)]
        return subprocess.run(command, capture_output=True, timeout=60).returncode

    for after in (0, 3):
        assert run(after, "back_up", root, tmp_path / name) == -9
        assert not (tmp_path / name).exists()
    back_up(kept, folder_blobs, root, tmp_path / name)
    for after in (1, 4):
        assert run(after, "restore", tmp_path / name, tmp_path / "new") == -9
        assert not (tmp_path / "new").exists()
    restore(tmp_path / name, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "data", "new"])  # no part is left


def test_postgresql_is_left_to_its_own_tool(postgres_url: str, blobs: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="pg_dump"):
        back_up(Database(postgres_url), blobs, tmp_path / "data", tmp_path / "b.zip")


@pytest.mark.usefixtures("stored")
def test_the_commands(root: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "epochal", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    made = run("backup", tmp_path / "b.zip", "--data-dir", root, "--json")
    assert made.returncode == 0, made.stderr
    restored = run("restore", tmp_path / "b.zip", "--data-dir", tmp_path / "new", "--json")
    assert restored.returncode == 0, restored.stderr
    told = json.loads(restored.stdout)
    assert (told["files"], told["path"]) == (json.loads(made.stdout)["files"], str(tmp_path / "new"))
    again = run("restore", tmp_path / "b.zip", "--data-dir", tmp_path / "new")
    assert again.returncode == 2
    assert "holds something" in again.stderr
