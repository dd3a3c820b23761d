"""The graph says the same as its columns, and takes the room that it is said to take."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from tests.factories.columns import Columns, random_columns, written

from lachan.tracing import csr
from lachan.tracing.csr import HIGHEST, LOWEST, NEEDS_EXACT, NOT_FOUND
from lachan.tracing.wide import share


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 80), st.integers(1, 6))
def test_every_transfer_stands_with_its_payer_and_its_payee(seed: int, rows: int, accounts: int) -> None:
    columns = random_columns(seed, rows, accounts)
    graph = columns.graph()
    steps = columns.steps()
    out = [
        (int(word) >> 32, account if account < accounts else -1, int(np.int32(word & 0xFFFFFFFF)), int(amount))
        for account in range(accounts + 1)
        for word, amount in graph.edges[graph.out_start[account] : graph.out_start[account + 1]]
    ]
    assert out == sorted(steps, key=lambda step: (step[1] if step[1] >= 0 else accounts, step[0]))
    for account in range(accounts):
        places = graph.in_place[graph.in_start[account] : graph.in_start[account + 1]]
        assert [int(graph.edges[place, 0]) >> 32 for place in places] == [s[0] for s in steps if s[2] == account]
    for row, payer, _, amount in steps:
        assert graph.edges[graph.place(payer, row), 1] == amount
    with pytest.raises(KeyError):
        graph.place(0, rows)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 80))
def test_instants_are_kept_exactly(seed: int, rows: int) -> None:
    columns = random_columns(seed, rows, 3)
    graph = columns.graph()
    booked = columns.booked_us
    assert graph.booked_us(np.arange(rows)).tolist() == booked.tolist()
    for instant in [0, 2**61, *(int(one) + by for one in booked for by in (-1, 0, 1))]:
        assert graph.first_row(instant) == np.searchsorted(booked, instant, "left")


@njit
def _walk(graph, account, out, into, height, until, below):  # type: ignore[no-untyped-def]
    return csr.walk(graph, account, out, into, height, until, below)


@njit
def _history(graph, account, row, until):  # type: ignore[no-untyped-def]
    return csr.history(graph, account, row, until)


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
    for account in (0, 0, 0, 1, 2):
        until = int(random.integers(0, 701))
        done = heights(columns, account, until)
        start = int(graph.out_start[account]), int(graph.in_start[account])
        out, into, height, found = _walk(graph.arrays, account, *start, 0, until, LOWEST)
        outs = sum(leaves for *_, leaves in done)
        assert (out - start[0], into - start[1], found) == (outs, len(done) - outs, NOT_FOUND)
        assert height == (done[-1][1] if done else 0)
        lowest = min([0, *(after for _, after, _ in heights(columns, account, 690))])
        if until <= 690:
            assert _history(graph.arrays, account, until, 690) == (out, into, height, lowest)
        # From there to the first that takes it under a bound, with heights counted from 0 again.
        for bound in (HIGHEST, 0, -30, -(10**6)):
            later = [(row, after - height, leaves) for row, after, leaves in heights(columns, account, 650)]
            expected = next((row for row, after, leaves in later[len(done) :] if leaves and after < bound), None)
            *_, place = _walk(graph.arrays, account, out, into, 0, max(650, until), bound)
            if until <= 650:
                assert (int(graph.edges[place, 0]) >> 32 if place >= 0 else None) == expected


def test_a_reversal_on_the_way_is_noticed_even_inside_a_block() -> None:
    rows = [(0, 1, 5) if row % 2 else (1, 0, 7) for row in range(400)]
    graph = written(*rows, reverses={200: 180}).graph()
    start = int(graph.out_start[0]), int(graph.in_start[0])
    assert _walk(graph.arrays, 0, *start, 0, 400, -(10**9))[3] == NEEDS_EXACT
    assert _walk(graph.arrays, 0, *start, 0, 180, -(10**9))[3] == NOT_FOUND
    assert _walk(graph.arrays, 0, *start, 0, 400, LOWEST)[2:] == (400, NOT_FOUND)


def test_a_graph_takes_less_than_26_bytes_a_transfer() -> None:
    columns = random_columns(3, 20_000, 2_000)
    assert columns.graph().bytes / len(columns.payer) < 26


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
