"""`epochal serve`: the browser's view of a data folder."""

import gc
from pathlib import Path

import typer

from epochal.config import data_dir as find_data_dir
from epochal.config import read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: str | None = typer.Option(
        None, help="Address to listen on; beyond this machine the owner needs a password. [default: 127.0.0.1]"
    ),
    port: int | None = typer.Option(None, min=0, max=65535, help="0 takes a free one. [default: 8000]"),
    data_dir: Path | None = typer.Option(None, help="Folder of datasets and runs. [default: epochal-data]"),
    database_url: str | None = typer.Option(None, help="PostgreSQL for rows. [default: SQLite in the data folder]"),
    storage_url: str | None = typer.Option(None, help="S3 for files. [default: a folder in the data folder]"),
) -> None:
    """Serve a data folder: its web app, its API and the Roboflow surface. Prints a link that signs its owner in, once.

    Ends with Ctrl-C; trainings that were started go on.
    """
    gc.disable()  # a start makes much and drops little; `serving.serve` turns it on again
    from epochal.jobs.data_folder import DataFolder
    from epochal.server.app import create_app
    from epochal.server.guard import names_of_address
    from epochal.server.logs import configure_logs
    from epochal.server.owner import let_owner_in, sign_in_page
    from epochal.server.services import open_blobs, open_database
    from epochal.server.serving import address_of, bind
    from epochal.server.serving import serve as serve_until_told

    settings = read_settings()
    folder = find_data_dir(data_dir)
    data, host = DataFolder(folder), host or str(settings["host"])
    database = open_database(data, database_url or str(settings["database_url"]))
    owner, token = let_owner_in(database)
    wanted_port = int(settings["port"]) if port is None else port
    listening = bind(host, wanted_port, has_password=owner.has_password)
    app = create_app(
        folder,
        database=database,
        blobs=open_blobs(data, storage_url or str(settings["storage_url"])),
        stall_after_s=float(settings["stall_after_s"]),
        hosts=names_of_address(host),
    )
    address = address_of(listening)
    configure_logs()
    serve_until_told(
        app,
        listening,
        on_ready=lambda: typer.echo(
            f"Epochal serves {folder} at {address} (Ctrl-C ends; trainings go on)\n"
            f"Sign in, once, within a day: {sign_in_page(address, token)}"
        ),
    )
