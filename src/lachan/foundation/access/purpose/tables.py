"""Looks at personal data. The note may name somebody, so it is erasable."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

personal_look = sa.Table(
    "personal_look",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("viewer", sa.String(80), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("subject", sa.String(120), nullable=False),
    sa.Column("permission", sa.String(40), nullable=False),
    sa.Column("purpose", sa.String(32), nullable=False),
    sa.Column("note", sa.Text, nullable=False, info={"undigested": True}),
    sa.Column("granted_at", Instant, nullable=False, index=True),
    sa.Column("expires_at", Instant, nullable=False),
)
sa.Index("ix_personal_look_viewer", personal_look.c.viewer, personal_look.c.subject, personal_look.c.expires_at)
sa.Index("ix_personal_look_subject", personal_look.c.subject)
