"""What an institution says of a pay-out list: money is returned, holds are applied, the refund is closed."""

from collections.abc import Collection, Mapping, Sequence

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict, NotFound, new_id
from lachan.foundation.protocol import (
    CLOCK_TOLERANCE,
    AnswerReason,
    EventType,
    PaidOut,
    PayOutcome,
    RefundDone,
    normalise,
    subtract,
    total,
    union,
)
from lachan.foundation.protocol.outbox import Outbox, close_subject
from lachan.foundation.storage import Unit, cancel
from lachan.foundation.trail import append
from lachan.response.actions.endings import give_back
from lachan.response.actions.hops import resettle_hold
from lachan.response.actions.reports import committed
from lachan.response.actions.requests import stop_clocks
from lachan.response.actions.tasks import open_task
from lachan.response.actions.work import Work, wait_turn, working
from lachan.response.model import HOLDING, EndReason, HoldState
from lachan.response.refunds.model import (
    RECOMPUTED,
    Line,
    LineState,
    Refund,
    RefundOutcome,
    RefundReason,
    RefundState,
)
from lachan.response.refunds.pools import plan_if_told, pool_of
from lachan.response.refunds.proposing import is_current
from lachan.response.refunds.store import change_line, change_refund, refund, running, spans_of
from lachan.response.rules.tasks import REFUND_AGAIN

_EVENTS = (EventType.REFUND_REQUESTED, EventType.REQUEST_CANCELLED)


def take_refund_done(unit: Unit, outbox: Outbox, reply: RefundDone, codes: Collection[str]) -> AnswerReason | None:
    """Take an institution's word on a pay-out list; the reason of a refusal, or None."""
    wait_turn(unit)
    try:
        one = refund(unit.conn, reply.request_id)
    except NotFound as error:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id") from error
    if one.institution not in codes:
        # Nothing is told or recorded about another institution's list.
        raise BadInput(AnswerReason.WRONG_INSTITUTION, field="request_id")
    reason = _reason(unit, one, reply)
    if reason is not None:
        append(
            unit, "refund.answer_refused", f"refund:{one.id}",
            {"reasons": [reason], "revision": reply.request_revision, "institution": one.institution},
        )  # fmt: skip
        return reason
    with working(unit, outbox, one.trace_id) as work:
        _apply(work, one, {line.number: line for line in reply.lines}, reply.decided_by)
    return None


def enter_refund_done(
    unit: Unit, outbox: Outbox, refund_id: str, lines: Sequence[PaidOut], *, decided_by: str
) -> None:
    """An officer enters what an institution said on the telephone of each line; it counts as its own word."""
    wait_turn(unit)
    one = refund(unit.conn, refund_id)
    require(unit.actor, Permission.ANSWER_ENTER, agency_id=one.desk_id)
    if not lines:
        raise Conflict(RefundReason.REFUND_LINES_DIFFER, field="lines")
    said = RefundDone(
        message_id=new_id(), request_id=one.id, request_revision=one.revision, lines=tuple(lines),
        decided_by=decided_by,
    )  # fmt: skip
    reason = _reason(unit, one, said)
    if reason is AnswerReason.SUPERSEDED:
        raise Conflict(RefundReason.REFUND_WRONG_STATE, state=one.state)
    if reason is not None:
        raise Conflict(RefundReason.REFUND_LINES_DIFFER, field="lines")
    with working(unit, outbox, one.trace_id) as work:
        _apply(work, one, {line.number: line for line in lines}, decided_by)


def _reason(unit: Unit, one: Refund, reply: RefundDone) -> AnswerReason | None:
    """Why a word is not taken. A list that was taken back may have been paid before that was heard."""
    asked = [line for line in one.lines if line.state is LineState.DUE]
    if one.approved_at is None or not asked or reply.request_revision > one.revision:
        return AnswerReason.SUPERSEDED
    if one.state is RefundState.OPEN and reply.request_revision < one.revision:
        return AnswerReason.SUPERSEDED
    told = [line.paid_at for line in reply.lines if line.paid_at is not None]
    if any(at > unit.now + CLOCK_TOLERANCE for at in told):
        return AnswerReason.IN_THE_FUTURE
    numbers = [line.number for line in reply.lines]
    if len(set(numbers)) < len(numbers) or set(numbers) != {line.number for line in asked}:
        return AnswerReason.PAY_OUT_DIFFERS
    if any(at < one.approved_at - CLOCK_TOLERANCE for at in told):
        return AnswerReason.PAY_OUT_DIFFERS
    return None


