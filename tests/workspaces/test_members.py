"""Members and invitations. Run: pytest tests/workspaces/test_members.py."""

import pytest

from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.database import Database
from epochal.workspaces.audit import list_audit, record
from epochal.workspaces.members import change_role, invite, list_members, remove_member
from epochal.workspaces.people import server_owner, set_password
from epochal.workspaces.signing_in import use_link
from epochal.workspaces.workspaces import create_workspace, ensure_first_workspace


def test_invite__gives_a_link_to_who_has_no_account_yet(both_databases: Database) -> None:
    with both_databases.write() as session:
        here = ensure_first_workspace(session)
        member, token = invite(session, here.id, "ada@example.org", "viewer")
        assert (member.role, member.has_joined) == ("viewer", False)
        assert token is not None
        again, newer = invite(session, here.id, "ada@example.org", "member")
        assert (again.user_id, again.role) == (member.user_id, "member")
        assert newer is not None
        assert use_link(session, newer) == member.user_id
        set_password(session, member.user_id, "correct horse")
        assert [(one.email, one.has_joined) for one in list_members(session, here.id)] == [
            ("owner@localhost", True),
            ("ada@example.org", True),
        ]
        with pytest.raises(Conflict, match="already"):
            invite(session, here.id, "ada@example.org", "owner")


def test_invite__gives_nobody_a_link_into_the_account_of_another(both_databases: Database) -> None:
    with both_databases.write() as session:
        here, there = ensure_first_workspace(session), create_workspace(session, "There")
        member, _ = invite(session, here.id, "ada@example.org", "owner")
        _, token = invite(session, there.id, "ada@example.org", "viewer")
        assert token is None, "invited elsewhere and not joined yet"
        set_password(session, member.user_id, "correct horse")
        third = create_workspace(session, "Third")
        assert invite(session, third.id, "ada@example.org", "viewer")[1] is None
        assert invite(session, third.id, server_owner(session).email, "viewer")[1] is None


def test_workspace__keeps_an_owner(both_databases: Database) -> None:
    with both_databases.write() as session:
        here = ensure_first_workspace(session)
        owner = server_owner(session)
        for lose in (
            lambda: change_role(session, here.id, owner.id, "viewer"),
            lambda: remove_member(session, here.id, owner.id),
        ):
            with pytest.raises(Conflict, match="last one"):
                lose()
        other, _ = invite(session, here.id, "ada@example.org", "owner")
        remove_member(session, here.id, owner.id)
        assert [one.user_id for one in list_members(session, here.id)] == [other.user_id]
        with pytest.raises(Conflict):
            invite(session, here.id, "ada@example.org", "viewer")
        with pytest.raises(NotFound):
            remove_member(session, here.id, owner.id)
        with pytest.raises(BadInput, match="owner, member, viewer"):
            change_role(session, here.id, other.user_id, "king")


def test_audit__keeps_each_workspaces_lines_apart(database: Database) -> None:
    with database.write() as session:
        here, there = ensure_first_workspace(session), create_workspace(session, "There")
        record(session, here.id, "key:1", "key.create", "2", name="laptop")
        record(session, there.id, "user:1", "key.revoke", "3")
        session.flush()
        (line,) = list_audit(session, here.id)
    assert (line.actor, line.action, line.subject, line.details) == ("key:1", "key.create", "2", {"name": "laptop"})
