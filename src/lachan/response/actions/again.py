"""What an officer tries after a poor answer: ask again, or propose a higher step."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict
from lachan.foundation.protocol import intersect, normalise, subtract, total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response import store
from lachan.response.actions.answers import ask_for_unexplained
from lachan.response.actions.entitled import check_entitled
from lachan.response.actions.hops import is_over
from lachan.response.actions.requests import ESCALATE, read_decision
from lachan.response.actions.work import working
from lachan.response.model import HoldReason, HoldState
from lachan.response.rules import lawful


def ask_again(unit: Unit, outbox: Outbox, hold_id: str) -> None:
    """Ask the institution once more about the part that its answer leaves unexplained."""
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_REQUEST, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    with working(unit, outbox, hold.trace_id) as work:
        if not ask_for_unexplained(work, work.hold(hold_id)):
            raise Conflict(HoldReason.NOTHING_TO_ASK)


def raise_hold(
    unit: Unit, outbox: Outbox, hold_id: str, *, step: int, basis: str, decision: Mapping[str, Any] | None
) -> None:
    """Propose a refused request again at a higher step: the same coins, a new basis, a second person to approve.

    No standing policy approves it: what was refused once is looked at by somebody. Steps 3 and 4 need a decision
    with a term and `issuer_kind`, the kind of the body that made it.
    """
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_REQUEST, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    stated = dict(decision) if decision is not None else None
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.state is not HoldState.REFUSED:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        if step <= hold.step:
            raise Conflict(HoldReason.STEP_NOT_HIGHER, field="step", step=hold.step)
        # What was refused and is nobody's any more is not asked for again.
        hops = [hop for hop in work.hops(hold_id=hold.id) if not is_over(work, hop)]
        living = normalise(span for hop in hops for span in hop.spans)
        asked = subtract(intersect(hold.asked, living), hold.released)
        if not asked:
            raise Conflict(HoldReason.NOTHING_TO_HOLD)
        lawful.check_basis(step, basis, stated, unit.now)
        check_entitled(work, replace(hold, step=step, decision=stated))
        if stated is not None:
            # Nothing else would end such a hold: without its term it would last for ever.
            lawful.check_term(step, read_decision(stated).term_ends_at, unit.now)
        requester = unit.actor.reference
        content = lawful.content_hash(
            account=hold.account, reference=hold.reference, asked=asked, step=step, basis=basis,
            decision=stated, requester=requester,
        )  # fmt: skip
        hold = work.update_hold(
            hold, state=HoldState.DRAFTED, asked=asked, step=step, basis=basis, decision=stated,
            content_hash=content, requester=requester, requester_name=unit.actor.name, approver=None,
            approver_name=None, policy_id=None, revision=hold.revision + 1, drafted_at=unit.now, expires_at=None,
            ack_by=None, answer_by=None, acknowledged_at=None, escalations=0,
        )  # fmt: skip
        work.fact(
            "hold.raised", f"hold:{hold.id}", {"step": step, "asked_vnd": total(hold.asked), "content": content},
            legal_basis=basis,
        )  # fmt: skip
        enqueue(
            unit, ESCALATE, {"hold_id": hold.id}, key=f"escalate:{hold.id}",
            due_at=clock("approval_escalation", unit.now).deadline(unit.now), priority=total(hold.asked),
        )  # fmt: skip
