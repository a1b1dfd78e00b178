"""Members of workspaces and their roles: owner, member, viewer. A workspace always keeps an owner."""

import time
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.errors import Conflict, NotFound
from epochal.workspaces.credits import lock_workspace
from epochal.workspaces.people import create_person, person_by_email
from epochal.workspaces.scopes import check_role
from epochal.workspaces.signing_in import INVITATION_S, make_link
from epochal.workspaces.tables import MemberRow, UserRow


@dataclass(frozen=True)
class Member:
    """A person in a workspace.

    Attributes:
        has_joined: False while an invitation waits: the person has no password yet.
    """

    user_id: str
    email: str
    name: str
    role: str
    added_at: float
    has_joined: bool


def list_members(session: Session, workspace_id: str) -> list[Member]:
    """The people of a workspace, the first one first."""
    rows = session.execute(
        select(MemberRow, UserRow)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(MemberRow.workspace_id == workspace_id)
        .order_by(MemberRow.added_at, UserRow.email)
    )
    return [_member(row, user) for row, user in rows]


def invite(session: Session, workspace_id: str, email: str, role: str) -> tuple[Member, str | None]:
    """Put somebody into a workspace.

    A link is given for an account that nobody has used and that is in no other workspace. Whoever has an account of
    their own is a member from now on and signs in as ever: a link would let the inviter in as them.

    Args:
        session: of a write.
        workspace_id: where.
        email: whom.
        role: owner, member or viewer.

    Returns:
        The member, and the token of a link that signs them in once, or None.

    Raises:
        BadInput: no e-mail address, no role.
        Conflict: they are in it, and have joined.
    """
    check_role(role)
    person = person_by_email(session, email) or create_person(session, email)
    row = session.get(MemberRow, (workspace_id, person.id))
    if row is not None and (person.has_password or person.is_server_owner):
        raise Conflict(f"{person.email} is in this workspace already; change the role instead.")
    if row is None:
        row = MemberRow(workspace_id=workspace_id, user_id=person.id, role=role, added_at=time.time())
        session.add(row)
    elif row.role != role:
        _refuse_to_orphan(session, workspace_id, row)
        row.role = role
    session.flush()
    user = session.get_one(UserRow, person.id)
    elsewhere = session.scalar(
        select(func.count()).where(MemberRow.user_id == person.id, MemberRow.workspace_id != workspace_id)
    )
    is_new = not person.has_password and not person.is_server_owner and not elsewhere
    return _member(row, user), make_link(session, person.id, valid_s=INVITATION_S) if is_new else None


def change_role(session: Session, workspace_id: str, user_id: str, role: str) -> Member:
    """Give a member another role.

    Raises:
        BadInput: no role.
        NotFound: no such member.
        Conflict: the workspace would be without an owner.
    """
    check_role(role)
    row = _row(session, workspace_id, user_id)
    if role != "owner":
        _refuse_to_orphan(session, workspace_id, row)
    row.role = role
    session.flush()
    return _member(row, session.get_one(UserRow, user_id))


def remove_member(session: Session, workspace_id: str, user_id: str) -> None:
    """Take somebody out of a workspace; what they made stays. Raises as `change_role`."""
    row = _row(session, workspace_id, user_id)
    _refuse_to_orphan(session, workspace_id, row)
    session.delete(row)
    session.flush()


def count_members(session: Session, workspace_id: str) -> int:
    """How many people are in a workspace."""
    return session.scalar(select(func.count()).where(MemberRow.workspace_id == workspace_id)) or 0


def _refuse_to_orphan(session: Session, workspace_id: str, leaving: MemberRow) -> None:
    lock_workspace(session, workspace_id)  # two owners who leave at once would each see the other
    owners = session.scalar(
        select(func.count()).where(MemberRow.workspace_id == workspace_id, MemberRow.role == "owner")
    )
    if leaving.role == "owner" and owners == 1:
        raise Conflict("A workspace keeps an owner, and this is the last one; make somebody else owner first.")


def _row(session: Session, workspace_id: str, user_id: str) -> MemberRow:
    row = session.get(MemberRow, (workspace_id, user_id))
    if row is None:
        raise NotFound(f"There is no member {user_id[:40]!r} in this workspace.")
    return row


def _member(row: MemberRow, user: UserRow) -> Member:
    has_joined = user.password_hash is not None or user.is_server_owner
    return Member(user.id, user.email, user.name, row.role, row.added_at, has_joined)
