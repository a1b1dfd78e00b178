"""Bring a database to the newest tables, safely: one process at a time, a copy of SQLite's file kept first.

Before the first release there is one migration, `migrations/versions/0001_first.py`; `make migration` writes it anew
from the tables. From the first release on each change of a table is a migration of its own, and none is ever edited.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from epochal.errors import Failed
from epochal.storage.database import Database

FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_202_611  # any number that nobody else takes
_LOCK_WAIT_S = 120.0


def migrate(database: Database, *, copies: Path | None = None) -> list[str]:
    """Apply what is missing, in one transaction each.

    Args:
        database: what to bring up to date; an empty one gets all tables.
        copies: a folder for the copy of a SQLite file that holds something, made before it is changed.

    Returns:
        The migrations that were applied, oldest first; empty when nothing was missing.

    Raises:
        Failed: another process has migrated for two minutes, or the database is of a newer Epochal.
    """
    script = ScriptDirectory.from_config(_config())
    with _one_at_a_time(database):
        before = revision(database)
        missing = _missing(script, before)
        if not missing:
            return []
        if database.is_sqlite and before is not None and copies is not None:
            copy_sqlite(database, copies / f"before-{missing[0]}-{int(time.time())}.sqlite")
        config = _config()
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return missing


def revision(database: Database) -> str | None:
    """The last migration that a database has; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def copy_sqlite(database: Database, copy: Path) -> None:
    """Write one state of a SQLite database, as it is between two commits, into a file that is not there yet."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")  # VACUUM cannot stand in a transaction
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))


def _missing(script: ScriptDirectory, before: str | None) -> list[str]:
    known = [one.revision for one in script.walk_revisions()][::-1]
    if before is not None and before not in known:
        raise Failed(
            f"The database is at {before}, which this Epochal does not know: it is of a newer one. Install that."
        )
    return known[known.index(before) + 1 :] if before is not None else known


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return config


@contextlib.contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        return
    file = database.engine.url.database
    if not file or file == ":memory:":
        yield
        return
    with _file_lock(Path(f"{file}.migrating")):
        yield


@contextlib.contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Hold a file for this process; the system lets go of it when the process ends, however it ends."""
    handle: Any = path.open("a")
    try:
        end = time.monotonic() + _LOCK_WAIT_S
        while not _try_lock(handle):
            if time.monotonic() > end:
                raise Failed(
                    f"Another process has been migrating for {_LOCK_WAIT_S:.0f} s ({path}); wait, then start again."
                )
            time.sleep(0.05)
        yield
    finally:
        handle.close()


def _try_lock(handle: Any) -> bool:
    try:
        if os.name == "nt":  # pragma: no cover
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]  # of Windows alone
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
