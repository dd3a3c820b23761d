"""API clients: rows to model and back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access.clients.model import Client
from lachan.foundation.access.clients.tables import api_client, client_secret, client_token
from lachan.foundation.access.permissions import Scope


def _client(row: sa.Row[Any]) -> Client:
    return Client(row.id, row.agency_id, row.name, frozenset(Scope(s) for s in row.scopes), row.active)


def find(conn: Connection, client_id: str) -> Client | None:
    """One client."""
    row = conn.execute(sa.select(api_client).where(api_client.c.id == client_id)).first()
    return _client(row) if row else None


def find_all(conn: Connection, agency_id: str | None) -> list[Client]:
    """All clients, or those of one agency, by name."""
    query = sa.select(api_client).order_by(api_client.c.name, api_client.c.id)
    if agency_id is not None:
        query = query.where(api_client.c.agency_id == agency_id)
    return [_client(row) for row in conn.execute(query)]


def insert(conn: Connection, made: Client) -> None:
    """Record a client."""
    conn.execute(
        sa.insert(api_client).values(
            id=made.id, agency_id=made.agency_id, name=made.name, active=made.active,
            scopes=sorted(s.value for s in made.scopes),
        )
    )  # fmt: skip


def deactivate(conn: Connection, client_id: str) -> None:
    """Close a client and forget its tokens."""
    conn.execute(sa.update(api_client).where(api_client.c.id == client_id).values(active=False))
    conn.execute(sa.delete(client_token).where(client_token.c.client_id == client_id))


def secret_hashes(conn: Connection, client_id: str, wall_now: datetime) -> list[str]:
    """The hashes of the secrets that are valid now."""
    rows = conn.execute(
        sa.select(client_secret.c.secret_hash).where(
            client_secret.c.client_id == client_id,
            client_secret.c.valid_from <= wall_now,
            sa.or_(client_secret.c.valid_to.is_(None), client_secret.c.valid_to > wall_now),
        )
    )
    return [row.secret_hash for row in rows]


def insert_secret(conn: Connection, secret_id: str, client_id: str, secret_hash: str, valid_from: datetime) -> None:
    """Record a secret's hash."""
    conn.execute(
        sa.insert(client_secret).values(
            id=secret_id, client_id=client_id, secret_hash=secret_hash, valid_from=valid_from
        )
    )


def end_secrets(conn: Connection, client_id: str, valid_to: datetime) -> list[str]:
    """Let every secret end at `valid_to` that would live longer; returns which."""
    later = sa.or_(client_secret.c.valid_to.is_(None), client_secret.c.valid_to > valid_to)
    rows = conn.execute(sa.select(client_secret.c.id).where(client_secret.c.client_id == client_id, later))
    ids = [str(row.id) for row in rows]
    conn.execute(sa.update(client_secret).where(client_secret.c.id.in_(ids)).values(valid_to=valid_to))
    return ids


def insert_token(
    conn: Connection, token_hash: str, client_id: str, scopes: Iterable[Scope], expires_at: datetime
) -> None:
    """Record a token's hash."""
    conn.execute(
        sa.insert(client_token).values(
            id=token_hash, client_id=client_id, scopes=sorted(s.value for s in scopes), expires_at=expires_at
        )
    )


def token(conn: Connection, token_hash: str) -> sa.Row[Any] | None:
    """One token with its client's agency, name and state."""
    return conn.execute(
        sa.select(client_token, api_client.c.agency_id, api_client.c.name, api_client.c.active)
        .join(api_client, api_client.c.id == client_token.c.client_id)
        .where(client_token.c.id == token_hash)
    ).first()


def delete_token(conn: Connection, token_hash: str) -> bool:
    """Forget a token; False when there was none."""
    return conn.execute(sa.delete(client_token).where(client_token.c.id == token_hash)).rowcount == 1


def delete_expired_tokens(conn: Connection, wall_now: datetime) -> None:
    """Forget tokens that have ended."""
    conn.execute(sa.delete(client_token).where(client_token.c.expires_at <= wall_now))
