"""Many rows in one statement: executemany on SQLite, COPY on PostgreSQL; values as the store keeps them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Values = tuple[Any, ...]


def insert_rows(conn: Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert plain tuples; instants are microseconds, as `Instant` stores them."""
    if not rows:
        return
    names = ", ".join(columns)
    if conn.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        conn.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608 our own names
            list(rows),
        )
        return
    raw: Any = conn.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
