"""Activate, renew, review, delist: what persons decide about an entry, two of them where the policy says so."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.access import Permission, require, require_other_person
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id, new_reference_code
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.registry import rules, store
from lachan.registry.actions.claims import check_reasons
from lachan.registry.actions.projecting import project
from lachan.registry.model import (
    VERDICT_ORDER,
    Claim,
    Decision,
    DecisionKind,
    DecisionState,
    Entry,
    EntryState,
    RegistryReason,
    Verdict,
)
from lachan.registry.tables import decision, entry

NOTICE_PREFIX = "TN"


def activate(
    unit: Unit, entry_id: str, verdict: Verdict, reasons: str, *, review_at: datetime | None = None
) -> Decision:
    """Put a verdict into force, or propose it where the policy wants a second person.

    Refusals: NOT_ENOUGH_CLAIMS, GUARDED_NAME (never blocked), REVIEW_TOO_LATE.
    """
    return _rule(unit, entry_id, DecisionKind.ACTIVATE, verdict, reasons, review_at)


def renew(unit: Unit, entry_id: str, reasons: str, *, review_at: datetime | None = None) -> Decision:
    """After a review: the verdict stays for another period."""
    kept = store.entry_by_id(unit.conn, entry_id)
    if kept.in_force(unit.now) is Verdict.CLEAR:
        raise Conflict(RegistryReason.NOT_LISTED, state=kept.state)
    return _rule(unit, entry_id, DecisionKind.RENEW, kept.verdict, reasons, review_at)


def check_decision(unit: Unit, decision_id: str, *, confirm: bool) -> Decision:
    """A second person confirms or rejects what a first one proposed; the claims must still carry it."""
    require(unit.actor, Permission.REGISTRY_DECIDE)
    waiting = store.decision_by_id(unit.conn, decision_id)
    kept = store.locked_entry(unit.conn, waiting.entry_id)
    waiting = store.decision_by_id(unit.conn, decision_id)
    if waiting.state is not DecisionState.WAITING:
        raise Conflict(RegistryReason.NOT_WAITING, state=waiting.state)
    require_other_person(unit.actor, waiting.made_by)
    if confirm and waiting.verdict is not None:
        _way_needs_second(unit, kept, waiting.verdict)
    state = DecisionState.EFFECTIVE if confirm else DecisionState.REJECTED
    checked = replace(waiting, state=state, checked_by=unit.actor.reference, checked_at=unit.now)
    unit.conn.execute(
        sa.update(decision)
        .where(decision.c.id == decision_id)
        .values(state=state, checked_by=checked.checked_by, checked_at=checked.checked_at)
    )
    project(unit, {kept.key: kept})
    append(
        unit, "registry.decision_confirmed" if confirm else "registry.decision_rejected",
        f"registry_entry:{kept.id}", {"decision": decision_id}, rows=[("registry_decision", decision_id)],
    )  # fmt: skip
    return checked


def review(unit: Unit, entry_id: str, reasons: str) -> Decision:
    """Send an entry to review: the verdict stands meanwhile, at most to the review date it has."""
    require(unit.actor, Permission.REGISTRY_DECIDE)
    kept = store.locked_entry(unit.conn, entry_id)
    return open_review(unit, kept, check_reasons(reasons), appeal_id=None)


def open_review(unit: Unit, kept: Entry, reasons: str, *, appeal_id: str | None) -> Decision:
    """Record that a locked entry is under review; who may is the caller's question."""
    if kept.state in {EntryState.DELISTED, EntryState.EXPIRED} or kept.review_at is None:
        raise Conflict(RegistryReason.NOT_LISTED, state=kept.state)
    made = _decision(unit, kept, DecisionKind.REVIEW, None, reasons, kept.review_at, appeal_id=appeal_id)
    return _record(unit, kept, made)


def delist(unit: Unit, entry_id: str, reasons: str) -> Decision:
    """Take an entry off, with reasons. It returns only by a person's decision on newer claims."""
    require(unit.actor, Permission.REGISTRY_DECIDE)
    kept = store.locked_entry(unit.conn, entry_id)
    if kept.state in {EntryState.DELISTED, EntryState.EXPIRED}:
        raise Conflict(RegistryReason.NOT_LISTED, state=kept.state)
    return take_off(unit, kept, check_reasons(reasons), appeal_id=None)


def take_off(unit: Unit, kept: Entry, reasons: str, *, appeal_id: str | None) -> Decision:
    """Record the delisting of a locked entry; who may is the caller's question."""
    return _record(unit, kept, _decision(unit, kept, DecisionKind.DELIST, None, reasons, None, appeal_id=appeal_id))


