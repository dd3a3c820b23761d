"""Drafts of documents: one row each, with what was typed."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

outgoing_draft = sa.Table(
    "outgoing_draft",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False, index=True),
    sa.Column("written", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("changed_by", sa.String(80), nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("document_id", sa.String(36), sa.ForeignKey("outgoing_document.id"), nullable=True),
    sa.Column("dropped_at", Instant, nullable=True),
)
