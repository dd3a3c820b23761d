"""The reasoned notice with its appeal link: created with the hold, served when the rule allows.

It goes out when no hop of the trace is unanswered, at latest after 24 h, so that a mule with other accounts is
not warned. It never says that a suspicious-transaction report exists.
"""

import sqlalchemy as sa

from lachan.foundation.base import VIETNAM, Language, format_vnd, new_reference_code, translate
from lachan.foundation.protocol import NoticeServed, NoticeToServe, total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import legal_basis
from lachan.response import store, tables
from lachan.response.actions.work import Work, working
from lachan.response.model import HOLDING, Hold


def serve_notices(unit: Unit, outbox: Outbox, trace_id: str, base_url: str) -> None:
    """Serve what may be served: all holds if every hop is answered, else those whose latest time has come."""
    with working(unit, outbox, trace_id) as work:
        waiting = store.has_unanswered_hop(unit.conn, trace_id)
        for row in unit.conn.execute(
            sa.select(tables.hold.c.id, tables.hold.c.notice_by).where(
                tables.hold.c.trace_id == trace_id,
                tables.hold.c.state.in_(list(HOLDING)),
                tables.hold.c.notice_sent_at.is_(None),
            )
        ).all():
            if not waiting or (row.notice_by is not None and row.notice_by <= unit.now):
                _serve(work, work.hold(row.id), base_url)


def take_notice_served(unit: Unit, outbox: Outbox, reply: NoticeServed, codes: frozenset[str]) -> None:
    """The institution has given the holder the notice."""
    hold = store.hold(unit.conn, reply.request_id)
    if hold.institution not in codes or hold.notice_served_at is not None:
        return
    with working(unit, outbox, hold.trace_id) as work:
        work.update_hold(hold, notice_served_at=min(reply.served_at, unit.now))
        work.fact("notice.served", f"hold:{hold.id}", {"channel": reply.channel})


def _serve(work: Work, hold: Hold, base_url: str) -> None:
    code = new_reference_code("TB")
    work.update_hold(hold, notice_code=code, notice_sent_at=work.unit.now)
    # The code alone opens the objection form, and the trail is exported to strangers: only a commitment.
    work.fact("notice.sent", f"hold:{hold.id}", {}, personal={"code": code})
    if hold.institution is None:
        return
    text = translate(
        "notice.text",
        Language.VI,
        amount=format_vnd(total(hold.held)),
        basis=legal_basis(hold.basis, hold.drafted_at).citation(Language.VI),
        until=hold.expires_at.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if hold.expires_at else "—",
        code=code,
    )
    work.outbox.send(
        work.unit, hold.institution, f"hold:{hold.id}",
        NoticeToServe(request_id=hold.id, notice_code=code, text=text, appeal_url=f"{base_url}/appeal/{code}"),
    )  # fmt: skip
