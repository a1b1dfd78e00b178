"""People: who signs in. What they may do where stands in `members.py`."""

import re
import time
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.ids import new_id
from epochal.workspaces.passwords import fits, hash_password
from epochal.workspaces.tables import UserRow
from epochal.workspaces.workspaces import check_name

_EMAIL = re.compile(r"[^\s@<>\"'\\]{1,64}@[^\s@<>\"'\\]{1,190}")


@dataclass(frozen=True)
class Person:
    """Somebody with an account.

    Attributes:
        email: by which they sign in; lower case.
        is_server_owner: may make workspaces.
        has_password: False: only a link lets them in.
    """

    id: str
    email: str
    name: str
    is_server_owner: bool
    has_password: bool


def create_person(session: Session, email: str, *, name: str = "", is_server_owner: bool = False) -> Person:
    """Make an account without a password.

    Raises:
        BadInput: that is no e-mail address.
        Conflict: it has an account already.
    """
    email = check_email(email)
    if person_by_email(session, email) is not None:
        raise Conflict(f"{email} has an account already.")
    row = UserRow(
        id=new_id(),
        email=email,
        name=check_name(name or email.partition("@")[0]),
        password_hash=None,
        is_server_owner=is_server_owner,
        created_at=time.time(),
    )
    session.add(row)
    session.flush()
    return _person(row)


def find_person(session: Session, user_id: str) -> Person:
    """The person of an id. Raises NotFound."""
    return _person(_row(session, user_id))


def person_by_email(session: Session, email: str) -> Person | None:
    """The person of an e-mail address, however it is written; None when there is none."""
    row = session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))
    return None if row is None else _person(row)


def server_owner(session: Session) -> Person:
    """Who owns the server. Raises NotFound before the first workspace is made."""
    row = session.scalar(select(UserRow).where(UserRow.is_server_owner).order_by(UserRow.created_at).limit(1))
    if row is None:
        raise NotFound("This server has no owner yet; `epochal serve` makes one.")
    return _person(row)


def password_hash_of(session: Session, email: str) -> tuple[str | None, str | None]:
    """The id and kept hash for an e-mail address; None where there is none."""
    row = session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))
    return (None, None) if row is None else (row.id, row.password_hash)


def set_password(session: Session, user_id: str, password: str) -> None:
    """Give a person a password. Whoever calls this knows that it is them.

    Raises:
        BadInput: too short or too long.
        NotFound: no such person.
    """
    _row(session, user_id).password_hash = hash_password(password)
    session.flush()


def has_this_password(session: Session, user_id: str, password: str) -> bool:
    """Whether it is the person's password; True when they have none yet."""
    kept = _row(session, user_id).password_hash
    return kept is None or fits(password, kept)


def change_person(session: Session, user_id: str, *, email: str | None = None, name: str | None = None) -> Person:
    """Change how a person is called.

    Raises:
        BadInput: no e-mail address, or no name.
        Conflict: another account has that address.
    """
    row = _row(session, user_id)
    if email is not None:
        other = person_by_email(session, check_email(email))
        if other is not None and other.id != user_id:
            raise Conflict(f"Another account has the address {email}.")
        row.email = check_email(email)
    if name is not None:
        row.name = check_name(name)
    session.flush()
    return _person(row)


def check_email(email: str) -> str:
    """The address in lower case. Raises BadInput when it cannot be one."""
    plain = email.strip().lower()
    if not _EMAIL.fullmatch(plain) or not plain.isprintable():
        raise BadInput(f"Expected an e-mail address such as ada@example.org; got {email[:80]!r}.")
    return plain


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound(f"There is no person {user_id[:40]!r}.")
    return row


def _person(row: UserRow) -> Person:
    return Person(row.id, row.email, row.name, row.is_server_owner, row.password_hash is not None)
