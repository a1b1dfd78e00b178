"""Trainings as rows: begun, stopped, tried again, deleted; credits. Run: pytest tests/jobs/test_trainings.py."""

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from training_rows import NOW, Rows, add_rows

from epochal.errors import BadInput, Conflict, NotFound, OutOfCredits
from epochal.jobs import models, trainings
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.models import NewModel
from epochal.jobs.tables import TrainingRow
from epochal.jobs.training_ends import end_training, payment_id
from epochal.jobs.trainings import Training, TrainingOrder
from epochal.storage.database import Database
from epochal.versions.tables import VersionRow
from epochal.workspaces.credits import balance, charge, grant


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


def begin(session: Session, folder: DataFolder, rows: Rows, **order: object) -> Training:
    return trainings.create_training(
        session, folder, rows.workspace_id, rows.version_id, TrainingOrder(**order), created_by="key:K", now=NOW
    )


def row_of(session: Session, training: Training) -> TrainingRow:
    row = session.get(TrainingRow, training.id)
    assert row is not None
    return row


def paid_rows(session: Session, credits_left: int = 3) -> Rows:
    rows = add_rows(session)
    grant(session, rows.workspace_id, credits_left)
    return rows


def test_create__queues_several_of_a_version(both_databases: Database, folder: DataFolder) -> None:
    with both_databases.write() as session:
        rows = paid_rows(session)
        first = begin(session, folder, rows, epochs=5, recipe={"hyperparameters": {"epochs": 7}})
        second = begin(session, folder, rows, model_type="fast-s", name="  mine ")
    assert (first.state, first.name, first.model_type, first.epochs) == ("queued", "cells-v1-1", "fast-n", 7)
    assert (second.name, second.model_type, second.epochs) == ("mine", "fast-s", None)
    with both_databases.read() as session:
        listed = trainings.list_trainings(session, rows.workspace_id, version_id=rows.version_id)
        assert {one.id for one in listed} == {first.id, second.id}
        assert trainings.find_training(session, rows.workspace_id, first.id) == first
        assert balance(session, rows.workspace_id) == 3  # it is taken at the start


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"model_type": "huge"}, BadInput),
        ({"epochs": 0}, BadInput),
        ({"recipe": {"code": 1}}, BadInput),
        ({"max_s": 0}, BadInput),
        ({"name": "a\0b"}, BadInput),
        ({"max_memory_bytes": 5}, BadInput),
        ({"webhook_url": "file:///etc/passwd"}, BadInput),
        ({"start": {"kind": "checkpoint", "name": "../secret.pt"}}, NotFound),
        ({"start": {"kind": "training", "id": "none"}}, NotFound),
        ({"start": {"kind": "model", "id": "none"}}, NotFound),
        ({"start": {"kind": "url"}}, BadInput),
        ({"start": {}}, BadInput),
    ],
)
def test_create__refuses_what_cannot_be(
    database: Database, folder: DataFolder, order: dict[str, object], error: type[Exception]
) -> None:
    with database.write() as session, pytest.raises(error):
        begin(session, folder, paid_rows(session), **order)


def test_create__starts_from_a_checkpoint_a_training_or_a_model(database: Database, folder: DataFolder) -> None:
    folder.checkpoints_folder.mkdir()
    (folder.checkpoints_folder / "public.pt").write_bytes(b"weights")
    with database.write() as session:
        rows = paid_rows(session, 9)
        first = begin(session, folder, rows, start={"kind": "checkpoint", "name": "public.pt"})
        assert first.request["start"] == {"kind": "checkpoint", "name": "public.pt"}
        with pytest.raises(Conflict, match="has made no model"):
            begin(session, folder, rows, start={"kind": "training", "id": first.id})
        new = NewModel("M", "m", "fast-n", {"best.pt": "b" * 64}, training_id=first.id)
        made = models.add_model(session, rows.workspace_id, new)
        for start in ({"kind": "training", "id": first.id}, {"kind": "model", "id": made.slug}):
            assert begin(session, folder, rows, start=start).request["start"] == {**start, "sha256": "b" * 64}
        only_onnx = dataclasses.replace(new, files={"best.onnx": "c" * 64}, training_id=None)
        made = models.add_model(session, rows.workspace_id, only_onnx)
        with pytest.raises(BadInput, match=r"has no best\.pt"):
            begin(session, folder, rows, start={"kind": "model", "id": made.id})


def test_create__needs_a_ready_version_of_this_workspace(database: Database, folder: DataFolder) -> None:
    with database.write() as session:
        rows, other = paid_rows(session), add_rows(session, workspace="other")
        with pytest.raises(NotFound):
            begin(session, folder, Rows(other.workspace_id, rows.project_id, rows.version_id))
        version = session.get(VersionRow, rows.version_id)
        assert version is not None
        version.state = "generating"
        with pytest.raises(Conflict, match="is generating"):
            begin(session, folder, rows)