def _apply(work: Work, one: Refund, said: Mapping[str, PaidOut], decided_by: str) -> None:
    unit = work.unit
    asked = [line for line in one.lines if line.state is LineState.DUE]
    paid = [line for line in asked if said[line.number].outcome is PayOutcome.PAID]
    for line in asked:
        _note(work, line, said[line.number])
    for hold_id in dict.fromkeys(coins.hold for line in paid for coins in line.coins):
        _apply_to_hold(work, hold_id, paid, one)
    for line in one.lines:
        work.touch_trace(line.trace_id)
    outcome = RefundOutcome.REJECTED
    if paid:
        outcome = RefundOutcome.ACCEPTED if len(paid) == len(asked) else RefundOutcome.PARTLY_ACCEPTED
    change_refund(unit, one.id, state=RefundState.CLOSED, outcome=outcome, closed_at=unit.now)
    work.touch("refund", one.id)
    cancel(unit, f"refund_payment:{one.id}")
    close_subject(unit, one.institution, f"refund:{one.id}", _EVENTS)
    work.fact(
        "refund.closed", f"refund:{one.id}",
        {
            "outcome": outcome, "paid_vnd": sum(line.amount_vnd for line in paid), "asked_vnd": one.amount_vnd,
            "lines": {line.loss_id: [line.amount_vnd, said[line.number].outcome] for line in asked},
        },
        **committed(unit, decided_by=decided_by),
    )  # fmt: skip
    if outcome is RefundOutcome.ACCEPTED:
        _free_remainder(work, one)
    if one.why == RECOMPUTED:
        _ask_for_the_rest(work, one)


def _note(work: Work, line: Line, said: PaidOut) -> None:
    state = LineState.PAID if said.outcome is PayOutcome.PAID else LineState.REFUSED
    change_line(
        work.unit, line.id, state=state, refusal=said.refusal, paid_at=said.paid_at, reference=said.reference
    )
    work.touch("refund_line", line.id)
    work.touch_trace(line.trace_id)
    if state is LineState.PAID:
        work.fact(
            "refund.paid", f"loss:{line.loss_id}",
            {"refund": line.refund_id, "amount_vnd": line.amount_vnd, "foreign_vnd": _foreign(line)},
            happened_at=said.paid_at,
            **committed(work.unit, number=line.number, reference=said.reference),
        )  # fmt: skip


def _foreign(line: Line) -> int:
    return sum(total(one.spans) for one in line.coins if one.owner != line.loss_id)


def _apply_to_hold(work: Work, hold_id: str, paid: Sequence[Line], one: Refund) -> None:
    """These coins are the victims' again: the hold is so much smaller, and ends with the last of them."""
    hold = work.hold(hold_id)
    coins = normalise(span for line in paid for span in spans_of(line, hold_id))
    left = subtract(hold.held, coins)
    ended = hold.state in HOLDING and not left
    # Money that was paid before the institution heard of a release is paid, not free.
    was_freed = hold.state not in HOLDING
    hold = work.update_hold(
        hold, held=left, applied=union(hold.applied, coins), released=subtract(hold.released, coins),
        **({"state": HoldState.APPLIED} if ended or was_freed else {}),
    )  # fmt: skip
    if ended:
        stop_clocks(work.unit, hold.id)
    work.fact(
        "hold.applied", f"hold:{hold.id}",
        {"applied_vnd": total(coins), "held_vnd": total(left), "refund": one.id},
    )  # fmt: skip
    resettle_hold(work, hold)


def _ask_for_the_rest(work: Work, one: Refund) -> None:
    """What was paid stays paid; what the pool still owes, to whomever, is for two people to propose and approve."""
    conn = work.unit.conn
    proposed = running(conn, one.institution, one.account)
    if proposed is not None and is_current(work, proposed):
        return
    pool = pool_of(conn, one.institution, one.account)
    plan = plan_if_told(pool, one.method)
    if owed_vnd := pool.held_vnd if plan is None else sum(line.amount_vnd for line in plan.lines):
        open_task(
            work, REFUND_AGAIN, f"{REFUND_AGAIN}:{one.id}", hold_id=None, institution=one.institution,
            amount_vnd=owed_vnd, due_at=one.pay_by, subject=f"refund:{one.id}",
        )  # fmt: skip


def _free_remainder(work: Work, one: Refund) -> None:
    """Everybody is paid what this pool owes: what is left is the account holder's, and is freed."""
    pool = pool_of(work.unit.conn, one.institution, one.account)
    plan = plan_if_told(pool, one.method)
    if plan is None or any(line.amount_vnd for line in plan.lines) or not pool.held_vnd:
        return
    for hold_id in dict.fromkeys(coins.hold for coins in pool.coins):
        hold = work.hold(hold_id)
        if hold.state in HOLDING:
            left = normalise(span for coins in pool.coins if coins.hold == hold_id for span in coins.spans)
            give_back(work, hold, left, EndReason.REMAINDER)
