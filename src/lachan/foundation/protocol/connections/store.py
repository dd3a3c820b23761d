"""Connections, allowed hosts and keys: rows to model and back."""

import base64
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.protocol.connections.model import Channel, InstitutionConnection, InstitutionKey, KeyState
from lachan.foundation.protocol.connections.tables import allowed_host, connection, institution_key
from lachan.foundation.storage import rows_by


def _connection(row: sa.Row[Any]) -> InstitutionConnection:
    return InstitutionConnection(row.id, Channel(row.channel), row.url, row.active)


def _key(row: sa.Row[Any]) -> InstitutionKey:
    return InstitutionKey(
        row.id, row.institution_id, base64.b64decode(row.public), KeyState(row.state), row.valid_from,
        row.valid_to, row.registered_by, row.confirmed_by,
    )  # fmt: skip


def find(conn: Connection, institution_id: str) -> InstitutionConnection | None:
    """One institution's connection."""
    row = conn.execute(rows_by(connection, "id"), {"id": institution_id}).first()
    return _connection(row) if row else None


def find_all(conn: Connection) -> list[InstitutionConnection]:
    """All connections."""
    return [_connection(row) for row in conn.execute(sa.select(connection).order_by(connection.c.id))]


def save(conn: Connection, made: InstitutionConnection) -> None:
    """Record or replace an institution's connection."""
    values = {"channel": made.channel.value, "url": made.url, "active": made.active}
    changed = conn.execute(sa.update(connection).where(connection.c.id == made.institution_id).values(**values))
    if changed.rowcount == 0:
        conn.execute(sa.insert(connection).values(id=made.institution_id, **values))


def hosts(conn: Connection) -> frozenset[str]:
    """The hosts that webhooks may go to."""
    return frozenset(row.id for row in conn.execute(sa.select(allowed_host.c.id)))


def insert_host(conn: Connection, host: str, by: str, at: datetime) -> None:
    """List a host."""
    conn.execute(sa.insert(allowed_host).values(id=host, allowed_by=by, allowed_at=at))


def delete_host(conn: Connection, host: str) -> bool:
    """Take a host off the list; False when it was not on it."""
    return conn.execute(sa.delete(allowed_host).where(allowed_host.c.id == host)).rowcount == 1


def key(conn: Connection, key_id: str) -> InstitutionKey | None:
    """One key."""
    row = conn.execute(sa.select(institution_key).where(institution_key.c.id == key_id)).first()
    return _key(row) if row else None


def keys(conn: Connection, institution_id: str | None) -> list[InstitutionKey]:
    """All keys, or those of one institution, oldest first."""
    query = sa.select(institution_key).order_by(institution_key.c.valid_from, institution_key.c.id)
    if institution_id is not None:
        query = query.where(institution_key.c.institution_id == institution_id)
    return [_key(row) for row in conn.execute(query)]


def key_is_known(conn: Connection, public: bytes) -> bool:
    """Whether any institution has, or had, this key."""
    query = sa.select(institution_key.c.id).where(institution_key.c.public == base64.b64encode(public).decode())
    return conn.execute(query.limit(1)).first() is not None


def insert_key(conn: Connection, made: InstitutionKey) -> None:
    """Record a key."""
    conn.execute(
        sa.insert(institution_key).values(
            id=made.id, institution_id=made.institution_id, public=base64.b64encode(made.public).decode(),
            state=made.state.value, valid_from=made.valid_from, valid_to=made.valid_to,
            registered_by=made.registered_by, confirmed_by=made.confirmed_by,
        )
    )  # fmt: skip


def update_key(conn: Connection, key_id: str, **values: object) -> None:
    """Change columns of one key."""
    conn.execute(sa.update(institution_key).where(institution_key.c.id == key_id).values(**values))
