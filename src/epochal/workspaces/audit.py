"""Who changed what: lines that are added and never changed."""

import time
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.storage.ids import new_id
from epochal.storage.tables import JsonObject
from epochal.workspaces.tables import AuditRow


@dataclass(frozen=True)
class AuditEntry:
    """One line.

    Attributes:
        actor: `user:ID`, `key:ID`, or `server` for the command line on its machine.
        action: such as `key.create`.
        subject: what was changed, by id.
    """

    actor: str
    action: str
    subject: str
    details: JsonObject
    created_at: float


def record(session: Session, workspace_id: str, actor: str, action: str, subject: str, **details: object) -> None:
    """Add a line, in the transaction of the change itself. Details hold no secret."""
    session.add(
        AuditRow(
            id=new_id(),
            workspace_id=workspace_id,
            actor=actor,
            action=action,
            subject=subject,
            details=details,
            created_at=time.time(),
        )
    )


def list_audit(session: Session, workspace_id: str, *, limit: int = 200) -> list[AuditEntry]:
    """The last lines of a workspace, the newest first."""
    rows = session.scalars(
        select(AuditRow)
        .where(AuditRow.workspace_id == workspace_id)
        .order_by(AuditRow.created_at.desc(), AuditRow.id)
        .limit(limit)
    )
    return [AuditEntry(row.actor, row.action, row.subject, row.details, row.created_at) for row in rows]
