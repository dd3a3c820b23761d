"""How holds end and are prolonged: release, expiry, extension, an authority's decision, the trace cancelled."""

from datetime import datetime
from typing import Any

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict, Language
from lachan.foundation.protocol import (
    HoldExtension,
    LegalBasis,
    Spans,
    intersect,
    newest,
    normalise,
    subtract,
    total,
    union,
)
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock, legal_basis
from lachan.intake import ReportStatus, losses_of, may_become, report_by_id, wait_for_reports
from lachan.response import store
from lachan.response.actions.entitled import check_entitled
from lachan.response.actions.hops import is_over, resettle_hold, return_to_roots
from lachan.response.actions.reports import change, committed, note_why, sealed_decision, wake_next
from lachan.response.actions.requests import read_decision, release_spans, revise_request, stop_clocks, void
from lachan.response.actions.tasks import open_task
from lachan.response.actions.telling import tell
from lachan.response.actions.wording import words
from lachan.response.actions.work import Work, working
from lachan.response.model import (
    CANCELLABLE,
    HOLDING,
    OPEN,
    EndReason,
    Hold,
    HoldReason,
    HoldState,
    TraceState,
    Verdict,
)
from lachan.response.refunds.model import RefundReason
from lachan.response.refunds.store import pledged, spans_of
from lachan.response.rules import lawful
from lachan.response.rules.analysis import cancellable_until, is_cancellable
from lachan.response.rules.tasks import HOLD_ENDS_SOON, LIFT_REQUEST, REVIEW_DUE


def release_hold(
    unit: Unit, outbox: Outbox, hold_id: str, *, amount_vnd: int | None = None, reason: str = "officer"
) -> None:
    """An officer frees all of a hold, or exactly `amount_vnd` of it (the newest coins).

    What an authority decided on is freed, or asked for no more, only when the authority has lifted it.
    """
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_RELEASE, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.step >= lawful.FIRST_STEP_BY_DECISION and reason != EndReason.AUTHORITY:
            raise Conflict(HoldReason.NOT_ENTITLED, field="reason")
        if lawful.stands(hold) and hold.state in OPEN:
            _ask_no_more(work, hold, amount_vnd, EndReason(reason))
            return
        if (asked := pledged(unit.conn, hold.id, hold.account)) is not None:
            raise Conflict(RefundReason.REFUND_RUNNING, code=asked.code)
        free(work, hold, amount_vnd, EndReason(reason))


def free(work: Work, hold: Hold, amount_vnd: int | None, reason: EndReason) -> None:
    """Free part or all of a hold and settle its hops."""
    if hold.state not in HOLDING:
        raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
    amount = total(hold.held) if amount_vnd is None else amount_vnd
    if not 0 < amount <= total(hold.held):
        raise Conflict(HoldReason.RELEASE_ABOVE_HELD, field="amount_vnd")
    # Of an authority's freeze first what it is not for any more.
    beyond = newest(subtract(hold.held, _pursued(work, hold)), amount)
    rest = newest(subtract(hold.held, beyond), amount - total(beyond))
    resettle_hold(work, release_spans(work, hold, union(beyond, rest), reason))


def _ask_no_more(work: Work, hold: Hold, amount_vnd: int | None, reason: EndReason) -> None:
    """Its issuer lifts what its institution has not placed yet: all of it, or of what no victim claims any more."""
    asked_vnd = total(hold.asked)
    if amount_vnd in {None, asked_vnd}:
        resettle_hold(work, void(work, hold, reason))
        return
    beyond = subtract(hold.asked, _pursued(work, hold))
    if amount_vnd is None or not 0 < amount_vnd <= total(beyond):
        raise Conflict(HoldReason.RELEASE_ABOVE_HELD, field="amount_vnd")
    revise_request(work, hold, subtract(hold.asked, newest(beyond, amount_vnd)))
    resettle_hold(work, work.hold(hold.id))


def _pursued(work: Work, hold: Hold) -> Spans:
    """The coins of a hold that a living loss claims, and that the analysis has not found to be somebody else's."""
    return normalise(
        span
        for hop in work.hops(hold_id=hold.id)
        if not is_over(work, hop) and hop.verdict is not Verdict.DISAGREED
        for span in hop.spans
    )


