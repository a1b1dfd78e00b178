"""`epochal workspace` and `epochal credits`. Run: pytest tests/cli/test_workspace.py."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from epochal.cli.main import build_app
from epochal.errors import EpochalError
from epochal.jobs.data_folder import DataFolder
from epochal.server.services import open_database
from epochal.workspaces.audit import COMMAND_LINE, list_audit
from epochal.workspaces.people import has_this_password, server_owner
from epochal.workspaces.signing_in import use_link
from epochal.workspaces.workspaces import ensure_first_workspace

APP = build_app()


@pytest.fixture
def epochal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """`epochal("workspace", "list")`: run a command on one data folder and give back what it printed on stdout."""
    monkeypatch.setenv("EPOCHAL_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str, stdin: str = "") -> str:
        done = CliRunner().invoke(APP, words, input=stdin, catch_exceptions=True)
        if isinstance(done.exception, EpochalError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_workspace__is_made_and_its_people_managed(epochal: object) -> None:
    assert json.loads(epochal("workspace", "create", "Blood cells", "--json"))["slug"] == "blood-cells"
    listed = json.loads(epochal("workspace", "list", "--json"))["workspaces"]
    assert [(one["slug"], one["members"], one["credits"]) for one in listed] == [
        ("my-workspace", 1, 3),
        ("blood-cells", 1, 3),
    ]
    there = ("--workspace", "blood-cells")
    link = epochal("workspace", "invite", "ada@example.org", "--role", "viewer", *there)
    assert link.startswith("/#/sign-in?token=")
    epochal("workspace", "role", "ada@example.org", "--role", "member", *there)
    people = json.loads(epochal("workspace", "members", "--json", *there))["members"]
    assert [(one["email"], one["role"]) for one in people][1] == ("ada@example.org", "member")
    epochal("workspace", "remove", "ada@example.org", *there)
    assert "ada@example.org" not in epochal("workspace", "members", *there)
    with pytest.raises(EpochalError, match="Nobody has the address"):
        epochal("workspace", "role", "eve@example.org", "--role", "owner")


def test_webhook_secret__stays_until_it_is_made_anew(epochal: object) -> None:
    first = epochal("workspace", "webhook-secret")
    assert first.startswith("whsec_")
    assert epochal("workspace", "webhook-secret") == first
    renewed = epochal("workspace", "webhook-secret", "--renew")
    assert renewed != first
    assert epochal("workspace", "webhook-secret") == renewed


def test_what_commands_change__is_in_the_audit(epochal: object, tmp_path: Path) -> None:
    epochal("credits", "grant", "2")
    epochal("workspace", "invite", "ada@example.org")
    epochal("workspace", "password", "ada@example.org", stdin="correct horse\n")
    epochal("workspace", "link", "ada@example.org")
    epochal("key", "create", "--scope", "read")
    epochal("workspace", "webhook-secret", "--renew")
    database = open_database(DataFolder(tmp_path / "data"))
    with database.write() as session:
        lines = list_audit(session, ensure_first_workspace(session).id)
    database.close()
    assert {line.actor for line in lines} == {COMMAND_LINE}
    assert sorted(line.action for line in lines) == [
        "credits.grant", "key.create", "member.invite", "person.link", "person.password", "webhook_secret.renew"
    ]  # fmt: skip


def test_owner__gets_a_password_and_a_link(epochal: object, tmp_path: Path) -> None:
    epochal("workspace", "password", stdin="correct horse\n")
    link = epochal("workspace", "link").strip()
    database = open_database(DataFolder(tmp_path / "data"))
    with database.write() as session:
        owner = server_owner(session)
        assert has_this_password(session, owner.id, "correct horse")
        assert use_link(session, link.partition("token=")[2]) == owner.id
    database.close()
    with pytest.raises(EpochalError, match="10 to 500"):
        epochal("workspace", "password", stdin="short\n")


def test_credits__are_shown_and_granted(epochal: object) -> None:
    assert "has 3 training credits" in epochal("credits", "show")
    assert json.loads(epochal("credits", "grant", "5", "--note", "for the exam", "--json"))["balance"] == 8
    told = json.loads(epochal("credits", "show", "--json"))
    assert (told["balance"], told["metered"]) == (8, True)
    assert {(line["change"], line["note"]) for line in told["entries"]} >= {(5, "for the exam")}
