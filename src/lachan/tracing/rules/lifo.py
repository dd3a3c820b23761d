"""LIFO: a payment takes the newest coins.

It fits accounts that are filled and emptied in minutes, and spares the old salary of an account that was abused.
It does not depend on the opening balance.
"""

from collections.abc import Sequence

from lachan.tracing.rules.pile import Pile, from_start
from lachan.tracing.rules.pool import Leg, Run


class Lifo(Pile):
    """An account that pays with its newest coins."""

    __slots__ = ()

    def give(self, amount_vnd: int) -> list[Run]:
        """The newest coins."""
        return self._give_newest(amount_vnd)

    def last(self, legs: Sequence[Leg], amount_vnd: int) -> tuple[list[Leg], list[Leg]]:
        """A smaller payment would have left its oldest coins."""
        return from_start(legs, amount_vnd)
