"""What was deleted goes for good after 30 days, with its files. Run: pytest tests/jobs/test_trash.py."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from project_rows import add_workspace, box, picture
from sqlalchemy import delete, func, select
from stored_project import StoredProject, store_project

from epochal.datasets.images import delete_images
from epochal.datasets.labels import set_annotations
from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.projects import create_project, delete_project, restore_project
from epochal.datasets.tables import AnnotationRow, ImageRow, ProjectRow, TaskRow
from epochal.datasets.tasks import create_task, end_task
from epochal.datasets.uploads import add_image
from epochal.deploy.monitoring import COUNTS_KEPT_DAYS, Counts, add_counts
from epochal.deploy.tables import InferenceCountRow
from epochal.errors import Failed
from epochal.jobs import trash
from epochal.jobs.doctor import examine
from epochal.jobs.models import delete_model
from epochal.jobs.tables import ModelRow, TrainingRow
from epochal.jobs.trainings import TrainingOrder, create_training, delete_training
from epochal.jobs.trash import KEPT_DAYS, Purged, Trash, purge_trash
from epochal.storage.blobs import BlobStore, hash_bytes
from epochal.storage.database import Database
from epochal.versions.generating import generate_version, plan_version
from epochal.versions.project_versions import delete_version, restore_version, version_folder
from epochal.versions.settings import VersionSettings, parse_settings
from epochal.versions.tables import VersionRow
from epochal.workspaces.credits import grant
from epochal.workspaces.tables import WorkspaceRow

DAY_S = 86_400.0


def later(days: float) -> float:
    return time.time() + days * DAY_S


def lab_of(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(WorkspaceRow.id)).one()


def train(database: Database, root: Path) -> str:
    """A training of the only version that has ended; gives its id."""
    with database.write() as session:
        version_id = session.scalars(select(VersionRow.id)).one()
        order = TrainingOrder(model_type="fast-n", epochs=1)
        lab = session.scalars(select(WorkspaceRow.id)).one()
        grant(session, lab, 1)
        training_id = create_training(session, root, lab, version_id, order, created_by="user:x").id
        session.get_one(TrainingRow, training_id).state = "finished"
    run = root / "runs" / training_id
    run.mkdir(parents=True)
    (run / "metrics.jsonl").write_text("{}\n")
    return training_id


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def objects(root: Path) -> int:
    return len(list((root / "versions" / ".objects").glob("??/*")))


def test_images_and_projects__go_with_files_that_nothing_else_names(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        kept, gone = (create_project(session, lab, name=name).id for name in ("Kept", "Gone"))
        old, new = (add_image(session, blobs, kept, picture(i), name=f"{i}.jpg").id for i in range(2))
        shared = add_image(session, blobs, kept, picture(2), name="shared.jpg").id
        add_image(session, blobs, gone, picture(2), name="shared.jpg")
        add_image(session, blobs, gone, picture(3), name="3.jpg")
        set_annotations(session, kept, old, [box("RBC")])
        delete_images(session, [kept], [old])
        delete_project(session, lab, "gone")
    assert purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS - 1)) == Purged()
    with both_databases.write() as session:
        delete_images(session, [kept], [new])
        session.get_one(ImageRow, new).deleted_at = later(1)
    assert purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 0.5)) == Purged(
        images=3, projects=1, blobs=2
    )
    with both_databases.read() as session:
        assert set(session.scalars(select(ImageRow.id))) == {new, shared}
        assert list(session.scalars(select(ProjectRow.id))) == [kept]
        assert session.scalar(select(func.count()).select_from(AnnotationRow)) == 0
    assert [blobs.has(hash_bytes(picture(i))) for i in range(4)] == [False, True, True, False]


def test_a_version__goes_with_its_folder_and_exports_and_pictures(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    stored = store_project(both_databases, blobs, tmp_path)
    with both_databases.write() as session:
        delete_version(session, stored.project_id, 1)
    assert purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS - 1)).versions == 0
    with both_databases.write() as session:
        restore_version(session, stored.project_id, 1)
        delete_version(session, stored.project_id, 1)
    assert stored.version_folder.is_dir()
    purged = purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 1))
    assert (purged.versions, purged.pictures, purged.blobs, purged.images) == (1, 4, 1, 0)
    assert (count(both_databases, VersionRow), objects(tmp_path)) == (0, 0)
    assert [path.name for path in stored.version_folder.parent.iterdir()] == []
    assert not blobs.has(stored.blob_of["version_exports"])
    assert all(blobs.has(name) for name in stored.image_hashes), "the project still has its images"
    assert examine(both_databases, blobs, tmp_path).problems == []


def test_pictures_of_a_version__stay_while_another_has_them(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    stored = store_project(both_databases, blobs, tmp_path)
    with both_databases.read() as session:
        dataset = load_dataset(session, blobs, stored.project_id)
    other = generate_version(plan_version(dataset, VersionSettings()), tmp_path / "versions", place=("mine", 1))
    with both_databases.write() as session:
        delete_version(session, stored.project_id, 1)
    purged = purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 1))
    assert (purged.versions, purged.pictures, objects(tmp_path)) == (1, 0, 4)
    assert len(list(other.path.rglob("*.jpg"))) == 4


def test_a_version_with_trainings__stays_until_they_are_gone(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    stored = store_project(both_databases, blobs, tmp_path)
    training_id, lab = train(both_databases, tmp_path), lab_of(both_databases)
    with both_databases.write() as session:
        delete_version(session, stored.project_id, 1)
    assert purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 1)).versions == 0
    assert stored.version_folder.is_dir()
    with both_databases.write() as session:
        delete_training(session, lab, training_id)
    purged = purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 2))
    assert (purged.trainings, purged.versions) == (1, 1)
    assert not (tmp_path / "runs" / training_id).exists()
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_model__goes_with_its_weights(both_databases: Database, blobs: BlobStore, tmp_path: Path) -> None:
    stored = store_project(both_databases, blobs, tmp_path)
    with both_databases.write() as session:
        delete_model(session, session.scalars(select(WorkspaceRow.id)).one(), "m")
    purged = purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 1))
    assert (purged.models, purged.blobs) == (1, 1)
    assert not blobs.has(stored.blob_of["models"])


def test_a_project__goes_with_all_that_is_in_it(both_databases: Database, blobs: BlobStore, tmp_path: Path) -> None:
    stored = store_project(both_databases, blobs, tmp_path)
    training_id = train(both_databases, tmp_path)
    with both_databases.write() as session:
        session.get_one(TrainingRow, training_id).state = "running"
        delete_project(session, session.scalars(select(WorkspaceRow.id)).one(), "cells")
    assert purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 1)).projects == 0, "it is still at work"
    with both_databases.write() as session:
        session.get_one(TrainingRow, training_id).state = "finished"
    purged = purge_trash(both_databases, blobs, tmp_path, now=later(KEPT_DAYS + 2))
    assert purged == Purged(images=4, trainings=1, models=1, versions=1, projects=1, blobs=6, pictures=4)
    assert list(blobs.names()) == []
    assert not stored.version_folder.parent.exists()
    assert examine(both_databases, blobs, tmp_path).problems == []


def test_tasks_counts_and_what_no_row_names__are_forgotten(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    store_project(both_databases, blobs, tmp_path)
    lab = lab_of(both_databases)
    found, lost = blobs.put(b"what a search found"), blobs.put(b"its row never came")
    now = time.time()
    with both_databases.write() as session:
        task = create_task(session, lab, "search_export", {})
        end_task(session, task.id, result={"sha256": found})
        model_id = session.scalars(select(ModelRow.id)).one()
        for age_days in (0, COUNTS_KEPT_DAYS - 5, COUNTS_KEPT_DAYS + 1):
            add_counts(session, model_id, int(now - age_days * DAY_S) // 60, Counts(requests=1))
    part = tmp_path / "uploads" / ".x.part"
    part.parent.mkdir()
    part.write_bytes(b"half")
    assert purge_trash(both_databases, blobs, tmp_path, now=now) == Purged(counts=1)
    assert count(both_databases, InferenceCountRow) == 2
    assert part.exists(), "it may still be arriving"
    assert blobs.has(lost), "its row may be on the way"
    assert purge_trash(both_databases, blobs, tmp_path, now=now + 1.1 * DAY_S) == Purged(blobs=1)
    assert [blobs.has(lost), blobs.has(found), part.exists()] == [False, True, False]
    assert purge_trash(both_databases, blobs, tmp_path, now=now + (KEPT_DAYS + 1) * DAY_S).tasks == 1
    assert (count(both_databases, TaskRow), blobs.has(found)) == (0, False)


def test_pictures_of_a_generation_that_was_cut_off__stay_while_it_may_go_on(
    shapes: Path, database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    from epochal.datasets import open_dataset

    plan = plan_version(open_dataset(shapes), parse_settings({"preprocessing": {"grayscale": True}}, "test"))
    with pytest.raises(Failed, match="Cancelled"):
        generate_version(plan, tmp_path / "versions", is_cancelled=lambda: True, workers=1)
    made = objects(tmp_path)
    assert made > 0
    (tmp_path / "versions" / ".objects" / "aa").mkdir(exist_ok=True)
    (tmp_path / "versions" / ".objects" / "aa" / ".half.part").write_bytes(b"a kill left it")
    assert purge_trash(database, blobs, tmp_path).pictures <= 1
    assert objects(tmp_path) == made
    assert purge_trash(database, blobs, tmp_path, now=later(KEPT_DAYS + 1)).pictures == made
    assert list((tmp_path / "versions" / "shapes").iterdir()) == []


def test_a_generation__is_not_disturbed(shapes: Path, database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    """The trash is emptied after every image, a month later each time; nothing of the version is missing."""
    from epochal.datasets import open_dataset

    plan = plan_version(open_dataset(shapes), parse_settings({"preprocessing": {"grayscale": True}}, "test"))
    seen = []

    def empty(done: int, _: int) -> None:
        seen.append(purge_trash(database, blobs, tmp_path, now=later((done + 1) * (KEPT_DAYS + 1))).pictures)

    made = generate_version(plan, tmp_path / "versions", progress=empty, workers=1)
    assert set(seen) == {0}
    assert len(list(made.path.rglob("*.jpg"))) == len(list(shapes.rglob("*.png")))


def test_an_upload_beside_the_purge__keeps_its_bytes(
    database: Database, blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look and the second the old row's picture gets a new row: it stays."""
    lab = add_workspace(database)
    with database.write() as session:
        project_id = create_project(session, lab, name="Cells").id
        add_image(session, blobs, project_id, picture(0), name="0.jpg")
        session.execute(delete(ImageRow))
    looks, look = [], trash._named

    def named(*asked: object) -> set[str]:
        found = look(*asked)  # type: ignore[arg-type]
        looks.append(found)
        return found

    def write() -> object:
        if len(looks) == 1:
            with original() as session:
                add_image(session, blobs, project_id, picture(0), name="again.jpg")
        return original()

    original: Callable[..., object] = database.write
    monkeypatch.setattr(trash, "_named", named)
    monkeypatch.setattr(database, "write", write)
    assert purge_trash(database, blobs, tmp_path, now=later(2)).blobs == 0
    assert len(looks) == 2
    assert blobs.get(hash_bytes(picture(0))) == picture(0)


