"""Registered models with their files: a model is some hundred kilobytes, and the record is what is backed up."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

monitoring_model = sa.Table(
    "monitoring_model",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("model_id", sa.String(16), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("data_hash", sa.String(64), nullable=False),
    sa.Column("trained_to", Instant, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("figures", Json, nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("proposed_by", sa.String(80), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("decided_by", sa.String(80), nullable=True),
    sa.Column("decision_note", sa.String(500), nullable=True),
    sa.Column("valid_from", Instant, nullable=True),
    sa.Column("valid_to", Instant, nullable=True),
    sa.Column("retired_at", Instant, nullable=True),
    sa.Column("retired_by", sa.String(80), nullable=True),
    sa.Column("retired_note", sa.String(500), nullable=True),
)
