"""Span arithmetic and LIFO flow, against a simulation that moves single numbered coins."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import BadInput
from lachan.foundation.protocol.coins import (
    CoinReason,
    Direction,
    Movement,
    Span,
    Spans,
    fits,
    flow,
    intersect,
    newest,
    normalise,
    subtract,
    total,
    union,
    whole,
)

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
UNIT = 40  # transfers of at most this many coins: small enough to move them one by one


def movement(sequence: int, direction: Direction, amount_vnd: int, name: str = "", **more: object) -> Movement:
    at = START + timedelta(seconds=sequence)
    return Movement(name or f"M{sequence}", at, sequence, direction, amount_vnd, **more)  # type: ignore[arg-type]


def coins(spans: Spans) -> set[int]:
    return {coin for span in spans for coin in range(span.newer_vnd, span.end_vnd)}


def as_spans(found: set[int]) -> Spans:
    return normalise(Span(coin, 1) for coin in found)


raw_spans = st.lists(st.builds(Span, st.integers(0, UNIT - 1), st.integers(1, 10)), max_size=6).map(
    lambda given_spans: normalise(span for span in given_spans if span.end_vnd <= UNIT)
)


class TestSpans:
    @given(raw_spans, raw_spans)
    def test_set_operations(self, first: Spans, second: Spans) -> None:
        assert union(first, second) == as_spans(coins(first) | coins(second))
        assert intersect(first, second) == as_spans(coins(first) & coins(second))
        assert subtract(first, second) == as_spans(coins(first) - coins(second))

    @given(raw_spans, st.integers(0, UNIT + 5))
    def test_newest(self, spans: Spans, amount_vnd: int) -> None:
        assert newest(spans, amount_vnd) == as_spans(set(sorted(coins(spans))[:amount_vnd]))

    def test_fits(self) -> None:
        assert fits((Span(0, 5), Span(6, 4)), 10)
        assert not fits((Span(0, 5), Span(5, 5)), 10), "adjacent spans are merged"
        assert not fits((Span(6, 4), Span(0, 5)), 10), "spans are sorted"
        assert not fits((Span(0, 11),), 10), "spans stay inside the transfer"

    def test_a_span_has_coins(self) -> None:
        with pytest.raises(ValueError, match="at least one coin"):
            Span(0, 0)


class Naive:
    """Single coins `(credit, number)` in a list, newest first; the oldest money has no end."""

    def __init__(self) -> None:
        self.pile: list[tuple[str, int]] = []
        self.frozen: set[tuple[str, int]] = set()
        self.debits: dict[str, list[tuple[str, int]]] = {}

    def book(self, row: Movement) -> None:
        match row.direction:
            case Direction.CREDIT if row.reverses:
                back = set(self.debits.pop(row.reverses))
                self.pile = sorted([*self.pile, *(c for c in back if c[0] != "old")], key=self.age)
            case Direction.CREDIT:
                self.pile = [(row.id, number) for number in range(row.amount_vnd)] + self.pile
            case Direction.DEBIT:
                took = [coin for coin in self.pile if coin not in self.frozen][: row.amount_vnd]
                self.pile = [coin for coin in self.pile if coin not in set(took)]
                self.debits[row.id] = took + [("old", n) for n in range(row.amount_vnd - len(took))]
            case Direction.HOLD:
                self.frozen |= set(self.named(row, frozen=False))
            case Direction.RELEASE:
                self.frozen -= set(self.named(row, frozen=True))

    def age(self, coin: tuple[str, int]) -> tuple[int, int]:
        return -int(coin[0][1:]), coin[1]

    def named(self, row: Movement, *, frozen: bool) -> list[tuple[str, int]]:
        there = [c for c in self.pile if c[0] == row.reference and (c in self.frozen) is frozen]
        chosen = coins(row.spans)
        return [c for c in there if c[1] in chosen] if chosen else there[: row.amount_vnd]

    def there(self, credit: str, *, frozen: bool) -> set[int]:
        return {n for c, n in self.pile if c == credit and ((c, n) in self.frozen) is frozen}


@st.composite
def histories(draw: st.DrawFn) -> list[Movement]:
    """A disputed credit M0 and whatever may lawfully follow it."""
    naive = Naive()
    rows: list[Movement] = []
    for sequence in range(draw(st.integers(1, 14))):
        kinds = ["credit", "debit", "hold", "release", "reversal"] if sequence else ["credit"]
        kind = draw(st.sampled_from(kinds))
        row = movement(sequence, Direction.CREDIT, draw(st.integers(1, UNIT)))
        if kind == "debit":
            row = movement(sequence, Direction.DEBIT, draw(st.integers(1, 2 * UNIT)))
        elif kind in ("hold", "release"):
            frozen = kind == "release"
            credit = draw(
                st.sampled_from([r.id for r in rows if r.direction is Direction.CREDIT and not r.reverses])
            )
            there = sorted(naive.there(credit, frozen=frozen))
            if not there:
                continue
            if draw(st.booleans()):
                chosen = draw(st.sets(st.sampled_from(there), min_size=1))
                spans = as_spans(chosen)
                row = movement(sequence, Direction(kind), total(spans), reference=credit, spans=spans)
            else:
                amount_vnd = draw(st.integers(1, len(there)))
                row = movement(sequence, Direction(kind), amount_vnd, reference=credit)
        elif kind == "reversal":
            if not naive.debits:
                continue
            debit = draw(st.sampled_from(sorted(naive.debits)))
            row = movement(sequence, Direction.CREDIT, len(naive.debits[debit]), reverses=debit)
        naive.book(row)
        rows.append(row)
    return rows


@given(histories(), raw_spans, st.randoms())
def test_flow_equals_moving_single_coins(rows: list[Movement], asked: Spans, random: object) -> None:
    asked = intersect(asked, whole(rows[0].amount_vnd))
    naive = Naive()
    for row in rows:
        naive.book(row)
    shuffled: Sequence[Movement] = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    found = flow("M0", asked, shuffled)

    assert found == flow("M0", asked, rows), "the order of the rows means nothing"
    assert coins(found.remaining) == naive.there("M0", frozen=False) & coins(asked)
    assert coins(found.frozen) == naive.there("M0", frozen=True) & coins(asked)
    for debit, took in naive.debits.items():
        inside = {place for place, coin in enumerate(took) if coin[0] == "M0" and coin[1] in coins(asked)}
        assert coins(found.out.get(debit, ())) == inside
        assert coins(found.taken.get(debit, ())) == {took[place][1] for place in inside}
    everything = total(found.remaining) + total(found.frozen) + sum(map(total, found.out.values()))
    assert everything == total(asked), "no coin is made or lost"
    assert sorted(n for spans in found.holds.values() for n in coins(spans)) == sorted(coins(found.frozen))


CREDIT, DEBIT, HOLD, RELEASE = Direction.CREDIT, Direction.DEBIT, Direction.HOLD, Direction.RELEASE


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], CoinReason.MOVEMENTS_START_ELSEWHERE),
        ([movement(0, CREDIT, 5, "X")], CoinReason.MOVEMENTS_START_ELSEWHERE),
        ([movement(0, DEBIT, 10)], CoinReason.MOVEMENTS_START_ELSEWHERE),
        ([movement(0, CREDIT, 10), movement(1, DEBIT, 3, "M0")], CoinReason.DUPLICATE_MOVEMENT),
        ([movement(0, CREDIT, 10), movement(0, DEBIT, 3, "D")], CoinReason.MOVEMENT_ORDER_UNCLEAR),
        ([movement(0, CREDIT, 9)], CoinReason.SPANS_OUTSIDE_TRANSFER),
        ([movement(0, CREDIT, 10), movement(1, HOLD, 11, reference="M0")], CoinReason.HOLD_ABOVE_COINS),
        (
            [
                movement(0, CREDIT, 10),
                movement(1, HOLD, 4, reference="M0"),
                movement(2, HOLD, 7, reference="M0"),
            ],
            CoinReason.HOLD_ABOVE_COINS,
        ),
        (
            [movement(0, CREDIT, 10), movement(1, HOLD, 4, reference="M0", spans=(Span(0, 3),))],
            CoinReason.HOLD_ABOVE_COINS,
        ),
        (
            [
                movement(0, CREDIT, 10),
                movement(1, HOLD, 4, reference="M0"),
                movement(2, RELEASE, 5, reference="M0"),
            ],
            CoinReason.RELEASE_ABOVE_HOLD,
        ),
        (
            [movement(0, CREDIT, 10), movement(1, DEBIT, 4), movement(2, CREDIT, 5, reverses="M1")],
            CoinReason.REVERSAL_DIFFERS,
        ),
        (
            [
                movement(0, CREDIT, 10),
                movement(1, DEBIT, 4),
                movement(2, CREDIT, 4, reverses="M1"),
                movement(3, CREDIT, 4, reverses="M1"),
            ],
            CoinReason.REVERSAL_DIFFERS,
        ),
    ],
)
def test_movements_that_cannot_be_followed(rows: list[Movement], reason: CoinReason) -> None:
    with pytest.raises(BadInput) as refused:
        flow("M0", whole(10), rows)
    assert refused.value.reason is reason


def test_what_is_older_than_the_disputed_credit_changes_nothing() -> None:
    rows = [
        movement(0, CREDIT, 10),
        movement(1, HOLD, 7, reference="OLD"),
        movement(2, CREDIT, 4, reverses="OLD-DEBIT"),
        movement(3, RELEASE, 7, reference="OLD"),
    ]
    assert flow("M0", whole(10), rows).remaining == whole(10)


def test_a_debit_skips_frozen_coins_and_keeps_the_order_of_the_others() -> None:
    rows = [
        movement(0, CREDIT, 100),
        movement(1, HOLD, 30, reference="M0", spans=(Span(10, 30),)),
        movement(2, CREDIT, 20),
        movement(3, DEBIT, 50, "D"),
    ]
    found = flow("M0", whole(100), rows)
    # 20 newer coins of M2, then 10 coins above the frozen ones, then 20 below them.
    assert found.out == {"D": (Span(20, 30),)}
    assert found.taken == {"D": (Span(0, 10), Span(40, 20))}
    assert found.remaining == (Span(60, 40),)
    assert found.frozen == (Span(10, 30),)
    assert found.holds == {"M1": (Span(10, 30),)}