def test_the_trash__is_emptied_at_the_start_and_again(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    lab = add_workspace(database)

    def is_gone(project_id: str) -> bool:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with database.read() as session:
                if session.get(ProjectRow, project_id) is None:
                    return True
            time.sleep(0.01)
        return False

    def put_away(name: str) -> str:
        with database.write() as session:
            project_id = create_project(session, lab, name=name).id
            session.get_one(ProjectRow, project_id).deleted_at = later(-KEPT_DAYS - 1)
            return project_id

    first, kept = put_away("First"), put_away("Kept")
    with database.write() as session:
        restore_project(session, lab, kept)
    keeper = Trash(database, blobs, tmp_path, every_s=0.05)
    keeper.start()
    try:
        assert is_gone(first)
        assert is_gone(put_away("Second"))
    finally:
        keeper.close()
    assert not is_gone_now(database, kept)


def is_gone_now(database: Database, project_id: str) -> bool:
    with database.read() as session:
        return session.get(ProjectRow, project_id) is None


def test_a_half_removed_folder__goes_next_time(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    stored: StoredProject = store_project(database, blobs, tmp_path)
    left = version_folder(tmp_path, stored.project_id, 1).parent / ".purged-7-x"
    left.mkdir()
    os.utime(left)
    purge_trash(database, blobs, tmp_path)
    assert not left.exists()
    assert stored.version_folder.is_dir()
