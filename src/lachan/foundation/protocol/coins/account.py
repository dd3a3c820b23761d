"""The pile of coins of one account, as its movements build and take it.

Coins never change their order of age, so the pile is fully described by which coins of each credit are free
and which are frozen, and by whom.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from lachan.foundation.base import VND_MAX, BadInput
from lachan.foundation.protocol.coins.movements import CoinReason, Direction, Movement
from lachan.foundation.protocol.coins.spans import Span, Spans, normalise, total

FREE = ""
# (first coin, coin after the last, who owns the piece: FREE or a hold's id)
Piece = tuple[int, int, str]


class Coins:
    """A set of coins of one credit in pieces that lie in order and never overlap; each piece has an owner."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def add(self, spans: Iterable[Span], owner: str = FREE) -> None:
        """Put coins in that are not in it."""
        for span in spans:
            start, end = span.newer_vnd, span.end_vnd
            place = bisect_left(self.pieces, (start,))
            after = place
            if place and self.pieces[place - 1][1:] == (start, owner):
                place -= 1
                start = self.pieces[place][0]
            if after < len(self.pieces) and self.pieces[after][0] == end and self.pieces[after][2] == owner:
                end = self.pieces[after][1]
                after += 1
            self.pieces[place:after] = [(start, end, owner)]

    def remove(self, spans: Iterable[Span]) -> bool:
        """Take exactly these coins out; False, and unusable from then on, where one is not in it."""
        return all(self._remove(span.newer_vnd, span.end_vnd) for span in spans)

    def newest(self, amount_vnd: int) -> Spans:
        """The newest coins, at most `amount_vnd`; they stay in it."""
        found: list[Span] = []
        for start, end, _ in self.pieces:
            if amount_vnd <= 0:
                break
            taken = min(end - start, amount_vnd)
            found.append(Span(start, taken))
            amount_vnd -= taken
        return normalise(found)

    def _remove(self, start: int, end: int) -> bool:
        first = max(0, bisect_right(self.pieces, (start, VND_MAX + 1)) - 1)
        last, reached = first, start
        while reached < end and last < len(self.pieces):
            if not self.pieces[last][0] <= reached < self.pieces[last][1]:
                return False
            reached = self.pieces[last][1]
            last += 1
        if reached < end:
            return False
        (before, _, first_owner), (_, behind, last_owner) = self.pieces[first], self.pieces[last - 1]
        left = [(before, start, first_owner)] if before < start else []
        right = [(end, behind, last_owner)] if end < behind else []
        self.pieces[first:last] = left + right
        return True


class Account:
    """Books movements in their order. What a credit named by no movement owns is older money: clean, endless."""

    def __init__(self) -> None:
        self.free: dict[str, Coins] = {}
        self.frozen: dict[str, Coins] = {}
        # debit -> what it took, newest first: (credit, its coins)
        self.debits: dict[str, list[tuple[str, Spans]]] = {}
        self._amounts_vnd: dict[str, int] = {}  # of debits not yet reversed
        self._credits: list[str] = []
        self._rank: dict[str, int] = {}
        self._open: list[int] = []  # ranks of the credits that have free coins, in order

    def book(self, movement: Movement) -> None:
        """The next movement; BadInput where it contradicts those before it."""
        match movement.direction:
            case Direction.CREDIT if movement.reverses is None:
                self._credit(movement)
            case Direction.CREDIT:
                self._reverse(movement, movement.reverses or "")
            case Direction.DEBIT:
                self._debit(movement)
            case Direction.HOLD:
                self._freeze(movement, self.free, self.frozen, movement.id, CoinReason.HOLD_ABOVE_COINS)
            case Direction.RELEASE:
                self._freeze(movement, self.frozen, self.free, FREE, CoinReason.RELEASE_ABOVE_HOLD)

    def _credit(self, movement: Movement) -> None:
        self._rank[movement.id] = len(self._credits)
        self._credits.append(movement.id)
        self.free[movement.id], self.frozen[movement.id] = Coins(), Coins()
        self.free[movement.id].add([Span(0, movement.amount_vnd)])
        self._keep_open(movement.id)

    def _debit(self, movement: Movement) -> None:
        left_vnd = movement.amount_vnd
        took: list[tuple[str, Spans]] = []
        while left_vnd and self._open:
            credit = self._credits[self._open[-1]]
            taken = self.free[credit].newest(left_vnd)
            self.free[credit].remove(taken)
            self._keep_open(credit)
            took.append((credit, taken))
            left_vnd -= total(taken)
        self.debits[movement.id] = took
        self._amounts_vnd[movement.id] = movement.amount_vnd

    def _reverse(self, movement: Movement, debit: str) -> None:
        if debit not in self.debits:
            return  # the debit is older than the disputed credit, and so are the coins that come back
        if self._amounts_vnd.pop(debit, None) != movement.amount_vnd:
            raise BadInput(CoinReason.REVERSAL_DIFFERS, field="movements")
        for credit, spans in self.debits[debit]:
            self.free[credit].add(spans)
            self._keep_open(credit)
        self.debits[debit] = []

    def _freeze(
        self,
        movement: Movement,
        source: dict[str, Coins],
        target: dict[str, Coins],
        owner: str,
        reason: CoinReason,
    ) -> None:
        """Move coins of one credit between free and frozen: the named ones, else the newest."""
        credit = movement.reference or ""
        if credit not in source:
            return  # money older than the disputed credit
        chosen = normalise(movement.spans) or source[credit].newest(movement.amount_vnd)
        if total(chosen) != movement.amount_vnd or not source[credit].remove(chosen):
            raise BadInput(reason, field="movements")
        target[credit].add(chosen, owner)
        self._keep_open(credit)

    def _keep_open(self, credit: str) -> None:
        """A debit finds the newest free coins at once."""
        rank = self._rank[credit]
        place = bisect_left(self._open, rank)
        listed = place < len(self._open) and self._open[place] == rank
        if self.free[credit].pieces and not listed:
            self._open.insert(place, rank)
        elif listed and not self.free[credit].pieces:
            del self._open[place]
