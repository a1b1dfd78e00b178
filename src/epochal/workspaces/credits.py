"""Training credits: a ledger to which lines are added and nothing else. The balance is the sum of its changes.

A training takes one when it starts and gives it back when it failed or was cancelled before its first epoch. Each line
says why. The setting `credits_metered` switches the taking off; grants are written all the same.
"""

import time
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.config import read_settings
from epochal.errors import BadInput, NotFound, OutOfCredits
from epochal.storage.ids import new_id
from epochal.workspaces.tables import CreditEntryRow, WorkspaceRow

START_CREDITS = 3
MAX_GRANT = 1_000_000
_TRAINING = "training"
_REFUND = "refund"


@dataclass(frozen=True)
class CreditEntry:
    """One line of the ledger.

    Attributes:
        change: credits added, or taken when negative.
        reason: start, grant, training or refund.
        note: a sentence for people.
    """

    id: str
    change: int
    reason: str
    note: str
    training_id: str | None
    by_user_id: str | None
    created_at: float


def balance(session: Session, workspace_id: str) -> int:
    """Credits that are left in a workspace."""
    total = session.scalar(select(func.sum(CreditEntryRow.change)).where(CreditEntryRow.workspace_id == workspace_id))
    return int(total or 0)


def charge(session: Session, workspace_id: str, training_id: str, name: str = "") -> None:
    """Take one credit for a training; a second time for the same training takes nothing.

    Args:
        session: of a write.
        workspace_id: whose credit.
        training_id: what for.
        name: what people call it; the note of the line.

    Raises:
        OutOfCredits: none is left.
    """
    if not is_metered():
        return
    lock_workspace(session, workspace_id)
    if _line(session, training_id, _TRAINING) is not None:
        return
    left = balance(session, workspace_id)
    if left < 1:
        raise OutOfCredits(
            "This workspace has no training credit left, so nothing was started; what was set up is kept. An owner "
            "grants more on the workspace's page, or with `epochal credits grant`; the setting credits_metered "
            "switches metering off."
        )
    _add(session, workspace_id, -1, _TRAINING, name[:200], training_id=training_id)


def refund(session: Session, workspace_id: str, training_id: str, reason: str) -> bool:
    """Give back what a training took, once.

    Args:
        session: of a write.
        workspace_id: whose credit.
        training_id: which training.
        reason: a sentence for people, such as "cancelled before its first epoch".

    Returns:
        Whether a credit was given back; False when it took none, or was refunded before.
    """
    lock_workspace(session, workspace_id)
    taken = _line(session, training_id, _TRAINING)
    if taken is None or taken.workspace_id != workspace_id or _line(session, training_id, _REFUND) is not None:
        return False
    _add(session, workspace_id, -taken.change, _REFUND, reason[:200], training_id=training_id)
    return True


def grant(
    session: Session,
    workspace_id: str,
    count: int,
    *,
    reason: str = "grant",
    note: str = "",
    by_user_id: str | None = None,
) -> int:
    """Add credits.

    Returns:
        The new balance.

    Raises:
        BadInput: fewer than one, or absurdly many.
    """
    if not 1 <= count <= MAX_GRANT:
        raise BadInput(f"Expected 1 to {MAX_GRANT:,} credits to grant; got {count}.")
    _add(session, workspace_id, count, reason, note[:200], by_user_id=by_user_id)
    return balance(session, workspace_id)


def ledger(session: Session, workspace_id: str, *, limit: int = 200) -> list[CreditEntry]:
    """The last lines of the ledger, the newest first."""
    rows = session.scalars(
        select(CreditEntryRow)
        .where(CreditEntryRow.workspace_id == workspace_id)
        .order_by(CreditEntryRow.created_at.desc(), CreditEntryRow.id)
        .limit(limit)
    )
    return [
        CreditEntry(row.id, row.change, row.reason, row.note, row.training_id, row.by_user_id, row.created_at)
        for row in rows
    ]


def is_metered() -> bool:
    """Whether trainings take credits: the setting `credits_metered`."""
    return bool(read_settings()["credits_metered"])


def lock_workspace(session: Session, workspace_id: str) -> None:
    """Make others wait who would count the same workspace. Raises NotFound when there is none."""
    if session.scalar(select(WorkspaceRow.id).where(WorkspaceRow.id == workspace_id).with_for_update()) is None:
        raise NotFound("There is no such workspace.")


def _line(session: Session, training_id: str, reason: str) -> CreditEntryRow | None:
    return session.scalar(
        select(CreditEntryRow).where(CreditEntryRow.training_id == training_id, CreditEntryRow.reason == reason)
    )


def _add(
    session: Session,
    workspace_id: str,
    change: int,
    reason: str,
    note: str,
    *,
    training_id: str | None = None,
    by_user_id: str | None = None,
) -> None:
    session.add(
        CreditEntryRow(
            id=new_id(),
            workspace_id=workspace_id,
            change=change,
            reason=reason,
            note=note,
            training_id=training_id,
            by_user_id=by_user_id,
            created_at=time.time(),
        )
    )
    session.flush()