def keep_at(unit: Unit, kept: Entry, verdict: Verdict, reasons: str, *, appeal_id: str) -> Decision:
    """An appeal's decision keeps a locked entry at this verdict, to the review date it has."""
    made = _decision(unit, kept, DecisionKind.RENEW, verdict, reasons, kept.review_at, appeal_id=appeal_id)
    return _record(unit, kept, made)


def issue_notice(unit: Unit, entry_id: str) -> str:
    """The code under which the holder of a listed identifier can appeal; one for each listing."""
    require(unit.actor, Permission.REGISTRY_DECIDE)
    kept = store.locked_entry(unit.conn, entry_id)
    if kept.notice_code is not None:
        return kept.notice_code
    if kept.in_force(unit.now) is Verdict.CLEAR:
        raise Conflict(RegistryReason.NOT_LISTED, state=kept.state)
    code = new_reference_code(NOTICE_PREFIX)
    unit.conn.execute(sa.update(entry).where(entry.c.id == entry_id).values(notice_code=code))
    append(unit, "registry.notice_issued", f"registry_entry:{entry_id}", {}, personal={"code": code})
    return code


def _rule(
    unit: Unit, entry_id: str, kind: DecisionKind, verdict: Verdict, reasons: str, review_at: datetime | None
) -> Decision:
    require(unit.actor, Permission.REGISTRY_DECIDE)
    if verdict is Verdict.CLEAR:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="verdict", value=verdict)
    text = check_reasons(reasons)
    kept = store.locked_entry(unit.conn, entry_id)
    latest = rules.policy_on(kept.kind, unit.now).review.deadline(unit.now)
    if review_at is not None and not unit.now < review_at <= latest:
        raise BadInput(RegistryReason.REVIEW_TOO_LATE, field="review_at", limit=latest.date().isoformat())
    second = _way_needs_second(unit, kept, verdict)
    made = _decision(unit, kept, kind, verdict, text, review_at or latest, appeal_id=None)
    return _record(unit, kept, replace(made, state=DecisionState.WAITING if second else DecisionState.EFFECTIVE))


def _way_needs_second(unit: Unit, kept: Entry, verdict: Verdict) -> bool:
    """Whether this verdict needs a second person; Conflict where the living claims do not carry it at all."""
    if kept.guard is not None and VERDICT_ORDER.index(verdict) > VERDICT_ORDER.index(rules.GUARDED_MOST):
        raise Conflict(RegistryReason.GUARDED_NAME, guard=kept.guard)
    policy = rules.policy_on(kept.kind, unit.now)
    live = _live(unit, kept)
    carried = [way for way in policy.to(verdict) if rules.supports([way], live)]
    if not carried:
        raise Conflict(RegistryReason.NOT_ENOUGH_CLAIMS, verdict=verdict)
    return kept.guard is not None or all(way.second_person for way in carried)


def _live(unit: Unit, kept: Entry) -> list[Claim]:
    return [one for one in store.bearing_claims(unit.conn, [kept.key])[kept.key] if one.live(unit.now)]


def _decision(
    unit: Unit, kept: Entry, kind: DecisionKind, verdict: Verdict | None, reasons: str,
    review_at: datetime | None, *, appeal_id: str | None,
) -> Decision:  # fmt: skip
    return Decision(
        new_id(), kept.id, kind, verdict, reasons, review_at, DecisionState.EFFECTIVE, unit.actor.reference,
        unit.now, None, None, appeal_id,
    )  # fmt: skip


def _record(unit: Unit, kept: Entry, made: Decision) -> Decision:
    store.insert_decision(unit.conn, made)
    if made.state is DecisionState.EFFECTIVE:
        project(unit, {kept.key: kept})
    proposed = made.state is DecisionState.WAITING
    append(
        unit, "registry.decision_proposed" if proposed else f"registry.{_FACTS[made.kind]}",
        f"registry_entry:{kept.id}",
        {
            "decision": made.id, "kind": made.kind, "verdict": made.verdict, "appeal": made.appeal_id,
            "review_at": made.review_at.isoformat() if made.review_at else None,
        },
        rows=[("registry_decision", made.id)],
    )  # fmt: skip
    return made


_FACTS = {
    DecisionKind.ACTIVATE: "activated",
    DecisionKind.RENEW: "renewed",
    DecisionKind.REVIEW: "review_opened",
    DecisionKind.DELIST: "delisted",
}
