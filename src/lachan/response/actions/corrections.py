"""A later word corrects a reported transfer: it was of a smaller amount, or this is its reference.

The correction is a new fact; what was reported stays in the trail. What is held above the corrected loss is freed
at once, and requests speak of the transfer as it really was from then on.
"""

from typing import Any

import sqlalchemy as sa

from lachan.foundation.protocol import intersect, is_made_up_reference, normalise, subtract, whole
from lachan.intake import Loss, correct_loss
from lachan.ledger import learn_loss
from lachan.response import store, tables
from lachan.response.actions.hops import hops_of, keep_spans, open_root
from lachan.response.actions.requests import revise_request
from lachan.response.actions.work import Work
from lachan.response.model import ENDED, HOLDING, Hold, HoldState
from lachan.response.rules.lawful import FIRST_STEP_BY_DECISION, stands
from lachan.response.rules.receipts import renamed


def lower_loss(work: Work, loss: Loss, amount_vnd: int, *, by: str) -> Loss:
    """Only `amount_vnd` of a reported transfer was really transferred: the rest is no loss of anybody."""
    lowered = work.corrected(correct_loss(work.unit, loss, amount_vnd=amount_vnd, by=by))
    learn_loss(work.unit, lowered, by=by)
    trace = store.trace_of_report(work.unit.conn, loss.report_id)
    if trace is None:
        return lowered
    reported_vnd = work.trace_of(trace.id).sum.reported_vnd - (loss.amount_vnd - amount_vnd)
    work.update_trace(trace.id, reported_vnd=reported_vnd)
    real = whole(amount_vnd)
    rows = hops_of(work, loss.reference, loss.payee_account)
    if not any(subtract(hop.spans, real) for hop in rows if hop.loss_id != loss.id):
        # Nobody else speaks of more coins in this transfer: its amount is corrected for all.
        for hop in rows:
            work.update_hop(hop, transfer_vnd=amount_vnd)
        for hold in _unended(work, loss.reference, loss.payee_account):
            if stands(hold):
                # Its institution has the request as it was, and answers about that.
                continue
            hold = work.update_hold(hold, transfer_vnd=amount_vnd)
            if asked := intersect(hold.asked, real):
                # Before the release that follows: both carry one rising revision, and a later one outdates it.
                revise_request(work, hold, asked)
    open_root(work, lowered, trace.id)
    return lowered


def name_transfer(work: Work, loss: Loss, reference: str | None, *, by: str, told_by_payee: bool = False) -> Loss:
    """The real reference of a transfer that was reported without one: from now on everything speaks of it.

    With `told_by_payee` the institution that holds the money said so itself, and need not be told.
    """
    if reference is None or is_made_up_reference(reference) or not is_made_up_reference(loss.reference):
        return loss
    old, account = loss.reference, loss.payee_account
    known = bool(hops_of(work, reference, account)) or bool(_holds(work, reference, account))
    named = work.corrected(correct_loss(work.unit, loss, reference=reference, by=by))
    learn_loss(work.unit, named, by=by)
    trace = store.trace_of_report(work.unit.conn, loss.report_id)
    if trace is None:
        return named
    for hold in store.holds_by(work.unit.conn, account=account):
        if hold.receipts:
            # Or it would be a second transfer there, of which what others received might have come.
            work.update_hold(hold, receipts=renamed(hold.receipts, old, reference))
    # Others may pursue coins of this very transfer: what was asked under the made-up name ends then, and this loss
    # takes the coins that are nobody's. What an authority decided on goes on under the real one, for all of them.
    others = normalise(span for hop in hops_of(work, reference, account) for span in hop.spans)
    for hop in hops_of(work, old, account):
        if known:
            hop = keep_spans(work, hop, subtract(hop.spans, others) if stands(work.hold(hop.hold_id)) else ())
        work.update_hop(hop, reference=reference)
    for hold in _holds(work, old, account):
        if known and not stands(hold):
            continue
        values: dict[str, Any] = {"reference": reference}
        if hold.answer is not None:
            values["answer"] = _renamed(hold.answer, old, reference)
        hold = work.update_hold(hold, **values)
        if not told_by_payee and hold.state not in ENDED and _asks_anew(hold):
            revise_request(work, hold, hold.asked)
    if known:
        open_root(work, named, trace.id)
    return named


def _asks_anew(hold: Hold) -> bool:
    """Whether a changed request may go out: not about what an authority froze."""
    return hold.step < FIRST_STEP_BY_DECISION or hold.state not in HOLDING


def _unended(work: Work, reference: str, account: str) -> list[Hold]:
    return [hold for hold in _holds(work, reference, account) if hold.state not in ENDED | {HoldState.APPLIED}]


def _holds(work: Work, reference: str, account: str) -> list[Hold]:
    same = sa.and_(tables.hold.c.reference == reference, tables.hold.c.account == account)
    return store.holds(work.unit.conn, same)


def _renamed(answer: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The last answer with the transfer under its real name: its movements are followed by it."""
    movements = [
        {name: new if name in {"id", "reference"} and value == old else value for name, value in one.items()}
        for one in answer.get("movements", ())
    ]
    return {**answer, **({"movements": movements} if movements else {})}
