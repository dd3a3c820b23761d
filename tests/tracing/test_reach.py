"""Reach: the compiled search finds what trying every path finds."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.columns import Columns, part, random_columns, with_rows, written

from lachan.tracing import NoRoom, reach
from lachan.tracing.reach import Reach, Reached

EVER = {"min_vnd": 1, "max_vnd": 2**60, "max_hops": 10}


def as_dict(found: Reached) -> dict[int, tuple[int, int]]:
    """By account: hops, and the row of the earliest arrival."""
    assert len(set(found.accounts.tolist())) == len(found.accounts)
    return {
        int(account): (int(hop), int(row))
        for account, hop, row in zip(found.accounts, found.hops, found.rows, strict=True)
    }


def by_every_path(
    columns: Columns,
    account: int,
    from_us: int,
    until_us: int,
    *,
    min_vnd: int,
    max_vnd: int,
    max_hops: int,
    after_row: int | None = None,
) -> dict[int, tuple[int, int]]:
    """The definition: the last transfers of all paths of one transfer, of two, and so on."""
    allowed = [
        step
        for step in columns.steps()
        if from_us <= columns.booked_us[step[0]] <= until_us
        and min_vnd <= step[3] <= max_vnd
        and step[2] >= 0
        and (after_row is None or step[0] > after_row)
    ]
    going_out = defaultdict(list)
    for row, payer, payee, _ in allowed:
        going_out[payer].append((row, payee))
    last = set(going_out[account])
    found: dict[int, tuple[int, int]] = {}
    for hop in range(1, max_hops + 1):
        for row, payee in last:
            known = found.get(payee, (hop, row))
            found[payee] = (known[0], min(known[1], row))
        last = {step for row, payee in last for step in going_out[payee] if step[0] > row}
    found.pop(account, None)
    return found


@contextmanager
def walked(most: int) -> Iterator[None]:
    """Questions are swept when so many transfers have been looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "walked_at_most", lambda _window: most)
        yield


@settings(max_examples=200)
@given(st.data(), st.sampled_from([0, 1, 4, 2**40]), st.sampled_from([1, 2**30]))
def test_it_finds_what_every_path_finds(data: st.DataObject, most: int, unit_vnd: int) -> None:
    rows, accounts = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 9))
    columns = random_columns(data.draw(st.integers(0, 2**32)), rows, accounts)
    columns = replace(columns, amount_vnd=columns.amount_vnd * unit_vnd)
    asking = Reach(columns.graph())
    for _ in range(4):  # one after the other on one room: each must leave it clean
        account = data.draw(st.integers(0, accounts - 1))
        from_us, until_us, question = drawn(data, columns, unit_vnd)
        after_row = data.draw(st.none() | st.integers(0, rows - 1))
        with walked(most):
            asked = as_dict(asking.ask(account, from_us, until_us, after_row=after_row, **question))
        assert asked == by_every_path(columns, account, from_us, until_us, after_row=after_row, **question)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from([0, 4, 2**40]), st.sampled_from([1, 2**30]))
def test_it_knows_what_was_learned_since(data: st.DataObject, most: int, unit_vnd: int) -> None:
    columns = random_columns(data.draw(st.integers(0, 2**32)), 60, 7)
    columns = replace(
        columns, booked_us=columns.booked_us + np.arange(60), amount_vnd=columns.amount_vnd * unit_vnd
    )  # no two of one instant
    late = np.array(sorted(data.draw(st.sets(st.integers(1, 59), max_size=12))), np.int64)
    early = np.setdiff1d(np.arange(60), late)
    moving = {row: payer for row, payer, _, _ in columns.steps() if payer >= 0}
    gone = data.draw(st.sets(st.sampled_from(sorted(moving)), max_size=3)) if moving else set()
    first = part(columns, early).graph()
    try:
        graph = with_rows(first, columns, late)
    except NoRoom:
        return
    original = np.concatenate([early, late])
    places = {int(row): place for place, row in enumerate(original)}
    graph = graph.with_facts([], [], [], [], removed=[(moving[row], places[row]) for row in gone])
    left = replace(columns, payee=np.where(np.isin(np.arange(60), list(gone)), -1, columns.payee))
    asking = Reach(graph)
    for _ in range(3):
        account = data.draw(st.integers(0, 6))
        from_us, until_us, question = drawn(data, columns, unit_vnd)
        with walked(most):
            asked = as_dict(asking.ask(account, from_us, until_us, **question))
        expected = by_every_path(left, account, from_us, until_us, **question)
        assert {one: (hops, int(original[row])) for one, (hops, row) in asked.items()} == expected


