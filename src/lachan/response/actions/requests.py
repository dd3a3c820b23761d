"""Requests to hold: drafted, approved by a policy or a second person, sent, escalated when nobody looks."""

from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from lachan.foundation.base import SYSTEM, ActorKind, BadInput, Conflict, Language, new_id
from lachan.foundation.protocol import (
    Answer,
    CancelReason,
    Decision,
    HoldRelease,
    HoldRequest,
    LegalBasis,
    Person,
    ReleaseReason,
    RequestCancellation,
    Spans,
    Transfer,
    flow,
    intersect,
    normalise,
    subtract,
    total,
    union,
    whole,
)
from lachan.foundation.protocol import Policy as PolicyReference
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock, legal_basis
from lachan.response import store
from lachan.response.actions.entitled import asker_kind, check_entitled
from lachan.response.actions.rounds import others_in_turn, others_rest
from lachan.response.actions.telling import await_release, reachable, tell
from lachan.response.actions.work import Work
from lachan.response.model import ENDED, HOLDING, EndReason, Hold, HoldReason, HoldState
from lachan.response.rules import lawful
from lachan.response.rules.tasks import RELEASE_UNTOLD

ESCALATE = "escalate_approval"
RELEASE_REASONS = {
    EndReason.EXPIRED: ReleaseReason.EXPIRED,
    EndReason.UNCONFIRMED: ReleaseReason.TRANSFER_UNCONFIRMED,
    EndReason.APPEAL_UPHELD: ReleaseReason.APPEAL_UPHELD,
    EndReason.TRACE_CANCELLED: ReleaseReason.TRACE_CANCELLED,
    EndReason.TAINT_LOWERED: ReleaseReason.EXCESS,
    EndReason.OFFICER: ReleaseReason.MISTAKE,
    EndReason.AUTHORITY: ReleaseReason.AUTHORITY_LIFTED,
    EndReason.REMAINDER: ReleaseReason.EXCESS,
}
CANCEL_REASONS = {
    EndReason.TRACE_CANCELLED: CancelReason.TRACE_CANCELLED,
    EndReason.UNCONFIRMED: CancelReason.TRANSFER_UNCONFIRMED,
    EndReason.TAINT_LOWERED: CancelReason.MISTAKE,
    EndReason.OFFICER: CancelReason.MISTAKE,
    EndReason.EXPIRED: CancelReason.EXPIRED,
    EndReason.AUTHORITY: CancelReason.MISTAKE,
}
_UNSENT = frozenset({HoldState.DRAFTED, HoldState.APPROVED})
_LIFTED = frozenset({HoldState.RELEASED, HoldState.EXPIRED, HoldState.APPLIED})
DEFAULT_STEP = 2
DEFAULT_BASIS = "aml-2022-44"


def draft_hold(
    work: Work,
    *,
    trace_id: str,
    loss_id: str,
    reference: str,
    transfer_vnd: int,
    booked_at: datetime,
    institution: str | None,
    account: str,
    payer_institution: str | None,
    asked: Spans,
) -> Hold:
    """Draft a request for `asked` coins, then approve it by policy where one reaches, else wait for a person.

    The officer who acts asks for it. What follows from an institution's answer or a victim's report is asked for
    by this instance: the next institution need not know who answered before it.
    """
    now, step, basis = work.unit.now, DEFAULT_STEP, DEFAULT_BASIS
    lawful.check_basis(step, basis, None, now)
    lawful.check_amount(asked, transfer_vnd)
    actor = work.unit.actor if work.unit.actor.kind is ActorKind.PERSON else SYSTEM
    asker, asker_name = actor.reference, actor.name or work.outbox.issuer.name
    hold_id = new_id()
    content = lawful.content_hash(
        account=account, reference=reference, asked=asked, step=step, basis=basis, decision=None,
        requester=asker,
    )  # fmt: skip
    desk_id = work.trace_of(trace_id).desk_id
    policy = lawful.policy_for(work.policies(desk_id), step, total(asked), asker, now, asker_kind(work, desk_id))
    hold = work.insert_hold(
        id=hold_id, trace_id=trace_id, loss_id=loss_id, institution=institution, account=account,
        payer_institution=payer_institution, reference=reference, transfer_vnd=transfer_vnd,
        booked_at=booked_at, asked=store.spans_out(asked), asked_vnd=total(asked), answered=[], held=[],
        held_vnd=0, released=[], applied=[], allocations={}, step=step, basis=basis,
        revision=1, answer_revision=0, content_hash=content, requester=asker,
        requester_name=asker_name, escalations=0, drafted_at=now,
        **({"state": HoldState.DRAFTED} if policy is None else _approval(
            policy.signed_by, policy.signed_by_name, policy.id
        )),
    )  # fmt: skip
    work.fact(
        "hold.drafted", f"hold:{hold_id}",
        {"loss": loss_id, "asked_vnd": total(asked), "step": step, "institution": institution, "content": content},
        legal_basis=basis,
    )  # fmt: skip
    if policy is not None:
        return _send_approved(work, hold)
    enqueue(
        work.unit, ESCALATE, {"hold_id": hold_id}, key=f"escalate:{hold_id}",
        due_at=clock("approval_escalation", now).deadline(now), priority=total(asked),
    )  # fmt: skip
    return hold


