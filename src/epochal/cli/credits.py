"""`epochal credits`: the training credits of a workspace."""

from dataclasses import asdict
from typing import Annotated

import typer

from epochal.cli.key import AsJson, DataDir, WorkspaceSlug
from epochal.cli.workspace import opened_workspace

training_credits = typer.Typer(no_args_is_help=True, help="Training credits: what is left and why, and more of them.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(training_credits, name="credits")


@training_credits.command("show")
def show(workspace: WorkspaceSlug = None, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show how many credits a workspace has, and the last lines of its ledger, the newest first."""
    import json
    import time

    from epochal.workspaces.credits import balance, is_metered, ledger

    with opened_workspace(data_dir, workspace) as (session, where):
        left, lines = balance(session, where.id), ledger(session, where.id)
    if as_json:
        told = {"workspace": where.slug, "balance": left, "metered": is_metered()}
        typer.echo(json.dumps({**told, "entries": [asdict(line) for line in lines]}))
        return
    free = "" if is_metered() else "; metering is off, trainings are free"
    typer.echo(f"{where.slug} has {left} training credits{free}.")
    for line in lines:
        day = time.strftime("%Y-%m-%d %H:%M", time.gmtime(line.created_at))
        typer.echo(f"{day}  {line.change:+d}  {line.reason}  {line.note}".rstrip())


@training_credits.command("grant")
def grant_more(
    count: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="How many.")],
    note: Annotated[str, typer.Option(help="Why, for people.")] = "",
    workspace: WorkspaceSlug = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Give a workspace more training credits."""
    import json

    from epochal.workspaces.audit import COMMAND_LINE, record
    from epochal.workspaces.credits import grant

    with opened_workspace(data_dir, workspace) as (session, where):
        left = grant(session, where.id, count, note=note)
        record(session, where.id, COMMAND_LINE, "credits.grant", where.slug, credits=count)
    if as_json:
        typer.echo(json.dumps({"workspace": where.slug, "balance": left}))
        return
    typer.echo(f"{where.slug} has {left} training credits.")
