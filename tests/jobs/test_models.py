"""Models are found by version, slug and id, in their workspace alone. Run: pytest tests/jobs/test_models.py."""

import dataclasses

import pytest
from training_rows import NOW, add_rows, version_row

from epochal.errors import BadInput, Conflict, NotFound
from epochal.jobs import models
from epochal.jobs.models import NewModel
from epochal.storage.database import Database

FILES = {"best.onnx": "a" * 64, "best.pt": "b" * 64}
NEW = NewModel("Cells", "cells-1", "fast-n", FILES, classes=("disc", "block"), metrics={"mAP_0.5": 0.9})


def test_find_model__by_version_slug_and_id(both_databases: Database) -> None:
    with both_databases.write() as session:
        rows = add_rows(session)
        session.add(version_row(rows.project_id, 2))
        new = dataclasses.replace(NEW, project_id=rows.project_id, version_id=rows.version_id)
        old = models.add_model(session, rows.workspace_id, new, now=NOW)
        newest = models.add_model(session, rows.workspace_id, new, now=NOW + 1)
    with both_databases.read() as session:
        assert models.find_model(session, rows.workspace_id, "cells/1") == newest
        older = dataclasses.replace(old, answers=False)  # it did, until the newest came
        assert models.find_model(session, rows.workspace_id, old.slug) == older
        assert models.find_model(session, rows.workspace_id, old.id) == older
        assert (old.slug, newest.slug) == ("cells-1", "cells-1-2")
        assert models.list_models(session, rows.workspace_id, version_id=rows.version_id) == [newest, older]
        assert old.files == FILES
        assert old.metrics == {"mAP_0.5": 0.9}
        for wrong in ("cells/2", "cells/x", "dishes/1", "cells/99999999999999999999", "", "/", "cells"):
            with pytest.raises(NotFound):
                models.find_model(session, rows.workspace_id, wrong)


def test_find_model__prefers_one_that_can_run(database: Database) -> None:
    with database.write() as session:
        rows = add_rows(session)
        new = dataclasses.replace(NEW, project_id=rows.project_id, version_id=rows.version_id)
        runs = models.add_model(session, rows.workspace_id, new, now=NOW)
        stored = dataclasses.replace(new, can_run=False, message="stored alone")
        models.add_model(session, rows.workspace_id, stored, now=NOW + 1)
        assert models.find_model(session, rows.workspace_id, "cells/1") == runs


def test_choose_model__lets_an_older_one_answer_whatever_is_trained_later(both_databases: Database) -> None:
    with both_databases.write() as session:
        rows = add_rows(session)
        session.add(version_row(rows.project_id, 2, other := "b" * 20))
        session.flush()
        new = dataclasses.replace(NEW, project_id=rows.project_id, version_id=rows.version_id)
        old = models.add_model(session, rows.workspace_id, new, now=NOW)
        newer = models.add_model(session, rows.workspace_id, new, now=NOW + 1)
        elsewhere = models.add_model(session, rows.workspace_id, dataclasses.replace(new, version_id=other))

        def answering() -> str:
            listed = models.list_models(session, rows.workspace_id, version_id=rows.version_id)
            found = models.find_model(session, rows.workspace_id, "cells/1")
            assert [one.id for one in listed if one.answers] == [found.id], "the list says the same"
            return found.slug

        assert answering() == newer.slug
        chosen = models.choose_model(session, rows.workspace_id, old.slug)
        assert (chosen.is_chosen, chosen.answers) == (True, True)
        models.add_model(session, rows.workspace_id, new, now=NOW + 2)
        assert answering() == old.slug
        assert models.find_model(session, rows.workspace_id, newer.slug).id == newer.id, "asked by its name"
        models.choose_model(session, rows.workspace_id, newer.slug)
        assert answering() == newer.slug, "one at a time"
        models.delete_model(session, rows.workspace_id, newer.slug)
        assert answering() == "cells-1-4", "the newest of those that are left"
        models.choose_model(session, rows.workspace_id, old.slug)
        assert not models.unchoose_model(session, rows.workspace_id, old.slug).answers
        assert answering() == "cells-1-4"
        assert models.find_model(session, rows.workspace_id, elsewhere.id).answers, "of another version"


def test_choose_model__refuses_what_could_not_answer(database: Database) -> None:
    with database.write() as session:
        rows = add_rows(session)
        loose = models.add_model(session, rows.workspace_id, NEW)
        with pytest.raises(BadInput, match="of no version"):
            models.choose_model(session, rows.workspace_id, loose.slug)
        stored = dataclasses.replace(NEW, version_id=rows.version_id, can_run=False, message="stored alone")
        with pytest.raises(BadInput, match="stored alone"):
            models.choose_model(session, rows.workspace_id, models.add_model(session, rows.workspace_id, stored).slug)


def test_model__is_not_seen_from_another_workspace(database: Database) -> None:
    with database.write() as session:
        rows = add_rows(session)
        other = add_rows(session, workspace="other")
        new = dataclasses.replace(NEW, project_id=rows.project_id, version_id=rows.version_id)
        model = models.add_model(session, rows.workspace_id, new)
        for wanted in ("cells/1", model.slug, model.id):
            with pytest.raises(NotFound):
                models.find_model(session, other.workspace_id, wanted)


def test_model__deleted_is_gone_and_keeps_its_name(database: Database) -> None:
    with database.write() as session:
        rows = add_rows(session)
        model = models.add_model(session, rows.workspace_id, NEW)
        models.delete_model(session, rows.workspace_id, model.slug)
        with pytest.raises(NotFound):
            models.find_model(session, rows.workspace_id, model.id)
        assert models.add_model(session, rows.workspace_id, NEW).slug == "cells-1-2"


def test_rename_model(database: Database) -> None:
    with database.write() as session:
        rows = add_rows(session)
        first = models.add_model(session, rows.workspace_id, NEW)
        models.add_model(session, rows.workspace_id, dataclasses.replace(NEW, slug="taken"))
        assert models.rename_model(session, rows.workspace_id, first.id, "best-cells").slug == "best-cells"
        with pytest.raises(Conflict):
            models.rename_model(session, rows.workspace_id, first.id, "taken")
        with pytest.raises(BadInput):
            models.rename_model(session, rows.workspace_id, first.id, "a/b")


def test_add_model__without_files_is_refused(database: Database) -> None:
    with database.write() as session, pytest.raises(BadInput):
        models.add_model(session, add_rows(session).workspace_id, dataclasses.replace(NEW, files={}))


@pytest.mark.parametrize(("text", "slug"), [("Red Cells!", "red-cells"), ("Ä", "model"), ("a" * 99, "a" * 60)])
def test_make_slug(text: str, slug: str) -> None:
    assert models.make_slug(text) == slug


def test_pick_metrics__leaves_out_what_is_no_number() -> None:
    assert models.pick_metrics({"mAP_0.5": 0.5, "precision": None, "other": 1}) == {"mAP_0.5": 0.5}
