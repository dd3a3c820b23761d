"""Statements that are asked for again and again, put together once.

Putting a statement together and finding its compiled form costs more than running it: 0.24 ms against 0.10 ms for
one row of forty columns, 0.44 ms against 0.14 ms for its change.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa


@cache
def rows_by(table: sa.Table, *names: str) -> sa.Select[Any]:
    """The rows whose columns have these values; execute with them by name."""
    return sa.select(table).where(*(table.c[name] == sa.bindparam(name) for name in names))


@cache
def new_row(table: sa.Table) -> sa.sql.dml.ReturningInsert[Any]:
    """One new row, given back as it is stored; execute with its values."""
    return sa.insert(table).returning(table)


@cache
def changed_row(table: sa.Table) -> sa.sql.dml.ReturningUpdate[Any]:
    """The row `row_id` changed, given back as it is stored; execute with that and the new values."""
    return sa.update(table).where(table.c.id == sa.bindparam("row_id")).returning(table)
