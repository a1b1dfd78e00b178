"""`epochal login`: keep the address and key of a server."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(login)


def login(
    url: Annotated[str, typer.Option(help="Address of the server.")] = "http://127.0.0.1:8000",
    key: Annotated[str | None, typer.Option(help="API key; asked for when it is left out.")] = None,
) -> None:
    """Try an API key and keep it in ~/.config/epochal, readable by you alone."""
    from epochal.client.credentials import credentials_file, log_in

    given = key or typer.prompt("API key", hide_input=True)
    workspace = log_in(url.rstrip("/"), given.strip())
    typer.echo(f"Signed in to workspace {workspace} at {url}; the key is kept in {credentials_file()}.", err=True)
