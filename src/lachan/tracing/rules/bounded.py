"""Bounded search: the onward payments of a disputed transfer, breadth-first, within four bounds.

This is how Brazil's MED 2.0 finds the accounts that it asks to block. It looks at no balance and no other money.
"""

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from lachan.tracing.facts import Facts, Step
from lachan.tracing.footprints import Footprints


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which onward payments are followed, and when the search ends.

    A payment counts from `least_vnd` on, if it is booked after the one that it follows and within `window` of it.
    The disputed transfer is the first of `transfers_max` and the first of `hops_max`.
    """

    least_vnd: int
    transfers_max: int
    window: timedelta
    hops_max: int


MED_2 = Bounds(least_vnd=1_000_000, transfers_max=500, window=timedelta(hours=24), hops_max=5)
"""The parameters with which interface documents of MED 2.0's "funds recovery" show its tracking graph: 200 reais
(about a million đồng), 500 transfers, 24 hours, 5 hops."""


@dataclass(slots=True)
class Search:
    """What one or more searches found, loss by loss. A transfer is followed once for each loss."""

    arrived: dict[str, dict[int, int]] = field(default_factory=dict)  # account -> loss -> amounts that came
    at_all: dict[str, int] = field(default_factory=dict)  # account -> amounts of the transfers, each once
    footprints: Footprints = field(default_factory=Footprints)
    out_of_reach_vnd: int = 0
    overlap_vnd: int = 0


def search(facts: Facts, losses: Mapping[str, int], bounds: Bounds = MED_2) -> Search:
    """Search from each loss (disputed transfer -> number)."""
    steps = facts.steps
    onward: dict[str, list[int]] = defaultdict(list)
    roots: dict[int, int] = {}
    for number, step in enumerate(steps):
        if step.source is not None and step.amount_vnd >= bounds.least_vnd:
            onward[step.source].append(number)
        if step.transfer.id in losses:
            roots[number] = losses[step.transfer.id]
    carried: dict[int, set[int]] = defaultdict(set)
    for number, loss in roots.items():
        for found in _follow(steps, onward, number, bounds):
            carried[found].add(loss)
    return _gathered(steps, carried, roots)


def _follow(
    steps: Sequence[Step], onward: Mapping[str, Sequence[int]], root: int, bounds: Bounds
) -> dict[int, int]:
    """The transfers that the search from one disputed transfer finds, with their hops."""
    hops = {root: 1}
    pending = deque([root])
    while pending:
        number = pending.popleft()
        step = steps[number]
        if step.target is None or hops[number] == bounds.hops_max:
            continue
        last = step.transfer.booked_at + bounds.window
        payments = onward.get(step.target, ())
        for index in range(bisect_right(payments, number), len(payments)):
            onto = payments[index]
            if steps[onto].transfer.booked_at > last:
                break
            if onto not in hops:
                if len(hops) == bounds.transfers_max:
                    return hops
                hops[onto] = hops[number] + 1
                pending.append(onto)
    return hops


def _gathered(steps: Sequence[Step], carried: Mapping[int, set[int]], roots: Mapping[int, int]) -> Search:
    found = Search()
    for number in sorted(carried):
        step, owners = steps[number], carried[number]
        found.footprints.carry(step, sorted(owners), roots.get(number))
        if number in roots and len(owners) > 1:
            found.overlap_vnd += step.amount_vnd
        if step.target is None:
            found.out_of_reach_vnd += step.amount_vnd
            continue
        found.at_all[step.target] = found.at_all.get(step.target, 0) + step.amount_vnd
        arrived = found.arrived.setdefault(step.target, {})
        for owner in owners:
            arrived[owner] = arrived.get(owner, 0) + step.amount_vnd
    return found
