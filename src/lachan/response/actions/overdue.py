"""What happens when nobody acts: approvals escalate, silent institutions get a letter and a telephone call."""

import sqlalchemy as sa

from lachan.foundation.access import next_approver
from lachan.foundation.protocol import total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response import store, tables
from lachan.response.actions.conversions import as_proposed
from lachan.response.actions.learning import learn_silence, was_silent
from lachan.response.actions.requests import ESCALATE
from lachan.response.actions.tasks import open_telephone_task
from lachan.response.actions.work import working
from lachan.response.model import ENDED, HoldState

# After this many deputies the request waits for whoever comes; the desk shows it in red.
ESCALATIONS_MAX = 10


def escalate_approval(unit: Unit, outbox: Outbox, hold_id: str) -> None:
    """Nobody approved or rejected within the clock: the next on the roster is asked."""
    hold = store.hold(unit.conn, hold_id)
    if as_proposed(hold).state is not HoldState.DRAFTED:
        return
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        count = unit.conn.execute(
            sa.select(tables.hold.c.escalations).where(tables.hold.c.id == hold_id)
        ).scalar_one()
        requester = as_proposed(hold).requester.removeprefix("person:")
        asked = None
        if work.trace.desk_id is not None:
            asked = next_approver(unit.conn, work.trace.desk_id, unit.now, after=count, requester=requester)
        work.update_hold(hold, escalations=count + 1)
        to = asked.person_id if asked else None
        work.fact("hold.escalated", f"hold:{hold.id}", {"count": count + 1, "to": to})
        if count + 1 < ESCALATIONS_MAX:
            enqueue(
                unit, ESCALATE, {"hold_id": hold_id}, key=f"escalate:{hold_id}",
                due_at=clock("approval_escalation", unit.now).deadline(unit.now), priority=total(hold.asked),
            )  # fmt: skip


def silent_institution(unit: Unit, outbox: Outbox, hold_id: str, *, clock_name: str) -> None:
    """No acknowledgement or answer in time: somebody telephones, with the signed letter in hand.

    An answer stops these clocks. Where one rings, something is owed: a first answer, one to a higher revision or
    step, or the explanation of a gap.
    """
    hold = store.hold(unit.conn, hold_id)
    if hold.state in ENDED or hold.state is HoldState.DRAFTED:
        return
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        known = was_silent(unit.conn, hold)
        if open_telephone_task(work, hold, total(hold.asked)):
            if not known:
                learn_silence(work, hold)
            work.fact("hold.silent", f"hold:{hold.id}", {"clock": clock_name})
