"""The SQL database: SQLite in the data folder, or PostgreSQL by URL, through the same code.

    read()          many at a time
    write()         one transaction: all of it or nothing. SQLite has one writer, so writers queue for a lock instead of
                    running into each other's
    write_grouped() small writes of many threads share one commit: a commit waits for the disk, which does 200 a second
                    where a group of a hundred rows does 20,000

SQLite runs with a write-ahead log and synchronous=FULL: what was committed stays after a power cut too.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from epochal.errors import BadInput, Failed, StorageFull
from epochal.storage.tables import Table

Result = TypeVar("Result")
BUSY_TIMEOUT_S = 30.0
_GROUP_LIMIT = 500
_RETRIES = 5
_WRITES = "epochal_writes"


@dataclass
class _Waiting(Generic[Result]):
    """A small write that waits to be committed with others."""

    work: Callable[[Session], Result]
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: BaseException | None = None


class ConstraintBroken(Failed):
    """A row breaks a constraint: its key is taken, or a row that it names is not there. Callers say what it means."""


class Database:
    """One database. Safe to use from several threads and processes.

    Attributes:
        engine: SQLAlchemy's.
        is_sqlite: whether it is the file in the data folder.
    """

    def __init__(self, url: str) -> None:
        """Name a database; nothing is opened yet.

        Args:
            url: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`; `?host=/FOLDER` is a socket.

        Raises:
            BadInput: it is no such URL.
        """
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if self.is_sqlite else {}
        self.engine: Engine = create_engine(parsed, pool_pre_ping=not self.is_sqlite, pool_size=20, **options)
        self._writers = threading.RLock()
        self._waiting: list[_Waiting[Any]] = []
        self._waiting_lock = threading.Lock()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database; what is changed in it is not kept."""
        with _told_plainly(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed at the end, or not at all when the block raises.

        Raises:
            ConstraintBroken: a key is taken, or a row that is named is not there; on either database.
            StorageFull: no space is left for the database.
            Failed: the database does not answer.
        """
        with _told_plainly(), self._one_writer(), self._begin() as session:
            yield session

    def write_grouped(self, work: Callable[[Session], Result]) -> Result:
        """Do a small write that shares its commit with those that other threads ask for at the same time.

        Args:
            work: changes the session; it is undone alone when it raises, and may be run a second time.

        Returns:
            What `work` returned, after the commit.
        """
        mine = _Waiting(work)
        with self._waiting_lock:
            self._waiting.append(mine)
        with self._one_writer():
            while not mine.done.is_set():
                with self._waiting_lock:
                    group, self._waiting = self._waiting[:_GROUP_LIMIT], self._waiting[_GROUP_LIMIT:]
                self._commit_group(group)
        if mine.error is not None:
            raise mine.error
        return cast(Result, mine.result)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _commit_group(self, group: list[_Waiting[Any]]) -> None:
        try:
            with _told_plainly(), self._begin() as session:
                for one in group:
                    one.result, one.error = None, None
                    try:
                        with _broken_constraints(), session.begin_nested():
                            one.result = one.work(session)
                    except OperationalError:
                        raise  # the database itself: nobody's write was kept
                    except Exception as error:
                        one.error = error
        except BaseException as error:
            for one in group:
                one.error = one.error or error
        for one in group:
            one.done.set()

    @contextmanager
    def _begin(self) -> Iterator[Session]:
        engine = self.engine.execution_options(**{_WRITES: True})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        with self._writers:
            yield


def retry_conflicts(work: Callable[[], Result]) -> Result:
    """Run a transaction again when another one changed the same rows meanwhile (PostgreSQL's serialization failures).

    Args:
        work: opens its own `Database.write`.
    """
    for attempt in range(_RETRIES):
        try:
            return work()
        except Failed as error:
            cause = error.__cause__
            if attempt == _RETRIES - 1 or not isinstance(cause, DBAPIError) or not _is_conflict(cause):
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError("unreachable")


def hold_rows(session: Session, *tables: type[Table]) -> None:
    """Let nobody else add, change or remove rows of some tables until this transaction, which writes, ends; they wait.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{table.__tablename__}"' for table in tables)
        session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        shown = re.sub(r"://[^@/]*@", "://…@", url)
        raise BadInput(f"{shown!r} names no database; expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
    if parsed.get_backend_name() == "sqlite":
        return parsed
    socket = str(parsed.query.get("host", ""))
    if socket.startswith("/"):
        parsed = parsed.set(query={"unix_sock": f"{socket}/.s.PGSQL.{parsed.port or 5432}"}, host=None)
    return parsed.set(drivername="postgresql+pg8000")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins transactions too late; `_begin_sqlite` does it
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for its turn; one that says so at once can.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _broken_constraints() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # pg8000 calls every error of SQL a ProgrammingError; class 23 of its codes is "integrity constraint violation".
        if isinstance(error, IntegrityError) or "'C': '23" in str(error.orig):
            raise ConstraintBroken(f"The database refused a row ({error.orig}).") from error
        raise


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        with _broken_constraints():
            yield
    except OperationalError as error:
        told = str(error.orig)
        if "full" in told or "No space" in told:
            raise StorageFull(f"No space is left for the database ({told}); free some and try again.") from error
        raise Failed(
            f"The database did not answer ({told}); try again, and look at its log when it goes on."
        ) from error
    except DBAPIError as error:
        if _is_conflict(error):
            raise Failed("Two requests changed the same rows at once; try again.") from error
        if isinstance(error, DatabaseError) and "not a database" in str(error.orig):
            raise Failed(f"The database cannot be read ({error.orig}); put back a backup of it.") from error
        raise


def _is_conflict(error: DBAPIError) -> bool:
    return "40001" in str(error.orig) or "40P01" in str(error.orig)
