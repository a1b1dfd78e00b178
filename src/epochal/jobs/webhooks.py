"""Tell an address of the user's what becomes of a training: started, stalled, resumed, ended.

What is to be told is a row of its own, written in the transaction of what happened, so that neither a restart nor an
address that is away for hours loses it; it is told at least once, and by its id whoever hears it knows a second time.
Each message is signed with the secret of its workspace, so that nobody else can make one up.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets.fetching import send_json
from epochal.errors import EpochalError, NotFound
from epochal.jobs.tables import TrainingRow, WebhookMessageRow
from epochal.storage.database import Database
from epochal.storage.ids import new_id
from epochal.workspaces.tables import WorkspaceRow

LOG = logging.getLogger("epochal.jobs.webhooks")
TRIES, FIRST_PAUSE_S, LONGEST_PAUSE_S, TIME_LIMIT_S = 8, 10.0, 3600.0, 10.0
AT_ONCE = 20
Event = Literal["training_started", "training_stalled", "training_resumed", "training_ended"]


@dataclass(frozen=True)
class Message:
    """One message, ready to be sent: `headers` hold its id and signature, `body` is the JSON that was signed."""

    url: str
    headers: Mapping[str, str]
    body: bytes


Post = Callable[[Message], None]
"""Sends a message; raises an EpochalError when it is not taken, or its address may not be asked."""


def post_message(message: Message) -> None:
    """Send to a public address, or to one of the setting `fetch_allow`; see `datasets/fetching.py`."""
    asyncio.run(send_json(message.url, message.body, headers=message.headers, time_limit_s=TIME_LIMIT_S))


def tell(session: Session, row: TrainingRow, event: Event, *, now: float) -> None:
    """Note a message for the address of a training, if it has one; in the transaction of what happened."""
    if row.webhook_url is None:
        return
    told = {"state": row.state, "message": row.message, "attempt": row.attempt, "epoch": row.epoch, "best": row.best}
    session.add(
        WebhookMessageRow(id=new_id(), training_id=row.id, event=event, told=told, happened_at=now, due_at=now, tries=0)
    )


def sign(secret: str, at: int, body: bytes) -> str:
    """The signature of a body at a time (seconds since 1970): HMAC-SHA256 of `AT.BODY`, in hex."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def webhook_secret(session: Session, workspace_id: str, *, renew: bool = False) -> str:
    """What the messages of a workspace are signed with; made when it is first asked for.

    Args:
        session: of a write.
        workspace_id: whose.
        renew: make another one; what is not sent yet is signed with it too.

    Raises:
        NotFound: no such workspace.
    """
    row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.id == workspace_id).with_for_update())
    if row is None:
        raise NotFound("There is no such workspace.")
    if row.webhook_secret is None or renew:
        row.webhook_secret = f"whsec_{secrets.token_urlsafe(32)}"
        session.flush()
    return row.webhook_secret


def send_due(database: Database, post: Post, *, now: float | None = None) -> int:
    """Send what is due, the oldest first; what is not taken is due again later, at most `TRIES` times.

    Returns:
        How many were taken.
    """
    at = time.time() if now is None else now
    with database.read() as session:
        due = select(WebhookMessageRow.id).where(WebhookMessageRow.due_at <= at)
        ids = list(session.scalars(due.order_by(WebhookMessageRow.happened_at, WebhookMessageRow.id).limit(AT_ONCE)))
    return sum(_send(database, post, message_id, at) for message_id in ids)


def _send(database: Database, post: Post, message_id: str, at: float) -> bool:
    with database.write() as session:
        message = _ready(session, message_id, at)
    if message is None:
        return False
    why = ""
    try:
        post(message)
    except EpochalError as error:
        why = str(error)
    with database.write() as session:
        row = session.get(WebhookMessageRow, message_id)
        if row is None:
            return not why
        row.tries += 1
        if not why:
            session.delete(row)
        elif row.tries >= TRIES:
            session.delete(row)
            LOG.warning("webhook given up", extra={"fields": {"training": row.training_id, "error": why}})
        else:
            row.due_at = at + min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 4 ** (row.tries - 1))
    return not why


def _ready(session: Session, message_id: str, at: float) -> Message | None:
    from epochal.jobs.trainings import find_training  # which ends trainings, and so tells

    row = session.get(WebhookMessageRow, message_id)
    training_row = None if row is None else session.get(TrainingRow, row.training_id)
    if row is None or training_row is None or training_row.webhook_url is None:
        return None
    workspace_id = training_row.workspace_id
    training = find_training(session, workspace_id, training_row.id, in_trash=training_row.deleted_at is not None)
    content: dict[str, Any] = {
        "id": row.id,
        "event": row.event,
        "happened_at": row.happened_at,
        "training": {
            "id": training.id,
            "name": training.name,
            "project": training.project_slug,
            "version": training.version_number,
            **row.told,
            "epochs": training.epochs,
            "model": None if training.model is None else training.model.slug,
            "ended_at": training.ended_at if row.event == "training_ended" else None,
        },
    }
    body = json.dumps(content).encode()
    headers = {
        "X-Epochal-Event": row.event,
        "X-Epochal-Delivery": row.id,
        "X-Epochal-Timestamp": str(int(at)),
        "X-Epochal-Signature": f"sha256={sign(webhook_secret(session, workspace_id), int(at), body)}",
    }
    return Message(training_row.webhook_url, headers, body)
