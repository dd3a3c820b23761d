"""Connections, the hosts that webhooks may go to, and institutions' public keys."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

connection = sa.Table(
    "institution_connection",
    metadata,
    sa.Column("id", sa.String(36), sa.ForeignKey("agency.id"), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("url", sa.String(2000), nullable=True),
    sa.Column("active", sa.Boolean, nullable=False),
)

allowed_host = sa.Table(
    "allowed_host",
    metadata,
    sa.Column("id", sa.String(253), primary_key=True),  # the host name, lower case
    sa.Column("allowed_by", sa.String(80), nullable=False),
    sa.Column("allowed_at", Instant, nullable=False),
)

institution_key = sa.Table(
    "institution_key",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("institution_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False, index=True),
    sa.Column("public", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant, nullable=True),
    sa.Column("registered_by", sa.String(80), nullable=False),
    sa.Column("confirmed_by", sa.String(80), nullable=True),
)
