"""Questions about connections and keys, for delivery and for the doors."""

from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access import agency_id_by_code
from lachan.foundation.protocol.connections import store
from lachan.foundation.protocol.connections.model import Channel, InstitutionConnection, InstitutionKey


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


def webhook_of(conn: Connection, code: str) -> str | None:
    """Where to post for the institution known by `code`; None when it pulls, works in the web, or is off."""
    institution_id = agency_id_by_code(conn, code)
    found = store.find(conn, institution_id) if institution_id else None
    return found.url if found is not None and found.active and found.channel is Channel.WEBHOOK else None


def is_connected(conn: Connection, code: str) -> bool:
    """Whether messages reach the institution known by `code` at all."""
    institution_id = agency_id_by_code(conn, code)
    found = store.find(conn, institution_id) if institution_id else None
    return found is not None and found.active and found.channel is not Channel.NONE
