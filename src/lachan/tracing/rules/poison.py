"""Poison: every đồng of an account that holds one tainted đồng is tainted, until it is empty.

It tells how far the money may have come; its amounts count a đồng as often as it is touched and sum to nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lachan.tracing.facts import Facts
from lachan.tracing.footprints import Footprints

_NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class Poisoned:
    """Which losses each account's whole balance is touched by, and what was paid out of such accounts."""

    accounts: dict[str, frozenset[int]] = field(default_factory=dict)
    footprints: Footprints = field(default_factory=Footprints)
    out_of_reach_vnd: int = 0
    overlap_vnd: int = 0


def poison(facts: Facts, losses: Mapping[str, int], openings: Mapping[str, int]) -> Poisoned:
    """Follow the losses (disputed transfer -> number) through all steps; `openings` are the stated ones."""
    found = Poisoned()
    balances: dict[str, int] = {}
    # Of payments that will be undone: what they were touched by, and how much did not come back yet.
    paid: dict[str, tuple[frozenset[int], int]] = {}
    for step in facts.steps:
        loss = losses.get(step.transfer.id)
        touched = _NONE
        if step.source is not None:
            if step.source not in balances:
                balances[step.source] = facts.opening(step.source, openings).amount_vnd
            balances[step.source] -= step.amount_vnd
            touched = found.accounts.get(step.source, _NONE)
            if not balances[step.source]:
                found.accounts.pop(step.source, None)
        if step.undoes is not None:
            before, left_vnd = paid[step.undoes]
            paid[step.undoes] = before, max(0, left_vnd - step.amount_vnd)
            touched = (before if left_vnd else _NONE) | (touched if step.amount_vnd > left_vnd else _NONE)
        if loss is not None:
            found.overlap_vnd += step.amount_vnd if touched else 0
            touched |= {loss}
        if step.transfer.id in facts.undone:
            paid[step.transfer.id] = touched, step.amount_vnd
        if step.target is not None:
            if step.target not in balances:
                balances[step.target] = facts.opening(step.target, openings).amount_vnd
            balances[step.target] += step.amount_vnd
        if touched:
            found.footprints.carry(step, touched, loss)
            if step.target is None:
                found.out_of_reach_vnd += step.amount_vnd
            else:
                found.accounts[step.target] = found.accounts.get(step.target, _NONE) | touched
    return found