def drawn(data: st.DataObject, columns: Columns, unit_vnd: int) -> tuple[int, int, dict[str, int]]:
    """A window and a band."""
    rows = st.integers(0, len(columns.payer) - 1)
    instants = sorted(int(columns.booked_us[data.draw(rows)]) for _ in range(2))
    from_us, until_us = (one + data.draw(st.sampled_from([-1, 0, 1])) for one in instants)
    least, most = sorted(data.draw(st.tuples(st.integers(1, 20), st.integers(1, 20))))
    band = {"min_vnd": least * unit_vnd, "max_vnd": most * unit_vnd}
    return from_us, until_us, band | {"max_hops": data.draw(st.sampled_from([1, 2, 3, 10, 300]))}


def test_a_longer_path_may_come_earlier() -> None:
    # 0 → 3 directly, but late; 0 → 1 → 2 → 3 early enough for 3 → 4.
    columns = written((0, 1, 5), (1, 2, 5), (2, 3, 5), (3, 4, 5), (0, 3, 5))
    assert as_dict(Reach(columns.graph()).ask(0, 0, 10**9, **EVER)) == {
        1: (1, 0), 2: (2, 1), 3: (1, 2), 4: (4, 3)
    }  # fmt: skip
    assert 4 not in as_dict(Reach(columns.graph()).ask(0, 0, 10**9, **EVER | {"max_hops": 3}))


@pytest.mark.parametrize("most", [0, 2**40])
def test_large_amounts_are_compared_exactly(most: int) -> None:
    asking = Reach(written((0, 1, 2**33), (0, 2, 2**32 - 1)).graph())
    with walked(most):
        for least, largest, reached in ((2**33, 2**33, {1}), (1, 2**33 - 1, {2}), (2**32, 2**33 - 1, set())):
            found = asking.ask(0, 0, 10**9, min_vnd=least, max_vnd=largest, max_hops=10)
            assert set(found.accounts.tolist()) == reached


def test_no_path_goes_back_in_time() -> None:
    columns = written((1, 2, 5), (0, 1, 5))
    assert as_dict(Reach(columns.graph()).ask(0, 0, 10**9, **EVER)) == {1: (1, 1)}


@pytest.mark.parametrize("most", [0, 2**40])
def test_each_transfer_is_looked_at_once(most: int) -> None:
    columns = random_columns(1, 5000, 40)
    with walked(most):
        found = Reach(columns.graph()).ask(0, 0, 2**60, **EVER)
    assert len(found.accounts) == 39
    assert found.searched <= len(columns.payer)
    assert found.hops.tolist() == sorted(found.hops.tolist())


def test_a_walk_that_was_given_up_leaves_nothing_behind() -> None:
    columns = random_columns(1, 5000, 40)
    asking = Reach(columns.graph())
    with walked(2**40):
        walk = as_dict(asking.ask(0, 0, 2**60, **EVER))
    for most in (600, 1200, 2**40):
        with walked(most):
            assert as_dict(asking.ask(0, 0, 2**60, **EVER)) == walk


def test_an_unknown_account_is_refused() -> None:
    with pytest.raises(IndexError):
        Reach(written((0, 1, 5)).graph()).ask(6, 0, 1, **EVER)


def test_the_ledger_may_be_empty() -> None:
    columns = written(accounts=2)
    assert len(Reach(columns.graph()).ask(0, 0, 1, **EVER).accounts) == 0
    assert columns.graph().edges.out.dtype == np.int64
