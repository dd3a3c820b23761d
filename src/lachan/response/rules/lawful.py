"""May this hold be asked for, by whom, until when? Pure: dated law in, a named refusal or nothing out."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson

from lachan.foundation.base import BadInput, Conflict, NotAllowed
from lachan.foundation.protocol import Spans, total
from lachan.foundation.taxonomy import hold_expires_at, hold_limit_at, hold_step, legal_basis
from lachan.response.model import HOLDING, OPEN, Hold, HoldReason, HoldState, Policy

# Requests approved by a standing policy reach at most this step: they ask the institution to use its own power.
POLICY_STEP_MAX = 2
FIRST_STEP_BY_DECISION = 3
LAST_STEP = 4
# What asks by itself, asks as the province's desk, whose instance this is.
OWN_KIND = "province_desk"


def stands(hold: Hold) -> bool:
    """Whether an authority's decision stands behind what was sent: its term lowers it, or its issuer."""
    return hold.step >= FIRST_STEP_BY_DECISION and hold.state is not HoldState.DRAFTED


def covered(hold: Hold) -> Spans:
    """The coins that a decision which stands covers now: held by it, or else asked for."""
    if not stands(hold):
        return ()
    return hold.held if hold.state in HOLDING else hold.asked if hold.state in OPEN else ()


def check_basis(step: int, basis: str | None, decision: object | None, now: datetime) -> None:
    """A hold names its step and a basis that carries it; steps 3 and 4 name one authority's decision."""
    if not basis:
        raise BadInput(HoldReason.NO_LEGAL_BASIS, field="basis")
    if step not in legal_basis(basis, now).steps:
        raise BadInput(HoldReason.BASIS_NOT_FOR_STEP, field="basis", step=step)
    if step >= FIRST_STEP_BY_DECISION and decision is None:
        raise BadInput(HoldReason.DECISION_MISSING, field="decision")


def check_entitled(
    step: int,
    asker_kind: str,
    now: datetime,
    *,
    issuer_kind: str | None = None,
    recommended: Mapping[str, object] | None = None,
) -> None:
    """Who asks for a step may ask for it, and the decision that it names was made by somebody competent.

    The asking body's kind stands in the step's `requested_by`; the kind of a decision's issuer in `decided_by`.
    A body that may only recommend carries out the decision of the body to which it has recommended this step.
    """
    row = hold_step(step, now)
    by_decision = step >= FIRST_STEP_BY_DECISION
    if by_decision and issuer_kind is not None and issuer_kind not in row.decided_by:
        raise NotAllowed(HoldReason.NOT_ENTITLED, field="issuer_kind", step=step)
    carries_out = issuer_kind is not None and issuer_kind == recommended_to(recommended, step)
    if asker_kind not in row.requested_by and not carries_out:
        raise NotAllowed(HoldReason.NOT_ENTITLED, field="step", step=step)
    if by_decision and issuer_kind is None:
        raise BadInput(HoldReason.DECISION_MISSING, field="issuer_kind")


def recommended_to(recommended: Mapping[str, object] | None, step: int) -> str | None:
    """The kind of body to which this step has been recommended."""
    if recommended is None or recommended.get("step") != step:
        return None
    return str(recommended["to"])


def steps_for(
    asker_kind: str, above: int, now: datetime, recommended: Mapping[str, object] | None = None
) -> tuple[int, ...]:
    """The steps above `above` that a body may ask for: its own, and those it has recommended to who decides."""
    return tuple(
        step
        for step in range(above + 1, LAST_STEP + 1)
        if asker_kind in hold_step(step, now).requested_by or recommended_to(recommended, step) is not None
    )


def steps_to_recommend(asker_kind: str, above: int, now: datetime) -> tuple[int, ...]:
    """The steps above `above` that a body may only recommend."""
    first = max(above + 1, FIRST_STEP_BY_DECISION)
    return tuple(
        step for step in range(first, LAST_STEP + 1) if asker_kind not in hold_step(step, now).requested_by
    )


def check_term(step: int, term: datetime | None, now: datetime) -> None:
    """Steps 3 and 4 end by their term: there is one, and it lies ahead."""
    if step >= FIRST_STEP_BY_DECISION and (term is None or term <= now):
        raise BadInput(HoldReason.TERM_MISSING, field="term_ends_at")


def check_amount(asked: Spans, taint_vnd: int) -> None:
    """A request is for taint not already held, and never above it."""
    if not asked:
        raise Conflict(HoldReason.NOTHING_TO_HOLD)
    if total(asked) > taint_vnd:
        raise Conflict(HoldReason.ABOVE_LOSS)


def policy_for(
    policies: Iterable[Policy], step: int, amount_vnd: int, requester: str, now: datetime, asker_kind: str
) -> Policy | None:
    """The first standing policy that approves such a request; None means that a second officer decides."""
    return next(
        (p for p in policies if policy_refusal(p, step, amount_vnd, requester, now, asker_kind) is None), None
    )


def policy_refusal(
    policy: Policy, step: int, amount_vnd: int, requester: str, now: datetime, asker_kind: str
) -> HoldReason | None:
    """Why a policy does not reach a request, first reason first. A desk signs nothing that it may not ask for."""
    if policy.signed_by == requester:
        return HoldReason.SAME_PERSON
    if policy.revoked_at is not None or not policy.signed_at <= now < policy.expires_at:
        return HoldReason.POLICY_EXPIRED
    if step > min(policy.step_max, POLICY_STEP_MAX):
        return HoldReason.POLICY_TOO_WEAK
    if asker_kind not in hold_step(step, now).requested_by:
        return HoldReason.NOT_ENTITLED
    if amount_vnd > policy.amount_max_vnd:
        return HoldReason.POLICY_AMOUNT
    return None


def content_hash(
    *, account: str, reference: str, asked: Spans, step: int, basis: str, decision: object | None, requester: str
) -> str:
    """What an approval binds: any edit changes it and voids the approval."""
    content = [account, reference, [[s.newer_vnd, s.amount_vnd] for s in asked], step, basis, decision, requester]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def expiry(step: int, basis: str, placed_at: datetime, term: datetime | None) -> datetime | None:
    """When a hold ends by itself: 72 h or the basis's own limit for steps 0-2, the decision's term for 3-4."""
    if step >= FIRST_STEP_BY_DECISION:
        return term
    return hold_expires_at(step, basis, placed_at)


def check_extension(hold: Hold, basis: str, until: datetime, now: datetime) -> None:
    """An extension names its basis and never passes that basis's limit, counted from placement.

    What an authority froze lasts as long as its decision says: a longer term is a new decision, not an extension.
    """
    if hold.step >= FIRST_STEP_BY_DECISION:
        raise Conflict(HoldReason.DECISION_MISSING, field="decision")
    check_basis(hold.step, basis, None, now)
    limit = hold_limit_at(hold.step, basis, hold.placed_at or now)
    if limit is not None and until > limit:
        raise Conflict(HoldReason.BEYOND_BASIS_LIMIT, field="until", limit=limit.isoformat())
    if until <= now or (hold.expires_at is not None and until <= hold.expires_at):
        raise BadInput(HoldReason.TERM_MISSING, field="until")
