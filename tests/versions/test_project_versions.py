"""Versions of projects: numbered rows whose images are made in the background, and their zips."""

import zipfile
from pathlib import Path

import pytest
from project_rows import add_workspace, box, picture

from epochal.datasets import open_dataset
from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.ready_zip import Source
from epochal.datasets.uploads import add_image
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.versions.project_exports import find_export, list_exports, make_export, start_export, unfinished_exports
from epochal.versions.project_generating import generate_project_version
from epochal.versions.project_versions import (
    count_versions,
    create_version,
    delete_version,
    deleted_versions,
    find_version,
    list_project_versions,
    rename_version,
    restore_version,
    unfinished_versions,
    version_folder,
)
from epochal.versions.settings import VersionSettings, parse_settings

SOURCE = Source("lab", "cells", 1)


def fill(database: Database, blobs: BlobStore, images: int = 6) -> str:
    """A project of labelled images; gives its id."""
    workspace_id = add_workspace(database)
    with database.write() as session:
        project_id = create_project(session, workspace_id, name="Cells").id
        for number in range(images):
            split = ("train", "train", "train", "train", "val", "test")[number % 6]
            name = f"{number}.jpg" if number else "without an ending"
            added = add_image(session, blobs, project_id, picture(number), name=name, split=split, batch_name="b")
            set_annotations(session, project_id, added.id, [box("cell", 5, 5, 25, 25)], source="person")
    return project_id


def make(database: Database, blobs: BlobStore, root: Path, project_id: str, settings: VersionSettings) -> int:
    with database.write() as session:
        version = create_version(session, project_id, settings)
    generate_project_version(database, blobs, root, version.id)
    return version.number


