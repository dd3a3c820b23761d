"""Many rows in one statement, as quick as each store takes them; values as the store keeps them."""

from collections.abc import Sequence
from itertools import chain, count, islice
from operator import itemgetter
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
    """What is the same in every row is bound once a statement: to bind costs as much as to store."""
    cells = list(zip(*rows, strict=True))
    is_shared = list(map(_is_shared, cells))
    shared = tuple(column[0] for column, same in zip(cells, is_shared, strict=True) if same)
    varying = [column for column, same in zip(cells, is_shared, strict=True) if not same]
    own: list[Values] = list(zip(*varying, strict=True)) or [()] * len(rows)
    names = sorted(zip(is_shared, columns, strict=True), key=itemgetter(0), reverse=True)
    head = f"INSERT INTO {table} ({', '.join(name for _, name in names)}) VALUES "  # noqa: S608 our own names
    whole = len(own) - len(own) % _ROWS_A_STATEMENT
    for first, last, size in ((0, whole, _ROWS_A_STATEMENT), (whole, len(own), len(own) - whole)):
        if first < last:
            many = [shared + tuple(chain.from_iterable(own[at : at + size])) for at in range(first, last, size)]
            conn.exec_driver_sql(head + _places(len(shared), len(columns), size), many)


def _places(shared: int, width: int, rows: int) -> str:
    """Rows of places for values, of which the first so many are the same in every row."""
    numbers = count(shared + 1)
    lists = ([*range(1, shared + 1), *islice(numbers, width - shared)] for _ in range(rows))
    return ", ".join(f"({', '.join(f'?{number}' for number in one)})" for one in lists)


def _copy(conn: Connection, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    raw: Any = conn.connection.driver_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (NULL '{_NULL}')"
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(rows), 1_000):
            copy.write(_lines(rows[start : start + 1_000]))


def _lines(rows: Sequence[Values]) -> str:
    """Rows as COPY reads them. What must be escaped is rare, so it is looked for in all of them at once."""
    cells = [_texts(column) for column in zip(*rows, strict=True)]
    text = _joined(cells)
    odd = "\\" in text or "\r" in text
    if odd or text.count("\n") != len(rows) or text.count("\t") != len(rows) * (len(cells) - 1):
        return _joined([[cell.translate(_ESCAPED) for cell in column] for column in cells])
    return text


def _joined(cells: Sequence[Sequence[str]]) -> str:
    return "\n".join([*map("\t".join, zip(*cells, strict=True)), ""])


def _texts(column: Values) -> list[str]:
    if _is_shared(column):
        return [_text(column[0])] * len(column)
    return list(map(_text, column))


def _text(value: str | int | None) -> str:
    return value if type(value) is str else _NULL if value is None else str(value)


def _is_shared(column: Values) -> bool:
    return column[0] == column[-1] and column.count(column[0]) == len(column)


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
