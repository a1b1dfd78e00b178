"""The end of a training, whoever brings it about: the state, the credit, who is told. One transaction."""

import time
from typing import Literal

from sqlalchemy.orm import Session

from epochal.jobs.tables import TrainingRow
from epochal.jobs.training_states import require_transition
from epochal.jobs.webhooks import tell
from epochal.workspaces import credits as ledger

End = Literal["finished", "stopped", "failed", "cancelled"]


def end_training(session: Session, row: TrainingRow, state: End, message: str, *, now: float | None = None) -> None:
    """End a training: no worker may write for it any more, its credit comes back where it should, its address is told.

    Args:
        session: of a write.
        row: the training.
        state: how it ends.
        message: a sentence, or empty.
        now: seconds since 1970.

    Raises:
        Conflict: it had ended already.
    """
    require_transition(row.id, row.state, state)
    at = time.time() if now is None else now
    row.state, row.message, row.ended_at = state, message, at
    row.worker_key_sha256, row.engine_ref, row.lease_expires_at, row.stop_wish = None, None, None, None
    tell(session, row, "training_ended", now=at)
    why = _why_refunded(row)
    if why is not None and ledger.refund(session, row.workspace_id, payment_id(row), why):
        row.payment += 1


def payment_id(row: TrainingRow) -> str:
    """What the ledger knows a training by: its id, and a number behind it once a payment was given back."""
    return row.id if row.payment == 1 else f"{row.id}-{row.payment}"


def _why_refunded(row: TrainingRow) -> str | None:
    if row.state == "failed":
        return "the training failed"
    if row.state == "cancelled" and row.epoch == 0:
        return "the training was cancelled before its first epoch had ended"
    return None
