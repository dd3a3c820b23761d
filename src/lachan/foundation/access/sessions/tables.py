"""Sessions and attempts. They change with every request and every guess, so no digest in the trail covers them."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("demo", sa.Boolean, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("last_seen_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("pending_factor", sa.Text, nullable=True),  # sealed, until its first code is right
)

sign_in_attempt = sa.Table(
    "sign_in_attempt",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    # Keyed hashes: the table tells nobody which names were tried, or from where.
    sa.Column("name_mark", sa.String(64), nullable=False, index=True),
    sa.Column("source_mark", sa.String(64), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False, index=True),
)

# A password or second factor that one administrator asks to set anew and another one confirms.
access_reset = sa.Table(
    "access_reset",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("asked_by", sa.String(80), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("decided_by", sa.String(80), nullable=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("told_at", Instant, nullable=True),
)
