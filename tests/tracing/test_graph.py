"""The graph says the same as its columns, and takes the room that it is said to take."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from tests.factories.columns import Columns, random_columns, written

from lachan.ledger.edges import ROW_BITS, SPARE_BITS, most_code, most_of
from lachan.tracing import walks
from lachan.tracing.overlay import payee_in
from lachan.tracing.sharing import KEPT, SCRATCH, least_height
from lachan.tracing.walks import FAR, NEEDS_EXACT, NOT_FOUND
from lachan.tracing.wide import product, share


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 80), st.integers(1, 6))
def test_every_transfer_stands_with_its_payer_and_its_payee(seed: int, rows: int, accounts: int) -> None:
    columns = random_columns(seed, rows, accounts)
    edges = columns.graph().edges
    steps = columns.steps()
    out = [
        (int(word) >> ROW_BITS, account if account < accounts else -1, payee_in(int(word)), int(amount))
        for account in range(accounts + 1)
        for word, amount in edges.out[edges.out_start[account] : edges.out_start[account + 1]]
    ]
    assert out == sorted(steps, key=lambda step: (step[1] if step[1] >= 0 else accounts, step[0]))
    for account in range(accounts):
        places = edges.in_place[edges.in_start[account] : edges.in_start[account + 1]]
        assert [int(edges.out[place, 0]) >> ROW_BITS for place in places] == [
            s[0] for s in steps if s[2] == account
        ]
    for row, payer, _, amount in steps:
        assert edges.out[edges.place(payer, row), 1] == amount
    with pytest.raises(KeyError):
        edges.place(0, rows)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 80))
def test_instants_are_kept_exactly(seed: int, rows: int) -> None:
    columns = random_columns(seed, rows, 3)
    graph = columns.graph().edges
    booked = columns.booked_us
    assert graph.booked_us(np.arange(rows)).tolist() == booked.tolist()
    for instant in [0, 2**61, *(int(one) + by for one in booked for by in (-1, 0, 1))]:
        assert graph.first_row(instant) == np.searchsorted(booked, instant, "left")


@njit
def _below(graph, account, key, until, below):  # type: ignore[no-untyped-def]
    span = walks.span_of(graph, account)
    place, into, height, _ = walks.stand(graph, span, key)
    return walks.first_below(graph, span, place, into, height, until, below)


@njit
def _beyond(graph, account, key, until, beyond):  # type: ignore[no-untyped-def]
    span = walks.span_of(graph, account)
    place, _, _, paid = walks.stand(graph, span, key)
    return walks.first_beyond(graph, span, place, paid, until, beyond)


@njit
def _stand(graph, account, key):  # type: ignore[no-untyped-def]
    return walks.stand(graph, walks.span_of(graph, account), key)


@njit
def _lowest(graph, account, until):  # type: ignore[no-untyped-def]
    span, whole = walks.span_until(graph, account, until)
    scratch, kept = np.empty(SCRATCH, np.int64), np.empty(KEPT, np.int64)
    return least_height(graph, span, whole, scratch, kept, np.int64(0))


def heights(columns: Columns, account: int, until: int) -> list[tuple[int, int, bool]]:
    """(row, height after it, whether it goes out) of an account's transfers before a row."""
    height, found = 0, []
    for row, payer, payee, amount in columns.steps():
        if row < until and account in (payer, payee):
            height += amount if payee == account else -amount
            found.append((row, height, payer == account))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_blocks_change_nothing_but_the_time_it_takes(seed: int) -> None:
    """Walking account 0, which has hundreds of transfers, by blocks is walking it transfer by transfer."""
    random = np.random.default_rng(seed)
    columns = random_columns(seed, 700, 5, busiest=0.6)
    graph = columns.graph()
    amounts = columns.amount_vnd
    for account in (0, 0, 0, 1, 2):
        row = int(random.integers(0, 701))
        until = int(random.integers(row, 701))
        done, later = heights(columns, account, row), heights(columns, account, until)
        start = int(graph.edges.out_start[account]), int(graph.edges.in_start[account])
        outs = [one for one, _, leaves in later if leaves]
        paid = sum(int(amounts[one]) for one in outs if one < row)
        height = done[-1][1] if done else 0
        place, into, *found = _stand(graph.arrays, account, row << SPARE_BITS)
        gone = sum(one < row for one in outs)
        assert (place - start[0], into - start[1], *found) == (gone, len(done) - gone, height, paid)
        assert _lowest(graph.arrays, account, until << SPARE_BITS) == (
            min([0, *(after for _, after, _ in later)]), False
        )  # fmt: skip
        for bound in (FAR, height, height - 30, -(10**6)):
            expected = next((one for one, after, leaves in later[len(done) :] if leaves and after < bound), None)
            *_, place = _below(graph.arrays, account, row << SPARE_BITS, until << SPARE_BITS, bound)
            assert (int(graph.edges.out[place, 0]) >> ROW_BITS if place >= 0 else None) == expected
        for beyond in (paid, paid + 7, paid + 400):
            total, expected = 0, None
            for one in outs:
                total += int(amounts[one])
                if total > beyond:
                    expected = one
                    break
            before, place = _beyond(graph.arrays, account, row << SPARE_BITS, until << SPARE_BITS, beyond)
            assert (int(graph.edges.out[place, 0]) >> ROW_BITS if place >= 0 else None) == expected
            assert place < 0 or before == total - amounts[expected]


