"""Names that one transaction at a time holds, for what has no row yet that could be locked; and who met whom."""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

_SPACE = 0x1A << 55


def hold_names(conn: Connection, names: Iterable[str]) -> None:
    """From here to the end of the transaction nobody else holds any of these names.

    SQLite has one writer anyway. On PostgreSQL they are taken in order, so that two who want several never wait for
    each other in a circle; who needs rows as well takes the names first.
    """
    if conn.dialect.name != "postgresql":
        return
    for key in sorted({lock_key(name) for name in names}):
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def lock_key(name: str) -> int:
    """The number of PostgreSQL's advisory lock for a name."""
    return _SPACE | int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 9


def met_another(error: DBAPIError) -> bool:
    """Whether another transaction was in the way, so that the same once more may well succeed.

    PostgreSQL chose this one of two that waited for each other, or the other one made the same row first (SQLSTATE
    class 40, and 23505). SQLite has one writer at a time, where neither happens.
    """
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith("40") or state == "23505"
