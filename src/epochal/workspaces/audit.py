"""Who changed what: lines that are added and never changed."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.storage.ids import new_id
from epochal.storage.tables import JsonObject
from epochal.workspaces.tables import ApiKeyRow, AuditRow, MemberRow, UserRow

COMMAND_LINE = "command-line"
"""The actor of a command on the server's own machine: whoever may use the data folder."""


@dataclass(frozen=True)
class AuditEntry:
    """One line.

    Attributes:
        actor: `user:ID`, `key:ID`, or `COMMAND_LINE`.
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


def record_of_person(session: Session, user_id: str, actor: str, action: str) -> None:
    """Add a line about a person's account to every workspace that they are in."""
    where = session.scalars(select(MemberRow.workspace_id).where(MemberRow.user_id == user_id))
    for workspace_id in list(where):
        record(session, workspace_id, actor, action, user_id)


def list_audit(session: Session, workspace_id: str, *, limit: int = 200) -> list[AuditEntry]:
    """The last lines of a workspace, the newest first."""
    rows = session.scalars(
        select(AuditRow)
        .where(AuditRow.workspace_id == workspace_id)
        .order_by(AuditRow.created_at.desc(), AuditRow.id)
        .limit(limit)
    )
    return [AuditEntry(row.actor, row.action, row.subject, row.details, row.created_at) for row in rows]


def name_actors(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """{actor: what people call them}, such as an e-mail address; the actor itself where nobody is left to name."""
    wanted = set(actors)
    names = {actor: actor for actor in wanted} | {COMMAND_LINE: "the command line on this machine"}
    people = select(UserRow.id, UserRow.email).where(UserRow.id.in_(_ids(wanted, "user:")))
    names |= {f"user:{row[0]}": str(row[1]) for row in session.execute(people)}
    keys = select(ApiKeyRow.id, ApiKeyRow.name).where(ApiKeyRow.id.in_(_ids(wanted, "key:")))
    names |= {f"key:{row[0]}": f"the API key {row[1]}" for row in session.execute(keys)}
    return names


def _ids(actors: Iterable[str], kind: str) -> list[str]:
    return [actor.removeprefix(kind) for actor in actors if actor.startswith(kind)]
