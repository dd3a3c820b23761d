"""Tables of the trail. Rows are only ever added; the sealer fills in numbers once."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, Json, metadata

fact = sa.Table(
    "fact",
    metadata,
    # Counts insertions: a fact about a row another action has just changed is inserted after that action's commit.
    sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("sequence", sa.BigInteger, nullable=True, unique=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(120), nullable=False, index=True),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("agency_id", sa.String(36), nullable=True),
    sa.Column("purpose", sa.Text, nullable=True),
    sa.Column("legal_basis", sa.String(64), nullable=True),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("learned_at", Instant, nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("rows", Json, nullable=False),
)
sa.Index(
    "ix_fact_unsealed",
    fact.c.id,
    sqlite_where=fact.c.sequence.is_(None),
    postgresql_where=fact.c.sequence.is_(None),
)
sa.Index("ix_fact_kind_sequence", fact.c.kind, fact.c.sequence)

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first_sequence", sa.BigInteger, nullable=False),
    sa.Column("last_sequence", sa.BigInteger, nullable=False),
    sa.Column("root", sa.String(64), nullable=False),
    sa.Column("previous_head", sa.String(64), nullable=False),
    sa.Column("head", sa.String(64), nullable=False, unique=True),
    sa.Column("sealed_at", Instant, nullable=False),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("signature", sa.String(128), nullable=False),
    sa.Column("leaves", sa.LargeBinary, nullable=False),
)

salt = sa.Table(
    "fact_salt",
    metadata,
    sa.Column("fact_id", sa.String(36), sa.ForeignKey("fact.id"), primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("destroy_after", Instant, nullable=True, index=True),
)
