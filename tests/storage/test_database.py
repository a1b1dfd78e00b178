"""Transactions hold on SQLite and on PostgreSQL alike."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from epochal.errors import BadInput, Failed
from epochal.storage.database import ConstraintBroken, Database
from epochal.storage.ids import new_id
from epochal.workspaces.tables import CreditEntryRow, WorkspaceRow


def workspace(name: str) -> WorkspaceRow:
    return WorkspaceRow(id=new_id(), slug=name, name=name, created_at=1.5)


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(WorkspaceRow)) or 0


def test_a_write_is_kept_whole_or_not_at_all(both_databases: Database) -> None:
    with both_databases.write() as session:
        session.add(workspace("kept"))

    def add_two_and_fail() -> None:
        with both_databases.write() as session:
            session.add(workspace("one"))
            session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        add_two_and_fail()
    assert count(both_databases) == 1


def test_a_change_in_a_reading_session_is_not_kept(both_databases: Database) -> None:
    with both_databases.read() as session:
        session.add(workspace("lost"))
        session.flush()
    assert count(both_databases) == 0


def test_grouped_writes_of_many_threads_are_all_kept_and_a_failing_one_is_undone_alone(
    both_databases: Database,
) -> None:
    failures: list[int] = []

    def write(number: int) -> None:
        def work(session: object) -> int:
            session.add(workspace(f"w{number}"))  # type: ignore[attr-defined]
            session.flush()  # type: ignore[attr-defined]
            if number % 10 == 3:
                raise ValueError(number)
            return number

        try:
            assert both_databases.write_grouped(work) == number
        except ValueError as error:
            failures.append(error.args[0])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(failures) == [3, 13, 23, 33]
    assert count(both_databases) == 36


def test_writers_of_two_connections_wait_for_each_other(tmp_path: Path, database: Database) -> None:
    other = Database(str(database.engine.url))

    def add(where: Database) -> None:
        for _ in range(25):
            with where.write() as session:
                taken = session.scalar(select(func.count()).select_from(WorkspaceRow))
                session.add(workspace(f"w{taken}"))  # unique: two that read the same count would collide

    threads = [threading.Thread(target=add, args=(where,)) for where in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 50
    other.close()


def test_foreign_keys_are_held(both_databases: Database) -> None:
    def add_stray() -> None:
        with both_databases.write() as session:
            session.add(
                CreditEntryRow(
                    id=new_id(), workspace_id="nobody", change=3, reason="start", note="", training_id=None,
                    by_user_id=None, created_at=0.0,
                )
            )  # fmt: skip

    with pytest.raises(ConstraintBroken):
        add_stray()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "http://host"])
def test_an_address_of_no_database_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="expected sqlite:///FILE or postgresql://"):
        Database(url)


def test_a_password_is_not_told_in_an_error() -> None:
    with pytest.raises(BadInput) as raised:
        Database("mysql://me:secret@host/name")
    assert "secret" not in str(raised.value)


def test_a_database_that_does_not_answer_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file.sqlite").write_bytes(b"this is no database, whatever its name says" * 40)
    database = Database(f"sqlite:///{tmp_path / 'file.sqlite'}")

    def look() -> None:
        with database.read() as session:
            session.execute(select(WorkspaceRow))

    with pytest.raises(Failed, match="database"):
        look()