def test_create__needs_a_credit_that_no_other_training_waits_for(database: Database, folder: DataFolder) -> None:
    with database.write() as session:
        rows = paid_rows(session, 1)
        begin(session, folder, rows)
        with pytest.raises(OutOfCredits, match="1 waiting trainings"):
            begin(session, folder, rows)


def test_create__costs_nothing_when_metering_is_off(
    database: Database, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPOCHAL_CREDITS_METERED", "0")
    with database.write() as session:
        rows = add_rows(session)
        assert begin(session, folder, rows).state == "queued"


def test_cancel__of_a_waiting_one_ends_it(database: Database, folder: DataFolder) -> None:
    with database.write() as session:
        rows = paid_rows(session)
        ended = trainings.cancel_training(session, rows.workspace_id, begin(session, folder, rows).id, now=NOW)
        assert (ended.state, ended.ended_at) == ("cancelled", NOW)
        with pytest.raises(Conflict):
            trainings.cancel_training(session, rows.workspace_id, ended.id)


@pytest.mark.parametrize(("verb", "wish"), [("stop_training", "stop"), ("cancel_training", "cancel")])
def test_stop_and_cancel__of_a_running_one_are_wishes(
    database: Database, folder: DataFolder, verb: str, wish: str
) -> None:
    with database.write() as session:
        rows = paid_rows(session)
        training = begin(session, folder, rows)
        if verb == "stop_training":
            with pytest.raises(Conflict, match="is queued"):
                trainings.stop_training(session, rows.workspace_id, training.id)
        row_of(session, training).state = "running"
        for _ in range(2):
            found = getattr(trainings, verb)(session, rows.workspace_id, training.id)
            assert (found.state, found.stop_wish) == ("stopping", wish)


@pytest.mark.parametrize(
    ("state", "epoch", "left"),
    [
        ("failed", 0, 3),
        ("failed", 4, 3),
        ("cancelled", 0, 3),
        ("cancelled", 1, 2),
        ("finished", 9, 2),
        ("stopped", 2, 2),
    ],
)
def test_end__gives_the_credit_back_where_it_should(
    database: Database, folder: DataFolder, state: str, epoch: int, left: int
) -> None:
    with database.write() as session:
        rows = paid_rows(session)
        row = row_of(session, begin(session, folder, rows, webhook_url="https://example.org/x"))
        charge(session, rows.workspace_id, payment_id(row))
        row.state, row.epoch, row.worker_key_sha256 = "running", epoch, "k"
        end_training(session, row, state, "why", now=NOW)  # type: ignore[arg-type]
        assert balance(session, rows.workspace_id) == left
        assert (row.worker_key_sha256, row.message) == (None, "why")
        with pytest.raises(Conflict):
            end_training(session, row, "failed", "", now=NOW)


def test_retry__of_a_refunded_one_pays_again(database: Database, folder: DataFolder) -> None:
    with database.write() as session:
        rows = paid_rows(session)
        training = begin(session, folder, rows)
        row = row_of(session, training)
        for attempt in (1, 2):
            charge(session, rows.workspace_id, payment_id(row))
            row.state, row.attempt = "running", attempt
            assert balance(session, rows.workspace_id) == 2
            end_training(session, row, "failed", "")
            assert balance(session, rows.workspace_id) == 3
            again = trainings.retry_training(session, rows.workspace_id, training.id)
            assert (again.state, again.max_attempts, again.ended_at) == ("queued", attempt + 3, None)


@pytest.mark.parametrize("state", ["queued", "running", "finished"])
def test_retry__is_for_what_ended_without_finishing(database: Database, folder: DataFolder, state: str) -> None:
    with database.write() as session:
        rows = paid_rows(session)
        training = begin(session, folder, rows)
        row_of(session, training).state = state
        with pytest.raises(Conflict):
            trainings.retry_training(session, rows.workspace_id, training.id)


def test_delete__takes_the_model_along_and_restore_brings_both_back(database: Database, folder: DataFolder) -> None:
    with database.write() as session:
        rows = paid_rows(session)
        training = begin(session, folder, rows)
        with pytest.raises(Conflict, match="cancel it first"):
            trainings.delete_training(session, rows.workspace_id, training.id)
        row_of(session, training).state = "finished"
        new = NewModel("M", "m", "fast-n", {"best.pt": "b" * 64}, training_id=training.id)
        model = models.add_model(session, rows.workspace_id, new)
        trainings.delete_training(session, rows.workspace_id, training.id)
        assert trainings.list_trainings(session, rows.workspace_id) == []
        assert [one.id for one in trainings.list_trainings(session, rows.workspace_id, in_trash=True)] == [training.id]
        with pytest.raises(NotFound):
            models.find_model(session, rows.workspace_id, model.id)
        back = trainings.restore_training(session, rows.workspace_id, training.id)
        assert back.model == model
        with pytest.raises(NotFound):
            trainings.restore_training(session, rows.workspace_id, training.id)
