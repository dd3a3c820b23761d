"""Every institution has answered: an officer says of each hop whether the answers bear it out, and closes it.

What follows for the money, giving it back, is the refund desk's work (`response/refunds/`).
"""

from collections.abc import Mapping

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict
from lachan.foundation.protocol import intersect, total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import retention
from lachan.response import store
from lachan.response.actions.endings import give_back
from lachan.response.actions.tasks import open_task
from lachan.response.actions.wording import words
from lachan.response.actions.work import Work, working
from lachan.response.model import CANCELLABLE, HOLDING, EndReason, HoldReason, HopState, TraceState, Verdict
from lachan.response.refunds.clocks import start_refund_clocks
from lachan.response.rules.analysis import analysis_by
from lachan.response.rules.tasks import ANALYSIS_DUE

CONCLUSION_MAX = 4_000


def analyse_trace(
    unit: Unit, outbox: Outbox, trace_id: str, *, verdicts: Mapping[str, Verdict], conclusion: str
) -> None:
    """Close every hop with a verdict, by hop id. What is held of a hop that is not agreed to is given back.

    Only a trace that waits for its analysis: nobody is asked any more. Afterwards it is not cancelled.
    """
    trace = store.trace(unit.conn, trace_id)
    require(unit.actor, Permission.TRACE_ANALYSE, agency_id=trace.desk_id)
    concluded = words(conclusion, "conclusion", CONCLUSION_MAX)
    with working(unit, outbox, trace_id) as work:
        if work.trace.state is not TraceState.AWAITING_ANALYSIS:
            raise Conflict(HoldReason.WRONG_STATE, state=work.trace.state)
        hops = [hop for hop in work.hops(trace_id=trace_id) if hop.spans]
        for hop in hops:
            if hop.id not in verdicts:
                raise BadInput(HoldReason.VERDICT_MISSING, field=f"hop_{hop.id}")
            work.update_hop(hop, state=HopState.CLOSED, verdict=verdicts[hop.id])
        disagreed = [hop.id for hop in hops if verdicts[hop.id] is Verdict.DISAGREED]
        work.update_trace(trace_id, state=TraceState.ANALYSED, analysed_at=unit.now, analysis=concluded)
        cancel(unit, f"analysis:{trace_id}")
        work.fact(
            "trace.analysed", f"trace:{trace_id}", {"hops": len(hops), "disagreed": disagreed},
            personal={"conclusion": concluded},
            destroy_salt_after=retention("retention_report", unit.now).deadline(unit.now),
        )  # fmt: skip
        for hop_id in disagreed:
            hop = work.hop(hop_id)
            hold = work.hold(hop.hold_id)
            if hold.state in HOLDING and total(intersect(hold.held, hop.spans)):
                give_back(work, hold, hop.spans, EndReason.TAINT_LOWERED)
        start_refund_clocks(work)


def start_analysis_clock(work: Work) -> None:
    """The time for the analysis runs; what is analysed or cancelled meanwhile is not rung for."""
    due_at = analysis_by(work.trace)
    enqueue(
        work.unit, "analysis_overdue", {"trace_id": work.trace_id}, key=f"analysis:{work.trace_id}", due_at=due_at
    )


def analysis_overdue(unit: Unit, outbox: Outbox, trace_id: str) -> None:
    """The time to analyse has passed: it becomes a task. A first request that went out later moves the clock."""
    trace = store.trace(unit.conn, trace_id)
    if trace.state not in CANCELLABLE:
        return
    with working(unit, outbox, trace_id) as work:
        if analysis_by(work.trace) > unit.now:
            start_analysis_clock(work)
            return
        open_task(
            work, ANALYSIS_DUE, f"{ANALYSIS_DUE}:{trace_id}", hold_id=None, institution=None,
            amount_vnd=work.trace.sum.reported_vnd, due_at=analysis_by(work.trace),
        )  # fmt: skip
