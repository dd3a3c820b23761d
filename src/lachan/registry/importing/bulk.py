"""Many rows in one statement, as quick as each store takes them; values as the store keeps them."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Values = tuple[Any, ...]

# SQLite begins and ends every statement anew: of one row each, that is a third of the work.
_ROWS_A_STATEMENT = 50
# How COPY reads nothing: a text that no value is.
_NULL = "\x01"


def insert_rows(conn: Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert plain tuples of texts, whole numbers and None; instants are microseconds, as `Instant` stores them."""
    if not rows:
        return
    if conn.dialect.name == "sqlite":
        _insert(conn, table.name, columns, rows)
    else:
        _copy(conn, table.name, columns, rows)


def _insert(conn: Connection, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    one = f"({', '.join('?' * len(columns))})"
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 our own names
    whole = len(rows) - len(rows) % _ROWS_A_STATEMENT
    many = [
        tuple(chain.from_iterable(rows[start : start + _ROWS_A_STATEMENT]))
        for start in range(0, whole, _ROWS_A_STATEMENT)
    ]
    if many:
        conn.exec_driver_sql(head + ", ".join([one] * _ROWS_A_STATEMENT), many)
    if whole < len(rows):
        conn.exec_driver_sql(head + one, list(rows[whole:]))


def _copy(conn: Connection, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    raw: Any = conn.connection.driver_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (NULL '{_NULL}')"
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(rows), 1_000):
            copy.write("".join(_lines(rows[start : start + 1_000])))


def _lines(rows: Iterable[Values]) -> Iterable[str]:
    for row in rows:
        cells = [_NULL if value is None else value if type(value) is str else str(value) for value in row]
        line = "\t".join(cells)
        if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(cells):
            line = "\t".join([cell.translate(_ESCAPED) for cell in cells])
        yield line + "\n"


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
