"""Names, accounts and papers of refunds go when the time of their case is over; amounts, shares and times stay."""

from collections.abc import Sequence

import sqlalchemy as sa

from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Unit
from lachan.foundation.trail import Veil, append, destroy_salts
from lachan.response.refunds.model import LineState, RefundState
from lachan.response.refunds.tables import refund, refund_line
from lachan.response.tables import prepared_reply

_NOTHING = {"issuer": "", "number": "", "signed_on": "2000-01-01", "signatory": ""}


def is_asked(trace_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a loss of this trace stands in a pay-out list that is open."""
    return sa.exists().where(
        refund_line.c.trace_id == trace_id, refund_line.c.state == LineState.DUE,
        refund_line.c.refund_id == refund.c.id, refund.c.state == RefundState.OPEN,
    )  # fmt: skip


def erase_refunds(unit: Unit, traces: Sequence[str], veil: Veil) -> None:
    """The lines of these traces; a list of which no line is left for others, wholly, with its messages."""
    lines = unit.conn.execute(
        sa.select(refund_line).where(refund_line.c.trace_id.in_(traces), refund_line.c.digest_salt.is_not(None))
    ).all()
    for row in lines:
        account = veil.hide(row.account) if row.account else None
        unit.conn.execute(
            sa.update(refund_line)
            .where(refund_line.c.id == row.id)
            .values(account=account, reference=None, digest_salt=None)
        )
    kept = sa.select(refund_line.c.refund_id).where(refund_line.c.digest_salt.is_not(None))
    over = unit.conn.execute(
        sa.select(refund).where(
            refund.c.id.in_({row.refund_id for row in lines}), refund.c.id.not_in(kept),
            refund.c.digest_salt.is_not(None),
        )
    ).all()  # fmt: skip
    for row in over:
        unit.conn.execute(
            sa.update(refund)
            .where(refund.c.id == row.id)
            .values(
                account=veil.hide(row.account), document=_NOTHING, reasons=None, content_hash="", requester_name="",
                approver_name=None, why=None, digest_salt=None,
            )
        )  # fmt: skip
    subjects = [f"refund:{row.id}" for row in over]
    written = sa.select(message.c.id).where(message.c.subject.in_(subjects))
    query = sa.select(prepared_reply.c.id).where(
        sa.or_(prepared_reply.c.subject.in_(subjects), prepared_reply.c.id.in_(written))
    )
    replies = list(unit.conn.execute(query).scalars())
    unit.conn.execute(sa.delete(prepared_reply).where(prepared_reply.c.id.in_(replies)))
    unit.conn.execute(sa.delete(message).where(message.c.subject.in_(subjects)))
    destroy_salts(unit, subjects)
    if lines:
        append(
            unit, "retention.refunds_erased", "response", {"refunds": len(over), "lines": len(lines)},
            rows=[
                *(("refund_line", row.id) for row in lines), *(("refund", row.id) for row in over),
                *(("prepared_reply", one) for one in replies),
            ],
        )  # fmt: skip
