"""Images are found by what is asked of them. Run: pytest tests/datasets/test_searching.py."""

import pytest
from project_rows import add_workspace, box, picture

from epochal.datasets.images import (
    change_image,
    change_metadata,
    change_tags,
    delete_images,
    find_image,
    find_workspace_image,
    restore_images,
    set_tags,
)
from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project, delete_project
from epochal.datasets.query_language import parse_query
from epochal.datasets.searching import ImageFilter, search_project, search_workspace
from epochal.datasets.uploads import add_image
from epochal.errors import BadInput, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database


class Lab:
    """A workspace with two projects: cells (a, b, c) and cars (d)."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database = database
        self.workspace_id = add_workspace(database)
        with database.write() as session:
            cells = create_project(session, self.workspace_id, name="Cells").id
            cars = create_project(session, self.workspace_id, name="Cars").id
            self.cells, self.cars = cells, cars
            sizes = {"a": (60, 40), "b": (60, 40), "c": (120, 90), "d": (30, 30)}
            rows = {
                "a": (cells, "night_a.jpg", "train", ["night", "left side"]),
                "b": (cells, "b_50%.jpg", "valid", ["night"]),
                "c": (cells, "c.jpg", None, []),
                "d": (cars, "d.jpg", "test", ["Night"]),
            }
            self.ids = {
                key: add_image(
                    session, blobs, project, picture(n, sizes[key]), name=name, split=split, tags=tags, batch_name=key
                ).id
                for n, (key, (project, name, split, tags)) in enumerate(rows.items())
            }
            set_annotations(session, cells, self.ids["a"], [box("RBC"), box("RBC"), box("WBC")])
            set_annotations(session, cells, self.ids["b"], [])
            set_annotations(session, cells, self.ids["c"], [box("RBC")], source="model", is_draft=True)
            set_annotations(session, cars, self.ids["d"], [box("car")], joins_dataset=False)

    def find(self, query: str) -> str:
        """The letters of the images that a query finds, in order."""
        with self.database.read() as session:
            found = search_workspace(session, self.workspace_id, query)
        letters = {image_id: key for key, image_id in self.ids.items()}
        assert found.total == len(found.images)
        return "".join(sorted(letters[image.id] for image in found.images))


@pytest.fixture
def lab(both_databases: Database, blobs: BlobStore) -> Lab:
    return Lab(both_databases, blobs)


@pytest.fixture
def quick_lab(database: Database, blobs: BlobStore) -> Lab:
    return Lab(database, blobs)


@pytest.mark.parametrize(
    ("query", "letters"),
    [
        ("", "abcd"),
        ("*", "abcd"),
        ("tag:night", "abd"),
        ('tag:"left side"', "a"),
        ("class:rbc", "a"),  # a draft is none
        ("class:*bc", "a"),
        ("split:valid", "b"),
        ("split:none", "c"),
        ("filename:night*", "a"),
        ("filename:50%", "b"),
        ("filename:_a", "a"),  # _ stands for itself
        ("project:cells", "abc"),
        ("project:false", ""),
        ("dataset:cells", "ab"),
        ("dataset:false", "cd"),
        ("batch:c", "c"),
        ("annotated:true", "abd"),
        ("min-width:61", "c"),
        ("max-height:30", "d"),
        ("min-annotations:1", "ad"),
        ("max-annotations:0", "bc"),
        ("min-width:31 max-annotations:0 tag:night", "b"),
        ("tag:night -class:car", "ab"),
        ("tag:night NOT class:car", "ab"),
        ("tag:night AND split:train OR split:none", "ac"),
        ("tag:night (split:train OR split:valid)", "ab"),
        ("-(split:train OR split:valid)", "cd"),
        ("NOT -tag:night", "abd"),
        ("car", "d"),
        ("night", "abd"),
        ("-tag:absent", "abcd"),
    ],
)
def test_search_workspace__finds(quick_lab: Lab, query: str, letters: str) -> None:
    # `split:none` is no split at all, so its negation must not lose images without one.
    assert quick_lab.find(query) == letters


def test_search_workspace__finds_the_same_on_both_databases(lab: Lab) -> None:
    assert lab.find("tag:night -class:car min-annotations:0 (filename:b OR filename:a)") == "ab"
    assert lab.find("filename:50%") == "b"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("(tag:a", "never closed"),
        ("tag:a)", "too many"),
        ("tag:a OR", "its end"),
        ("OR", "has OR"),
        ("colour:red", "no field"),
        ("min-width:wide", "whole number"),
        ("annotated:maybe", "true or false"),
        ("split:trian", "train, val .or valid., test, or none"),
        ("review:aproved", "unannotated, annotated, approved, rejected"),
        ('tag:"open', "quote"),
        ("(" * 60 + "a" + ")" * 60, "40 brackets"),
        ("NOT " * 60 + "a", "40 brackets"),
        ("a" * 3000, "at most 2,000"),
    ],
)
def test_parse_query__says_what_cannot_be_read(query: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_query(query)


def test_search_project__pages_by_offset_and_by_cursor_without_gaps(both_databases: Database, blobs: BlobStore) -> None:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        project = create_project(session, lab, name="Cells").id
        ids = [add_image(session, blobs, project, picture(i), name=f"{i}.jpg").id for i in range(7)]
        by_offset = [search_project(session, project, ImageFilter(), limit=3, offset=at) for at in (0, 3, 6)]
        pages, cursor = [], None
        while True:
            page = search_project(session, project, ImageFilter(), limit=3, cursor=cursor)
            pages.append([image.id for image in page.images])
            add_image(session, blobs, project, picture(100 + len(pages)), name="new.jpg")  # others upload meanwhile
            cursor = page.cursor
            if cursor is None:
                break
        with pytest.raises(BadInput, match="no cursor"):
            search_project(session, project, ImageFilter(), cursor="x")
    assert [image.id for page in by_offset for image in page.images] == ids[::-1]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [image_id for page in pages for image_id in page] == ids[::-1]


def test_search_project__filters(quick_lab: Lab) -> None:
    def find(**wanted: object) -> str:
        letters = {image_id: key for key, image_id in quick_lab.ids.items()}
        with quick_lab.database.read() as session:
            found = search_project(session, quick_lab.cells, ImageFilter(**wanted))  # type: ignore[arg-type]
        return "".join(sorted(letters[image.id] for image in found.images))

    assert find() == "abc"
    assert find(tag="night") == "ab"
    assert find(class_name="WBC") == "a"
    assert find(in_dataset=True) == "ab"
    assert find(in_batch=True) == "c"
    assert find(is_labelled=False) == "c"
    assert find(in_job=True) == ""
    assert find(query="night", split="valid") == "b"


def test_find_image__tells_labels_drafts_and_tags_and_keeps_workspaces_apart(lab: Lab) -> None:
    other = add_workspace(lab.database, "other")
    with lab.database.write() as session:
        image = find_workspace_image(session, lab.workspace_id, lab.ids["a"])
        assert (image.labels, image.drafts, image.tags) == ({"RBC": 2, "WBC": 1}, 0, ("left side", "night"))
        draft = find_image(session, lab.cells, lab.ids["c"])
        assert (draft.labels, draft.drafts, draft.project_slug) == ({}, 1, "cells")
        with pytest.raises(NotFound):
            find_workspace_image(session, other, lab.ids["a"])
        with pytest.raises(NotFound):
            find_image(session, lab.cars, lab.ids["a"])
        delete_project(session, lab.workspace_id, "cells")
        with pytest.raises(NotFound):
            find_workspace_image(session, lab.workspace_id, lab.ids["a"])
        assert [image.id for image in search_workspace(session, lab.workspace_id, "").images] == [lab.ids["d"]]


def test_changes__of_an_image_are_checked_and_kept(lab: Lab) -> None:
    with lab.database.write() as session:
        a, c = lab.ids["a"], lab.ids["c"]
        changed = change_image(session, lab.cells, a, split="test", in_dataset=False, review="approved", name="z.jpg")
        assert (changed.split, changed.in_dataset, changed.review, changed.name) == ("test", False, "approved", "z.jpg")
        with pytest.raises(BadInput, match="has not been labelled"):
            change_image(session, lab.cells, c, in_dataset=True)
        assert change_tags(session, lab.cells, a, add=["day"], remove=["night"]) == ("day", "left side")
        assert set_tags(session, lab.cells, a, ["one"]) == ("one",)
        assert change_metadata(session, lab.cells, a, add={"cam": 1, "site": "x"}) == {"cam": 1, "site": "x"}
        assert change_metadata(session, lab.cells, a, add={"cam": 2}, remove=["site", "absent"]) == {"cam": 2}
    assert lab.find("tag:one") == "a"


def test_deleted_images__are_in_no_answer_and_come_back(lab: Lab) -> None:
    with lab.database.write() as session:
        assert delete_images(session, [lab.cells], [lab.ids["a"], lab.ids["d"], "absent"]) == [lab.ids["a"]]
    assert lab.find("") == "bcd"
    with lab.database.write() as session:
        assert restore_images(session, lab.cells, [lab.ids["a"], lab.ids["b"]]) == [lab.ids["a"]]
    assert lab.find("class:RBC") == "a"
