"""Workspaces: whose everything is. The first one of a server is its owner's."""

import re
import time
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.ids import new_id
from epochal.storage.slugs import RESERVED, SLUG_LENGTH, free_slug
from epochal.workspaces.credits import START_CREDITS, grant
from epochal.workspaces.tables import MemberRow, UserRow, WorkspaceRow

NAME_MAX = 100
FIRST_NAME = "My workspace"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
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
        slug = free_slug(name, "workspace", lambda wanted: _is_taken(session, wanted))
    elif _is_taken(session, check_slug(slug)):
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


def workspaces_of(session: Session, user_id: str) -> list[tuple[Workspace, str]]:
    """The workspaces that a person is in, each with their role; the first joined first."""
    rows = session.execute(
        select(WorkspaceRow, MemberRow.role)
        .join(MemberRow, MemberRow.workspace_id == WorkspaceRow.id)
        .where(MemberRow.user_id == user_id)
        .order_by(MemberRow.added_at, WorkspaceRow.id)
    )
    return [(_workspace(row), role) for row, role in rows]


def no_workspace(slug: str) -> str:
    """The one sentence for a workspace that is not there and for one that is not the caller's."""
    return f"There is no workspace {slug[:80]!r} for you."


def check_name(name: str) -> str:
    """A name for people, trimmed. Raises BadInput when it is empty, too long or not printable."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= NAME_MAX or not trimmed.isprintable():
        raise BadInput(f"A name has 1 to {NAME_MAX} printable characters; got {name[:NAME_MAX]!r}.")
    return trimmed


def check_slug(slug: str) -> str:
    """The slug, as given.

    Raises:
        BadInput: an address cannot hold it, it is a bare number, or a word that addresses use.
    """
    if not _SLUG.fullmatch(slug) or len(slug) > SLUG_LENGTH or slug.isdigit():
        raise BadInput(
            f"{slug[:80]!r} cannot stand in an address; expected 1 to {SLUG_LENGTH} of a–z, 0–9 and dashes inside, "
            "and not digits alone."
        )
    if slug in RESERVED:
        raise BadInput(f"{slug!r} is a word that addresses of the server use; choose another.")
    return slug


def rename_workspace(session: Session, workspace_id: str, name: str) -> Workspace:
    """Call a workspace otherwise; its slug stays. Raises BadInput, NotFound."""
    row = session.get(WorkspaceRow, workspace_id)
    if row is None:
        raise NotFound("There is no such workspace.")
    row.name = check_name(name)
    session.flush()
    return _workspace(row)


def _is_taken(session: Session, slug: str) -> bool:
    return session.scalar(select(WorkspaceRow.id).where(WorkspaceRow.slug == slug)) is not None


def _workspace(row: WorkspaceRow) -> Workspace:
    return Workspace(row.id, row.slug, row.name, row.created_at)
