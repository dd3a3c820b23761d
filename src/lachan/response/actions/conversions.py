"""A competent authority has decided: one person enters its decision, a second one checks it, then the hold
rests on it (steps 3-4). Until then nothing changes for the holder.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from lachan.foundation.access import Permission, require, require_other_person
from lachan.foundation.base import BadInput, Conflict
from lachan.foundation.protocol import HoldConversion, is_instant, total
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response import store
from lachan.response.actions.endings import cite, restart_expiry
from lachan.response.actions.entitled import check_entitled
from lachan.response.actions.reports import committed, note_why, sealed_decision
from lachan.response.actions.requests import ESCALATE, read_decision
from lachan.response.actions.telling import tell
from lachan.response.actions.work import Work, working
from lachan.response.model import HOLDING, Hold, HoldReason, HoldState
from lachan.response.rules import lawful


def as_proposed(hold: Hold) -> Hold:
    """The hold as it would be after its proposal, waiting like a draft; the hold itself where there is none."""
    said = hold.proposal
    if said is None:
        return hold
    return replace(
        hold, state=HoldState.DRAFTED, step=said["step"], basis=said["basis"], decision=said["decision"],
        requester=said["by"], requester_name=said["by_name"], content_hash=said["content_hash"],
        drafted_at=hold.proposed_at or hold.drafted_at, asked=hold.held,
    )  # fmt: skip


def holds_still(hold: Hold) -> bool:
    """Whether a hold's proposal still says what it said: the coins held, and their transfer, have not changed."""
    said = hold.proposal
    return said is None or said["content_hash"] == _content(
        hold, said["step"], said["basis"], said["decision"], said["review_at"], said["by"]
    )


def _content(hold: Hold, step: int, basis: str, decision: dict[str, Any], review_at: str | None, by: str) -> str:
    return lawful.content_hash(
        account=hold.account, reference=hold.reference, asked=hold.held, step=step, basis=basis,
        decision={**decision, "review_at": review_at}, requester=by,
    )  # fmt: skip


def propose_conversion(
    unit: Unit,
    outbox: Outbox,
    hold_id: str,
    *,
    step: int,
    basis: str,
    decision: dict[str, Any],
    review_at: datetime | None = None,
) -> None:
    """Enter an authority's decision for a second person to check.

    `decision` names issuer and `issuer_kind` (the kind of that body), number, signatory, scope and, where it has
    one, `term_ends_at`; without a term a review date is compulsory.
    """
    hold = store.hold(unit.conn, hold_id)
    require(unit.actor, Permission.HOLD_CONVERT, agency_id=store.trace(unit.conn, hold.trace_id).desk_id)
    lawful.check_basis(step, basis, decision, unit.now)
    if step < lawful.FIRST_STEP_BY_DECISION:
        raise Conflict(HoldReason.BASIS_NOT_FOR_STEP, field="step", step=step)
    term = read_decision(decision).term_ends_at
    if term is None and review_at is None:
        raise Conflict(HoldReason.TERM_MISSING, field="review_at")
    if any(at is not None and (at <= unit.now or not is_instant(at)) for at in (term, review_at)):
        raise BadInput(HoldReason.TERM_MISSING, field="review_at" if term is None else "decision.term_ends_at")
    with working(unit, outbox, hold.trace_id) as work:
        hold = work.hold(hold_id)
        if hold.state not in HOLDING:
            raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
        check_entitled(work, replace(hold, step=step, decision=decision))
        by = unit.actor.reference
        review = review_at.isoformat() if review_at else None
        content = _content(hold, step, basis, decision, review, by)
        proposal = {
            "step": step, "basis": basis, "decision": decision, "by": by, "by_name": unit.actor.name,
            "review_at": review, "content_hash": content,
        }  # fmt: skip
        work.update_hold(hold, proposal=proposal, proposed_at=unit.now, escalations=0)
        plain, paper = sealed_decision(unit, decision)
        work.fact(
            "hold.conversion_proposed", f"hold:{hold.id}", {"step": step, "decision": plain, "content": content},
            legal_basis=basis, **paper,
        )  # fmt: skip
        enqueue(
            unit, ESCALATE, {"hold_id": hold.id}, key=f"escalate:{hold.id}",
            due_at=clock("approval_escalation", unit.now).deadline(unit.now), priority=total(hold.held),
        )  # fmt: skip


def convert(work: Work, hold: Hold) -> None:
    """The second person agrees: the hold rests on the authority's decision from now on.

    Only for the coins that were held when it was proposed, and while the decision's term lies ahead.
    """
    said = hold.proposal or {}
    require_other_person(work.unit.actor, said["by"])
    if hold.state not in HOLDING:
        raise Conflict(HoldReason.WRONG_STATE, state=hold.state)
    check_entitled(work, replace(hold, step=said["step"], decision=said["decision"]))
    if not holds_still(hold):
        raise Conflict(HoldReason.CONTENT_CHANGED)
    stated = read_decision(said["decision"])
    if stated.term_ends_at is not None:
        lawful.check_term(said["step"], stated.term_ends_at, work.unit.now)
    review_at = datetime.fromisoformat(said["review_at"]) if said["review_at"] else None
    hold = work.update_hold(
        hold, state=HoldState.CONVERTED, step=said["step"], basis=said["basis"], decision=said["decision"],
        expires_at=stated.term_ends_at, review_at=review_at, revision=hold.revision + 1,
        requester=said["by"], requester_name=said["by_name"], approver=work.unit.actor.reference,
        approver_name=work.unit.actor.name, policy_id=None, content_hash=said["content_hash"],
        proposal=None, proposed_at=None,
    )  # fmt: skip
    cancel(work.unit, f"escalate:{hold.id}")
    restart_expiry(work, hold)
    plain, paper = sealed_decision(work.unit, said["decision"])
    work.fact(
        "hold.converted", f"hold:{hold.id}",
        {"step": hold.step, "decision": plain, "approver": hold.approver, "content": hold.content_hash},
        legal_basis=hold.basis, **paper,
    )  # fmt: skip
    tell(
        work, hold,
        HoldConversion(
            request_id=hold.id, revision=hold.revision, step=hold.step,
            legal_basis=cite(hold.basis, work.unit.now), decision=stated, expires_at=hold.expires_at,
            review_at=hold.review_at,
        ),
        amount_vnd=total(hold.held),
    )  # fmt: skip


def drop_proposal(work: Work, hold: Hold, reason: str) -> None:
    """The second person does not agree: the hold stays as it was."""
    work.update_hold(hold, proposal=None, proposed_at=None)
    cancel(work.unit, f"escalate:{hold.id}")
    work.fact("hold.conversion_rejected", f"hold:{hold.id}", {}, **committed(work.unit, why=reason))
    note_why(work.unit, work.trace.report_id, "report.decision_dropped", reason)
