"""Tell an address of the user's that a training has ended. What is due is in its row, so a restart forgets none."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from epochal.datasets.fetching import send_json
from epochal.errors import EpochalError
from epochal.jobs.tables import TrainingRow
from epochal.jobs.trainings import Training, find_training
from epochal.storage.database import Database

TRIES, FIRST_PAUSE_S, TIME_LIMIT_S = 5, 10.0, 10.0
Post = Callable[[str, dict[str, Any]], None]
"""Sends JSON to an address; raises an EpochalError when it is not taken, or may not be asked."""


def post_json(url: str, content: dict[str, Any]) -> None:
    """Send to a public address, or to one of the setting `fetch_allow`; see `datasets/fetching.py`."""
    asyncio.run(send_json(url, content, time_limit_s=TIME_LIMIT_S))


def describe_end(training: Training) -> dict[str, Any]:
    """What is sent: no secret, nothing that the address did not ask for."""
    return {
        "event": "training_ended",
        "training": {
            "id": training.id,
            "name": training.name,
            "project": training.project_slug,
            "version": training.version_number,
            "state": training.state,
            "message": training.message,
            "epoch": training.epoch,
            "epochs": training.epochs,
            "best": training.best,
            "model": None if training.model is None else training.model.slug,
            "ended_at": training.ended_at,
        },
    }


def send_due(database: Database, post: Post, *, now: float | None = None) -> int:
    """Send what is due; what fails is due again later, at most `TRIES` times.

    Returns:
        How many were sent.
    """
    at = time.time() if now is None else now
    with database.read() as session:
        due = session.scalars(select(TrainingRow).where(TrainingRow.webhook_due_at <= at).limit(20)).all()
        trainings = [
            (row.webhook_url, find_training(session, row.workspace_id, row.id, in_trash=row.deleted_at is not None))
            for row in due
        ]
    sent = 0
    for url, training in trainings:
        try:
            post(url or "", describe_end(training))
            is_sent = True
        except EpochalError:
            is_sent = False
        sent += is_sent
        with database.write() as session:
            row = session.get(TrainingRow, training.id)
            if row is not None:
                row.webhook_tries += 1
                gives_up = is_sent or row.webhook_tries >= TRIES
                row.webhook_due_at = None if gives_up else at + FIRST_PAUSE_S * 4 ** (row.webhook_tries - 1)
    return sent
