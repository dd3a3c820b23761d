"""Who may hold a copy, under which key; and the numbers that were issued."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

copy_key = sa.Table(
    "screening_copy_key",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False, index=True),
    sa.Column("recipient", sa.String(40), nullable=False),
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),  # the key, sealed with the instance's secret
    sa.Column("contract", sa.String(200), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("ended_by", sa.String(80), nullable=True),
    sa.Column("end_kind", sa.String(16), nullable=True),
    sa.Column("end_note", sa.Text, nullable=True),
    sa.Column("taken_number", sa.BigInteger, nullable=True),
    sa.Column("taken_at", Instant, nullable=True),
)
_living = copy_key.c.ended_at.is_(None)
sa.Index(
    "uq_screening_copy_key_living",
    copy_key.c.agency_id,
    unique=True,
    sqlite_where=_living,
    postgresql_where=_living,
)

copy_issue = sa.Table(
    "screening_copy_issue",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("issued_at", Instant, nullable=False, index=True),
)
