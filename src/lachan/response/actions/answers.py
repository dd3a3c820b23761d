"""What institutions say: acknowledgements and answers, taken only if they add up, in any order, any times."""

from collections.abc import Collection
from datetime import datetime

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict, NotFound
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    EventType,
    Spans,
    UnexplainedQuery,
    check_answer,
    intersect,
    is_made_up_reference,
    normalise,
    subtract,
    total,
    union,
)
from lachan.foundation.protocol.outbox import Outbox, close_subject
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import append
from lachan.intake import LossConfirmation, ReportStatus, losses_by_transfer, move_report, status_of
from lachan.ledger import learn_answer
from lachan.registry import record_received
from lachan.response import store
from lachan.response.actions.corrections import name_transfer
from lachan.response.actions.endings import give_back
from lachan.response.actions.hops import is_over, resettle_hold, settlement
from lachan.response.actions.learning import learn_from_answer
from lachan.response.actions.requests import lift_beyond, lift_unheard, request_message, revise_request, void
from lachan.response.actions.rounds import others_rest
from lachan.response.actions.telling import tell
from lachan.response.actions.work import NOTICE, Work, wait_turn, working
from lachan.response.model import ENDED, HOLDING, EndReason, Hold, HoldState, Verdict
from lachan.response.rules import lawful
from lachan.response.rules.settle import held_spans
from lachan.response.rules.tasks import ASKED_AGAIN

# What an answer deals with; a release, an extension or a notice on the same hold is still to be read.
_ANSWERED = (EventType.HOLD_REQUESTED, EventType.QUERY_UNEXPLAINED)


def acknowledge(
    unit: Unit,
    outbox: Outbox,
    hold_id: str,
    codes: Collection[str],
    received_at: datetime,
    *,
    revision: int | None = None,
) -> None:
    """The institution, known by its `codes`, has the request and works on it; twice changes nothing.

    `revision` is that of the request it has: the acknowledgement of a later revision stops that revision's clock
    too, whatever the hold has become since.
    """
    hold = store.hold(unit.conn, hold_id)
    if hold.institution not in codes:
        raise BadInput(AnswerReason.WRONG_INSTITUTION)
    if revision is not None and revision >= hold.asked_revision:
        cancel(unit, f"ack:{hold.id}")
    if hold.state is not HoldState.REQUESTED:
        return
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.state is not HoldState.REQUESTED:
            return
        work.update_hold(hold, state=HoldState.ACKNOWLEDGED, acknowledged_at=unit.now)
        cancel(unit, f"ack:{hold.id}")
        for hop in work.hops(hold_id=hold.id):
            if hop.state == "notified":
                work.update_hop(hop, state="acknowledged")
        work.fact("hold.acknowledged", f"hold:{hold.id}", {}, happened_at=min(received_at, unit.now))


def take_answer(unit: Unit, outbox: Outbox, answer: Answer, codes: Collection[str]) -> list[AnswerReason]:
    """Take an institution's answer, or refuse it by name. Returns the reasons of a refusal, gravest first.

    A refused answer is recorded too: how often an institution answers wrongly is one of its figures.
    """
    wait_turn(unit)
    try:
        hold = store.hold(unit.conn, answer.request_id)
    except NotFound as error:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id") from error
    if hold.institution not in codes:
        # Nothing is told or recorded about another institution's request.
        raise BadInput(AnswerReason.WRONG_INSTITUTION, field="request_id")
    with working(unit, outbox, hold.trace_id) as work:
        work.known(hold)
        reasons = _reasons(work, hold, answer)
        if reasons:
            beyond_paid = answer.held_vnd > total(hold.applied)
            lifted_vnd = lift_unheard(work, hold, answer.held_spans or (hold.asked if beyond_paid else ()))
            append(
                unit, "answer.refused", f"hold:{hold.id}",
                {
                    "reasons": list(reasons), "revision": answer.revision, "institution": hold.institution,
                    **({"lifted_vnd": lifted_vnd} if lifted_vnd else {}),
                },
            )  # fmt: skip
            return reasons
        _name_and_apply(work, hold, answer)
    return []