def approve(work: Work, hold: Hold, approver: str, name: str) -> Hold:
    """Approve a draft for what it says now, and send it."""
    hold = work.update_hold(hold, **_approval(approver, name))
    cancel(work.unit, f"escalate:{hold.id}")
    return _send_approved(work, hold)


def _approval(approver: str, name: str, policy_id: str | None = None) -> dict[str, Any]:
    return {
        "state": HoldState.APPROVED, "approver": approver, "approver_name": name, "policy_id": policy_id
    }  # fmt: skip


def _send_approved(work: Work, hold: Hold) -> Hold:
    """Send what has its approval; one that should not have it is refused, and the approval with it."""
    if hold.approver == hold.requester:
        raise Conflict(HoldReason.SAME_PERSON)
    check_entitled(work, hold)
    lawful.check_term(hold.step, _term(hold.decision), work.unit.now)
    work.fact(
        "hold.approved", f"hold:{hold.id}",
        {"approver": hold.approver, "policy": hold.policy_id, "content": hold.content_hash},
        legal_basis=hold.basis,
    )  # fmt: skip
    return send_request(work, hold)


def send_request(work: Work, hold: Hold, *, first: bool = True) -> Hold:
    """Send a request, or its next revision; starts the clocks of acknowledgement and answer."""
    now = work.unit.now
    trace = work.trace_of(hold.trace_id)
    ack_by = clock("hop_acknowledgement", now).deadline(now)
    answer_by = clock("hop_answer", now).deadline(now)
    term = _term(hold.decision)
    expires_at = hold.expires_at or lawful.expiry(hold.step, hold.basis, now, term)
    values: dict[str, Any] = {
        "expires_at": expires_at, "answer_by": answer_by, "asked_revision": hold.revision,
    }  # fmt: skip
    if first:
        values |= {"state": HoldState.REQUESTED, "requested_at": now, "ack_by": ack_by}
    hold = work.update_hold(hold, **values)
    for hop in work.hops(hold_id=hold.id):
        if hop.state == "opened":
            work.update_hop(hop, state="notified")
    # Whoever takes one after the other takes the largest first (decision 32).
    priority = total(hold.asked)
    if hold.institution is not None and hold.asked:
        message_id = work.outbox.send(
            work.unit, hold.institution, f"hold:{hold.id}", request_message(hold, trace.code),
            priority=priority,
        )  # fmt: skip
        work.fact(
            "hold.requested", f"hold:{hold.id}",
            {"message": message_id, "revision": hold.revision, "asked_vnd": total(hold.asked)},
            legal_basis=hold.basis,
        )  # fmt: skip
    enqueue(
        work.unit, "ack_overdue", {"hold_id": hold.id}, key=f"ack:{hold.id}",
        # Nobody to wait for: the letter and the telephone at once.
        due_at=ack_by if reachable(work, hold) else now, priority=priority,
    )  # fmt: skip
    enqueue(
        work.unit, "answer_overdue", {"hold_id": hold.id}, key=f"answer:{hold.id}", due_at=answer_by,
        priority=priority,
    )  # fmt: skip
    if first:
        others_in_turn(work.unit, hold)
    if hold.expires_at is not None:
        enqueue(work.unit, "expire_hold", {"hold_id": hold.id}, key=f"expire:{hold.id}", due_at=hold.expires_at)
    if trace.first_request_at is None:
        work.update_trace(trace.id, first_request_at=now)
    return hold


