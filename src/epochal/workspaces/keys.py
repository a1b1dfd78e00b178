"""API keys: made, checked, revoked.

    ep_  3f0QmZ…(32 letters and digits)  9xK2bA
    │    │                               └ checksum, so that a mistyped key is told from a revoked one without a look
    │    └ 190 random bits, so a plain sha256 is enough to keep them
    └ by which scanners of secrets know it; holds a lowercase letter, without which the roboflow package sends no key

A key is shown once, when it is made. Kept are its sha256 and its first letters, by which people tell keys apart.
"""

import hashlib
import secrets
import string
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from epochal.errors import BadInput, NotFound
from epochal.storage.ids import new_id
from epochal.workspaces.scopes import SCOPES, check_scopes
from epochal.workspaces.tables import ApiKeyRow, WorkspaceRow
from epochal.workspaces.workspaces import check_name

_LETTERS = string.digits + string.ascii_letters
_START, _RANDOM_LENGTH, _CHECK_LENGTH = "ep_", 32, 6
_SHOWN_LENGTH = 10
KEY_LENGTH = len(_START) + _RANDOM_LENGTH + _CHECK_LENGTH


@dataclass(frozen=True)
class ApiKey:
    """A key, without what it is made of.

    Attributes:
        prefix: its first letters.
        scopes: what it allows: read, write, train, infer, admin.
        last_used_at: to the minute.
    """

    id: str
    workspace_id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: float
    expires_at: float | None
    last_used_at: float | None
    revoked_at: float | None


@dataclass(frozen=True)
class KnownKey:
    """A key that is good now, and its workspace."""

    id: str
    workspace_id: str
    workspace_slug: str
    scopes: frozenset[str]
    expires_at: float | None


def create_key(
    session: Session,
    workspace_id: str,
    *,
    name: str = "key",
    scopes: Iterable[str] = SCOPES,
    expires_at: float | None = None,
) -> tuple[str, ApiKey]:
    """Make a key.

    Args:
        session: of a write.
        workspace_id: whose.
        name: for people.
        scopes: what it allows; all when not given.
        expires_at: when it ends by itself, in seconds since 1970.

    Returns:
        The key's text, which nobody can show again, and what is kept of it.

    Raises:
        BadInput: an unknown scope, a bad name, or an end that is past.
    """
    now = time.time()
    if expires_at is not None and expires_at <= now:
        raise BadInput("The key would end before it begins; give an end that is still to come.")
    text = _new_text()
    row = ApiKeyRow(
        id=new_id(),
        workspace_id=workspace_id,
        name=check_name(name),
        prefix=text[:_SHOWN_LENGTH],
        key_sha256=_hash(text),
        scopes=list(check_scopes(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return text, _key(row)


def check_key(session: Session, text: str, *, now: float | None = None) -> KnownKey | None:
    """The key of a text; None when it is mistyped, unknown, revoked or has ended."""
    if not is_whole(text):
        return None
    found = session.execute(
        select(ApiKeyRow, WorkspaceRow.slug)
        .join(WorkspaceRow, WorkspaceRow.id == ApiKeyRow.workspace_id)
        .where(ApiKeyRow.key_sha256 == _hash(text))
    ).one_or_none()
    if found is None:
        return None
    row, slug = found
    has_ended = row.expires_at is not None and row.expires_at <= (time.time() if now is None else now)
    if row.revoked_at is not None or has_ended:
        return None
    return KnownKey(row.id, row.workspace_id, slug, frozenset(str(scope) for scope in row.scopes), row.expires_at)


def note_use(session: Session, key_id: str, at: float) -> None:
    """Write down when a key was last used."""
    session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=at))


def revoke_key(session: Session, workspace_id: str, key_id: str) -> ApiKey:
    """End a key for ever; a second time changes nothing. Raises NotFound."""
    row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.id == key_id, ApiKeyRow.workspace_id == workspace_id))
    if row is None:
        raise NotFound(f"There is no key {key_id[:40]!r} in this workspace.")
    row.revoked_at = row.revoked_at or time.time()
    session.flush()
    return _key(row)


def list_keys(session: Session, workspace_id: str) -> list[ApiKey]:
    """All keys of a workspace, revoked ones too, the newest first."""
    rows = session.scalars(
        select(ApiKeyRow).where(ApiKeyRow.workspace_id == workspace_id).order_by(ApiKeyRow.created_at.desc())
    )
    return [_key(row) for row in rows]


def is_whole(text: str) -> bool:
    """Whether a text has the form of a key and its checksum fits."""
    body, checksum = text[:-_CHECK_LENGTH], text[-_CHECK_LENGTH:]
    return len(text) == KEY_LENGTH and text.isascii() and body.startswith(_START) and checksum == _checksum(body)


def _new_text() -> str:
    body = _START + "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LENGTH))
    return body + _checksum(body)


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK_LENGTH):
        number, digit = divmod(number, len(_LETTERS))
        letters += _LETTERS[digit]
    return letters


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        row.id,
        row.workspace_id,
        row.name,
        row.prefix,
        tuple(str(scope) for scope in row.scopes),
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )
