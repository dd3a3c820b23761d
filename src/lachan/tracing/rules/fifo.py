"""FIFO (Clayton's case): a payment takes the oldest coins; the opening balance is the oldest of all."""

from collections.abc import Sequence

from lachan.tracing.rules.pile import Pile, from_start
from lachan.tracing.rules.pool import Leg, Run


class Fifo(Pile):
    """An account that pays with its oldest coins."""

    __slots__ = ()

    def give(self, amount_vnd: int) -> list[Run]:
        """The oldest coins."""
        return self._give_oldest(amount_vnd)

    def last(self, legs: Sequence[Leg], amount_vnd: int) -> tuple[list[Leg], list[Leg]]:
        """A smaller payment would have left its newest coins."""
        whole_vnd = sum(leg.amount_vnd for leg in legs)
        rest, part = from_start(legs, max(0, whole_vnd - amount_vnd))
        return part, rest
