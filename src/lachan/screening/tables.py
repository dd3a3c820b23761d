"""What was asked and found. No key is ever kept: a hit names the registry's entry, everything else is a number."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

screening_count = sa.Table(
    "screening_count",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("client_id", sa.String(36), sa.ForeignKey("api_client.id"), nullable=False, index=True),
    sa.Column("asked", sa.BigInteger, nullable=False),
    sa.Column("warned", sa.BigInteger, nullable=False),
    sa.Column("stepped_up", sa.BigInteger, nullable=False),
    sa.Column("blocked", sa.BigInteger, nullable=False),
)

screening_hit = sa.Table(
    "screening_hit",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("client_id", sa.String(36), sa.ForeignKey("api_client.id"), nullable=False, index=True),
    sa.Column("entry_id", sa.String(36), nullable=False, index=True),
    sa.Column("verdict", sa.String(8), nullable=False),
)

# How many whom an institution showed an advice stopped, and how many went on: sums of a day, nobody's own.
advice_outcome = sa.Table(
    "advice_outcome",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("client_id", sa.String(36), sa.ForeignKey("api_client.id"), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=False, index=True),
    # YYYY-MM-DD, in Vietnam.
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("variant", sa.String(8), nullable=False),
    sa.Column("stopped", sa.BigInteger, nullable=False),
    sa.Column("continued", sa.BigInteger, nullable=False),
)
sa.Index("ix_advice_outcome_text", advice_outcome.c.code, advice_outcome.c.version, advice_outcome.c.variant)

# Who walked through numbers, and who looked into it.
lookup_alarm = sa.Table(
    "lookup_alarm",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("asker", sa.String(16), nullable=False),
    # A client's id, or a stranger's address until its time is over.
    sa.Column("caller", sa.String(64), nullable=False, info={"undigested": True}),
    sa.Column("sign", sa.String(8), nullable=False),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False, index=True),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("asked", sa.BigInteger, nullable=False),
    sa.Column("near", sa.BigInteger, nullable=False),
    sa.Column("missed", sa.BigInteger, nullable=False),
    sa.Column("closed_at", Instant, nullable=True),
    sa.Column("closed_by", sa.String(80), nullable=True),
    sa.Column("conclusion", sa.Text, nullable=True, info={"undigested": True}),
)
