"""`epochal backup` and `epochal restore`: all of a data folder in one place, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epochal.cli.key import AsJson, DataDir

if TYPE_CHECKING:
    from epochal.jobs.backup import Backup


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new zip (.zip) or folder.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write database, blobs, versions, runs and datasets of a data folder to one place; a server may be running."""
    from epochal.cli.doctor import open_stored
    from epochal.jobs.backup import back_up

    root, database, blobs = open_stored(data_dir)
    try:
        made = back_up(database, blobs, root, target)
    finally:
        database.close()
    _tell(made, target, as_json)


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Of `epochal backup`: a zip or a folder.")],
    data_dir: Annotated[Path, typer.Option(metavar="NEW", help="The data folder to make; new or empty.")],
    as_json: AsJson = False,
) -> None:
    """Make a data folder of a backup; refuses one with a missing or altered file, and a folder that holds something."""
    from epochal.jobs.backup import restore as restore_backup

    _tell(restore_backup(source, data_dir), data_dir, as_json)


def _tell(made: "Backup", where: Path, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps({"path": str(where), **asdict(made)}))
        return
    typer.echo(f"{where}: {made.files} files, {made.blobs} of them blobs.")
