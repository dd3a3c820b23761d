"""From claims, decisions and the policy of the day to state, verdict and dates. Pure.

The verdict is the graver of what persons decided and what works by itself, as far as living claims carry it. What a
person decided holds against claims that were there already: after a delisting new claims only open a review, and
after a decision only a newer claim makes the verdict graver by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.taxonomy import ClockRow, VerdictWay, clock, listing_period, verdict_ways
from lachan.registry.model import (
    VERDICT_ORDER,
    Claim,
    ClaimEnd,
    Decision,
    DecisionKind,
    DecisionState,
    EntryState,
    Guard,
    Standing,
    Verdict,
    graver,
    milder,
)

# A guarded name may be listed by persons, but too many honest people use it for anybody to block it.
GUARDED_MOST = Verdict.STEP_UP
_CORROBORATED = "corroborated"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force on a day for one kind of identifier."""

    corroborating: tuple[VerdictWay, ...]
    ways: tuple[VerdictWay, ...]
    review: ClockRow
    lead: ClockRow

    def by_itself(self, verdict: Verdict) -> list[VerdictWay]:
        """The ways to this verdict that need nobody's decision."""
        return [way for way in self.ways if way.verdict == verdict and not way.by_hand]

    def to(self, verdict: Verdict) -> list[VerdictWay]:
        """Every way to this verdict."""
        return [way for way in self.ways if way.verdict == verdict]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the registry says now. `next_at`: the next instant at which time alone says something else."""

    state: EntryState
    verdict: Verdict
    reasons: tuple[str, ...]
    claims: int
    claimants: int
    review_at: datetime | None
    until: datetime | None
    next_at: datetime | None


def policy_on(kind: str, now: datetime) -> Policy:
    """The policy for a kind of identifier."""
    ways = verdict_ways(now)
    return Policy(
        tuple(way for way in ways if way.verdict == _CORROBORATED),
        tuple(way for way in ways if way.verdict != _CORROBORATED),
        clock(listing_period(kind, now).review_clock, now),
        clock("registry_review_lead", now),
    )


def supports(ways: Sequence[VerdictWay], claims: Sequence[Claim]) -> bool:
    """Whether these claims satisfy one of these ways."""
    return any(_carries(way, claims) for way in ways)


def assess(
    claims: Sequence[Claim], decisions: Sequence[Decision], guard: Guard | None, policy: Policy, now: datetime
) -> Assessment:
    """What claims and decisions come to at `now`. `decisions` are in the order in which they took effect."""
    live = [claim for claim in claims if claim.live(now)]
    effective = [one for one in decisions if one.state is DecisionState.EFFECTIVE]
    ruling = next((one for one in reversed(effective) if one.kind is not DecisionKind.REVIEW), None)
    if not live:
        return _gone(claims, ruling, now)
    if ruling is not None and ruling.kind is DecisionKind.DELIST:
        return _delisted(live, ruling, policy, now)
    found = _standing(live, ruling, guard, policy, now)
    return _under_review(found, effective, policy, now)


def _carries(way: VerdictWay, claims: Sequence[Claim]) -> bool:
    counted = [c for c in claims if c.standing.value in way.standings and c.confidence >= way.confidence]
    return len(counted) >= way.claims and len({c.claimant for c in counted}) >= way.claimants


def _gone(claims: Sequence[Claim], ruling: Decision | None, now: datetime) -> Assessment:
    """Nothing is claimed any more: taken off by somebody, or by time."""
    ends = [(claim.ended_at or claim.expires_at, claim.end_kind) for claim in claims]
    _, last = max(ends, key=lambda end: end[0])
    taken_off = last in (ClaimEnd.WITHDRAWN, ClaimEnd.DELISTED)
    delisted = taken_off or (ruling is not None and ruling.kind is DecisionKind.DELIST)
    state = EntryState.DELISTED if delisted else EntryState.EXPIRED
    return Assessment(state, Verdict.CLEAR, (), 0, 0, None, None, None)


def _delisted(live: list[Claim], ruling: Decision, policy: Policy, now: datetime) -> Assessment:
    """A person took it off: what is claimed since then may reopen the question, never answer it."""
    newer = [c for c in live if c.claimed_at > ruling.effective_at and c.standing is not Standing.CITIZEN]
    review_at = policy.review.deadline(max(c.claimed_at for c in newer)) if newer else None
    open_again = review_at is not None and now < review_at
    return _made(
        live, EntryState.REVIEW if open_again else EntryState.DELISTED, Verdict.CLEAR,
        review_at if open_again else None, None, _next(live, now, review_at if open_again else None),
    )  # fmt: skip


def _standing(
    live: list[Claim], ruling: Decision | None, guard: Guard | None, policy: Policy, now: datetime
) -> Assessment:
    most = GUARDED_MOST if guard else Verdict.BLOCK
    decided, decided_until = Verdict.CLEAR, None
    if ruling is not None and ruling.verdict is not None and ruling.review_at is not None:
        if now < ruling.review_at:
            decided, decided_until = _carried(live, ruling, most, policy), ruling.review_at
        newer = [c for c in live if c.claimed_at > ruling.effective_at]
    else:
        newer = live
    own = _by_itself(live, policy) if newer and guard is None else Verdict.CLEAR
    newest = max(c.claimed_at for c in (newer or live))
    own_until = policy.review.deadline(newest) if newer else None
    if own_until is not None and now >= own_until:
        own = Verdict.CLEAR
    verdict = graver(decided, own)
    if verdict is Verdict.CLEAR:
        return _not_in_force(live, guard, policy, own_until, ruling, now)
    both = [
        at for at in (decided_until if decided == verdict else None, own_until if own == verdict else None) if at
    ]
    review_at = max(both)
    ways = _open_to(ruling, verdict, policy) if ruling and decided == verdict else policy.by_itself(verdict)
    until = min(review_at, _falls_at(live, ways))
    lead_at = policy.lead.before(review_at)
    state = EntryState.REVIEW if now >= lead_at else EntryState.ACTIVE
    return _made(live, state, verdict, review_at, until, _next(live, now, lead_at, review_at, until, own_until))


def _not_in_force(
    live: list[Claim], guard: Guard | None, policy: Policy, own_until: datetime | None, ruling: Decision | None,
    now: datetime,
) -> Assessment:  # fmt: skip
    review_at = own_until or (ruling.review_at if ruling else None)
    if review_at is None or now >= review_at:
        return _made(live, EntryState.EXPIRED, Verdict.CLEAR, None, None, _next(live, now))
    corroborated = supports(policy.corroborating, live)
    if guard is not None and corroborated:
        state = EntryState.REVIEW
    else:
        state = EntryState.CORROBORATED if corroborated else EntryState.PROPOSED
    return _made(live, state, Verdict.CLEAR, review_at, None, _next(live, now, review_at))


def _under_review(found: Assessment, effective: list[Decision], policy: Policy, now: datetime) -> Assessment:
    """Somebody asked for a review: the verdict stands meanwhile, at most to the earlier of the two dates."""
    last = effective[-1] if effective else None
    if last is None or last.kind is not DecisionKind.REVIEW or last.review_at is None:
        return found
    if found.state not in {EntryState.ACTIVE, EntryState.REVIEW, EntryState.CORROBORATED, EntryState.PROPOSED}:
        return found
    review_at = min(filter(None, (found.review_at, last.review_at)))
    if now >= review_at:
        return Assessment(
            EntryState.EXPIRED,
            Verdict.CLEAR,
            found.reasons,
            found.claims,
            found.claimants,
            None,
            None,
            found.next_at,
        )
    until = min(filter(None, (found.until, review_at))) if found.verdict is not Verdict.CLEAR else None
    next_at = min(filter(None, (found.next_at, review_at)))
    return Assessment(
        EntryState.REVIEW, found.verdict, found.reasons, found.claims, found.claimants, review_at, until, next_at
    )


def _by_itself(claims: Sequence[Claim], policy: Policy) -> Verdict:
    for verdict in reversed(VERDICT_ORDER[1:]):
        if supports(policy.by_itself(verdict), claims):
            return verdict
    return Verdict.CLEAR


def _carried(live: Sequence[Claim], ruling: Decision, most: Verdict, policy: Policy) -> Verdict:
    """The decided verdict, or the gravest milder one that the living claims still carry."""
    decided = milder(ruling.verdict or Verdict.CLEAR, most)
    for one in reversed(VERDICT_ORDER[1 : VERDICT_ORDER.index(decided) + 1]):
        if supports(_open_to(ruling, one, policy), live):
            return one
    return Verdict.CLEAR


def _open_to(ruling: Decision, verdict: Verdict, policy: Policy) -> list[VerdictWay]:
    """The ways to a verdict that this decision may use: two people's only if two, or an appeal, looked at it."""
    checked = ruling.checked_by is not None or ruling.appeal_id is not None
    return [way for way in policy.to(verdict) if checked or not way.second_person]


def _falls_at(live: Sequence[Claim], ways: Sequence[VerdictWay]) -> datetime:
    """When so many claims will have expired that none of these ways is open any more."""
    ends = sorted({claim.expires_at for claim in live})
    return next(at for at in ends if not supports(ways, [c for c in live if c.expires_at > at]))


def _next(live: Sequence[Claim], now: datetime, *dates: datetime | None) -> datetime | None:
    coming = [at for at in (*dates, *(c.expires_at for c in live)) if at is not None and at > now]
    return min(coming, default=None)


def _made(
    live: Sequence[Claim], state: EntryState, verdict: Verdict, review_at: datetime | None, until: datetime | None,
    next_at: datetime | None,
) -> Assessment:  # fmt: skip
    reasons = tuple(sorted({claim.reason for claim in live}))
    claimants = len({claim.claimant for claim in live})
    return Assessment(state, verdict, reasons, len(live), claimants, review_at, until, next_at)