def enter_answer(unit: Unit, outbox: Outbox, answer: Answer) -> None:
    """An officer enters what an unconnected or silent institution said on the telephone."""
    hold = store.hold(unit.conn, answer.request_id)
    require(unit.actor, Permission.ANSWER_ENTER, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(answer.request_id)
        reasons = _reasons(work, hold, answer)
        if reasons:
            raise Conflict(reasons[0], field="answer")
        _name_and_apply(work, hold, answer, by_telephone=True)


def _reasons(work: Work, hold: Hold, answer: Answer) -> list[AnswerReason]:
    over = hold.state in ENDED and not _may_come_back(work, hold)
    if over or hold.state in {HoldState.DRAFTED, HoldState.APPROVED}:
        return [AnswerReason.SUPERSEDED]
    request = request_message(hold, work.trace.code)
    return check_answer(
        request, answer, institution=request.institution, now=work.unit.now, last_revision=hold.answer_revision
    )


def _may_come_back(work: Work, hold: Hold) -> bool:
    """Whether an institution may freeze again what it let go by itself: nobody else ended it, or what it is for.

    What is no victim's, or what the analysis did not agree to, would have been given back; only what an authority
    froze waits for its word.
    Its basis and its end are those of the first freezing: nothing lasts longer for having been let go.
    """
    in_time = hold.expires_at is None or work.unit.now < hold.expires_at
    by_itself = hold.state is HoldState.RELEASED and hold.end_reason is None
    hops = [hop for hop in work.hops(hold_id=hold.id) if hop.spans and not is_over(work, hop)]
    by_decision = hold.step >= lawful.FIRST_STEP_BY_DECISION
    return by_itself and in_time and (by_decision or any(hop.verdict is not Verdict.DISAGREED for hop in hops))


def _name_and_apply(work: Work, hold: Hold, answer: Answer, *, by_telephone: bool = False) -> None:
    """An answer may tell the real reference of a transfer; then it speaks of the transfer by it."""
    if answer.transfer_reference is not None and is_made_up_reference(hold.reference):
        by = hold.institution or ""
        for loss in losses_by_transfer(work.unit.conn, hold.reference, hold.account):
            name_transfer(work, loss, answer.transfer_reference, by=by, told_by_payee=True)
        hold = work.hold(hold.id)
        over = hold.state in ENDED and not _may_come_back(work, hold)
        unclaimed = over or not any(hop.spans for hop in work.hops(hold_id=hold.id))
        if unclaimed and not lawful.stands(hold):
            # Others already pursue this very transfer: what was asked under the made-up name is nobody's any more,
            # nor what was frozen under it after a refusal or a release.
            if answer.held_vnd and hold.state is HoldState.REFUSED:
                void(work, hold, EndReason.TAINT_LOWERED)
            elif answer.held_vnd:
                lift_unheard(work, hold, answer.held_spans or hold.asked)
            return
    if hold.answer is None:
        learn_from_answer(work, hold, answer, by_telephone=by_telephone)
    _apply(work, hold, answer)


def _apply(work: Work, hold: Hold, answer: Answer) -> None:
    unit, now = work.unit, work.unit.now
    # What was paid back out of a hold counts as held under its request; here it is kept apart.
    held = subtract(held_spans(hold.asked, hold.reference, answer, _held_elsewhere(work, hold)), hold.applied)
    known_gap_vnd = unexplained_vnd(work, hold) if hold.answer is not None else None
    placed_at = answer.placed_at if held else None
    again = bool(held) and hold.state not in HOLDING
    hold = work.update_hold(
        hold,
        state=(hold.state if hold.state in HOLDING else HoldState.PLACED) if held else _not_held(hold),
        refusal=answer.refusal if not held else None,
        held=held,
        answered=hold.asked,
        # Who else paid is not the case's: it is kept apart, and not for as long.
        answer=answer.model_dump(mode="json", exclude_none=True, exclude={"received"}),
        receipts=None,
        answer_revision=answer.revision,
        answered_at=now,
        acknowledged_at=hold.acknowledged_at or now,
        placed_at=hold.placed_at or placed_at,
        expires_at=_expiry(hold, placed_at),
    )
    record_received(unit, hold.account, answer.received, hold.institution, f"hold:{hold.id}")
    learn_answer(
        unit, answer, hold_id=hold.id, account=hold.account, institution=hold.institution or "",
        reference=hold.reference, arrived_at=hold.booked_at,
    )  # fmt: skip
    if known_gap_vnd is not None:
        # What its institution confirmed of others' word it may take back now.
        work.told_of[hold.account] = None
    for name in ("ack", "answer"):
        cancel(unit, f"{name}:{hold.id}")
    others_rest(unit, hold.id)
    close_subject(unit, hold.institution or "", f"hold:{hold.id}", _ANSWERED)
    work.fact(
        "hold.placed" if held else "hold.not_placed", f"hold:{hold.id}",
        {
            "held_vnd": total(held), "asked_vnd": total(hold.asked), "refusal": answer.refusal,
            "revision": answer.revision, "decided_by": answer.decided_by, "step": hold.step,
            "parts": [[part.kind, part.amount_vnd] for part in answer.parts],
        },
        happened_at=placed_at or now, legal_basis=hold.basis,
    )  # fmt: skip
    hold, lifted = lift_beyond(work, hold, answer)
    resettle_hold(work, hold)
    for hop in work.hops(hold_id=hold.id) if again and lawful.stands(hold) else ():
        if is_over(work, hop):
            # It ended while nothing was held of it: now its issuer has something to lift.
            give_back(work, hold, hop.spans, EndReason.UNCONFIRMED)
    _ask_others_again(work, hold, lifted)
    hold = work.hold(hold.id)
    if held and hold.state in HOLDING:
        _start_hold_clocks(work, hold)
        _report_is_acted_on(work, hold)
    # A gap is asked again, at once, as long as each answer explains something more.
    if known_gap_vnd is None or unexplained_vnd(work, hold) < known_gap_vnd:
        ask_for_unexplained(work, hold)


def _held_elsewhere(work: Work, hold: Hold) -> Spans:
    """What other requests for the same transfer hold; only an authority's decision may speak of the same coins."""
    if not lawful.stands(hold):
        return ()
    same = store.holds_by(work.unit.conn, reference=hold.reference, account=hold.account)
    return normalise(span for other in same if other.id != hold.id for span in other.held)


def _ask_others_again(work: Work, hold: Hold, lifted: Spans) -> None:
    """Coins that one request let go of are asked for again by the one whose they are.

    Its institution finds them frozen until it has read that they are free. What an authority decided on is not
    stretched: it covers what was held then.
    """
    for other in store.holds_by(work.unit.conn, reference=hold.reference, account=hold.account) if lifted else ():
        unsent = other.state in {HoldState.DRAFTED, HoldState.APPROVED}
        if other.id == hold.id or unsent or other.state in ENDED or other.step >= lawful.FIRST_STEP_BY_DECISION:
            continue
        hops = [hop for hop in work.hops(hold_id=other.id) if not is_over(work, hop)]
        own = intersect(normalise(span for hop in hops for span in hop.spans), other.asked)
        if subtract(intersect(own, lifted), union(other.held, union(other.released, other.applied))):
            revise_request(work, other, own)


def _not_held(hold: Hold) -> HoldState:
    if hold.applied:
        return HoldState.APPLIED
    # An institution that no longer holds what it held has released it by itself.
    return HoldState.RELEASED if hold.state in HOLDING | {HoldState.RELEASED} else HoldState.REFUSED


def _expiry(hold: Hold, placed_at: datetime | None) -> datetime | None:
    if placed_at is None or hold.placed_at is not None:
        return hold.expires_at
    term = (hold.decision or {}).get("term_ends_at")
    return lawful.expiry(hold.step, hold.basis, placed_at, datetime.fromisoformat(term) if term else None)


def _start_hold_clocks(work: Work, hold: Hold) -> None:
    if hold.expires_at is None:
        return
    now = work.unit.now
    enqueue(work.unit, "expire_hold", {"hold_id": hold.id}, key=f"expire:{hold.id}", due_at=hold.expires_at)
    alarm_at = clock("hold_expiry_alarm", now).before(hold.expires_at)
    enqueue(work.unit, "expiry_alarm", {"hold_id": hold.id}, key=f"alarm:{hold.id}", due_at=alarm_at)
    if hold.notice_by is None:
        notice_by = clock("notice_served_latest", now).deadline(hold.placed_at or now)
        work.update_hold(hold, notice_by=notice_by)
        enqueue(work.unit, NOTICE, {"trace_id": work.trace.id}, key=f"notice:{hold.id}", due_at=notice_by)
    if work.loss(hold.loss_id).confirmation is LossConfirmation.LAPSED:
        enqueue(work.unit, "confirmation_lapsed", {"loss_id": hold.loss_id}, key=f"confirm:{hold.loss_id}")


def _report_is_acted_on(work: Work, hold: Hold) -> None:
    report_id = work.trace.report_id
    if status_of(work.unit.conn, report_id) is ReportStatus.DISPATCHED:
        move_report(work.unit, report_id, ReportStatus.ACTIONED)


def unexplained_vnd(work: Work, hold: Hold) -> int:
    """How much the last answer leaves open."""
    hops = work.hops(hold_id=hold.id)
    return sum(settlement(hop, hold, 0).unexplained_vnd for hop in hops)


def ask_for_unexplained(work: Work, hold: Hold) -> bool:
    """Ask for what an answer leaves open, if anything; whether it was asked."""
    gap = unexplained_vnd(work, hold)
    if not gap or hold.institution is None or hold.state in ENDED:
        return False
    answer_by = clock("hop_answer", work.unit.now).deadline(work.unit.now)
    query = UnexplainedQuery(request_id=hold.id, revision=hold.revision, unexplained_vnd=gap, answer_by=answer_by)
    tell(work, hold, query, amount_vnd=gap, reason=ASKED_AGAIN)
    enqueue(work.unit, "answer_overdue", {"hold_id": hold.id}, key=f"answer:{hold.id}", due_at=answer_by)
    work.fact("hold.asked_again", f"hold:{hold.id}", {"unexplained_vnd": gap})
    return True
