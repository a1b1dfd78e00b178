"""Labels are saved against what was read, drafts among them. Run: pytest tests/datasets/test_hand_labels.py."""

import dataclasses

import pytest
from project_rows import add_workspace, box, picture

from epochal.datasets.hand_labels import read_labels, save_labels
from epochal.datasets.images import find_image
from epochal.datasets.labels import LabelledBox, set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.uploads import add_image
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

SURE, UNSURE = box("dog", 1, 1, 20, 20, confidence=0.9), box("cat", 5, 5, 30, 30, confidence=0.4)


@pytest.fixture
def image(both_databases: Database, blobs: BlobStore) -> tuple[str, str]:
    """A project and an image of 60 × 40 of it, which nobody has labelled."""
    workspace = add_workspace(both_databases)
    with both_databases.write() as session:
        project = create_project(session, workspace, name="Animals").id
        return project, add_image(session, blobs, project, picture(1), name="a.jpg").id


def _state(database: Database, project: str, image: str) -> tuple[bool, bool, int, dict[str, int]]:
    with database.read() as session:
        found = find_image(session, project, image)
        return found.is_labelled, found.in_dataset, found.drafts, dict(found.labels)


def test_save__needs_what_was_read_and_overwrites_nobody(both_databases: Database, image: tuple[str, str]) -> None:
    with both_databases.write() as session:
        read = read_labels(session, *image)
        assert (read.boxes, read.is_labelled) == ((), False)
        first = save_labels(session, *image, [box("cow")], expects=read.revision)
        assert first.revision != read.revision
        assert read_labels(session, *image) == first
    with both_databases.write() as session, pytest.raises(Conflict, match="Somebody else"):
        save_labels(session, *image, [box("pig")], expects=read.revision)
    with both_databases.write() as session:
        assert [one.class_name for one in read_labels(session, *image).boxes] == ["cow"]
        second = save_labels(session, *image, [box("pig")])  # on purpose
        again = save_labels(session, *image, [box("cow")], expects=second.revision)
        assert again.revision == first.revision, "the same content is the same revision"


def test_save__of_nothing_is_background_or_unlabelled(both_databases: Database, image: tuple[str, str]) -> None:
    with both_databases.write() as session:
        assert save_labels(session, *image, []).is_labelled
    assert _state(both_databases, *image) == (True, True, 0, {})
    with both_databases.write() as session:
        assert not save_labels(session, *image, [], is_unlabelled_when_empty=True).is_labelled
    assert _state(both_databases, *image) == (False, False, 0, {})


def test_drafts__are_taken_one_by_one_and_the_image_is_labelled_with_the_last(
    both_databases: Database, image: tuple[str, str]
) -> None:
    with both_databases.write() as session:
        set_annotations(session, *image, [SURE, UNSURE], source="model", is_draft=True)
        read = read_labels(session, *image)
        assert [one.is_draft for one in read.boxes] == [True, True]
        taken = dataclasses.replace(read.boxes[0], is_draft=False)
        half = save_labels(session, *image, [taken, read.boxes[1], box("cow")], expects=read.revision)
        assert [(one.class_name, one.is_draft, one.source) for one in half.boxes] == [
            ("dog", False, "model"),
            ("cat", True, "model"),
            ("cow", False, "person"),
        ]
    assert _state(both_databases, *image) == (False, False, 1, {"dog": 1, "cow": 1})
    with both_databases.write() as session:
        set_annotations(session, *image, [UNSURE, UNSURE], source="model", is_draft=True)  # the model tries again
        assert [one.class_name for one in read_labels(session, *image).boxes] == ["dog", "cow", "cat", "cat"]
        own = [one for one in read_labels(session, *image).boxes if not one.is_draft]
        assert save_labels(session, *image, own).is_labelled
    assert _state(both_databases, *image) == (True, True, 0, {"dog": 1, "cow": 1})


def test_save__cuts_and_refuses_as_ever(both_databases: Database, image: tuple[str, str]) -> None:
    with both_databases.write() as session:
        saved = save_labels(session, *image, [box("cow", -5, 10, 500, 20), box("cow", 70, 70, 90, 90)])
        assert [one.box_xyxy for one in saved.boxes] == [(0, 10, 60, 20)]
        with pytest.raises(BadInput, match="is no box"):
            save_labels(session, *image, [LabelledBox("cow", (float("nan"), 0, 1, 1))])
        with pytest.raises(NotFound):
            save_labels(session, image[0], "x" * 20, [])