def release_spans(work: Work, hold: Hold, spans: Spans, reason: EndReason) -> Hold:
    """Free exactly these held coins; nothing else moves. The last coin freed ends the hold."""
    freed = intersect(hold.held, spans)
    if not freed:
        return hold
    left = subtract(hold.held, freed)
    ended: dict[str, Any] = {}
    if not left and hold.state in HOLDING:
        # Of what was partly paid back, the rest is freed: what it did counts, not how it ended.
        state = HoldState.APPLIED if hold.applied else HoldState.RELEASED
        ended = {"state": state, "end_reason": reason}
    hold = work.update_hold(
        hold, held=left, released=union(hold.released, freed), revision=hold.revision + 1, **ended
    )
    work.fact(
        "hold.released",
        f"hold:{hold.id}",
        {"released_vnd": total(freed), "held_vnd": total(left), "reason": reason},
    )
    _tell_release(work, hold, freed, reason)
    if not left:
        stop_clocks(work.unit, hold.id)
    return hold


def lift_unheard(work: Work, hold: Hold, said: Spans) -> int:
    """Free what an institution says it holds under a hold that was released meanwhile, beyond what it was told.

    It froze more and its answer crossed the release: nobody has a basis for that. What it paid out of the hold
    counts as held, and is not freed: it is the victims'. Returns the amount.
    """
    spans = subtract(intersect(said, hold.asked), union(hold.released, hold.applied))
    # Paid to its last coin, a hold has no other reason to have ended: more than that is the holder's.
    if not spans or hold.state not in _LIFTED:
        return 0
    # One that its institution let go by itself, and freezes again after its time, is over as if it had expired.
    ended = hold.end_reason or (EndReason.REMAINDER if hold.state is HoldState.APPLIED else EndReason.EXPIRED)
    hold = work.update_hold(hold, revision=hold.revision + 1)
    _tell_release(work, hold, spans, EndReason(ended))
    return total(spans)


def lift_beyond(work: Work, hold: Hold, answer: Answer) -> tuple[Hold, Spans]:
    """Free what an institution's own movements show frozen under this request beyond what it is asked for now.

    It froze more for an older revision, and its answer crossed the newer one: nobody has a basis for the rest.
    Returns the coins too.
    """
    came_vnd = next((one.amount_vnd for one in answer.movements if one.id == hold.reference), None)
    if hold.institution is None or came_vnd is None:
        return hold, ()
    frozen = flow(hold.reference, whole(came_vnd), answer.movements).holds
    own = normalise(span for name, spans in frozen.items() if name.startswith(f"{hold.id}.") for span in spans)
    beyond = subtract(own, union(hold.asked, union(hold.released, hold.applied)))
    if beyond:
        hold = work.update_hold(hold, released=union(hold.released, beyond), revision=hold.revision + 1)
        said = {"lifted_vnd": total(beyond), "asked_vnd": total(hold.asked)}
        work.fact("hold.lifted", f"hold:{hold.id}", said)
        _tell_release(work, hold, beyond, EndReason.TAINT_LOWERED)
    return hold, beyond


def _tell_release(work: Work, hold: Hold, spans: Spans, reason: EndReason) -> None:
    message_id = tell(
        work, hold,
        HoldRelease(
            request_id=hold.id, revision=hold.revision, release_vnd=total(spans), spans=spans,
            reason=RELEASE_REASONS[reason],
        ),
        amount_vnd=total(spans), reason=RELEASE_UNTOLD,
    )  # fmt: skip
    await_release(work, hold, message_id)


def void(work: Work, hold: Hold, reason: EndReason) -> Hold:
    """End a request before it was placed; the institution is told if it was asked."""
    asked = hold.state not in _UNSENT
    hold = work.update_hold(hold, state=HoldState.VOIDED, end_reason=reason, revision=hold.revision + 1)
    stop_clocks(work.unit, hold.id)
    work.fact("hold.voided", f"hold:{hold.id}", {"reason": reason})
    if asked and hold.institution is not None:
        said = RequestCancellation(request_id=hold.id, revision=hold.revision, reason=CANCEL_REASONS[reason])
        tell(work, hold, said, amount_vnd=total(hold.asked))
    return hold


