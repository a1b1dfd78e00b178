"""Signing in: a link or a password gives a browser a session. Links and sessions are random; their sha256 is kept."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from epochal.errors import NotSignedIn
from epochal.workspaces.tables import MemberRow, SessionRow, SignInLinkRow, UserRow, WorkspaceRow

SESSION_S = 30 * 86_400.0
LINK_S = 86_400.0
INVITATION_S = 14 * 86_400.0
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class SignedIn:
    """A browser's session.

    Attributes:
        workspaces: (id, slug, role) of each that the person is in; the first joined first.
        expires_at: when the browser has to sign in again.
    """

    user_id: str
    is_server_owner: bool
    workspaces: tuple[tuple[str, str, str], ...]
    expires_at: float


def make_link(session: Session, user_id: str, *, valid_s: float = LINK_S) -> str:
    """A token that signs one person in, once; those that were made for them before end.

    Args:
        session: of a write.
        user_id: whom.
        valid_s: for how long.
    """
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.user_id == user_id))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(SignInLinkRow(token_sha256=_hash(token), user_id=user_id, expires_at=time.time() + valid_s))
    session.flush()
    return token


def use_link(session: Session, token: str) -> str:
    """The person whom a link signs in; it ends.

    Raises:
        NotSignedIn: it was used, has ended, or never was.
    """
    now = time.time()
    used = session.execute(
        update(SignInLinkRow)
        .where(
            SignInLinkRow.token_sha256 == _hash(token),
            SignInLinkRow.used_at.is_(None),
            SignInLinkRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLinkRow.user_id)
    ).scalar_one_or_none()
    if used is None:
        raise NotSignedIn(
            "This link was used, has ended or was replaced by a newer one. `epochal serve` prints a new one at each "
            "start, `epochal workspace link` at any time; an invitation is made anew by whoever sent it."
        )
    return used


def start_session(session: Session, user_id: str) -> str:
    """The token for a browser's cookie; sessions that have ended are cleared away."""
    now = time.time()
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        SessionRow(
            token_sha256=_hash(token), user_id=user_id, created_at=now, expires_at=now + SESSION_S, last_used_at=now
        )
    )
    session.flush()
    return token


def find_session(session: Session, token: str, *, now: float | None = None) -> SignedIn | None:
    """Whose session a token is; None when it has ended or never was."""
    row = session.execute(
        select(SessionRow.user_id, SessionRow.expires_at, UserRow.is_server_owner)
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(SessionRow.token_sha256 == _hash(token), SessionRow.expires_at > (time.time() if now is None else now))
    ).one_or_none()
    if row is None:
        return None
    user_id, expires_at, is_server_owner = row
    joined = session.execute(
        select(WorkspaceRow.id, WorkspaceRow.slug, MemberRow.role)
        .join(MemberRow, MemberRow.workspace_id == WorkspaceRow.id)
        .where(MemberRow.user_id == user_id)
        .order_by(MemberRow.added_at, WorkspaceRow.id)
    )
    return SignedIn(user_id, is_server_owner, tuple((id_, slug, role) for id_, slug, role in joined), expires_at)


def end_session(session: Session, token: str) -> None:
    """Sign a browser out."""
    session.execute(delete(SessionRow).where(SessionRow.token_sha256 == _hash(token)))


def end_sessions_of(session: Session, user_id: str, *, but: str | None = None) -> None:
    """Sign all browsers of a person out, but the one of a token."""
    of_them = SessionRow.user_id == user_id
    session.execute(delete(SessionRow).where(of_them, SessionRow.token_sha256 != _hash(but or "")))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
