"""Projects in a database: their slugs, numbers, trash. Run: pytest tests/datasets/test_projects.py."""

import pytest
from project_rows import add_workspace, box, picture

from epochal.datasets.classes import change_class, color_of, ensure_classes, list_classes
from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import (
    change_project,
    count_projects,
    create_project,
    delete_project,
    find_project,
    list_deleted_projects,
    list_projects,
    restore_project,
)
from epochal.datasets.uploads import add_image
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.slugs import slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My Name", "my-name"),
        ("Zellen – Übersicht", "zellen-ubersicht"),
        ("projects", "project-projects"),
        ("42", "project-42"),
        ("日本", "project"),
        ("../../etc", "etc"),
        ("a" * 200, "a" * 60),
    ],
)
def test_slug__is_made_of_the_name_and_is_no_word_of_the_address(name: str, slug: str) -> None:
    assert slug_of(name, "project") == slug


def test_projects__of_one_name_have_slugs_of_their_own_and_are_found_by_either(both_databases: Database) -> None:
    lab, other = add_workspace(both_databases), add_workspace(both_databases, "other")
    with both_databases.write() as session:
        first, second = (create_project(session, lab, name="Blood Cells") for _ in range(2))
        foreign = create_project(session, other, name="Blood Cells")
        assert [first.slug, second.slug, foreign.slug] == ["blood-cells", "blood-cells-2", "blood-cells"]
        assert find_project(session, lab, "Blood Cells") == first  # the oldest of that name
        assert find_project(session, lab, "blood-cells-2") == second
        with pytest.raises(NotFound, match="no project 'dots'"):
            find_project(session, lab, "dots")
        assert {project.id for project in list_projects(session, lab)} == {first.id, second.id}


def test_create_project__says_what_is_wrong_with_a_name(database: Database) -> None:
    lab = add_workspace(database)
    with database.write() as session, pytest.raises(BadInput, match="expected 1 to 200"):
        create_project(session, lab, name="  ")


def test_change_project__keeps_its_slug(database: Database) -> None:
    lab = add_workspace(database)
    with database.write() as session:
        create_project(session, lab, name="Cells")
        changed = change_project(session, lab, "cells", name="Blood", license="MIT", is_public=True)
    assert (changed.slug, changed.name, changed.license, changed.is_public) == ("cells", "Blood", "MIT", True)


def test_deleted_project__is_gone_at_once_keeps_its_slug_and_comes_back(both_databases: Database) -> None:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        old = create_project(session, lab, name="Cells")
        delete_project(session, lab, "cells")
        with pytest.raises(NotFound):
            find_project(session, lab, "cells")
        with pytest.raises(NotFound):
            delete_project(session, lab, "cells")
        assert [project.id for project in list_deleted_projects(session, lab)] == [old.id]
        assert create_project(session, lab, name="Cells").slug == "cells-2"
        assert restore_project(session, lab, old.id).slug == "cells"
        assert find_project(session, lab, "cells").id == old.id
        with pytest.raises(NotFound, match="trash"):
            restore_project(session, lab, old.id)


def test_classes__come_with_their_first_use_and_keep_ids_and_colours(both_databases: Database) -> None:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        project = create_project(session, lab, name="Cells")
        assert ensure_classes(session, project.id, ["RBC", "WBC", "RBC"]) == {"RBC": 0, "WBC": 1}
        assert ensure_classes(session, project.id, ["Platelets", " RBC "]) == {"Platelets": 2, "RBC": 0}
        change_class(session, project.id, 1, name="white", color="#ABCDEF")
        with pytest.raises(Conflict):
            change_class(session, project.id, 1, name="RBC")
        with pytest.raises(BadInput, match="no colour"):
            change_class(session, project.id, 1, color="red")
        found = list_classes(session, project.id)
    assert [(one.class_id, one.name) for one in found] == [(0, "RBC"), (1, "white"), (2, "Platelets")]
    assert found[1].color == "#abcdef"
    assert len({color_of(i) for i in range(200)}) == 200


def test_count_projects__counts_images_splits_and_boxes_of_each(both_databases: Database, blobs: BlobStore) -> None:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        cells, empty = create_project(session, lab, name="Cells"), create_project(session, lab, name="Empty")
        ids = [
            add_image(session, blobs, cells.id, picture(i), name=f"{i}.jpg", split=split).id
            for i, split in enumerate(["train", "train", "valid", "test"])
        ]
        set_annotations(session, cells.id, ids[0], [box("RBC"), box("WBC")])
        set_annotations(session, cells.id, ids[2], [])
        set_annotations(session, cells.id, ids[3], [box("RBC")], source="model", is_draft=True)
        counts = count_projects(session, [cells.id, empty.id])
    found = counts[cells.id]
    assert (found.images, found.in_dataset, found.unannotated) == (4, 2, 2)
    assert found.splits == {"train": 1, "val": 1, "test": 0}
    assert found.classes == {"RBC": 1, "WBC": 1}
    assert set(found.colors) == {"RBC", "WBC"}
    assert (counts[empty.id].images, counts[empty.id].classes) == (0, {})
