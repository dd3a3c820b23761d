"""Who is behind an access token; which clients there are."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.clients import store
from lachan.foundation.access.clients.actions import TOKEN_LIFE, text_hash
from lachan.foundation.access.clients.model import Client
from lachan.foundation.access.clients.tables import client_token
from lachan.foundation.base import Actor, ActorKind


def actor_for_token(conn: Connection, token: str, wall_now: datetime) -> Actor | None:
    """The client behind an access token, with the token's scopes as roles; None when it does not count."""
    row = store.token(conn, text_hash(token)) if token else None
    if row is None or not row.active or row.expires_at <= wall_now:
        return None
    return Actor(ActorKind.CLIENT, row.client_id, row.agency_id, frozenset(row.scopes), row.name)


def clients(conn: Connection, agency_id: str | None = None) -> list[Client]:
    """All clients, or those of one agency, by name."""
    return store.find_all(conn, agency_id)


def last_used(conn: Connection) -> dict[str, datetime]:
    """When each client last took a token that still counts (wall time)."""
    ends = sa.func.max(client_token.c.expires_at).label("ends")
    query = sa.select(client_token.c.client_id, ends).group_by(client_token.c.client_id)
    return {row.client_id: row.ends - TOKEN_LIFE for row in conn.execute(query)}
