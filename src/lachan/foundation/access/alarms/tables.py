"""Alarms that have rung; `ended_at` once what they rang for is done."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

alarm = sa.Table(
    "alarm",
    metadata,
    # Of the record that it is about: it rings once before the deadline, and once at it.
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject_id", sa.String(36), nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("rung_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=True, index=True),
)
