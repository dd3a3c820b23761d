"""The reasoned notice with its appeal link: created with the hold, served when the rule allows.

It goes out when no hop of the trace is unanswered, at latest after 24 h, so that a mule with other accounts is
not warned. It never says that a suspicious-transaction report exists.
"""

from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.base import VIETNAM, Language, format_vnd, new_reference_code, translate
from lachan.foundation.protocol import NoticeServed, NoticeToServe, total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import legal_basis
from lachan.response import store, tables
from lachan.response.actions.tasks import finish_task
from lachan.response.actions.telling import reachable, tell
from lachan.response.actions.work import Work, wait_turn, working
from lachan.response.model import HOLDING, Hold
from lachan.response.rules.tasks import SERVE_NOTICE


def serve_notices(unit: Unit, outbox: Outbox, trace_id: str, base_url: str) -> None:
    """Serve what may be served: all holds if every hop is answered, else those whose latest time has come."""
    with working(unit, outbox, trace_id) as work:
        waiting = store.has_unanswered_hop(unit.conn, trace_id)
        unserved = sa.and_(
            tables.hold.c.trace_id == trace_id,
            tables.hold.c.state.in_(list(HOLDING)),
            tables.hold.c.notice_code.is_(None),
        )
        for hold in store.holds(unit.conn, unserved):
            if not waiting or (hold.notice_by is not None and hold.notice_by <= unit.now):
                _serve(work, work.known(hold), base_url)


def take_notice_served(unit: Unit, outbox: Outbox, reply: NoticeServed, codes: frozenset[str]) -> None:
    """The institution has given the holder the notice."""
    hold = store.hold(unit.conn, reply.request_id)
    if hold.institution not in codes or hold.notice_served_at is not None:
        return
    with working(unit, outbox, hold.trace_id) as work:
        _note_served(work, hold, min(reply.served_at, unit.now), reply.channel)


def confirm_notice_served(unit: Unit, outbox: Outbox, task_id: str, *, note: str) -> None:
    """An officer has had the notice served by letter or telephone: only now is it sent, and served."""
    wait_turn(unit)
    finish_task(unit, task_id, note=note)
    hold_id = unit.conn.execute(sa.select(tables.task.c.hold_id).where(tables.task.c.id == task_id)).scalar_one()
    hold = store.hold(unit.conn, hold_id)
    with working(unit, outbox, hold.trace_id) as work:
        if hold.notice_served_at is None:
            _note_served(work, hold, unit.now, "letter")


def _note_served(work: Work, hold: Hold, served_at: datetime, channel: str) -> None:
    sent_at = work.unit.conn.execute(
        sa.select(tables.hold.c.notice_sent_at).where(tables.hold.c.id == hold.id)
    ).scalar_one()
    work.update_hold(hold, notice_served_at=served_at, notice_sent_at=sent_at or served_at)
    work.fact("notice.served", f"hold:{hold.id}", {"channel": channel})


def _serve(work: Work, hold: Hold, base_url: str) -> None:
    """Make the notice and send it; to an institution that fetches no messages, an officer brings it as a letter."""
    code = new_reference_code("TB")
    sent = reachable(work, hold)
    work.update_hold(hold, notice_code=code, notice_sent_at=work.unit.now if sent else None)
    # The code alone opens the objection form, and the trail is exported to strangers: only a commitment.
    work.fact("notice.sent" if sent else "notice.prepared", f"hold:{hold.id}", {}, personal={"code": code})
    text = translate(
        "notice.text",
        Language.VI,
        amount=format_vnd(total(hold.held)),
        basis=legal_basis(hold.basis, hold.drafted_at).citation(Language.VI),
        until=hold.expires_at.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if hold.expires_at else "—",
        code=code,
    )
    notice = NoticeToServe(request_id=hold.id, notice_code=code, text=text, appeal_url=f"{base_url}/appeal/{code}")
    tell(work, hold, notice, amount_vnd=total(hold.held), kind=SERVE_NOTICE)
