"""A refund is proposed by one person, approved by another, and asked of the institution that holds the money."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from lachan.foundation.access import Permission, require, require_other_person
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id, new_reference_code
from lachan.foundation.protocol import (
    CancelReason,
    EventType,
    PaidFrom,
    PayOut,
    Person,
    RefundBasis,
    RefundDocument,
    RefundRequest,
    RequestCancellation,
    Span,
    is_account_key,
    normalise,
    total,
)
from lachan.foundation.protocol.outbox import Outbox, close_subject
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock, vietnam_date
from lachan.response import store, tables
from lachan.response.actions.reports import committed
from lachan.response.actions.tasks import close_task, open_task
from lachan.response.actions.telling import reaches
from lachan.response.actions.wording import words
from lachan.response.actions.work import Work, working
from lachan.response.model import HOLDING, Hold, TraceState
from lachan.response.refunds.model import (
    Document,
    Line,
    LineState,
    Plan,
    PlannedLine,
    Refund,
    RefundReason,
    RefundState,
)
from lachan.response.refunds.pools import plan_if_told, plan_of, pool_of
from lachan.response.refunds.store import (
    add_refund,
    change_refund,
    coins_out,
    foreign_vnd,
    recomputed,
    refund,
    running,
    unanswered,
)
from lachan.response.rules.dividing import Method
from lachan.response.rules.tasks import REFUND_AGAIN, REFUND_LETTER, REFUND_TAKEN_BACK

CODE = "HT"
PAPER_MAX = 200


def propose_refund(
    unit: Unit,
    outbox: Outbox,
    hold_id: str,
    *,
    basis: RefundBasis,
    document: Document,
    method: Method = Method.PARI_PASSU,
    reasons: str = "",
    accounts: Mapping[str, str] | None = None,
) -> str:
    """Propose to pay out the pool in which this hold lies, for a second person to approve; returns the refund's id.

    `accounts` says, by loss, where a victim is paid whose own account is not known or not wanted. An earlier
    proposal for the same pool that nobody has approved is replaced.
    """
    hold = store.hold(unit.conn, hold_id)
    trace = store.trace(unit.conn, hold.trace_id)
    require(unit.actor, Permission.REFUND_PROPOSE, agency_id=trace.desk_id)
    said = _paper(document, unit)
    why = words(reasons, "reasons") if reasons.strip() else None
    if method is not Method.PARI_PASSU and why is None:
        raise BadInput(RefundReason.REFUND_NO_REASONS, field="reasons")
    stated = _accounts(accounts or {})
    with working(unit, outbox, trace.id) as work:
        hold = work.hold(hold_id)
        if hold.state not in HOLDING or hold.institution is None:
            raise Conflict(RefundReason.NOTHING_TO_REFUND)
        before = running(unit.conn, hold.institution, hold.account)
        if before is not None and before.asked:
            raise Conflict(RefundReason.REFUND_RUNNING, code=before.code)
        if before is not None:
            take_back(work, before, "replaced")
        plan = plan_of(pool_of(unit.conn, hold.institution, hold.account, stated), method)
        if unknown := stated.keys() - {one.claim.loss for one in plan.pool.entitled}:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="accounts", value=min(unknown)[:40])
        if not plan.pays_vnd:
            raise Conflict(RefundReason.NOTHING_TO_REFUND)
        made = _insert(work, hold, plan, basis, said, why)
        for earlier in recomputed(unit.conn, made.institution, made.account):
            close_task(unit, f"{REFUND_AGAIN}:{earlier}", unit.actor.reference)
        return made.id


def approve_refund(unit: Unit, outbox: Outbox, refund_id: str, *, content_hash: str) -> None:
    """A second person approves exactly the list that was shown, and its institution is asked to pay it.

    Not while somebody's appeal against a hold of the pool is undecided, or its institution has not said what it
    paid of a list that was taken back; and not once the pool is another one: a loss has come, money was freed.
    Then the list is proposed anew.
    """
    one = refund(unit.conn, refund_id)
    require(unit.actor, Permission.REFUND_APPROVE, agency_id=one.desk_id)
    require_other_person(unit.actor, one.requester)
    with working(unit, outbox, one.trace_id) as work:
        one = refund(unit.conn, refund_id)
        if one.state is not RefundState.OPEN or one.asked:
            raise Conflict(RefundReason.REFUND_WRONG_STATE, state=one.state)
        if one.content_hash != content_hash or not is_current(work, one):
            raise Conflict(RefundReason.REFUND_CHANGED)
        check_unappealed(work, one)
        if (before := unanswered(unit.conn, one.institution, one.account)) is not None:
            # It may have been paid before its institution heard: nobody is asked to pay the same money twice.
            raise Conflict(RefundReason.REFUND_UNANSWERED, code=before.code)
        _ask(work, one)


def withdraw_refund(unit: Unit, outbox: Outbox, refund_id: str, *, why: str) -> None:
    """Take a refund back: a proposal is dropped; an institution that was asked is told, and says what it paid."""
    one = refund(unit.conn, refund_id)
    require(unit.actor, Permission.REFUND_APPROVE, agency_id=one.desk_id)
    clean = words(why, "why")
    with working(unit, outbox, one.trace_id) as work:
        one = refund(unit.conn, refund_id)
        if one.state is not RefundState.OPEN:
            raise Conflict(RefundReason.REFUND_WRONG_STATE, state=one.state)
        take_back(work, one, clean)


def stop_for_appeal(work: Work, hold: Hold) -> None:
    """Somebody objects to a hold: what was asked to be paid out of its pool is taken back, and waits."""
    if hold.institution is None:
        return
    one = running(work.unit.conn, hold.institution, hold.account)
    if one is not None and one.asked:
        take_back(work, one, "appealed", CancelReason.APPEALED)


def paid_to(one: Refund) -> dict[str, str]:
    """Where each loss of a list is paid, of which that is known."""
    return {line.loss_id: line.account for line in one.lines if line.account}


def take_back(work: Work, one: Refund, why: str, reason: CancelReason = CancelReason.MISTAKE) -> None:
    """Take a list back; an institution that was asked to pay it is told, and says what it had paid by then."""
    unit = work.unit
    change_refund(unit, one.id, state=RefundState.CANCELLED, closed_at=unit.now, why=why, revision=one.revision + 1)
    _touch(work, one)
    cancel(unit, f"refund_payment:{one.id}")
    work.fact("refund.cancelled", f"refund:{one.id}", {"asked": one.asked}, **committed(unit, why=why))
    for trace_id in traces_of(one.lines):
        work.touch_trace(trace_id)
    if one.asked:
        close_subject(unit, one.institution, f"refund:{one.id}", (EventType.REFUND_REQUESTED,))
        said = RequestCancellation(request_id=one.id, revision=one.revision + 1, reason=reason)
        work.outbox.send(unit, one.institution, f"refund:{one.id}", said, priority=one.amount_vnd)
        # A program says in seconds what it paid; of people, somebody must ask.
        open_task(
            work, REFUND_TAKEN_BACK, f"{REFUND_TAKEN_BACK}:{one.id}", hold_id=None, institution=one.institution,
            amount_vnd=one.amount_vnd, due_at=one.pay_by, subject=f"refund:{one.id}",
        )  # fmt: skip


def is_current(work: Work, one: Refund) -> bool:
    """Whether the pool still gives the list that was proposed."""
    plan = plan_if_told(pool_of(work.unit.conn, one.institution, one.account, paid_to(one)), one.method)
    return plan is not None and one.content_hash == _content(
        plan, one.basis, one.document, one.reasons, one.requester
    )


def check_unappealed(work: Work, one: Refund) -> None:
    """Refuse while an appeal against a hold of this pool is undecided."""
    appeal, hold = tables.appeal, tables.hold
    query = (
        sa.select(appeal.c.code)
        .join(hold, hold.c.id == appeal.c.hold_id)
        .where(
            hold.c.account == one.account, hold.c.institution == one.institution, appeal.c.state != "decided"
        )
    )  # fmt: skip
    if (code := work.unit.conn.execute(query.limit(1)).scalar()) is not None:
        raise Conflict(RefundReason.REFUND_APPEALED, code=code)


def request_of(one: Refund) -> RefundRequest:
    """The refund as its institution reads it."""
    due = [line for line in one.lines if line.state is LineState.DUE]
    from_hold: dict[str, list[Span]] = {}
    for line in due:
        for coins in line.coins:
            from_hold.setdefault(coins.hold, []).extend(coins.spans)
    sources = {hold: normalise(spans) for hold, spans in from_hold.items()}
    return RefundRequest(
        id=one.id, revision=one.revision, refund_code=one.code, institution=one.institution, account=one.account,
        basis=one.basis,
        document=RefundDocument(
            issuer=one.document.issuer, number=one.document.number, signed_on=one.document.signed_on,
            signatory=one.document.signatory,
        ),
        amount_vnd=one.amount_vnd,
        lines=tuple(
            PayOut(number=line.number, institution=line.institution or "", account=line.account or "",
                   amount_vnd=line.amount_vnd)
            for line in due
        ),
        paid_from=tuple(
            PaidFrom(request_id=hold, amount_vnd=total(spans), spans=spans) for hold, spans in sources.items()
        ),
        requester=Person(id=one.requester, name=one.requester_name or "desk", agency=one.requester_name or "desk"),
        approver=Person(
            id=one.approver or "", name=one.approver_name or "desk", agency=one.approver_name or "desk"
        ),
        pay_by=one.pay_by,
    )  # fmt: skip


def traces_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """The traces whose losses these lines pay."""
    return tuple(dict.fromkeys(line.trace_id for line in lines))


def _insert(
    work: Work, hold: Hold, plan: Plan, basis: RefundBasis, document: Document, reasons: str | None
) -> Refund:
    unit, now, refund_id, code = work.unit, work.unit.now, new_id(), new_reference_code(CODE)
    content = _content(plan, basis, document, reasons, unit.actor.reference)
    pay_by = clock("refund_payment", now).deadline(now)
    values = {
        "id": refund_id, "code": code, "trace_id": work.trace.id, "desk_id": work.trace.desk_id,
        "institution": hold.institution, "account": hold.account, "state": RefundState.OPEN, "basis": basis,
        "document": {name: getattr(document, name) for name in Document.__dataclass_fields__},
        "method": plan.method, "reasons": reasons, "content_hash": content, "pool_vnd": plan.pool.whole_vnd,
        "amount_vnd": plan.pays_vnd, "remainder_vnd": plan.division.remainder_vnd, "revision": 1,
        "requester": unit.actor.reference, "requester_name": unit.actor.name, "opened_at": now, "pay_by": pay_by,
    }  # fmt: skip
    lines = [_line(refund_id, code, number, line) for number, line in enumerate(plan.lines, 1)]
    made = add_refund(unit, values, lines)
    _touch(work, made)
    work.fact(
        "refund.opened", f"refund:{refund_id}",
        {
            "basis": basis, "method": plan.method, "pool_vnd": plan.pool.whole_vnd, "pays_vnd": plan.pays_vnd,
            "remainder_vnd": plan.division.remainder_vnd, "institution": hold.institution,
            "lines": {one.loss_id: [one.weight_vnd, one.share_vnd, one.amount_vnd] for one in made.lines},
        },
        **committed(unit, document=document.number, reasons=reasons, content=content),
    )  # fmt: skip
    enqueue(
        unit, "refund_payment_overdue", {"refund_id": refund_id}, key=f"refund_payment:{refund_id}", due_at=pay_by
    )
    return made


def _line(refund_id: str, code: str, position: int, line: PlannedLine) -> dict[str, Any]:
    one = line.entitled
    state = LineState.NOTHING if not line.amount_vnd else LineState.SET_ASIDE if one.waits else LineState.DUE
    return {
        "id": new_id(), "refund_id": refund_id, "loss_id": one.claim.loss, "trace_id": one.trace_id,
        "position": position, "number": f"{code}-{position:03}", "entered_vnd": one.claim.entered_vnd,
        "weight_vnd": line.weight_vnd, "share_vnd": line.share_vnd, "amount_vnd": line.amount_vnd,
        "institution": one.institution, "account": one.account, "coins": coins_out(line.coins),
        "foreign_vnd": foreign_vnd(one.claim.loss, line.coins), "state": state, "waits": one.waits,
    }  # fmt: skip


def _ask(work: Work, one: Refund) -> None:
    unit = work.unit
    change_refund(
        unit, one.id, approver=unit.actor.reference, approver_name=unit.actor.name, approved_at=unit.now,
    )  # fmt: skip
    one = refund(unit.conn, one.id)
    _touch(work, one)
    work.fact(
        "refund.approved", f"refund:{one.id}", {"approver": one.approver, "amount_vnd": one.amount_vnd},
        **committed(unit, content=one.content_hash),
    )  # fmt: skip
    message_id = work.outbox.send(
        unit, one.institution, f"refund:{one.id}", request_of(one), priority=one.amount_vnd
    )
    work.fact("refund.requested", f"refund:{one.id}", {"message": message_id, "revision": one.revision})
    due = [line for line in one.lines if line.state is LineState.DUE]
    for trace_id in traces_of(due):
        if work.trace_of(trace_id).state is TraceState.ANALYSED:
            work.update_trace(trace_id, state=TraceState.REFUNDING)
            work.fact("trace.refunding", f"trace:{trace_id}", {"refund": one.id})
    if not reaches(work, one.institution):
        open_task(
            work, REFUND_LETTER, f"{REFUND_LETTER}:{message_id}", hold_id=due[0].coins[0].hold,
            institution=one.institution, amount_vnd=one.amount_vnd, due_at=one.pay_by, subject=f"refund:{one.id}",
        )  # fmt: skip


def _touch(work: Work, one: Refund) -> None:
    work.touch("refund", one.id)
    for line in one.lines:
        work.touch("refund_line", line.id)


def _paper(document: Document, unit: Unit) -> Document:
    clean = {
        name: words(getattr(document, name), name, PAPER_MAX) for name in ("issuer", "number", "signatory")
    }  # fmt: skip
    try:
        signed_on = date.fromisoformat(document.signed_on.strip())
    except ValueError:
        raise BadInput(InputReason.MALFORMED, field="signed_on", expected="2026-11-21") from None
    if signed_on > vietnam_date(unit.now) or signed_on.year < 2000:
        raise BadInput(InputReason.MALFORMED, field="signed_on", expected=vietnam_date(unit.now).isoformat())
    return Document(signed_on=signed_on.isoformat(), **clean)


def _accounts(accounts: Mapping[str, str]) -> dict[str, str]:
    for loss_id, key in accounts.items():
        if not is_account_key(key):
            raise BadInput(InputReason.MALFORMED, field=f"account_{loss_id}", expected="account:970436:0123456789")
    return dict(accounts)


def _content(plan: Plan, basis: RefundBasis, document: Document, reasons: str | None, requester: str) -> str:
    """What an approval binds: pool, division, lines, coins, paper, who asked."""
    lines = [
        [one.entitled.claim.loss, one.weight_vnd, one.share_vnd, one.amount_vnd, one.entitled.account,
         one.entitled.waits, coins_out(one.coins)]
        for one in plan.lines
    ]  # fmt: skip
    paper = [document.issuer, document.number, document.signed_on, document.signatory]
    content = [
        plan.pool.institution, plan.pool.account, basis, paper, plan.method, reasons, requester, lines,
        plan.division.remainder_vnd,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
