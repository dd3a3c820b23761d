"""Which coins of one transfer are still in the account, which are frozen, and where the others went (LIFO).

An account is a pile of coins of 1 VND, newest on top. The coins of one transfer arrive together and keep
their own order of age, so a part of a transfer is named exactly by its *spans*, without any rounding. A
debit takes the newest coins that are not frozen; what it takes keeps its order inside the debit, so the
spans inside the onward transfer are exact too and are what the next institution is asked for. Money older
than the disputed credit is clean and, seen from here, without end: LIFO does not depend on the opening
balance.

The rule is `docs/concepts`' LIFO; it is what both sides of the protocol compute, each from the same
movements.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from lachan.foundation.base import BadInput, Reason
from lachan.foundation.protocol.fields import SPANS_MAX, Instant, Reference, Vnd, VndOrZero


class CoinReason(Reason):
    """Why movements or spans cannot be used, in order of precedence."""

    DUPLICATE_MOVEMENT = "duplicate_movement"
    MOVEMENT_ORDER_UNCLEAR = "movement_order_unclear"
    MOVEMENTS_START_ELSEWHERE = "movements_start_elsewhere"
    SPANS_OUTSIDE_TRANSFER = "spans_outside_transfer"
    HOLD_ABOVE_COINS = "hold_above_coins"
    RELEASE_ABOVE_HOLD = "release_above_hold"
    REVERSAL_DIFFERS = "reversal_differs"


class Direction(StrEnum):
    """What a movement does to the account's coins."""

    CREDIT = "credit"
    DEBIT = "debit"
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`amount_vnd` coins of one transfer that lie below `newer_vnd` newer coins of that same transfer."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    newer_vnd: VndOrZero
    amount_vnd: Vnd

    def __post_init__(self) -> None:
        if self.newer_vnd < 0 or self.amount_vnd <= 0:
            raise ValueError("a span has at least one coin, and no fewer than none above it")

    @property
    def end_vnd(self) -> int:
        """How many coins of the transfer are newer than the first coin after this span."""
        return self.newer_vnd + self.amount_vnd


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """One booking on one account, as its institution tells it.

    `id` of a credit or debit is the transfer's reference, which both institutions know. A hold or release
    names in `reference` the credit whose coins it freezes or frees, in `spans` which of them (none named: the
    newest). `reverses` on a credit names the debit whose coins it brings back.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    id: Reference
    booked_at: Instant
    sequence: Annotated[int, Field(ge=0, le=2**53)]
    direction: Direction
    amount_vnd: Vnd
    reference: Reference | None = None
    spans: Annotated[Spans, Field(max_length=SPANS_MAX)] = ()
    reverses: Reference | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of the asked coins. `remaining` + `frozen` + all of `out` = the asked coins, always.

    `remaining` and `frozen` are spans of the disputed credit; `out[debit]` are spans *inside that debit*,
    `taken[debit]` the same coins as spans of the disputed credit; `holds[hold]` are the asked coins that each
    hold froze and that are still frozen.
    """

    remaining: Spans
    frozen: Spans
    out: Mapping[str, Spans]
    taken: Mapping[str, Spans]
    holds: Mapping[str, Spans]


def whole(amount_vnd: int) -> Spans:
    """All coins of a transfer of `amount_vnd`."""
    return (Span(0, amount_vnd),)


def total(spans: Iterable[Span]) -> int:
    """How many coins, in VND."""
    return sum(span.amount_vnd for span in spans)