def may_ask(work: Work, hold: Hold, asked: Spans) -> bool:
    """Whether this request may be changed to ask for `asked` without anybody's new approval.

    A draft may: its approval is still to come. A sent one only as far as a standing policy reaches.
    """
    if hold.state in ENDED or hold.step >= lawful.FIRST_STEP_BY_DECISION:
        return False
    if hold.state in _UNSENT or not subtract(asked, hold.asked):
        return True
    desk_id = work.trace_of(hold.trace_id).desk_id
    policies, kind = work.policies(desk_id), asker_kind(work, desk_id)
    found = lawful.policy_for(policies, hold.step, total(asked), hold.requester, work.unit.now, kind)
    return found is not None


def revise_request(work: Work, hold: Hold, asked: Spans) -> None:
    """Change what is asked for: a draft is edited (which voids an approval), a sent request gets a revision."""
    if not asked:
        void(work, hold, EndReason.TAINT_LOWERED)
        return
    content = lawful.content_hash(
        account=hold.account, reference=hold.reference, asked=asked, step=hold.step, basis=hold.basis,
        decision=hold.decision, requester=hold.requester,
    )  # fmt: skip
    if hold.state in _UNSENT:
        work.update_hold(hold, asked=asked, content_hash=content)
        work.fact("hold.edited", f"hold:{hold.id}", {"asked_vnd": total(asked), "content": content})
        return
    hold = work.update_hold(hold, asked=asked, content_hash=content, revision=hold.revision + 1)
    send_request(work, hold, first=False)


def stop_clocks(unit: Unit, hold_id: str) -> None:
    """Nothing more is waited for on this hold."""
    for clock_name in ("escalate", "ack", "answer", "expire", "alarm", "review"):
        cancel(unit, f"{clock_name}:{hold_id}")
    others_rest(unit, hold_id)


def request_message(hold: Hold, trace_code: str) -> HoldRequest:
    """The request as the institution reads it."""
    basis = legal_basis(hold.basis, hold.drafted_at)
    desk = hold.requester_name or "desk"
    return HoldRequest(
        id=hold.id,
        revision=hold.asked_revision,
        trace_code=trace_code,
        loss=hold.loss_id,
        institution=hold.institution or "unknown",
        account=hold.account,
        transfer=Transfer(
            reference=hold.reference,
            booked_at=hold.booked_at,
            amount_vnd=hold.transfer_vnd,
            payer_institution=hold.payer_institution,
        ),
        amount_vnd=total(hold.asked),
        spans=hold.asked,
        step=hold.step,
        legal_basis=LegalBasis(code=hold.basis, title=basis.citation(Language.VI)),
        decision=read_decision(hold.decision) if hold.decision else None,
        requester=Person(id=hold.requester, name=hold.requester_name or desk, agency=desk),
        approver=Person(id=hold.approver or "", name=hold.approver_name or desk, agency=desk),
        policy=PolicyReference(id=hold.policy_id, title=hold.approver_name or desk) if hold.policy_id else None,
        ack_by=hold.ack_by or hold.drafted_at,
        answer_by=hold.answer_by or hold.drafted_at,
        expires_at=hold.expires_at,
        review_at=hold.review_at,
    )


def read_decision(decision: dict[str, Any]) -> Decision:
    """An authority's decision as entered: issuer, number, signatory, scope, and its term if it has one.

    The issuer's kind decides here whether the issuer was competent; the institution reads its name.
    """
    stated = {name: value for name, value in decision.items() if name != "issuer_kind"}
    try:
        return Decision.model_validate_json(orjson.dumps(stated))
    except (ValidationError, TypeError) as error:
        raise BadInput(HoldReason.DECISION_MISSING, field="decision") from error


def _term(decision: dict[str, Any] | None) -> datetime | None:
    stated = (decision or {}).get("term_ends_at")
    return datetime.fromisoformat(stated) if stated else None
