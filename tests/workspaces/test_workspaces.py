"""Workspaces. Run: pytest tests/workspaces/test_workspaces.py."""

import pytest

from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.database import Database
from epochal.workspaces.members import count_members
from epochal.workspaces.workspaces import (
    check_slug,
    create_workspace,
    ensure_first_workspace,
    find_workspace,
    first_workspace,
    list_workspaces,
)


def test_ensure_first_workspace__makes_one_with_its_owner_once(both_databases: Database) -> None:
    with both_databases.write() as session:
        assert first_workspace(session) is None
        made = ensure_first_workspace(session)
        create_workspace(session, "Second")
        assert ensure_first_workspace(session) == made
        assert [one.slug for one in list_workspaces(session)] == ["my-workspace", "second"]
        assert count_members(session, made.id) == 1


def test_create_workspace__gives_each_its_own_slug(database: Database) -> None:
    with database.write() as session:
        slugs = [create_workspace(session, name).slug for name in ("Blood Cells", "Blood cells!", "日本", "API", "api")]
        assert slugs == ["blood-cells", "blood-cells-2", "workspace", "workspace-api", "workspace-api-2"]
        with pytest.raises(Conflict, match="blood-cells"):
            create_workspace(session, "X", slug="blood-cells")
        with pytest.raises(NotFound):
            find_workspace(session, "none")


@pytest.mark.parametrize("slug", ["api", "Models", "a b", "-a", "a-", "a/b", "../a", "", "a" * 61, "a.b", "12"])
def test_check_slug__refuses_what_an_address_cannot_hold(slug: str) -> None:
    with pytest.raises(BadInput):
        check_slug(slug)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "a" * 101])
def test_create_workspace__refuses_a_name_that_nobody_can_read(database: Database, name: str) -> None:
    with database.write() as session, pytest.raises(BadInput, match="printable"):
        create_workspace(session, name)
