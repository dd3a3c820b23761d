"""The bar that always sums."""

from collections.abc import Iterator
from dataclasses import dataclass

from lachan.foundation.base import split_by_largest_remainder
from lachan.response.shapes.common import State


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """One of the six parts; `permille` parts of one bar sum to 1000."""

    state: State
    amount_vnd: int
    permille: int


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a bar as drawn: from `start_permille`, `permille` wide."""

    state: State
    amount_vnd: int
    start_permille: int
    permille: int


@dataclass(frozen=True, slots=True)
class MoneyBar:
    """Where the money of some losses is. The six parts sum to `reported_vnd`, or it cannot be built."""

    reported_vnd: int
    held_vnd: int = 0
    returned_vnd: int = 0
    located_vnd: int = 0
    moving_vnd: int = 0
    out_of_reach_vnd: int = 0
    diluted_vnd: int = 0
    overlap_vnd: int = 0

    def __post_init__(self) -> None:
        amounts = self._amounts()
        if min(amounts) < 0 or sum(amounts) != self.reported_vnd:
            raise ValueError(f"a bar must sum: {amounts} is not {self.reported_vnd}")

    def _amounts(self) -> tuple[int, ...]:
        return (
            self.held_vnd,
            self.returned_vnd,
            self.located_vnd,
            self.moving_vnd,
            self.out_of_reach_vnd,
            self.diluted_vnd,
        )

    @property
    def saved_vnd(self) -> int:
        """Held or already given back."""
        return self.held_vnd + self.returned_vnd

    @property
    def movable_vnd(self) -> int:
        """Can still be stopped."""
        return self.located_vnd + self.moving_vnd

    @property
    def gone_vnd(self) -> int:
        """Out of reach, or too thin to follow."""
        return self.out_of_reach_vnd + self.diluted_vnd

    @property
    def parts(self) -> tuple[MoneyPart, ...]:
        """The six parts in their fixed order, zero parts too: they stay in the legend."""
        amounts = self._amounts()
        states = (
            State.HELD,
            State.RETURNED,
            State.LOCATED,
            State.MOVING,
            State.OUT_OF_REACH,
            State.DILUTED,
        )
        permilles = split_by_largest_remainder(1000, amounts)
        return tuple(MoneyPart(s, a, p) for s, a, p in zip(states, amounts, permilles, strict=True))

    @property
    def thirds_permille(self) -> tuple[int, int, int]:
        """Saved, still movable and gone, in thousandths that sum to 1000 (or to 0 with no money)."""
        saved, movable, gone = split_by_largest_remainder(1000, (self.saved_vnd, self.movable_vnd, self.gone_vnd))
        return saved, movable, gone

    def shares(self) -> Iterator[Share]:
        """The parts that have money, laid end to end."""
        start = 0
        for part in self.parts:
            if part.amount_vnd:
                yield Share(part.state, part.amount_vnd, start, part.permille)
            start += part.permille

    def for_victim(self) -> "MoneyBar":
        """The same sum in plain words: held, given back, being chased, not recovered."""
        return MoneyBar(
            self.reported_vnd,
            held_vnd=self.held_vnd,
            returned_vnd=self.returned_vnd,
            moving_vnd=self.movable_vnd,
            out_of_reach_vnd=self.gone_vnd,
        )
