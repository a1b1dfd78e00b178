"""`epochal doctor`: is what a data folder holds whole?"""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from epochal.cli.key import AsJson, DataDir

if TYPE_CHECKING:
    from pathlib import Path

    from epochal.storage.blobs import BlobStore
    from epochal.storage.database import Database


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def open_stored(data_dir: "Path | None") -> "tuple[Path, Database, BlobStore]":
    """Data folder, database and blobs as the settings name them; nothing is made or migrated.

    Raises:
        NotFound: there is no database in the folder.
    """
    from epochal.config import data_dir as find_data_dir
    from epochal.config import read_settings
    from epochal.errors import NotFound
    from epochal.jobs.data_folder import DataFolder
    from epochal.server.services import open_blobs
    from epochal.storage.database import Database

    settings = read_settings()
    data = DataFolder(find_data_dir(data_dir))
    file = data.root / "epochal.sqlite"
    if not settings["database_url"] and not file.is_file():
        raise NotFound(f"{file} is not there; name the data folder of a server with --data-dir.")
    database = Database(str(settings["database_url"]) or f"sqlite:///{file}")
    return data.root, database, open_blobs(data, str(settings["storage_url"]))


def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Verify every blob's hash, every blob and version folder that a row names, and the database; change nothing.

    Exit code 1 when something is wrong. A server may be running.
    """
    import json

    from epochal.jobs.doctor import examine

    root, database, blobs = open_stored(data_dir)
    try:
        found = examine(database, blobs, root)
    finally:
        database.close()
    if as_json:
        typer.echo(json.dumps({"ok": not found.problems, **asdict(found)}))
    else:
        for problem in found.problems:
            typer.echo(f"{problem.what} What to do: {problem.advice}.")
        typer.echo(
            f"{found.blobs} blobs ({found.blob_bytes / 1e6:.1f} MB) read, {found.named_blobs} named by rows, "
            f"{found.versions} versions: {len(found.problems) or 'no'} problem{'s' if len(found.problems) > 1 else ''}."
        )
    if found.problems:
        raise typer.Exit(1)
