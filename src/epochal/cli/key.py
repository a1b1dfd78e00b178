"""`epochal key`: API keys of a workspace, from a terminal on the server's machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from epochal.storage.database import Database

keys = typer.Typer(no_args_is_help=True, help="API keys: make them, list them, revoke them.")
DataDir = Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder; EPOCHAL_DATA_DIR.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
WorkspaceSlug = Annotated[
    str | None, typer.Option("--workspace", metavar="SLUG", help="Which workspace. [default: the server's first]")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="key")


@contextmanager
def opened_database(data_dir: Path | None) -> Iterator["Database"]:
    """The database of a data folder, made when it is new; a running server may use it meanwhile."""
    from epochal.config import data_dir as find_data_dir
    from epochal.config import read_settings
    from epochal.jobs.data_folder import DataFolder
    from epochal.server.services import open_database

    database = open_database(DataFolder(find_data_dir(data_dir)), str(read_settings()["database_url"]))
    try:
        yield database
    finally:
        database.close()


@keys.command("create")
def create(
    workspace: WorkspaceSlug = None,
    name: Annotated[str, typer.Option(help="A name for people.")] = "key",
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, train, infer or admin; repeat for several. [default: all]")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0, help="Ends after so many days. [default: never]")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make a key and show it, once. A new data folder gets its owner's workspace first; a server may be running."""
    import json
    import time

    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.keys import create_key
    from epochal.workspaces.scopes import SCOPES
    from epochal.workspaces.workspaces import ensure_first_workspace, find_workspace

    expires_at = None if days is None else time.time() + days * 86_400
    with opened_database(data_dir) as database, database.write() as session:
        first = ensure_first_workspace(session)
        where = first if workspace is None else find_workspace(session, workspace)
        text, key = create_key(session, where.id, name=name, scopes=scope or SCOPES, expires_at=expires_at)
        record(session, where.id, COMMAND_LINE, "key.create", key.id, name=key.name, scopes=list(key.scopes))
    if as_json:
        typer.echo(json.dumps({"key": text, "id": key.id, "workspace": where.slug, "scopes": key.scopes}))
        return
    typer.echo(f"A key of the workspace {where.slug} ({', '.join(key.scopes)}). It is shown this once:", err=True)
    typer.echo(text)


@keys.command("list")
def list_all(workspace: WorkspaceSlug = None, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the keys of a workspace: what they begin with, what they allow, when they were last used."""
    import json
    import time

    from epochal.workspaces.keys import list_keys
    from epochal.workspaces.workspaces import ensure_first_workspace, find_workspace

    with opened_database(data_dir) as database, database.write() as session:
        where = ensure_first_workspace(session) if workspace is None else find_workspace(session, workspace)
        found = list_keys(session, where.id)
    if as_json:
        typer.echo(json.dumps({"workspace": where.slug, "keys": [asdict(key) for key in found]}))
        return
    for key in found:
        day = "never" if key.last_used_at is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(key.last_used_at))
        state = "  revoked" if key.revoked_at else ""
        typer.echo(f"{key.id}  {key.prefix}…  {key.name}  {','.join(key.scopes)}  last used: {day}{state}")


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Of `epochal key list`.")],
    workspace: WorkspaceSlug = None,
    data_dir: DataDir = None,
) -> None:
    """End a key for ever. A running server forgets it within two seconds."""
    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.keys import revoke_key
    from epochal.workspaces.workspaces import ensure_first_workspace, find_workspace

    with opened_database(data_dir) as database, database.write() as session:
        where = ensure_first_workspace(session) if workspace is None else find_workspace(session, workspace)
        key = revoke_key(session, where.id, key_id)
        record(session, where.id, COMMAND_LINE, "key.revoke", key.id, name=key.name)
    typer.echo(f"Revoked {key.prefix}… ({key.name}).")
