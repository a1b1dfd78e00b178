"""The trash lists every kind, says until when, and gives back. Run: pytest tests/jobs/test_trash_list.py."""

import dataclasses
import time

import pytest
from project_rows import picture
from training_rows import NOW, add_rows

from epochal.datasets.images import delete_images
from epochal.datasets.projects import delete_project, find_project
from epochal.datasets.uploads import add_image
from epochal.errors import NotFound
from epochal.jobs import models
from epochal.jobs.tables import TrainingRow
from epochal.jobs.trainings import delete_training
from epochal.jobs.trash_list import KINDS, TrashKind, list_trash, restore_items
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.project_versions import delete_version

FILES = {"best.onnx": "a" * 64}


def _counts(database: Database, workspace_id: str) -> dict[TrashKind, int]:
    with database.read() as session:
        return list_trash(session, workspace_id, "project").counts


def test_every_kind__is_listed_with_its_day_and_comes_back(both_databases: Database, blobs: BlobStore) -> None:
    with both_databases.write() as session:
        rows = add_rows(session)
        other = add_rows(session, workspace="other")
        project = find_project(session, rows.workspace_id, "cells")
        images = [add_image(session, blobs, project.id, picture(n), name=f"{n}.jpg").id for n in range(3)]
        training = TrainingRow(
            id="cells-1", workspace_id=rows.workspace_id, project_id=project.id, version_id=rows.version_id,
            name="Cells 1", state="finished", model_type="fast-n", request={}, limits={}, created_by="key:x",
            queued_at=NOW, attempt=1,
        )  # fmt: skip
        session.add(training)
        session.flush()
        new = models.NewModel("Cells", "cells-1", "fast-n", FILES, project_id=project.id, version_id=rows.version_id)
        models.add_model(session, rows.workspace_id, dataclasses.replace(new, training_id=training.id), now=NOW)
        alone = models.add_model(session, rows.workspace_id, dataclasses.replace(new, project_id=None))
        before = time.time()
        delete_images(session, [project.id], images[:2])
        delete_training(session, rows.workspace_id, training.id)
        models.delete_model(session, rows.workspace_id, alone.id)
        delete_version(session, project.id, 1)
    expected: dict[TrashKind, int] = {"project": 0, "version": 1, "training": 1, "model": 1, "image": 2}
    assert _counts(both_databases, rows.workspace_id) == expected
    assert set(_counts(both_databases, other.workspace_id).values()) == {0}, "each workspace has a trash of its own"
    with both_databases.read() as session:
        pages = {kind: list_trash(session, rows.workspace_id, kind).items for kind in KINDS}
        (second,) = list_trash(session, rows.workspace_id, "image", limit=1, offset=1).items
    assert {one.id for one in pages["image"]} == set(images[:2])
    assert second == pages["image"][1]
    assert (pages["image"][0].project, pages["model"][0].project) == ("cells", None)
    for kind in ("training", "model", "image"):
        assert pages[kind][0].goes_at == pytest.approx(before + 30 * 86_400, abs=60)
    version = pages["version"][0]
    assert (version.goes_at, "stays as long as a training of it" in version.about) == (None, True)

    with both_databases.write() as session:
        with pytest.raises(NotFound, match="no image"):
            restore_items(session, rows.workspace_id, "image", [images[0], images[2]])
        with pytest.raises(NotFound):
            restore_items(session, other.workspace_id, "image", [images[0]])
        for kind, items in pages.items():
            if items:
                assert restore_items(session, rows.workspace_id, kind, [one.id for one in items]) == len(items)
        assert models.model_of_training(session, training.id) is not None, "a training brings its model"
    assert set(_counts(both_databases, rows.workspace_id).values()) == {0}


def test_what_is_in_a_deleted_project__comes_with_it(both_databases: Database, blobs: BlobStore) -> None:
    with both_databases.write() as session:
        rows = add_rows(session)
        project = find_project(session, rows.workspace_id, "cells")
        image = add_image(session, blobs, project.id, picture(1), name="a.jpg").id
        add_image(session, blobs, project.id, picture(2), name="b.jpg")
        delete_images(session, [project.id], [image])
        delete_project(session, rows.workspace_id, "cells")
    assert _counts(both_databases, rows.workspace_id) == {
        "project": 1, "version": 0, "training": 0, "model": 0, "image": 0,
    }  # fmt: skip
    with both_databases.write() as session:
        (item,) = list_trash(session, rows.workspace_id, "project").items
        assert (item.about, item.project) == ("1 image", None)
        restore_items(session, rows.workspace_id, "project", [item.id])
    assert _counts(both_databases, rows.workspace_id)["image"] == 1