def normalise(spans: Iterable[Span]) -> Spans:
    """Sorted, disjoint, adjacent ones merged; overlapping coins count once."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.newer_vnd <= merged[-1].end_vnd:
            last = merged[-1]
            merged[-1] = Span(last.newer_vnd, max(last.end_vnd, span.end_vnd) - last.newer_vnd)
        else:
            merged.append(span)
    return tuple(merged)


def union(first: Spans, second: Spans) -> Spans:
    """The coins in either."""
    return normalise((*first, *second))


def intersect(first: Spans, second: Spans) -> Spans:
    """The coins in both; both normalised."""
    found: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start = max(first[i].newer_vnd, second[j].newer_vnd)
        end = min(first[i].end_vnd, second[j].end_vnd)
        if start < end:
            found.append(Span(start, end - start))
        if first[i].end_vnd <= second[j].end_vnd:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(first: Spans, second: Spans) -> Spans:
    """The coins of `first` that are not in `second`; both normalised."""
    found: list[Span] = []
    j = 0
    for span in first:
        start = span.newer_vnd
        while j < len(second) and second[j].end_vnd <= start:
            j += 1
        k = j
        while k < len(second) and second[k].newer_vnd < span.end_vnd:
            if second[k].newer_vnd > start:
                found.append(Span(start, second[k].newer_vnd - start))
            start = max(start, second[k].end_vnd)
            k += 1
        if start < span.end_vnd:
            found.append(Span(start, span.end_vnd - start))
    return tuple(found)


def newest(spans: Spans, amount_vnd: int) -> Spans:
    """The newest `amount_vnd` coins of normalised `spans`, or all of them if there are fewer."""
    found: list[Span] = []
    for span in spans:
        if amount_vnd <= 0:
            break
        taken = min(span.amount_vnd, amount_vnd)
        found.append(Span(span.newer_vnd, taken))
        amount_vnd -= taken
    return tuple(found)


def fits(spans: Spans, amount_vnd: int) -> bool:
    """Whether the spans are normalised and lie inside a transfer of `amount_vnd`."""
    return spans == normalise(spans) and (not spans or spans[-1].end_vnd <= amount_vnd)


def in_order(movements: Iterable[Movement]) -> list[Movement]:
    """By time, then sequence. Two movements of one account never share both: that would make LIFO a guess."""
    ordered = sorted(movements, key=lambda m: (m.booked_at, m.sequence))
    if len({movement.id for movement in ordered}) < len(ordered):
        raise BadInput(CoinReason.DUPLICATE_MOVEMENT, field="movements")
    for before, after in itertools.pairwise(ordered):
        if (before.booked_at, before.sequence) == (after.booked_at, after.sequence):
            raise BadInput(CoinReason.MOVEMENT_ORDER_UNCLEAR, field="movements")
    return ordered


def flow(credit_id: str, spans: Spans, movements: Sequence[Movement]) -> Flow:
    """Follow the asked `spans` of the credit `credit_id` through the account's movements.

    The movements begin at that credit, in any row order. Raises BadInput with a `CoinReason` where they
    cannot be followed.
    """
    ordered = in_order(movements)
    if not ordered or ordered[0].id != credit_id or ordered[0].direction is not Direction.CREDIT:
        raise BadInput(CoinReason.MOVEMENTS_START_ELSEWHERE, field="movements")
    if not fits(spans, ordered[0].amount_vnd):
        raise BadInput(CoinReason.SPANS_OUTSIDE_TRANSFER, field="spans")
    account = _Account()
    for movement in ordered:
        account.book(movement)
    return account.follow(credit_id, spans)


class _Account:
    """The pile of coins, credit by credit, oldest first; each credit's coins are free, frozen or gone.

    Coins never change their order, so the pile is fully described by two sets of spans a credit.
    """

    def __init__(self) -> None:
        self._free: dict[str, Spans] = {}
        self._rank: dict[str, int] = {}  # age of the credits, oldest first
        self._credits: list[str] = []
        self._open: list[int] = []  # ranks of the credits that have free coins, in order
        self._frozen: dict[str, Spans] = {}
        # debit -> what it took, newest first: (credit or None for older money, spans of it)
        self._debits: dict[str, list[tuple[str, Spans]]] = {}
        self._debit_amounts: dict[str, int] = {}
        self._holds: dict[str, tuple[str, Spans]] = {}

    def book(self, movement: Movement) -> None:
        match movement.direction:
            case Direction.CREDIT if movement.reverses is None:
                self._rank[movement.id] = len(self._credits)
                self._credits.append(movement.id)
                self._frozen[movement.id] = ()
                self._set_free(movement.id, whole(movement.amount_vnd))
            case Direction.CREDIT:
                self._reverse(movement)
            case Direction.DEBIT:
                self._debit(movement)
            case Direction.HOLD:
                self._hold(movement)
            case Direction.RELEASE:
                self._release(movement)

    def _debit(self, movement: Movement) -> None:
        left_vnd = movement.amount_vnd
        took: list[tuple[str, Spans]] = []
        while left_vnd and self._open:
            credit = self._credits[self._open[-1]]
            taken = newest(self._free[credit], left_vnd)
            self._set_free(credit, subtract(self._free[credit], taken))
            took.append((credit, taken))
            left_vnd -= total(taken)
        self._debits[movement.id] = took
        self._debit_amounts[movement.id] = movement.amount_vnd

    def _reverse(self, movement: Movement) -> None:
        reversed_id = movement.reverses or ""
        amount_vnd = self._debit_amounts.pop(reversed_id, None)
        if amount_vnd is None:
            if reversed_id in self._debits:
                raise BadInput(CoinReason.REVERSAL_DIFFERS, field="movements")
            return  # the debit is older than the disputed credit, and so are the coins that come back
        if amount_vnd != movement.amount_vnd:
            raise BadInput(CoinReason.REVERSAL_DIFFERS, field="movements")
        for credit, spans in self._debits[reversed_id]:
            self._set_free(credit, union(self._free[credit], spans))
        self._debits[reversed_id] = []

    def _hold(self, movement: Movement) -> None:
        credit = movement.reference or ""
        if credit not in self._free:
            return  # a hold on money older than the disputed credit
        named = normalise(movement.spans)
        chosen = named or newest(self._free[credit], movement.amount_vnd)
        if total(chosen) != movement.amount_vnd or subtract(chosen, self._free[credit]):
            raise BadInput(CoinReason.HOLD_ABOVE_COINS, field="movements")
        self._set_free(credit, subtract(self._free[credit], chosen))
        self._frozen[credit] = union(self._frozen[credit], chosen)
        self._holds[movement.id] = (credit, chosen)

    def _release(self, movement: Movement) -> None:
        credit = movement.reference or ""
        if credit not in self._free:
            return
        named = normalise(movement.spans)
        chosen = named or newest(self._frozen[credit], movement.amount_vnd)
        if total(chosen) != movement.amount_vnd or subtract(chosen, self._frozen[credit]):
            raise BadInput(CoinReason.RELEASE_ABOVE_HOLD, field="movements")
        self._frozen[credit] = subtract(self._frozen[credit], chosen)
        self._set_free(credit, union(self._free[credit], chosen))
        self._holds = {
            hold: (owner, subtract(spans, chosen) if owner == credit else spans)
            for hold, (owner, spans) in self._holds.items()
        }

    def _set_free(self, credit: str, spans: Spans) -> None:
        """Keeps `_open` in step, so that a debit finds the newest free coins at once."""
        self._free[credit] = spans
        rank = self._rank[credit]
        place = bisect_left(self._open, rank)
        listed = place < len(self._open) and self._open[place] == rank
        if spans and not listed:
            self._open.insert(place, rank)
        elif listed and not spans:
            del self._open[place]

    def follow(self, credit_id: str, spans: Spans) -> Flow:
        out: dict[str, Spans] = {}
        taken: dict[str, Spans] = {}
        for debit, took in self._debits.items():
            inside: list[Span] = []
            of_credit: Spans = ()
            above_vnd = 0  # coins of the debit that are newer than the piece at hand
            for credit, piece in took:
                if credit == credit_id:
                    of_credit = intersect(piece, spans)
                    inside.extend(_inside(piece, of_credit, above_vnd))
                above_vnd += total(piece)
            if of_credit:
                out[debit], taken[debit] = normalise(inside), of_credit
        held = {
            hold: kept
            for hold, (owner, frozen) in self._holds.items()
            if owner == credit_id and (kept := intersect(frozen, spans))
        }
        return Flow(
            remaining=intersect(self._free[credit_id], spans),
            frozen=intersect(self._frozen[credit_id], spans),
            out=out,
            taken=taken,
            holds=held,
        )


def _inside(piece: Spans, chosen: Spans, above_vnd: int) -> Iterable[Span]:
    """Where the `chosen` coins of `piece` lie inside the debit, of which `above_vnd` coins are newer."""
    for span in piece:
        for part in intersect((span,), chosen):
            yield Span(above_vnd + part.newer_vnd - span.newer_vnd, part.amount_vnd)
        above_vnd += span.amount_vnd