def test_a_version_is_generated_from_the_rows_of_its_project(
    both_databases: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    project_id = fill(both_databases, blobs)
    settings = parse_settings(
        {"preprocessing": {"resize": {"width": 32, "height": 32, "format": "Stretch to"}},
         "augmentation": {"rotate": {"degrees": 15}, "image": {"versions": 2}}}
    )  # fmt: skip
    number = make(both_databases, blobs, tmp_path, project_id, settings)
    with both_databases.read() as session:
        version = find_version(session, project_id, number)
        assert unfinished_versions(session) == []
        assert count_versions(session, [project_id, "other"]) == {project_id: 1}
    assert (version.number, version.state, version.progress, version.images) == (1, "ready", 1.0, 10)
    assert {name: counts["images"] for name, counts in version.splits.items()} == {"train": 8, "val": 1, "test": 1}
    dataset = open_dataset(version_folder(tmp_path, project_id, 1))
    assert dataset.class_names == version.classes == ("cell",)
    assert {image.image_wh for image in dataset.images} == {(32, 32)}
    assert dataset.annotation_count == 10


def test_numbers_are_never_given_again_and_equal_settings_give_equal_hashes(
    database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    project_id = fill(database, blobs)
    assert make(database, blobs, tmp_path, project_id, VersionSettings()) == 1
    with database.write() as session:
        first = delete_version(session, project_id, 1)
    assert make(database, blobs, tmp_path, project_id, VersionSettings()) == 2
    with database.write() as session:
        assert [one.number for one in list_project_versions(session, project_id)] == [2]
        with pytest.raises(NotFound):
            find_version(session, project_id, 1)
        restored = restore_version(session, project_id, 1)
        assert [one.number for one in list_project_versions(session, project_id)] == [2, 1]
        assert restored.content_hash == first.content_hash == find_version(session, project_id, 2).content_hash
        with pytest.raises(NotFound):
            restore_version(session, project_id, 1)


def test_what_is_deleted_is_listed_for_its_workspace(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    project_id = fill(database, blobs)
    make(database, blobs, tmp_path, project_id, VersionSettings())
    with database.write() as session:
        delete_version(session, project_id, 1)
    with database.read() as session:
        from epochal.datasets.tables import ProjectRow

        project = session.get(ProjectRow, project_id)
        assert project is not None
        assert [one.number for one in deleted_versions(session, project.workspace_id)] == [1]
        assert deleted_versions(session, "elsewhere") == []


def test_a_version_never_changes_with_its_project(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    project_id = fill(database, blobs)
    make(database, blobs, tmp_path, project_id, VersionSettings())
    with database.write() as session:
        add_image(session, blobs, project_id, picture(99), name="late.jpg", split="train", batch_name="b")
    with database.read() as session:
        assert find_version(session, project_id, 1).images == 6
    assert len(open_dataset(version_folder(tmp_path, project_id, 1)).images) == 6


def test_a_generation_that_was_cut_off_goes_on(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    project_id = fill(database, blobs)
    with database.write() as session:
        version = create_version(session, project_id, VersionSettings())
    asked = iter([False, False, True])
    generate_project_version(database, blobs, tmp_path, version.id, is_ending=lambda: next(asked, True))
    with database.read() as session:
        assert unfinished_versions(session) == [version.id]
    generate_project_version(database, blobs, tmp_path, version.id)
    with database.read() as session:
        assert find_version(session, project_id, 1).state == "ready"


def test_a_cancelled_generation_says_so(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    project_id = fill(database, blobs)
    with database.write() as session:
        version = create_version(session, project_id, VersionSettings())
        with pytest.raises(Conflict, match="being generated"):
            delete_version(session, project_id, 1)
    generate_project_version(database, blobs, tmp_path, version.id, is_cancelled=lambda: True)
    with database.write() as session:
        assert find_version(session, project_id, 1).state == "cancelled"
        with pytest.raises(Conflict, match="cancelled"):
            start_export(session, find_version(session, project_id, 1), "coco")
    assert not version_folder(tmp_path, project_id, 1).exists()


def test_a_failure_is_told_in_the_row(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    project_id = fill(database, blobs)
    nobody_has_it = {"preprocessing": {"filter-tag": {"require": ["night"]}}}
    make(database, blobs, tmp_path, project_id, parse_settings(nobody_has_it))
    with database.read() as session:
        version = find_version(session, project_id, 1)
    assert version.state == "failed"
    assert "filter-tag" in version.message


def test_create_version__refuses_a_remap_of_a_class_that_is_not_there(database: Database, blobs: BlobStore) -> None:
    project_id = fill(database, blobs)
    settings = parse_settings({"preprocessing": {"remap": {"dog": "cat"}}})
    with database.write() as session, pytest.raises(BadInput, match="'dog' is no class of the project"):
        create_version(session, project_id, settings)


def test_an_empty_project_makes_no_version(database: Database) -> None:
    workspace_id = add_workspace(database)
    with database.write() as session:
        project = create_project(session, workspace_id, name="Empty")
        with pytest.raises(BadInput, match="at least one labelled image"):
            create_version(session, project.id, VersionSettings())
        assert list_project_versions(session, project.id) == []


def test_a_name_can_be_changed(database: Database, blobs: BlobStore) -> None:
    project_id = fill(database, blobs)
    with database.write() as session:
        assert create_version(session, project_id, VersionSettings(), name=" first ").name == "first"
        assert rename_version(session, project_id, 1, "better").name == "better"
        with pytest.raises(BadInput):
            rename_version(session, project_id, 1, "x" * 201)


def test_an_export_is_made_once_and_kept(both_databases: Database, blobs: BlobStore, tmp_path: Path) -> None:
    project_id = fill(both_databases, blobs)
    make(both_databases, blobs, tmp_path, project_id, VersionSettings())
    with both_databases.write() as session:
        version = find_version(session, project_id, 1)
        assert start_export(session, version, "yolov8").state == "running"
        with pytest.raises(BadInput, match="coco"):
            start_export(session, version, "nonsense")
    with both_databases.read() as session:
        assert unfinished_exports(session) == [(version.id, "yolov8")]
    make_export(both_databases, blobs, tmp_path, version, "yolov8", SOURCE)
    with both_databases.write() as session:
        export = start_export(session, version, "yolov8")
        assert export == find_export(session, version.id, "yolov8") == list_exports(session, version.id)[0]
    assert export.state == "ready"
    assert export.sha256 is not None
    with zipfile.ZipFile(blobs.local_path(export.sha256)) as archive:
        names = archive.namelist()
    assert "data.yaml" in names
    assert sum(name.endswith(".jpg") for name in names) == 6
    assert export.size_bytes == blobs.size_bytes(export.sha256)


def test_an_export_that_fails_says_why_and_may_be_tried_again(
    database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    project_id = fill(database, blobs)
    make(database, blobs, tmp_path, project_id, VersionSettings())
    with database.write() as session:
        version = find_version(session, project_id, 1)
        start_export(session, version, "voc")
    folder = version_folder(tmp_path, project_id, 1)
    folder.rename(folder.with_name("away"))
    make_export(database, blobs, tmp_path, version, "voc", SOURCE)
    with database.read() as session:
        export = find_export(session, version.id, "voc")
        assert export.state == "failed"
        assert export.message
    folder.with_name("away").rename(folder)
    with database.write() as session:
        assert start_export(session, version, "voc").state == "running"
    make_export(database, blobs, tmp_path, version, "voc", SOURCE)
    with database.read() as session:
        assert find_export(session, version.id, "voc").state == "ready"
