"""Tables of the ledger: rows are only ever added. Personal columns enter the trail under each row's salt."""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, digest_salt, metadata

batch = sa.Table(
    "ledger_batch",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("corrected", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    sa.Column("rejected", sa.Integer, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant, nullable=True),
    sa.Column("started_by", sa.String(80), nullable=False),
    # When its accounts and references were taken out, their time being over.
    sa.Column("erased_at", Instant, nullable=True),
)

transfer = sa.Table(
    "ledger_transfer",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("source", sa.String(8), nullable=False),
    # The request, loss or batch that brought it: `hold:…`, `loss:…`, `ledger_batch:…`.
    sa.Column("origin", sa.String(60), nullable=False, index=True),
    sa.Column("told_by", sa.String(40), nullable=False),
    sa.Column("about", sa.String(200), nullable=True, info=SALTED),
    sa.Column("reference", sa.String(200), nullable=False, index=True, info=SALTED),
    sa.Column("booked_at", Instant, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=True),
    sa.Column("payer", sa.String(200), nullable=True, index=True, info=SALTED),
    sa.Column("payee", sa.String(200), nullable=True, index=True, info=SALTED),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=True),
    sa.Column("reverses", sa.String(200), nullable=True, info=SALTED),
    sa.Column("partial", sa.Boolean, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("message_id", sa.String(36), nullable=True),
    sa.Column("revision", sa.Integer, nullable=True),
    sa.Column("row", sa.Integer, nullable=False),
    # What a file calls the row; `reference` is the transfer that the row is about, which a correction names.
    sa.Column("named", sa.String(200), nullable=True, info=SALTED),
    sa.Column("stated_at", Instant, nullable=True),
    sa.Column("learned_at", Instant, nullable=False),
    # The trail's fact that this row came with.
    sa.Column("fact_id", sa.String(36), nullable=False),
    digest_salt(),
)
_of_file = transfer.c.named.is_not(None)
sa.Index("ix_ledger_transfer_named", transfer.c.named, sqlite_where=_of_file, postgresql_where=_of_file)
sa.Index("ix_ledger_transfer_book", transfer.c.about, transfer.c.told_by)

balance = sa.Table(
    "ledger_balance",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("origin", sa.String(60), nullable=False, index=True),
    sa.Column("told_by", sa.String(40), nullable=False),
    sa.Column("account", sa.String(200), nullable=False, index=True, info=SALTED),
    sa.Column("reference", sa.String(200), nullable=False, info=SALTED),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.String(36), nullable=True),
    sa.Column("learned_at", Instant, nullable=False),
    sa.Column("fact_id", sa.String(36), nullable=False),
    digest_salt(),
)
