"""Write the first migration anew from the tables: `make migration`, after a table has changed."""

import importlib
import pkgutil
from pathlib import Path

from alembic import command
from alembic.config import Config

import epochal
from epochal.storage.database import Database
from epochal.storage.migrating import FOLDER
from epochal.storage.tables import Table

FIRST = "0001"


def import_all_tables() -> None:
    """Import every `tables` module of the packages, so that `Table.metadata` is whole."""
    for found in pkgutil.iter_modules(epochal.__path__):
        name = f"epochal.{found.name}.tables"
        if found.ispkg and (Path(epochal.__path__[0]) / found.name / "tables.py").is_file():
            importlib.import_module(name)


def draft_first_migration() -> Path:
    """Write `0001_first.py`; what it makes is all that the tables declare.

    Returns:
        The file.
    """
    import_all_tables()
    for old in (FOLDER / "versions").glob("*.py"):
        old.unlink()
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", f"{FIRST}_first")
    with Database("sqlite://").engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, "The tables of the first release", autogenerate=True, rev_id=FIRST)
    assert Table.metadata.tables
    return FOLDER / "versions" / f"{FIRST}_first.py"


if __name__ == "__main__":
    draft_first_migration()
