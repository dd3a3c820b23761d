"""Who at the desk works on a trace: whoever takes it, until somebody else of the same desk takes it over."""

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit
from lachan.response import store, tables
from lachan.response.actions.work import working
from lachan.response.model import HoldReason, TraceState

_OVER = {TraceState.COMPLETED, TraceState.CANCELLED}


def take_trace(unit: Unit, outbox: Outbox, trace_id: str) -> None:
    """The acting officer works on this trace from now on. Taking what is one's own already changes nothing."""
    require(unit.actor, Permission.HOLD_REQUEST, agency_id=store.trace(unit.conn, trace_id).desk_id)
    with working(unit, outbox, trace_id) as work:
        before = work.trace.officer_id
        if work.trace.state in _OVER:
            raise Conflict(HoldReason.WRONG_STATE, state=work.trace.state)
        if before != unit.actor.id:
            mine = sa.update(tables.trace).where(tables.trace.c.id == trace_id)
            unit.conn.execute(mine.values(officer_id=unit.actor.id))
            work.fact("trace.taken", f"trace:{trace_id}", {"officer": unit.actor.id, "from": before})
