"""Insert rows whose key may be taken already, without an error and without a race, on either database."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from epochal.storage.tables import Table


def insert_new(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those rows that break no constraint of uniqueness; the others are left as they are.

    Args:
        session: that writes.
        table: of the rows.
        rows: column values; every row names the same columns, and those that have no default in the table all.

    Returns:
        How many were inserted.
    """
    if not rows:
        return 0
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).on_conflict_do_nothing()
    count = 0
    for row in rows:
        count += cast(CursorResult[Any], session.execute(statement.values(**row))).rowcount
    return count
