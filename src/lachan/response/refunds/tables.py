"""Tables of refunds: one row a pay-out list, one row a line of it."""

import sqlalchemy as sa

from lachan.foundation.storage import SALTED, Instant, Json, digest_salt, metadata

refund = sa.Table(
    "refund",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    # The trace from whose page it was opened; its lines may be other traces' losses.
    sa.Column("trace_id", sa.String(36), sa.ForeignKey("trace.id"), nullable=False, index=True),
    sa.Column("desk_id", sa.String(36), nullable=True),
    sa.Column("institution", sa.String(40), nullable=False),
    digest_salt(),
    sa.Column("account", sa.String(90), nullable=False, index=True, info=SALTED),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=True),
    sa.Column("basis", sa.String(24), nullable=False),
    sa.Column("document", Json, nullable=False, info=SALTED),
    sa.Column("method", sa.String(24), nullable=False),
    sa.Column("reasons", sa.Text, nullable=True, info=SALTED),
    sa.Column("content_hash", sa.String(64), nullable=False, info=SALTED),
    sa.Column("pool_vnd", sa.BigInteger, nullable=False),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("remainder_vnd", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("requester", sa.String(80), nullable=False),
    sa.Column("requester_name", sa.Text, nullable=False, info=SALTED),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("pay_by", Instant, nullable=False),
    sa.Column("approver", sa.String(80), nullable=True),
    sa.Column("approver_name", sa.Text, nullable=True, info=SALTED),
    sa.Column("approved_at", Instant, nullable=True),
    sa.Column("closed_at", Instant, nullable=True),
    # Why it was taken back.
    sa.Column("why", sa.Text, nullable=True, info=SALTED),
)
sa.Index("ix_refund_state", refund.c.state, refund.c.desk_id, refund.c.pay_by)

refund_line = sa.Table(
    "refund_line",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("refund_id", sa.String(36), sa.ForeignKey("refund.id"), nullable=False, index=True),
    sa.Column("loss_id", sa.String(36), sa.ForeignKey("loss.id"), nullable=False, index=True),
    sa.Column("trace_id", sa.String(36), sa.ForeignKey("trace.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("number", sa.String(24), nullable=False, unique=True),
    sa.Column("entered_vnd", sa.BigInteger, nullable=False),
    sa.Column("weight_vnd", sa.BigInteger, nullable=False),
    sa.Column("share_vnd", sa.BigInteger, nullable=False),
    sa.Column("amount_vnd", sa.BigInteger, nullable=False),
    sa.Column("institution", sa.String(40), nullable=True),
    digest_salt(),
    # Where the victim is paid.
    sa.Column("account", sa.String(90), nullable=True, info=SALTED),
    # Which held coins pay it: hold, whose they are, spans.
    sa.Column("coins", Json, nullable=False),
    # How much of them is another loss's: who is paid with these hands over what is still missing of the own.
    sa.Column("foreign_vnd", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("waits", sa.String(16), nullable=True),
    sa.Column("refusal", sa.String(32), nullable=True),
    sa.Column("paid_at", Instant, nullable=True),
    sa.Column("reference", sa.String(80), nullable=True, info=SALTED),
)
_FOREIGN = refund_line.c.foreign_vnd > 0
sa.Index("ix_refund_line_foreign", refund_line.c.state, sqlite_where=_FOREIGN, postgresql_where=_FOREIGN)