def expire_hold(unit: Unit, outbox: Outbox, hold_id: str) -> None:
    """The clock ends a hold. An extension meanwhile has moved the clock: then nothing happens."""
    hold = store.hold(unit.conn, hold_id)
    if hold.expires_at is None or hold.expires_at > unit.now:
        return
    if hold.state in OPEN:
        # Asked and never answered: it must not be placed long after its time.
        with working(unit, outbox, hold.trace_id) as work:
            resettle_hold(work, void(work, work.hold(hold_id), EndReason.EXPIRED))
        return
    if hold.state not in HOLDING:
        return
    if (asked := pledged(unit.conn, hold.id, hold.account)) is not None:
        # Its institution is asked to pay it out, on a basis of its own: it is not freed under the victims' hands.
        later = max(asked.pay_by, clock("refund_payment", unit.now).deadline(unit.now))
        enqueue(unit, "expire_hold", {"hold_id": hold.id}, key=f"expire:{hold.id}", due_at=later)
        with working(unit, outbox, hold.trace_id) as work:
            hold = work.hold(hold_id)
            paid = [span for line in asked.lines for span in spans_of(line, hold.id)]
            # What is no victim's is not paid out: the decision that kept it is over.
            beyond = subtract(hold.held, union(_pursued(work, hold), normalise(paid)))
            resettle_hold(work, release_spans(work, hold, beyond, EndReason.EXPIRED))
        return
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        freed = hold.held
        hold = work.update_hold(hold, state=HoldState.EXPIRED, end_reason=EndReason.EXPIRED)
        stop_clocks(unit, hold.id)
        work.fact("hold.expired", f"hold:{hold.id}", {"released_vnd": total(freed)})
        # The institution knows the expiry from the request; the message makes sure of it.
        release_spans(work, hold, freed, EndReason.EXPIRED)
        resettle_hold(work, work.hold(hold_id))


def extend_hold(
    unit: Unit,
    outbox: Outbox,
    hold_id: str,
    *,
    basis: str,
    until: datetime,
    decision: dict[str, Any] | None = None,
) -> None:
    """Hold longer, on a named basis and never past its limit.

    Where an authority's paper asks for it, `decision` names that paper (issuer, number, signatory, scope), and the
    institution is told of it.
    """
    stated = read_decision(decision) if decision is not None else None
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_EXTEND, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.state not in HOLDING:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        lawful.check_extension(hold, basis, until, unit.now)
        check_entitled(work, hold)
        hold = work.update_hold(hold, basis=basis, expires_at=until, revision=hold.revision + 1)
        restart_expiry(work, hold)
        said, paper = sealed_decision(unit, decision or {})
        work.fact(
            "hold.extended", f"hold:{hold.id}",
            {"until": until.isoformat(), **({"decision": said} if said else {})},
            legal_basis=basis, **paper,
        )  # fmt: skip
        tell(
            work, hold,
            HoldExtension(
                request_id=hold.id, revision=hold.revision, legal_basis=cite(basis, unit.now), decision=stated,
                expires_at=until,
            ),
            amount_vnd=total(hold.held),
        )  # fmt: skip


def cancel_trace(unit: Unit, outbox: Outbox, trace_id: str, *, reason: str) -> None:
    """Cancel a trace: void its requests, release steps 0-2, ask the issuers to lift 3-4. The graph stays for audit.

    Until it is analysed, and within its clock. Its report is withdrawn with it, unless it went its own way already:
    registered by the police, referred or closed.
    """
    trace = store.trace(unit.conn, trace_id)
    require(unit.actor, Permission.TRACE_CANCEL, agency_id=trace.desk_id)
    reason = words(reason, "why")
    with working(unit, outbox, trace_id) as work:
        if work.trace.state not in CANCELLABLE:
            raise Conflict(HoldReason.NOT_CANCELLABLE, state=work.trace.state)
        if not is_cancellable(work.trace, unit.now):
            raise Conflict(HoldReason.CANCELLATION_OVER, limit=cancellable_until(work.trace).isoformat())
        losses = losses_of(unit.conn, trace.report_id)
        wait_for_reports(unit, losses)
        work.fact("trace.cancelled", f"trace:{trace_id}", {}, **committed(unit, why=reason))
        work.update_trace(trace_id, state=TraceState.CANCELLED, closed_at=unit.now)
        end_all(work, EndReason.TRACE_CANCELLED)
        cancel(unit, f"analysis:{trace_id}")
        report = report_by_id(unit.conn, trace.report_id)
        if may_become(report, ReportStatus.WITHDRAWN):
            change(unit, report, "report.withdrawn", status=ReportStatus.WITHDRAWN, why=reason)
        else:
            note_why(unit, report.id, "report.trace_cancelled", reason)
        for loss in losses:
            wake_next(unit, loss.id)


