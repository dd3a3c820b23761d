"""Rings: accounts that hang together by the transfers that somebody chose to look at, and what ties each of them.

The transfers are chosen before (large ones, of one night, between listed accounts): over all transfers a whole
country hangs together.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from lachan.ledger.edges import BYTES, INTS

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts that hang together, smallest first, and the n - 1 transfers that prove it, earliest first."""

    members: I64
    ties: I64


@dataclass(frozen=True, slots=True)
class Rings:
    """Which accounts hang together, and by which of the chosen transfers.

    `label`: of each account, the smallest account that it hangs together with. `ties`: the rows, earliest first,
    that joined what was apart until then. `joined_by`: of each account, the row of its first transfer with another
    one (always one of the ties); -1 where it has none.
    """

    label: I32
    ties: I64
    tie_labels: I32
    joined_by: I64

    def all(self, at_least: int = 2) -> list[Ring]:
        """The rings of so many members, the largest first, then by smallest member."""
        order, tie_order = np.argsort(self.label, kind="stable"), np.argsort(self.tie_labels, kind="stable")
        labels, starts, sizes = np.unique(self.label[order], return_index=True, return_counts=True)
        large = np.flatnonzero(sizes >= at_least)
        large = large[np.argsort(-sizes[large], kind="stable")]
        first_ties = np.searchsorted(self.tie_labels[tie_order], labels)
        return [
            Ring(
                order[starts[one] : starts[one] + sizes[one]],
                self.ties[tie_order[first_ties[one] : first_ties[one] + sizes[one] - 1]],
            )
            for one in large
        ]


def find_rings(payer: I32, payee: I32, accounts: int, chosen: NDArray[np.bool_] | None = None) -> Rings:
    """The rings of the chosen transfers (None: of all) between accounts numbered below `accounts`.

    Columns in the order of time; transfers from or to outside tie nobody. ValueError for columns of unequal length
    or an unknown account.
    """
    mask = np.zeros(0, np.uint8) if chosen is None else chosen.view(np.uint8)
    if len(payer) != len(payee) or (chosen is not None and len(chosen) != len(payer)):
        raise ValueError("the columns are not equally long")
    if len(payer) and max(int(payer.max()), int(payee.max())) >= accounts:
        raise ValueError("an account number is unknown")
    label, ties = np.arange(accounts, dtype=np.int32), np.empty(max(accounts, 1), np.int64)
    joined_by = np.full(accounts, -1, np.int64)
    count = _unite(payer, payee, mask, label, ties, joined_by)
    ties = ties[:count].copy()
    return Rings(label, ties, label[payer[ties]], joined_by)


@njit
def _root(parent, account):  # type: ignore[no-untyped-def]
    """The smallest account of a tree; the way there is halved for who comes next."""
    while parent[account] != account:
        parent[account] = parent[parent[account]]
        account = np.int64(parent[account])
    return account


@njit(types.int64(INTS, INTS, BYTES, types.int32[::1], types.int64[::1], types.int64[::1]), cache=True, nogil=True)
def _unite(payer, payee, chosen, parent, ties, joined_by):  # type: ignore[no-untyped-def]
    """Union-find: the root of a tree is its smallest account. Returns how many ties there are."""
    count, some = np.int64(0), chosen.shape[0] > 0
    for row in range(payer.shape[0]):
        left, right = np.int64(payer[row]), np.int64(payee[row])
        if left < 0 or right < 0 or (some and chosen[row] == 0) or parent[left] == parent[right]:
            continue
        one, other = _root(parent, left), _root(parent, right)
        if one == other:
            continue
        parent[max(one, other)] = np.int32(min(one, other))
        ties[count] = row
        count += 1
        if joined_by[left] < 0:
            joined_by[left] = row
        if joined_by[right] < 0:
            joined_by[right] = row
    for account in range(parent.shape[0]):
        # Smaller accounts come first, so the parent is a root by now.
        parent[account] = parent[parent[account]]
    return count
