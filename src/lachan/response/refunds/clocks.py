"""The clocks of giving back: started in time after the analysis, paid in time, all of it in time."""

from datetime import datetime

from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response import store
from lachan.response.actions.tasks import open_task
from lachan.response.actions.work import Work, working
from lachan.response.model import Trace, TraceState
from lachan.response.refunds.model import RefundState
from lachan.response.refunds.store import refund
from lachan.response.rules.tasks import REFUND_LATE, REFUND_START, REFUND_UNPAID

_OVER = frozenset({TraceState.COMPLETED, TraceState.CANCELLED})


def start_refund_clocks(work: Work) -> None:
    """A trace has been analysed and money is held: giving it back starts, and ends, in time."""
    unit, trace = work.unit, work.trace
    enqueue(
        unit, "refund_start_overdue", {"trace_id": trace.id}, key=f"refund_start:{trace.id}",
        due_at=clock("refund_start", unit.now).deadline(unit.now),
    )  # fmt: skip
    enqueue(
        unit, "refund_total_overdue", {"trace_id": trace.id}, key=f"refund_total:{trace.id}",
        due_at=max(unit.now, complete_by(trace)),
    )  # fmt: skip


def complete_by(trace: Trace) -> datetime:
    """By when all of it should be given back: counted from the first request, as the analysis is."""
    start = trace.first_request_at or trace.opened_at
    return clock("refund_total", start).deadline(start)


def refund_start_overdue(unit: Unit, outbox: Outbox, trace_id: str) -> None:
    """Analysed long enough, money is held, and no institution has been asked to pay it back."""
    trace = store.trace(unit.conn, trace_id)
    if trace.state is not TraceState.ANALYSED or not trace.sum.held_vnd:
        return
    with working(unit, outbox, trace_id) as work:
        _open(work, REFUND_START, unit.now)


def refund_total_overdue(unit: Unit, outbox: Outbox, trace_id: str) -> None:
    """The time in which everything is given back is over, and money is held still."""
    trace = store.trace(unit.conn, trace_id)
    if trace.state in _OVER:
        return
    # Where nothing is held any more, closing the books completes it.
    with working(unit, outbox, trace_id) as work:
        if trace.sum.held_vnd:
            _open(work, REFUND_LATE, complete_by(work.trace))


def refund_payment_overdue(unit: Unit, outbox: Outbox, refund_id: str) -> None:
    """A refund was opened and is not paid: nobody has approved it, or its institution is silent."""
    one = refund(unit.conn, refund_id)
    if one.state is not RefundState.OPEN:
        return
    with working(unit, outbox, one.trace_id) as work:
        open_task(
            work, REFUND_UNPAID, f"{REFUND_UNPAID}:{refund_id}", hold_id=None, institution=one.institution,
            amount_vnd=one.amount_vnd, due_at=one.pay_by, subject=f"refund:{refund_id}",
        )  # fmt: skip


def _open(work: Work, kind: str, due_at: datetime) -> None:
    trace = work.trace
    open_task(
        work, kind, f"{kind}:{trace.id}", hold_id=None, institution=None, amount_vnd=trace.sum.held_vnd,
        due_at=due_at,
    )  # fmt: skip
