"""Questions about connections and keys, for delivery and for the doors."""

from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.protocol.connections import store
from lachan.foundation.protocol.connections.model import InstitutionConnection, InstitutionKey


def connection(conn: Connection, institution_id: str) -> InstitutionConnection | None:
    """How an institution is reached; None when it has never connected."""
    return store.find(conn, institution_id)


def connections(conn: Connection) -> list[InstitutionConnection]:
    """All connections."""
    return store.find_all(conn)


def allowed_hosts(conn: Connection) -> frozenset[str]:
    """The hosts that webhooks may go to."""
    return store.hosts(conn)


def institution_keys(conn: Connection, institution_id: str | None = None) -> list[InstitutionKey]:
    """All keys, or those of one institution, oldest first, whatever their state."""
    return store.keys(conn, institution_id)


def keys_valid(conn: Connection, institution_id: str, wall_now: datetime) -> list[bytes]:
    """The public keys with which an institution's signatures are checked now; more than one while it rotates."""
    return [key.public for key in store.keys(conn, institution_id) if key.counts_at(wall_now)]
