"""Communities are parts of rings that hang together, and found where they were planted."""

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.transfers import book

from lachan.ledger import columns_of
from lachan.tracing import Chosen, find_communities, find_rings, member_rows, ring_members


def modularity(payer: np.ndarray, payee: np.ndarray, label: np.ndarray) -> float:
    """How many more transfers lie within the parts than chance would put there."""
    degree = np.bincount(np.concatenate([payer, payee]), minlength=len(label)).astype(float)
    inside = np.count_nonzero(label[payer] == label[payee]) / len(payer)
    return float(inside - sum((degree[label == one].sum() / (2 * len(payer))) ** 2 for one in set(label.tolist())))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(2, 20))
def test_communities_divide_rings_and_never_worsen_them(seed: int, rows: int, accounts: int) -> None:
    random = np.random.default_rng(seed)
    payer, payee = random.integers(-1, accounts, (2, rows)).astype(np.int32)
    chosen = random.random(rows) < 0.8
    label = find_communities(payer, payee, accounts, chosen)
    ring = find_rings(payer, payee, accounts, chosen).label
    assert (ring[label] == ring).all()
    kept = chosen & (payer >= 0) & (payee >= 0) & (payer != payee)
    assert (
        find_rings(payer, payee, accounts, kept & (label[payer] == label[payee])).label.tolist() == label.tolist()
    )
    if kept.any():
        assert modularity(payer[kept], payee[kept], label) >= modularity(payer[kept], payee[kept], ring) - 1e-9
    again = find_communities(payer, payee, accounts, chosen)
    assert again.tolist() == label.tolist()


def test_cliques_that_a_single_transfer_joins_are_found() -> None:
    groups = [range(first, first + 6) for first in range(0, 30, 6)]
    pairs = [pair for group in groups for pair in combinations(group, 2)]
    pairs += [(group[0], other[0]) for group, other in pairwise(groups)]
    payer, payee = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    label = find_communities(payer, payee, 31)
    assert label.tolist() == [account // 6 * 6 for account in range(30)] + [30]
    assert set(find_rings(payer, payee, 31).label.tolist()) == {0, 30}


def test_no_transfers_at_all() -> None:
    nothing = np.zeros(0, np.int32)
    assert find_communities(nothing, nothing, 3).tolist() == [0, 1, 2]


def test_members_with_what_ties_them() -> None:
    clique = "\n".join(f"{a}{b} {n} {a}>{b} 2000000" for n, (a, b) in enumerate(combinations("ABCD", 2)))
    other = "\n".join(f"{a}{b} {n + 9} {a}>{b} 3000000" for n, (a, b) in enumerate(combinations("WXYZ", 2)))
    shop = "\n".join(f"s{n} {n + 20} P{n}>SHOP 5000000" for n in range(9))
    rows = book(f"{clique}\n{other}\nAW 30 A>W 2000000\nsmall 31 A>Q 5\n{shop}\nsa 40 A>SHOP 9000000")
    columns = columns_of(rows)
    found, chosen = ring_members(columns, Chosen(1_000_000, 8, 3))
    assert chosen == 13
    told = list(member_rows(columns, found, {row.row: row.id for row in rows}))
    assert [(one["ring"], one["members"], one["community"], one["account"]) for one in told] == [
        (1, 8, 1 if account in "ABCD" else 2, account) for account in "ABCDWXYZ"
    ]
    first = told[0]
    assert (first["tie"], first["tie_with"], first["tie_amount"]) == ("AB", "B", 2_000_000)
    assert (first["transfers"], first["amount"]) == (3, 6_000_000)
