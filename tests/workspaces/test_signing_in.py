"""Links, sessions and passwords. Run: pytest tests/workspaces/test_signing_in.py."""

import time

import pytest
from sqlalchemy import select

from epochal.errors import BadInput, Conflict, NotSignedIn
from epochal.storage.database import Database
from epochal.workspaces.passwords import MAX_LENGTH, fits, hash_password
from epochal.workspaces.people import (
    change_person,
    create_person,
    has_this_password,
    password_hash_of,
    server_owner,
    set_password,
)
from epochal.workspaces.signing_in import (
    SESSION_S,
    end_session,
    end_sessions_of,
    find_session,
    make_link,
    start_session,
    use_link,
)
from epochal.workspaces.tables import SessionRow, SignInLinkRow
from epochal.workspaces.workspaces import ensure_first_workspace


def test_link__signs_its_person_in_once_and_ends_the_one_before(both_databases: Database) -> None:
    with both_databases.write() as session:
        ensure_first_workspace(session)
        owner = server_owner(session)
        old, new = make_link(session, owner.id), make_link(session, owner.id)
        with pytest.raises(NotSignedIn, match="replaced"):
            use_link(session, old)
        assert use_link(session, new) == owner.id
        with pytest.raises(NotSignedIn):
            use_link(session, new)
        ended = make_link(session, owner.id, valid_s=-1)
        with pytest.raises(NotSignedIn):
            use_link(session, ended)
        kept = [row.token_sha256 for row in session.scalars(select(SignInLinkRow))]
        assert ended not in kept


def test_session__knows_its_person_for_thirty_days_and_is_kept_as_a_hash(both_databases: Database) -> None:
    with both_databases.write() as session:
        workspace = ensure_first_workspace(session)
        owner = server_owner(session)
        token = start_session(session, owner.id)
        found = find_session(session, token)
        assert found is not None
        assert (found.user_id, found.is_server_owner) == (owner.id, True)
        assert found.workspaces == ((workspace.id, workspace.slug, "owner"),)
        assert token not in [row.token_sha256 for row in session.scalars(select(SessionRow))]
        now = time.time()
        assert find_session(session, token, now=now + SESSION_S - 60) is not None
        assert find_session(session, token, now=now + SESSION_S + 60) is None
        other, third = start_session(session, owner.id), start_session(session, owner.id)
        end_session(session, third)
        end_sessions_of(session, owner.id, but=other)
        assert [find_session(session, one) is not None for one in (token, other, third)] == [False, True, False]


def test_password__fits_itself_alone_and_is_never_kept(both_databases: Database) -> None:
    with both_databases.write() as session:
        person = create_person(session, " Ada@Example.org ")
        assert (person.email, person.name, person.has_password) == ("ada@example.org", "ada", False)
        assert has_this_password(session, person.id, ""), "none yet"
        set_password(session, person.id, "correct horse")
        user_id, kept = password_hash_of(session, "ADA@example.org")
        assert user_id == person.id
        assert kept is not None
        assert kept.startswith("$argon2id$")
        assert "correct" not in kept
        assert fits("correct horse", kept)
        assert not fits("correct horsf", kept)
        assert not has_this_password(session, person.id, "other")
        assert password_hash_of(session, "nobody@example.org") == (None, None)
    assert not fits("nobody has this password", None)


@pytest.mark.parametrize("password", ["", "123456789", "x" * (MAX_LENGTH + 1)])
def test_password__of_a_bad_length_is_refused(password: str) -> None:
    with pytest.raises(BadInput, match="10 to 500"):
        hash_password(password)


@pytest.mark.parametrize("email", ["", "ada", "@example.org", "ada@", "a da@x.org", "<b>@x.org", "a" * 65 + "@x.org"])
def test_person__needs_an_address_that_can_be_one(database: Database, email: str) -> None:
    with database.write() as session, pytest.raises(BadInput, match="e-mail"):
        create_person(session, email)


def test_person__has_an_address_of_their_own(database: Database) -> None:
    with database.write() as session:
        ada, bob = create_person(session, "ada@example.org"), create_person(session, "bob@example.org")
        with pytest.raises(Conflict):
            create_person(session, "ADA@example.org")
        with pytest.raises(Conflict):
            change_person(session, bob.id, email="ada@example.org")
        changed = change_person(session, ada.id, email="ada@example.com", name="Ada L.")
        assert (changed.email, changed.name) == ("ada@example.com", "Ada L.")
