"""Workspaces: whose everything is. The first one of a server is its owner's."""

import time
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.ids import new_id
from epochal.workspaces.credits import START_CREDITS, grant
from epochal.workspaces.slugs import RESERVED, check_slug, slug_of
from epochal.workspaces.tables import MemberRow, UserRow, WorkspaceRow

NAME_MAX = 100
FIRST_NAME = "My workspace"
OWNER_EMAIL = "owner@localhost"  # until the owner says another


@dataclass(frozen=True)
class Workspace:
    """A workspace.

    Attributes:
        slug: its word in addresses; never changed.
        name: for people.
    """

    id: str
    slug: str
    name: str
    created_at: float


def create_workspace(session: Session, name: str, *, slug: str | None = None, owner_id: str | None = None) -> Workspace:
    """Make a workspace, with its first training credits.

    Args:
        session: of a write.
        name: for people.
        slug: its word in addresses; made from the name, and of its own, when None.
        owner_id: the user who owns it.

    Raises:
        BadInput: the name or slug cannot be used.
        Conflict: the slug is taken.
    """
    name = check_name(name)
    if slug is None:
        slug = _free_slug(session, slug_of(name))
    elif session.scalar(select(WorkspaceRow.id).where(WorkspaceRow.slug == check_slug(slug))) is not None:
        raise Conflict(f"There is a workspace {slug!r} already; choose another slug.")
    row = WorkspaceRow(id=new_id(), slug=slug, name=name, created_at=time.time())
    session.add(row)
    session.flush()
    if owner_id is not None:
        session.add(MemberRow(workspace_id=row.id, user_id=owner_id, role="owner", added_at=row.created_at))
    grant(session, row.id, START_CREDITS, reason="start", note="every workspace starts with them")
    return _workspace(row)


def ensure_first_workspace(session: Session) -> Workspace:
    """The server's first workspace; made with its owner when the server is new."""
    found = first_workspace(session)
    if found is not None:
        return found
    owner = UserRow(
        id=new_id(), email=OWNER_EMAIL, name="Owner", password_hash=None, is_server_owner=True, created_at=time.time()
    )
    session.add(owner)
    session.flush()
    return create_workspace(session, FIRST_NAME, owner_id=owner.id)


def first_workspace(session: Session) -> Workspace | None:
    """The workspace that was made first, whose the runs of the data folder are; None on a new server."""
    row = session.scalar(select(WorkspaceRow).order_by(WorkspaceRow.created_at, WorkspaceRow.id).limit(1))
    return None if row is None else _workspace(row)


def find_workspace(session: Session, slug: str) -> Workspace:
    """The workspace of a slug. Raises NotFound."""
    row = session.scalar(select(WorkspaceRow).where(WorkspaceRow.slug == slug))
    if row is None:
        raise NotFound(no_workspace(slug))
    return _workspace(row)


def list_workspaces(session: Session) -> list[Workspace]:
    """All workspaces of the server, the first one first."""
    rows = session.scalars(select(WorkspaceRow).order_by(WorkspaceRow.created_at, WorkspaceRow.id))
    return [_workspace(row) for row in rows]


def no_workspace(slug: str) -> str:
    """The one sentence for a workspace that is not there and for one that is not the caller's."""
    return f"There is no workspace {slug[:80]!r} for you."


def check_name(name: str) -> str:
    """A name for people, trimmed. Raises BadInput when it is empty, too long or not printable."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= NAME_MAX or not trimmed.isprintable():
        raise BadInput(f"A name has 1 to {NAME_MAX} printable characters; got {name[:NAME_MAX]!r}.")
    return trimmed


def _free_slug(session: Session, wanted: str) -> str:
    wanted = wanted or "workspace"
    taken = set(session.scalars(select(WorkspaceRow.slug).where(WorkspaceRow.slug.startswith(wanted)))) | RESERVED
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def _workspace(row: WorkspaceRow) -> Workspace:
    return Workspace(row.id, row.slug, row.name, row.created_at)
