"""Why a verdict stands: the ways of the policy that living claims keep open, and what a graver one still needs."""

from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.taxonomy import VerdictWay
from lachan.registry import rules
from lachan.registry.model import VERDICT_ORDER, Claim, Decision, DecisionKind, DecisionState, Verdict
from lachan.registry.views.entries import EntryPage


@dataclass(frozen=True, slots=True)
class Support:
    """One way of the policy and the living claims that count for it; `open` where they are enough."""

    way: VerdictWay
    claims: tuple[Claim, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The ways to the verdict in force that are open, the ruling that chose it, and the ways to the next graver."""

    support: tuple[Support, ...]
    ruling: Decision | None
    next_verdict: Verdict | None
    missing: tuple[Support, ...]


def why(page: EntryPage, now: datetime) -> Why:
    """Why the verdict of this entry is what it is."""
    policy = rules.policy_on(page.entry.kind, now)
    effective = [one for one in page.decisions if one.state is DecisionState.EFFECTIVE]
    ruling = next((one for one in reversed(effective) if one.kind is not DecisionKind.REVIEW), None)
    ruled = ruling is not None and ruling.verdict is not None
    place = VERDICT_ORDER.index(page.in_force)
    graver = VERDICT_ORDER[place + 1] if place + 1 < len(VERDICT_ORDER) else None
    if page.entry.guard is not None and graver is Verdict.BLOCK:
        graver = None
    standing = policy.to(page.in_force) if page.in_force is not Verdict.CLEAR else list(policy.corroborating)
    return Why(
        # A way by hand is why only where somebody has decided.
        tuple(one for one in (_support(way, page) for way in standing if ruled or not way.by_hand) if one.open),
        ruling,
        graver,
        tuple(_support(way, page) for way in policy.to(graver)) if graver is not None else (),
    )


def open_verdicts(page: EntryPage, now: datetime) -> dict[Verdict, bool]:
    """The verdicts that the living claims carry, each with whether it needs a second person."""
    policy = rules.policy_on(page.entry.kind, now)
    guarded = page.entry.guard is not None
    most = rules.GUARDED_MOST if guarded else Verdict.BLOCK
    found = {}
    for verdict in VERDICT_ORDER[1 : VERDICT_ORDER.index(most) + 1]:
        carried = [way for way in policy.to(verdict) if rules.supports([way], page.live)]
        if carried:
            found[verdict] = guarded or all(way.second_person for way in carried)
    return found


def _support(way: VerdictWay, page: EntryPage) -> Support:
    counted = tuple(
        one for one in page.live if one.standing.value in way.standings and one.confidence >= way.confidence
    )
    return Support(way, counted, rules.supports([way], page.live))
