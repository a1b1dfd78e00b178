"""Work on projects goes on after a server's end. Run: pytest tests/jobs/test_project_work.py."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from project_rows import add_workspace, box, picture

from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import count_projects, create_project
from epochal.datasets.tasks import create_task, file_came, note_progress, task_by_id
from epochal.datasets.uploads import add_image
from epochal.errors import Conflict
from epochal.jobs.background import Background
from epochal.jobs.project_work import ProjectWork
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

WaitUntil = Callable[[Callable[[], bool]], None]
ZIP = {"split": None, "batch_name": "zipped", "tags": ["t"], "overwrite": False}


def test_what_was_left_unfinished__is_taken_up_once(
    both_databases: Database, blobs: BlobStore, tmp_path: Path, wait_until: WaitUntil
) -> None:
    """A zip whose import was killed in the middle: what came is found again, the rest is added."""
    work = ProjectWork(both_databases, blobs, tmp_path, Background())
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        project = create_project(session, lab, name="Cells").id
        task = create_task(session, lab, "zip", ZIP, project_id=project, waits=True)
        waits = create_task(session, lab, "zip", ZIP, project_id=project, waits=True)
        file_came(session, task.id)
        with pytest.raises(Conflict, match="came already"):
            file_came(session, task.id)
        note_progress(session, task.id, 1, 3)
        image = add_image(session, blobs, project, picture(0), name="0.jpg")
        set_annotations(session, project, image.id, [box("mine")])
    work.zip_path(task.id).parent.mkdir()
    with zipfile.ZipFile(work.zip_path(task.id), "w") as archive:
        for number in range(3):
            archive.writestr(f"train/{number}.jpg", picture(number))
            archive.writestr(f"train/{number}.txt", "0 0.5 0.5 0.5 0.5")
    work.go_on()

    def has_ended() -> bool:
        with both_databases.read() as session:
            return task_by_id(session, task.id).state == "completed"

    wait_until(has_ended)
    work.background.close()
    with both_databases.read() as session:
        result = task_by_id(session, task.id).result
        counts = count_projects(session, [project])[project]
        assert task_by_id(session, waits.id).state == "waiting"
    assert result is not None
    assert (result["images"], result["duplicates"], result["annotated"], result["kept_existing"]) == (2, 1, 2, 1)
    assert (counts.images, counts.in_dataset, counts.classes["mine"]) == (3, 3, 1)
    assert not work.zip_path(task.id).exists()
