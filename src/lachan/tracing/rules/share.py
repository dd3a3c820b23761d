"""Money without an order of age: what haircut, taint-first and clean-first share.

An account is its clean money and one sum for each loss. A rule says only how much of a payment is tainted; that
part is shared among the losses by what each has there (floor, largest remainder, ties by the order of the losses).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from lachan.foundation.base import split_by_largest_remainder
from lachan.tracing.rules.pool import CLEAN, Leg, Run


class Share(ABC):
    """An account's clean and tainted money; `give` takes the tainted part that `_tainted` of a rule says."""

    __slots__ = ("_clean_vnd", "_taint_vnd", "_taints")

    def __init__(self, opening_vnd: int) -> None:
        self._clean_vnd = opening_vnd
        self._taint_vnd = 0
        self._taints: dict[int, int] = {}

    @abstractmethod
    def _tainted(self, amount_vnd: int) -> int:
        """How much of a payment the rule says is tainted; asked where there is taint at all."""

    def give(self, amount_vnd: int) -> list[Run]:
        """The part that the rule says is tainted, shared among the losses; the rest clean."""
        tainted_vnd = self._tainted(amount_vnd) if self._taint_vnd else 0
        given: list[Run] = []
        if tainted_vnd:
            shares = shared(tainted_vnd, self._taints)
            given = [Run(0, part_vnd, owner) for owner, part_vnd in shares.items() if part_vnd]
            for run in given:
                self._add(run.owner, -run.amount_vnd)
        if clean_vnd := amount_vnd - tainted_vnd:
            self._spend_clean(clean_vnd)
            given.append(Run(0, clean_vnd, CLEAN))
        return given

    def receive(self, runs: Sequence[Run]) -> int:
        """Add what arrives; there are no places here."""
        for run in runs:
            self._add(run.owner, run.amount_vnd)
        return 0

    def pull(self, place: int, amount_vnd: int, owner: int) -> list[Run]:
        """As much of that owner's money as is here."""
        found_vnd = min(amount_vnd, self._clean_vnd if owner == CLEAN else self._taints.get(owner, 0))
        if not found_vnd:
            return []
        self._add(owner, -found_vnd)
        return [Run(place, found_vnd, owner)]

    def put(self, run: Run) -> None:
        """Add what comes back."""
        self._add(run.owner, run.amount_vnd)

    def last(self, legs: Sequence[Leg], amount_vnd: int) -> tuple[list[Leg], list[Leg]]:
        """The same share of every owner's part."""
        amounts = [leg.amount_vnd for leg in legs]
        parts = split_by_largest_remainder(min(amount_vnd, sum(amounts)), amounts)
        part = [Leg(0, 0, one, leg.owner, leg.restored) for leg, one in zip(legs, parts, strict=True) if one]
        rest = [
            Leg(0, 0, leg.amount_vnd - one, leg.owner, leg.restored)
            for leg, one in zip(legs, parts, strict=True)
            if one < leg.amount_vnd
        ]
        return part, rest

    def taint(self) -> dict[int, int]:
        """How much belongs to each loss."""
        return dict(self._taints)

    def _spend_clean(self, amount_vnd: int) -> None:
        self._clean_vnd -= amount_vnd

    def _add(self, owner: int, amount_vnd: int) -> None:
        if owner == CLEAN:
            self._clean_vnd += amount_vnd
            return
        self._taint_vnd += amount_vnd
        left_vnd = self._taints.get(owner, 0) + amount_vnd
        if left_vnd:
            self._taints[owner] = left_vnd
        else:
            del self._taints[owner]


def shared(amount_vnd: int, taints: Mapping[int, int]) -> dict[int, int]:
    """Share an amount among the losses by what each has, ties by the order of the losses."""
    if len(taints) == 1:
        return dict.fromkeys(taints, amount_vnd)
    owners = sorted(taints)
    parts = split_by_largest_remainder(amount_vnd, [taints[owner] for owner in owners])
    return dict(zip(owners, parts, strict=True))
