"""API clients, their secrets (hashed, overlapping while one replaces another) and tokens (hashed, one hour)."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

api_client = sa.Table(
    "api_client",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

client_secret = sa.Table(
    "client_secret",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), sa.ForeignKey("api_client.id"), nullable=False, index=True),
    sa.Column("secret_hash", sa.String(64), nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant, nullable=True),
)

client_token = sa.Table(
    "client_token",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # the token's hash
    sa.Column("client_id", sa.String(36), sa.ForeignKey("api_client.id"), nullable=False, index=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
)