def test_a_reversal_on_the_way_is_noticed_even_inside_a_block() -> None:
    rows = [(0, 1, 5) if row % 2 else (1, 0, 7) for row in range(400)]
    graph = written(*rows, reverses={200: 180}).graph()
    assert _below(graph.arrays, 0, 0, 400 << SPARE_BITS, -(10**9))[3] == NEEDS_EXACT
    assert _below(graph.arrays, 0, 0, 180 << SPARE_BITS, -(10**9))[3] == NOT_FOUND
    assert _stand(graph.arrays, 0, 400 << SPARE_BITS)[:2] == (
        int(graph.edges.out_start[1]), int(graph.edges.in_start[1])
    )  # fmt: skip
    assert _lowest(graph.arrays, 0, 400 << SPARE_BITS)[1]
    assert not _lowest(graph.arrays, 0, 180 << SPARE_BITS)[1]


@given(st.integers(1, 10**15))
def test_the_byte_for_a_large_payment_is_never_too_small(amount: int) -> None:
    assert amount <= most_of(most_code(amount)) <= 1.2 * (amount + 1)


def test_a_graph_takes_less_than_26_bytes_a_transfer() -> None:
    columns = random_columns(3, 20_000, 2_000)
    assert columns.graph().edges.nbytes / len(columns.payer) < 26


def test_columns_that_no_ledger_gives_out_are_refused() -> None:
    good = written((0, 1, 5), (1, 2, 5))
    wrong: list[dict[str, Any]] = [
        {"booked_us": good.booked_us[::-1]},
        {"payer": good.payer[:1]},
        {"payer": np.array([0, 6], np.int32)},
        {"payee": np.array([-2, 1], np.int32)},
        {"amount_vnd": np.array([0, 1])},
        {"amount_vnd": np.array([2**62, 2**62])},
        {"reverses": np.array([-1, 2])},
    ]
    for change in wrong:
        with pytest.raises(ValueError, match=r"column|row|amount|account"):
            replace(good, **change).graph()


big = st.one_of(st.integers(0, 2**63 - 1), st.integers(0, 2**34))


@settings(max_examples=300)
@given(big, big, big)
def test_shares_are_those_of_python(amount: int, part: int, other: int) -> None:
    whole = max(part, other, 1)
    assert share(amount, min(part, whole), whole) == amount * min(part, whole) // whole


@settings(max_examples=200)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_products_of_128_bits_are_those_of_python(left: int, right: int) -> None:
    high, low = product(np.uint64(left), np.uint64(right))
    assert (int(high) << 64) + int(low) == left * right


def test_a_wrong_year_costs_nothing() -> None:
    """A row of the year 9987 and one of the year 68: instants stay exact, and nothing grows between them."""
    far = replace(written((0, 1, 5), (1, 2, 5), (1, 2, 5)), booked_us=np.array([-(6 * 10**16), 0, 253 * 10**15]))
    edges = far.graph().edges
    assert edges.booked_us(np.arange(3)).tolist() == far.booked_us.tolist()
    assert [edges.first_row(int(one) + more) for one in far.booked_us for more in (0, 1)] == [0, 1, 1, 2, 2, 3]
    assert edges.nbytes < 1_000
