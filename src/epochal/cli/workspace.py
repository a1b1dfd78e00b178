"""`epochal workspace`: workspaces and their people, from a terminal on the server's machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from epochal.cli.key import AsJson, DataDir, WorkspaceSlug, opened_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from epochal.workspaces.workspaces import Workspace

workspaces = typer.Typer(no_args_is_help=True, help="Workspaces and their people.")
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="By which the person signs in.")]
Role = Annotated[str, typer.Option(help="owner, member or viewer.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(workspaces, name="workspace")


@contextmanager
def opened_workspace(data_dir: DataDir, slug: str | None) -> Iterator[tuple["Session", "Workspace"]]:
    """A transaction, and the workspace of a slug, or the server's first."""
    from epochal.workspaces.workspaces import ensure_first_workspace, find_workspace

    with opened_database(data_dir) as database, database.write() as session:
        first = ensure_first_workspace(session)
        yield session, first if slug is None else find_workspace(session, slug)


@workspaces.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people.")],
    slug: Annotated[str | None, typer.Option(help="Its word in addresses. [default: from the name]")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make a workspace, with three training credits. The server's owner is its owner."""
    import json

    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.people import server_owner
    from epochal.workspaces.workspaces import create_workspace

    with opened_workspace(data_dir, None) as (session, _):
        made = create_workspace(session, name, slug=slug, owner_id=server_owner(session).id)
        record(session, made.id, COMMAND_LINE, "workspace.create", made.slug, name=made.name)
    typer.echo(json.dumps(asdict(made)) if as_json else f"Made the workspace {made.slug} ({made.name}).")


@workspaces.command("list")
def list_all(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List all workspaces, the server's first one first."""
    import json

    from epochal.workspaces.credits import balance
    from epochal.workspaces.members import count_members
    from epochal.workspaces.workspaces import list_workspaces

    with opened_workspace(data_dir, None) as (session, _):
        found = [
            {**asdict(one), "members": count_members(session, one.id), "credits": balance(session, one.id)}
            for one in list_workspaces(session)
        ]
    if as_json:
        typer.echo(json.dumps({"workspaces": found}))
        return
    for one in found:
        typer.echo(f"{one['slug']}  {one['name']}  {one['members']} members  {one['credits']} credits")


@workspaces.command("members")
def members(workspace: WorkspaceSlug = None, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the people of a workspace."""
    import json

    from epochal.workspaces.members import list_members

    with opened_workspace(data_dir, workspace) as (session, where):
        found = list_members(session, where.id)
    if as_json:
        typer.echo(json.dumps({"workspace": where.slug, "members": [asdict(one) for one in found]}))
        return
    for one in found:
        typer.echo(f"{one.email}  {one.name}  {one.role}" + ("" if one.has_joined else "  invited"))


@workspaces.command("invite")
def invite_member(
    email: Email, role: Role = "member", workspace: WorkspaceSlug = None, data_dir: DataDir = None
) -> None:
    """Put somebody into a workspace, and print what to add to the server's address for signing in, once.

    Somebody who has an account already signs in as ever.
    """
    from epochal.server.owner import sign_in_page
    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.members import invite

    with opened_workspace(data_dir, workspace) as (session, where):
        member, token = invite(session, where.id, email, role)
        record(session, where.id, COMMAND_LINE, "member.invite", member.user_id, role=role)
    typer.echo(f"{member.email} is {role} of {where.slug}.", err=True)
    if token is not None:
        typer.echo(sign_in_page("", token))


@workspaces.command("role")
def set_role(email: Email, role: Role, workspace: WorkspaceSlug = None, data_dir: DataDir = None) -> None:
    """Give a member another role; a workspace keeps an owner."""
    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.members import change_role

    with opened_workspace(data_dir, workspace) as (session, where):
        user_id = _person(session, email)
        change_role(session, where.id, user_id, role)
        record(session, where.id, COMMAND_LINE, "member.role", user_id, role=role)
    typer.echo(f"{email} is {role} of {where.slug}.")


@workspaces.command("remove")
def remove(email: Email, workspace: WorkspaceSlug = None, data_dir: DataDir = None) -> None:
    """Take somebody out of a workspace; what they made stays."""
    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.members import remove_member

    with opened_workspace(data_dir, workspace) as (session, where):
        user_id = _person(session, email)
        remove_member(session, where.id, user_id)
        record(session, where.id, COMMAND_LINE, "member.remove", user_id)
    typer.echo(f"{email} is no longer in {where.slug}.")


@workspaces.command("password")
def password(
    email: Annotated[str | None, typer.Argument(metavar="EMAIL", help="Whose. [default: the server's owner]")] = None,
    data_dir: DataDir = None,
) -> None:
    """Set somebody's password: asked for on a terminal, else the first line of stdin. Signs all their browsers out."""
    import sys

    from epochal.workspaces.audit import COMMAND_LINE, record_of_person
    from epochal.workspaces.people import find_person, server_owner, set_password
    from epochal.workspaces.signing_in import end_sessions_of

    asks = sys.stdin.isatty()
    text = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if asks else sys.stdin.readline()
    with opened_workspace(data_dir, None) as (session, _):
        person = server_owner(session) if email is None else find_person(session, _person(session, email))
        set_password(session, person.id, text.rstrip("\r\n"))
        end_sessions_of(session, person.id)
        record_of_person(session, person.id, COMMAND_LINE, "person.password")
    typer.echo(f"{person.email} signs in with the new password.")


@workspaces.command("link")
def link(
    email: Annotated[str | None, typer.Argument(metavar="EMAIL", help="Whom. [default: the server's owner]")] = None,
    data_dir: DataDir = None,
) -> None:
    """Print what to add to the server's address so that it signs somebody in, once, within a day."""
    from epochal.server.owner import sign_in_page
    from epochal.workspaces.audit import COMMAND_LINE, record_of_person
    from epochal.workspaces.people import server_owner
    from epochal.workspaces.signing_in import make_link

    with opened_workspace(data_dir, None) as (session, _):
        user_id = server_owner(session).id if email is None else _person(session, email)
        token = make_link(session, user_id)
        record_of_person(session, user_id, COMMAND_LINE, "person.link")
    typer.echo(sign_in_page("", token))


@workspaces.command("webhook-secret")
def show_webhook_secret(
    renew: Annotated[bool, typer.Option("--renew", help="Make another one; the old one ends.")] = False,
    workspace: WorkspaceSlug = None,
    data_dir: DataDir = None,
) -> None:
    """Print what messages to the webhooks of a workspace are signed with."""
    from epochal.jobs.webhooks import webhook_secret
    from epochal.workspaces.audit import COMMAND_LINE, record

    with opened_workspace(data_dir, workspace) as (session, where):
        secret = webhook_secret(session, where.id, renew=renew)
        if renew:
            record(session, where.id, COMMAND_LINE, "webhook_secret.renew", where.slug)
    typer.echo(secret)


def _person(session: "Session", email: str) -> str:
    from epochal.errors import NotFound
    from epochal.workspaces.people import person_by_email

    found = person_by_email(session, email)
    if found is None:
        raise NotFound(f"Nobody has the address {email[:80]!r}; `epochal workspace members` lists who is there.")
    return found.id
