"""What the engine asks of a rule: an account's money, which pays, receives, and takes back exactly what it paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

CLEAN = -1
"""The owner of money that is nobody's loss. Losses are numbered from 0 in the order in which they were named."""


class Run(NamedTuple):
    """Some coins of one owner that lie together; `place` orders them by age in the account they are or were in."""

    place: int
    amount_vnd: int
    owner: int


@dataclass(frozen=True, slots=True)
class Leg:
    """Coins of one payment as both accounts know them, so that a reversal can find and restore them.

    `owner` is whose they are at the target, `restored` whose they are when they come back.
    """

    source_place: int
    target_place: int
    amount_vnd: int
    owner: int
    restored: int


class Pool(Protocol):
    """One account's money under one rule. Amounts in VND; what is given is always there to give."""

    def give(self, amount_vnd: int) -> Sequence[Run]:
        """Take a payment's money out by the rule, oldest first; the runs' amounts sum to it."""
        ...

    def receive(self, runs: Sequence[Run]) -> int:
        """Put arriving money in as the newest, oldest first; the place of its first coin."""
        ...

    def pull(self, place: int, amount_vnd: int, owner: int) -> Sequence[Run]:
        """Take out what is still here of the coins that were received at that place."""
        ...

    def put(self, run: Run) -> None:
        """Restore coins that were given before, to their old place."""
        ...

    def last(self, legs: Sequence[Leg], amount_vnd: int) -> tuple[list[Leg], list[Leg]]:
        """Divide a payment: the part without which it would have been smaller by that amount, and the rest."""
        ...

    def taint(self) -> dict[int, int]:
        """How much belongs to each loss, without zeros."""
        ...
