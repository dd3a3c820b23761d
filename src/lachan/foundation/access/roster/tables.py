"""The roster."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

duty_shift = sa.Table(
    "duty_shift",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("position", sa.String(16), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
)
sa.Index("ix_duty_shift_desk", duty_shift.c.agency_id, duty_shift.c.ends_at)
