"""`epochal serve`: the browser's view of a data folder."""

from pathlib import Path

import typer

from epochal.config import data_dir as find_data_dir
from epochal.config import read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: str | None = typer.Option(None, help="Address to listen on; this machine's own only. [default: 127.0.0.1]"),
    port: int | None = typer.Option(None, min=0, max=65535, help="0 takes a free one. [default: 8000]"),
    data_dir: Path | None = typer.Option(None, help="Folder of datasets and runs. [default: epochal-data]"),
    database_url: str | None = typer.Option(None, help="PostgreSQL for rows. [default: SQLite in the data folder]"),
    storage_url: str | None = typer.Option(None, help="S3 for files. [default: a folder in the data folder]"),
) -> None:
    """Show the runs of a data folder in the browser, live, and start trainings from there.

    Ends with Ctrl-C; trainings that were started go on.
    """
    from epochal.jobs.data_folder import DataFolder
    from epochal.server.app import create_app
    from epochal.server.logs import configure_logs
    from epochal.server.services import open_blobs, open_database
    from epochal.server.serving import address_of, bind
    from epochal.server.serving import serve as serve_until_told

    settings = read_settings()
    folder = find_data_dir(data_dir)
    listening = bind(host or str(settings["host"]), int(settings["port"]) if port is None else port)
    data = DataFolder(folder)
    app = create_app(
        folder,
        database=open_database(data, database_url or str(settings["database_url"])),
        blobs=open_blobs(data, storage_url or str(settings["storage_url"])),
        stall_after_s=float(settings["stall_after_s"]),
    )
    address = address_of(listening)
    configure_logs()
    serve_until_told(
        app,
        listening,
        on_ready=lambda: typer.echo(f"Epochal serves {folder} at {address} (Ctrl-C ends; trainings go on)"),
    )
