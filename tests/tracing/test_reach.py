"""Reach: the compiled search finds what trying every path finds."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.columns import Columns, random_columns, written

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
    columns: Columns, account: int, from_us: int, until_us: int, *, min_vnd: int, max_vnd: int, max_hops: int
) -> dict[int, tuple[int, int]]:
    """The definition: the last transfers of all paths of one transfer, of two, and so on."""
    allowed = [
        step
        for step in columns.steps()
        if from_us <= columns.booked_us[step[0]] <= until_us and min_vnd <= step[3] <= max_vnd and step[2] >= 0
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


@settings(max_examples=150)
@given(st.data())
def test_it_finds_what_every_path_finds(data: st.DataObject) -> None:
    rows, accounts = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 9))
    columns = random_columns(data.draw(st.integers(0, 2**32)), rows, accounts)
    reach = Reach(columns.graph())
    for _ in range(4):  # one after the other on one room: each must leave it clean
        account = data.draw(st.integers(0, accounts - 1))
        instants = sorted(int(columns.booked_us[data.draw(st.integers(0, rows - 1))]) for _ in range(2))
        from_us, until_us = (one + data.draw(st.sampled_from([-1, 0, 1])) for one in instants)
        band = sorted(data.draw(st.tuples(st.integers(1, 20), st.integers(1, 20))))
        question = {"min_vnd": band[0], "max_vnd": band[1], "max_hops": data.draw(st.integers(1, 10))}
        asked = as_dict(reach.ask(account, from_us, until_us, **question))
        assert asked == by_every_path(columns, account, from_us, until_us, **question)


def test_a_longer_path_may_come_earlier() -> None:
    # 0 → 3 directly, but late; 0 → 1 → 2 → 3 early enough for 3 → 4.
    columns = written((0, 1, 5), (1, 2, 5), (2, 3, 5), (3, 4, 5), (0, 3, 5))
    assert as_dict(Reach(columns.graph()).ask(0, 0, 10**9, **EVER)) == {
        1: (1, 0), 2: (2, 1), 3: (1, 2), 4: (4, 3)
    }  # fmt: skip
    assert 4 not in as_dict(Reach(columns.graph()).ask(0, 0, 10**9, **EVER | {"max_hops": 3}))


def test_no_path_goes_back_in_time() -> None:
    columns = written((1, 2, 5), (0, 1, 5))
    assert as_dict(Reach(columns.graph()).ask(0, 0, 10**9, **EVER)) == {1: (1, 1)}


def test_each_transfer_is_looked_at_once() -> None:
    columns = random_columns(1, 5000, 40)
    found = Reach(columns.graph()).ask(0, 0, 2**60, **EVER)
    assert len(found.accounts) == 39
    assert found.searched <= len(columns.payer)


def test_an_unknown_account_is_refused() -> None:
    with pytest.raises(IndexError):
        Reach(written((0, 1, 5)).graph()).ask(6, 0, 1, **EVER)


def test_the_ledger_may_be_empty() -> None:
    columns = written(accounts=2)
    assert len(Reach(columns.graph()).ask(0, 0, 1, **EVER).accounts) == 0
    assert columns.graph().edges.out.dtype == np.int64
