"""API keys. Run: pytest tests/workspaces/test_keys.py."""

import time

import pytest
from sqlalchemy import select

from epochal.errors import BadInput, NotFound
from epochal.storage.database import Database
from epochal.workspaces.keys import check_key, create_key, is_whole, list_keys, note_use, revoke_key
from epochal.workspaces.tables import ApiKeyRow
from epochal.workspaces.workspaces import create_workspace


def test_key__is_known_by_its_text_alone_and_kept_as_a_hash(both_databases: Database) -> None:
    with both_databases.write() as session:
        workspace = create_workspace(session, "Cells")
        text, key = create_key(session, workspace.id, name="laptop", scopes=["infer", "read"])
    with both_databases.read() as session:
        known = check_key(session, text)
        assert known is not None
        assert (known.workspace_slug, known.scopes) == ("cells", {"read", "infer"})
        row = session.scalars(select(ApiKeyRow)).one()
        kept = " ".join(str(value) for value in vars(row).values())
        assert text not in kept
        assert text[10:] not in kept
        assert key.prefix == text[:10]
        assert check_key(session, text[:-1] + ("a" if text[-1] != "a" else "b")) is None


def test_key__always_holds_a_lowercase_letter_and_fits_its_checksum(database: Database) -> None:
    with database.write() as session:
        workspace = create_workspace(session, "Cells")
        texts = {create_key(session, workspace.id)[0] for _ in range(50)}
    assert len(texts) == 50
    for text in texts:
        assert any(letter.islower() for letter in text)
        assert is_whole(text)
        changed = text[:20] + ("x" if text[20] != "x" else "y") + text[21:]
        assert not is_whole(changed), "one letter mistyped"
        assert not is_whole(text.upper())


def test_key__is_dead_after_its_end_and_when_revoked(both_databases: Database) -> None:
    now = time.time()
    with both_databases.write() as session:
        workspace, other = create_workspace(session, "Cells"), create_workspace(session, "Other")
        brief, _ = create_key(session, workspace.id, expires_at=now + 60)
        text, key = create_key(session, workspace.id)
        with pytest.raises(NotFound):
            revoke_key(session, other.id, key.id)
        with pytest.raises(BadInput, match="end"):
            create_key(session, workspace.id, expires_at=now - 1)
        assert check_key(session, brief, now=now + 59) is not None
        assert check_key(session, brief, now=now + 61) is None
        assert check_key(session, text) is not None
        first = revoke_key(session, workspace.id, key.id)
        assert revoke_key(session, workspace.id, key.id).revoked_at == first.revoked_at
        assert check_key(session, text) is None


def test_list_keys__tells_when_a_key_was_used(database: Database) -> None:
    with database.write() as session:
        workspace = create_workspace(session, "Cells")
        _, key = create_key(session, workspace.id)
        assert [one.last_used_at for one in list_keys(session, workspace.id)] == [None]
        note_use(session, key.id, 1_790_000_000.0)
        session.expire_all()
        assert [one.last_used_at for one in list_keys(session, workspace.id)] == [1_790_000_000.0]


@pytest.mark.parametrize("scopes", [["read", "everything"], []])
def test_create_key__takes_known_scopes_alone(database: Database, scopes: list[str]) -> None:
    with database.write() as session:
        workspace = create_workspace(session, "Cells")
        with pytest.raises(BadInput, match="read, write, train, infer, admin"):
            create_key(session, workspace.id, scopes=scopes)


@pytest.mark.parametrize("text", ["", "ep_", "x" * 41, "ep_" + "é" * 38, "ep_" + "0" * 38])
def test_is_whole__takes_nothing_else_for_a_key(text: str) -> None:
    assert not is_whole(text)
