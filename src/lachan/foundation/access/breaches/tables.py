"""The breach register. What happened may name people, so these words are erasable."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

breach = sa.Table(
    "breach",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("found_at", Instant, nullable=False),
    sa.Column("what", sa.Text, nullable=False, info={"undigested": True}),
    sa.Column("people_count", sa.Integer, nullable=False),
    sa.Column("notify_by", Instant, nullable=False),
    sa.Column("notified_at", Instant, nullable=True),
    sa.Column("notified_to", sa.String(200), nullable=True),
    sa.Column("conclusion", sa.Text, nullable=True, info={"undigested": True}),
)
