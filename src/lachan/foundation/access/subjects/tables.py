"""Data subjects' requests: everything about who asks is erasable."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

_PERSONAL = {"undigested": True}

subject_request = sa.Table(
    "subject_request",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False, info=_PERSONAL),
    sa.Column("contact", sa.Text, nullable=False, info=_PERSONAL),
    sa.Column("details", sa.Text, nullable=False, info=_PERSONAL),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("answer_by", Instant, nullable=False),
    sa.Column("answered_at", Instant, nullable=True),
    sa.Column("answer", sa.Text, nullable=True, info=_PERSONAL),
)
