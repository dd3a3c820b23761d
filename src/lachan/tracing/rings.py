"""Rings: accounts that hang together by the transfers that somebody chose to look at, and what ties each of them.

The transfers are chosen before (large ones, of one night, between listed accounts): over all transfers a whole
country hangs together.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit
from lachan.ledger.edges import BYTES, INTS

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
_AHEAD = 128  # rows whose accounts are fetched before they are needed


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts that hang together, smallest first, and the n - 1 transfers that prove it, earliest first."""

    members: I64
    ties: I64


@dataclass(frozen=True)
class Rings:
    """Which accounts hang together, and by which of the chosen transfers.

    `label`: of each account, the smallest account that it hangs together with. `ties`: the rows, earliest first,
    that joined what was apart until then. `payer` and `payee` are the columns of all rows.
    """

    label: I32
    ties: I64
    payer: I32
    payee: I32

    @cached_property
    def tie_labels(self) -> I32:
        """The label of each tie."""
        labels: I32 = self.label[self.payer[self.ties]]
        return labels

    @cached_property
    def joined_by(self) -> I64:
        """Of each account, the row of its first transfer with another one (always a tie); -1 where it has none."""
        never = np.iinfo(np.int64).max
        found = np.full(len(self.label), never, np.int64)
        for side in (self.payer, self.payee):
            np.minimum.at(found, side[self.ties], self.ties)
        found[found == never] = -1
        return found

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
    count = _unite(payer, payee, mask, label, ties) if accounts else 0
    return Rings(label, ties[:count].copy(), payer, payee)


@njit(types.int64(INTS, INTS, BYTES, types.int32[::1], types.int64[::1]), cache=True, nogil=True)
def _unite(payer, payee, chosen, parent, ties):  # type: ignore[no-untyped-def]
    """Union-find: the root of a tree is its smallest account. Returns how many ties there are.

    What takes the time is waiting for memory. So the parents of some rows ahead are read together, without asking
    what they are: the waits then go on at the same time.
    """
    count, some, rows = np.int64(0), chosen.shape[0] > 0, np.int64(payer.shape[0])
    ahead = np.zeros((_AHEAD, 2), np.int32)
    for first in range(0, rows, _AHEAD):
        stop = first + _AHEAD if first + _AHEAD < rows else rows
        for row in range(first, stop):
            ahead[row - first, 0] = parent[max(payer[row], 0)]
            ahead[row - first, 1] = parent[max(payee[row], 0)]
        for number in range(stop - first):
            ahead[number, 0] = parent[ahead[number, 0]]
            ahead[number, 1] = parent[ahead[number, 1]]
        for row in range(first, stop):
            left, right = np.int64(payer[row]), np.int64(payee[row])
            if left < 0 or right < 0 or (some and chosen[row] == 0):
                continue
            # From the grandparents, which may have got a parent meanwhile; they are on the way to the root.
            one, other = np.int64(ahead[row - first, 0]), np.int64(ahead[row - first, 1])
            while parent[one] != one:
                one = np.int64(parent[one])
            while parent[other] != other:
                other = np.int64(parent[other])
            # The way there is cut short for who comes next; most are there already, and not written to.
            root = min(one, other)
            if parent[left] != root:
                parent[left] = np.int32(root)
            if parent[right] != root:
                parent[right] = np.int32(root)
            if one != other:
                parent[max(one, other)] = np.int32(root)
                ties[count] = row
                count += 1
    for account in range(parent.shape[0]):
        # Smaller accounts come first, so the parent is a root by now.
        parent[account] = parent[parent[account]]
    return count
