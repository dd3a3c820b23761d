"""Rings are the connected components, and their ties prove it."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from lachan.tracing.rings import find_rings


def components(accounts: int, pairs: list[tuple[int, int]]) -> list[set[int]]:
    """By walking from account to account."""
    near = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    seen: set[int] = set()
    found = []
    for start in range(accounts):
        if start not in seen:
            members, pending = {start}, [start]
            while pending:
                for other in near[pending.pop()] - members:
                    members.add(other)
                    pending.append(other)
            seen |= members
            found.append(members)
    return found


@settings(max_examples=200)
@given(st.data())
def test_rings_are_the_components_of_the_chosen_transfers(data: st.DataObject) -> None:
    accounts = data.draw(st.integers(1, 30))
    party = st.integers(-1, accounts - 1)
    rows = data.draw(st.lists(st.tuples(party, party, st.booleans()), max_size=40))
    payer = np.array([row[0] for row in rows], np.int32)
    payee = np.array([row[1] for row in rows], np.int32)
    chosen = np.array([row[2] for row in rows], np.bool_)
    if data.draw(st.booleans()) or not rows:
        rings, chosen = find_rings(payer, payee, accounts), np.ones(len(rows), np.bool_)
    else:
        rings = find_rings(payer, payee, accounts, chosen)
    pairs = [(a, b) for (a, b, _), take in zip(rows, chosen, strict=True) if take and min(a, b) >= 0 and a != b]
    expected = components(accounts, pairs)
    assert {(min(one), len(one)) for one in expected} == {
        (int(label), int(size)) for label, size in zip(*np.unique(rings.label, return_counts=True), strict=True)
    }
    told = rings.all()
    assert [set(ring.members.tolist()) for ring in told] == sorted(
        (one for one in expected if len(one) > 1), key=lambda one: (-len(one), min(one))
    )
    for ring in told:
        # n - 1 chosen transfers that by themselves hold the ring together, and each member's first is among them.
        ties = [(int(payer[row]), int(payee[row])) for row in ring.ties]
        assert len(ties) == len(ring.members) - 1
        assert all(chosen[row] for row in ring.ties)
        assert set(ring.members.tolist()) in components(accounts, ties)
        assert ring.ties.tolist() == sorted(ring.ties.tolist())
        for member in ring.members:
            first = next(row for row in range(len(rows)) if chosen[row] and _ties(payer, payee, row, int(member)))
            assert rings.joined_by[member] == first
            assert first in ring.ties
    alone = [account for account in range(accounts) if not any(account in pair for pair in pairs)]
    assert all(rings.joined_by[account] == -1 for account in alone)


def _ties(payer: np.ndarray, payee: np.ndarray, row: int, member: int) -> bool:
    pair = int(payer[row]), int(payee[row])
    return member in pair and min(pair) >= 0 and pair[0] != pair[1]


def test_a_large_random_graph() -> None:
    random = np.random.default_rng(5)
    payer, payee = random.integers(0, 20_000, (2, 9_000)).astype(np.int32)
    rings = find_rings(payer, payee, 20_000)
    expected = components(20_000, list(zip(payer.tolist(), payee.tolist(), strict=True)))
    assert sorted(len(ring.members) for ring in rings.all(3)) == sorted(
        len(one) for one in expected if len(one) > 2
    )
    assert len(rings.ties) == 20_000 - len(expected)


@pytest.mark.parametrize("rows", [50, 9_000, 60_000])
def test_the_components_are_those_of_scipy(rows: int) -> None:
    accounts = 20_000
    payer, payee = np.random.default_rng(rows).integers(0, accounts, (2, rows)).astype(np.int32)
    matrix = coo_matrix((np.ones(rows, np.int8), (payer, payee)), (accounts, accounts))
    count, theirs = connected_components(matrix, directed=False)
    ours = find_rings(payer, payee, accounts).label
    pairs = np.unique(np.stack([ours, theirs]), axis=1)
    # Each of our labels goes with one of theirs, and the other way round.
    assert len(np.unique(ours)) == pairs.shape[1] == count


def test_columns_that_do_not_fit_are_refused() -> None:
    one = np.zeros(1, np.int32)
    with pytest.raises(ValueError, match="equally"):
        find_rings(one, one[:0], 1)
    with pytest.raises(ValueError, match="unknown"):
        find_rings(one, one + 1, 1)
