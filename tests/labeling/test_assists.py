"""Drafts come in order, once, and never over a person's work. Run: pytest tests/labeling/test_assists.py."""

import pytest

import epochal.versions.tables  # noqa: F401  # models name them
from deploy.rows import add_model, add_project, add_workspace
from epochal.datasets.labels import LabelledBox, read_annotations, set_annotations
from epochal.datasets.tables import ImageRow
from epochal.datasets.uploads import add_image
from epochal.errors import Conflict, NotFound
from epochal.labeling.assists import (
    begin_assist,
    end_assist,
    find_assist,
    keep_drafts,
    list_assists,
    next_images,
    unfinished_assists,
)
from epochal.labeling.proposals import Choice
from epochal.labeling.reviewing import images_with_drafts, review_drafts
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from server.at_work import picture

SURE = LabelledBox("dog", (1, 1, 20, 20), 0.9, is_draft=True, source="model")
UNSURE = LabelledBox("cat", (5, 5, 30, 30), 0.4, is_draft=True, source="model")


@pytest.fixture
def filled(both_databases: Database, blobs: BlobStore) -> tuple[str, str, list[str]]:
    """A project, a model, five unlabelled images in two batches."""
    with both_databases.write() as session:
        workspace = add_workspace(session)
        project = add_project(session, workspace)
        model = add_model(session, workspace, project, {})
        for n in range(5):
            add_image(session, blobs, project, picture(n), name=f"{n}.png", batch_name="ab"[n % 2])
        ids = sorted(row.id for row in session.query(ImageRow))
    return project, model, ids


def test_assist__goes_on_where_it_was_and_leaves_a_persons_work(
    both_databases: Database, filled: tuple[str, str, list[str]]
) -> None:
    project, model, ids = filled
    with both_databases.write() as session:
        assist = begin_assist(session, project, model, Choice(), batch_id=None, created_by="key:x")
        assert (assist.images, assist.state) == (5, "running")
        with pytest.raises(Conflict, match="already"):
            begin_assist(session, project, model, Choice(), batch_id=None, created_by="key:x")
    with both_databases.write() as session:
        assert [one.id for one in next_images(session, assist, 3)] == ids[:3]
        person = LabelledBox("cow", (0, 0, 9, 9))
        set_annotations(session, project, ids[1], [person])
        assist = keep_drafts(session, assist, [(ids[0], [SURE]), (ids[1], [SURE]), (ids[2], [])])
    with both_databases.write() as session:
        (left,) = unfinished_assists(session)
        assert (left.done, left.boxes, left.after_image_id) == (3, 1, ids[2])
        assert [one.id for one in next_images(session, left, 10)] == ids[3:]
        left = keep_drafts(session, left, [(ids[3], [SURE, UNSURE]), (ids[4], [UNSURE])])
        assert next_images(session, left, 10) == []
        end_assist(session, left.id, "finished")
        end_assist(session, left.id, "failed", "too late")
    with both_databases.read() as session:
        assert find_assist(session, project, assist.id).state == "finished"
        assert [one.boxes for one in list_assists(session, project)] == [4]
        assert unfinished_assists(session) == []
        boxes = read_annotations(session, project, ids)
        assert [(one.class_name, one.is_draft) for one in boxes[ids[1]]] == [("cow", False)]
        assert images_with_drafts(session, project) == [ids[0], ids[3], ids[4]]
        with pytest.raises(NotFound):
            find_assist(session, "other", assist.id)


def test_assist__that_finds_nothing_does_not_say_that_nothing_is_there(
    both_databases: Database, filled: tuple[str, str, list[str]]
) -> None:
    project, model, ids = filled
    with both_databases.write() as session:
        assist = begin_assist(session, project, model, Choice(), batch_id=None, created_by="key:x")
        outside = LabelledBox("dog", (900, 900, 950, 950), 0.9, is_draft=True, source="model")
        keep_drafts(session, assist, [(ids[0], []), (ids[1], [outside]), (ids[2], [SURE])])
        end_assist(session, assist.id, "finished")
    with both_databases.write() as session:
        rows = {row.id: row for row in session.query(ImageRow)}
        assert [(rows[one].is_labelled, rows[one].in_dataset) for one in ids[:3]] == [(False, False)] * 3
        again = begin_assist(session, project, model, Choice(), batch_id=None, created_by="key:x")
        assert again.images == 5


def test_review__of_drafts_none_sure_enough_leaves_the_image_unlabelled(
    both_databases: Database, filled: tuple[str, str, list[str]]
) -> None:
    project, _, ids = filled
    with both_databases.write() as session:
        set_annotations(session, project, ids[0], [UNSURE], source="model", is_draft=True)
        taken = review_drafts(session, project, ids[:1], accept=True, least_confidence=0.8)
        assert (taken.images, taken.accepted, taken.rejected) == (1, 0, 1)
        row = session.get_one(ImageRow, ids[0])
        assert (row.is_labelled, row.in_dataset) == (False, False)


def test_assist__of_one_batch(both_databases: Database, filled: tuple[str, str, list[str]]) -> None:
    project, model, ids = filled
    with both_databases.write() as session:
        batch = session.get_one(ImageRow, ids[0]).batch_id
        mine = [row.id for row in session.query(ImageRow) if row.batch_id == batch]
        assist = begin_assist(session, project, model, Choice(), batch_id=batch, created_by="key:x")
        assert [one.id for one in next_images(session, assist, 10)] == sorted(mine)
        with pytest.raises(NotFound):
            begin_assist(session, project, model, Choice(), batch_id="none", created_by="key:x")


def test_review__accepts_the_sure_and_rejects(both_databases: Database, filled: tuple[str, str, list[str]]) -> None:
    project, _, ids = filled
    with both_databases.write() as session:
        for image_id in ids[:3]:
            set_annotations(session, project, image_id, [SURE, UNSURE], source="model", is_draft=True)
        taken = review_drafts(session, project, ids[:2], accept=True, least_confidence=0.5)
        assert (taken.images, taken.accepted, taken.rejected) == (2, 2, 2)
        refused = review_drafts(session, project, ids[2:], accept=False)
        assert (refused.images, refused.accepted, refused.rejected) == (1, 0, 2)
        with pytest.raises(NotFound):
            review_drafts(session, project, ["none"], accept=True)
    with both_databases.read() as session:
        rows = {row.id: row for row in session.query(ImageRow)}
        boxes = read_annotations(session, project, ids)
    for image_id in ids[:2]:
        assert [(one.class_name, one.is_draft, one.source) for one in boxes[image_id]] == [("dog", False, "model")]
        assert rows[image_id].is_labelled
        assert rows[image_id].in_dataset
    assert boxes[ids[2]] == []
    assert not rows[ids[2]].is_labelled