def end_all(work: Work, reason: EndReason, *, loss_id: str | None = None) -> None:
    """End what is held and asked for a trace or for one loss, which is over already; others' coins stay held.

    Requests are void, steps 0-2 released, 3-4 asked to be lifted. Coins that another living loss disputes are
    that loss's from now on.
    """
    where = {"trace_id": work.trace.id} | ({} if loss_id is None else {"loss_id": loss_id})
    # First whose the coins are without this loss: what another victim disputes stays held, for that victim.
    for reference, account in dict.fromkeys((hop.reference, hop.account) for hop in work.hops(**where)):
        return_to_roots(work, reference, account)
    hops = [hop for hop in work.hops(**where) if hop.spans]
    for hold_id in dict.fromkeys(hop.hold_id for hop in hops):
        ending = normalise(span for hop in hops if hop.hold_id == hold_id for span in hop.spans)
        _end_part(work, work.hold(hold_id), ending, reason)


def _end_part(work: Work, hold: Hold, ending: Spans, reason: EndReason) -> None:
    """End a hold as far as these coins go; the last of them ends all of it."""
    shared = any(hop.spans and not is_over(work, hop) for hop in work.hops(hold_id=hold.id))
    if hold.state in OPEN or hold.state is HoldState.REFUSED:
        resettle_hold(work, hold if shared else void(work, hold, reason))
        if shared and lawful.stands(hold):
            give_back(work, hold, ending, reason)
    elif hold.state in HOLDING:
        give_back(work, hold, ending, reason)


def give_back(work: Work, hold: Hold, spans: Spans, reason: EndReason) -> None:
    """Free these coins of a hold; what an authority decided on, its issuer is asked to lift.

    By the desk that entered the decision, which alone can enter its end.
    """
    if hold.step < lawful.FIRST_STEP_BY_DECISION:
        resettle_hold(work, release_spans(work, hold, spans, reason))
    elif frozen := intersect(lawful.covered(hold), spans):
        which = f"{frozen[0].newer_vnd}.{total(frozen)}"
        due_at = clock("follow_up_urgent", work.unit.now).deadline(work.unit.now)
        open_task(
            work, LIFT_REQUEST, f"{LIFT_REQUEST}:{hold.id}:{work.trace.id}:{which}", hold_id=hold.id,
            institution=hold.institution, amount_vnd=total(frozen), due_at=due_at, trace_id=hold.trace_id,
        )  # fmt: skip


def alarm_expiry(unit: Unit, outbox: Outbox, hold_id: str) -> None:
    """A hold is about to end: say so while something can still be done."""
    hold = store.hold(unit.conn, hold_id)
    if hold.state in HOLDING and hold.expires_at is not None:
        with working(unit, outbox, hold.trace_id) as work:
            open_task(
                work, HOLD_ENDS_SOON, f"hold_ends_soon:{hold.id}:{hold.revision}", hold_id=hold.id,
                institution=hold.institution, amount_vnd=total(hold.held), due_at=hold.expires_at,
            )  # fmt: skip


def review_due(unit: Unit, outbox: Outbox, hold_id: str) -> None:
    """The day has come on which a freeze without a term is looked at again."""
    hold = store.hold(unit.conn, hold_id)
    if hold.state not in HOLDING or hold.review_at is None or hold.review_at > unit.now:
        return
    with working(unit, outbox, hold.trace_id) as work:
        open_task(
            work, REVIEW_DUE, f"{REVIEW_DUE}:{hold.id}:{hold.revision}", hold_id=hold.id,
            institution=hold.institution, amount_vnd=total(hold.held),
            due_at=clock("follow_up_normal", unit.now).deadline(unit.now),
        )  # fmt: skip


def restart_expiry(work: Work, hold: Hold) -> None:
    for name in ("expire", "alarm", "review"):
        cancel(work.unit, f"{name}:{hold.id}")
    if hold.review_at is not None:
        enqueue(work.unit, "review_due", {"hold_id": hold.id}, key=f"review:{hold.id}", due_at=hold.review_at)
    if hold.expires_at is None:
        return
    enqueue(work.unit, "expire_hold", {"hold_id": hold.id}, key=f"expire:{hold.id}", due_at=hold.expires_at)
    alarm_at = clock("hold_expiry_alarm", work.unit.now).before(hold.expires_at)
    enqueue(work.unit, "expiry_alarm", {"hold_id": hold.id}, key=f"alarm:{hold.id}", due_at=alarm_at)


def cite(code: str, now: datetime) -> LegalBasis:
    return LegalBasis(code=code, title=legal_basis(code, now).citation(Language.VI))
