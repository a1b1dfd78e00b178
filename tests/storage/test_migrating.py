"""The migrations make the tables that the code declares, once, with a copy kept."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from drafting import import_all_tables
from sqlalchemy import inspect, text

from epochal.errors import Failed
from epochal.storage.database import Database
from epochal.storage.migrating import migrate, revision
from epochal.storage.tables import Table


def test_the_migrations_make_the_tables_that_the_code_declares(empty_database: Database) -> None:
    import_all_tables()
    applied = migrate(empty_database)
    assert applied[0] == "0001"
    assert revision(empty_database) == applied[-1]
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    assert set(inspect(empty_database.engine).get_table_names()) == set(Table.metadata.tables) | {"alembic_version"}


def test_a_second_time_changes_nothing(both_databases: Database) -> None:
    assert migrate(both_databases) == []


def test_two_that_migrate_at_once_do_it_once(empty_database: Database) -> None:
    applied: list[list[str]] = []
    other = Database(empty_database.engine.url.render_as_string(hide_password=False))
    threads = [
        threading.Thread(target=lambda where=where: applied.append(migrate(where))) for where in (empty_database, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(len(one) > 0 for one in applied) == [False, True]


def test_a_database_of_a_newer_epochal_is_refused(both_databases: Database) -> None:
    with both_databases.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Failed, match="newer"):
        migrate(both_databases)


def test_a_copy_is_kept_before_a_database_that_holds_something_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from epochal.storage import migrating

    database = Database(f"sqlite:///{tmp_path / 'epochal.sqlite'}")
    migrate(database, copies=tmp_path / "copies")
    assert not (tmp_path / "copies").exists(), "an empty database needs no copy"
    with database.write() as session:
        session.execute(text("INSERT INTO workspaces (id, slug, name, created_at) VALUES ('a', 'a', 'A', 0)"))
    monkeypatch.setattr(migrating, "_missing", lambda script, before: ["0002"])
    migrate(database, copies=tmp_path / "copies")
    (copy,) = (tmp_path / "copies").iterdir()
    kept = Database(f"sqlite:///{copy}")
    with kept.read() as session:
        assert session.scalar(text("SELECT name FROM workspaces")) == "A"
